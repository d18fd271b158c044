/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_WEBSOCKET_ORIGIN_H
#define SOCKUTIL_PROTO_WEBSOCKET_ORIGIN_H
/*
 * Which web pages may open a WebSocket (RFC 6455, 10.2). Browsers let every page try, with the
 * user's cookies and from the user's machine, and say in Origin which page it is; other clients
 * send none and are not held to anything.
 */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/http_head.h>

/* "https://example.org", "example.org:8080" (of any scheme), "null" or "*", separated by commas.
 * FAILURE_USAGE. */
bool websocket_origins_check(const char *list, struct failure *why);

/* No Origin, one of the list (NULL: none), or one whose host and port are the request's own Host.
 * local: the request came over the loopback; then a Host that is a name other than localhost counts
 * for nothing, as any page can have its own name resolved to 127.0.0.1. */
bool websocket_origin_allowed(const struct http_head *head, const char *list, bool local);
#endif
