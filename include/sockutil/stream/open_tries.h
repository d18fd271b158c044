/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_OPEN_TRIES_H
#define SOCKUTIL_STREAM_OPEN_TRIES_H
/* Which failures to open a connection another try may not meet. */
#include <stdbool.h>

#include <sockutil/base/failure.h>

/* A certificate that is not trusted is final; so is a refusal by a proxy, WebSocket or TLS unless
 * its error says that it may pass. */
bool open_tries_may_pass(const struct failure *why);
#endif
