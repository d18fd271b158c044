/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_DISCARD_H
#define SOCKUTIL_SERVE_DISCARD_H
/* What comes is read and dropped until the client ends (RFC 863). */
#include <sockutil/serve/handler.h>

/* Takes no options. */
extern const struct handler discard_handler;
#endif
