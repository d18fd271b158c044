/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CONNECT_CLIENT_TRIES_H
#define SOCKUTIL_CONNECT_CLIENT_TRIES_H
/* Which failures another try may not meet. */
#include <stdbool.h>

#include <sockutil/base/failure.h>

/* Of opening a connection (--wait, --retry, --reconnect). A certificate that is not trusted is
 * final; so is a refusal by a proxy, WebSocket or TLS unless its error says that it may pass. */
bool client_tries_may_pass(const struct failure *why);

/* Of a connection that was open, FAILURE_NONE included (--reconnect): the connection is over, not
 * what it joins. */
bool client_tries_come_back(const struct failure *why);
#endif
