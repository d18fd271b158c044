/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_HTTP_CONNECT_H
#define SOCKUTIL_STREAM_LAYER_HTTP_CONNECT_H
/*
 * A tunnel through an HTTP proxy that listens below (CONNECT: RFC 9110, 9.3.6): any 2xx opens it,
 * and what came behind that head is the tunnel's first bytes (a push-back layer lies between).
 *
 * Failures of open are FAILURE_PROXY; their text goes on where "the proxy NAME " left off
 * ("refused: status 403 Forbidden"). error is not 0 where another try may go better.
 */
#include <sockutil/stream/stream.h>

struct layer_http_connect_request {
	const char *host; /* ASCII name or address, IPv6 without brackets and zone */
	int port;
	const char *user, *password; /* NULL: none */
};

/* Copies. NULL: FAILURE_USAGE for a user name that cannot be said; below stays the caller's. */
struct stream *layer_http_connect_new(struct stream *below,
				      const struct layer_http_connect_request *request,
				      struct failure *why);
#endif
