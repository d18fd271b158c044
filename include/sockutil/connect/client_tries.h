/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CONNECT_CLIENT_TRIES_H
#define SOCKUTIL_CONNECT_CLIENT_TRIES_H
/* Which ends of a connection are followed by another one. */
#include <stdbool.h>

#include <sockutil/base/failure.h>

/* Of a connection that was open, FAILURE_NONE included (--reconnect): the connection is over, not
 * what it joins. */
bool client_tries_come_back(const struct failure *why);
#endif
