/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_CHARGEN_H
#define SOCKUTIL_SERVE_CHARGEN_H
/* The turning pattern of printable characters (RFC 864) until the client ends; what comes is
 * dropped. */
#include <sockutil/serve/handler.h>

/* Takes no options. */
extern const struct handler chargen_handler;
#endif
