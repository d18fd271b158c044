/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_ECHO_H
#define SOCKUTIL_SERVE_ECHO_H
/* What comes goes back (RFC 862). While the client does not take its answer nothing more is read
 * from it. */
#include <sockutil/serve/handler.h>

/* Takes no options. */
extern const struct handler echo_handler;
#endif
