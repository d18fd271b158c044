/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_HTTP_POOL_H
#define SOCKUTIL_HTTP_POOL_H
/*
 * Connections by origin: an exchange gets one that is free, shares one that multiplexes, or waits
 * for a new one. Nobody waits behind another's response: as many are opened as there are askers,
 * except that the askers of one https origin wait for its first handshake, which tells whether
 * they can share.
 */
#include <ev.h>
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/http/connection.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/stream/open.h>

enum http_version {
	HTTP_VERSION_ANY, /* 2 where ALPN chooses it, else 1.1 */
	HTTP_VERSION_1_0,
	HTTP_VERSION_1_1,
	HTTP_VERSION_2, /* nothing else will do; without TLS by prior knowledge (RFC 9113, 3.3) */
};

struct http_pool;

/* options: borrowed; its alpn is replaced by what version says unless the user gave one; its
 * proxies by what each origin says. */
struct http_pool *http_pool_new(struct ev_loop *loop, const struct stream_options *options,
				enum http_version version);
/* Everything waiting is dropped, every connection closed. Exchanges must be freed before. */
void http_pool_free(struct http_pool *pool);

/* The proxies on the way to origins, first hop first. Borrowed; two are the same when they lie in
 * the same place. */
struct http_way {
	const struct proxy_hop *hops;
	size_t count;
};

/* Where a request goes. */
struct http_origin {
	bool https;
	char host[254]; /* ASCII; as SNI and the certificate name it */
	int port;
	struct endpoint endpoint;   /* what is dialled: the same host and port unless --resolve,
				     * --connect-to or --unix-socket say otherwise */
	const struct http_way *way; /* NULL: directly */
	/* The last proxy of the way speaks HTTP and gets the request itself, its target in absolute
	 * form (RFC 9112, 3.2.2): only without https, and not for HTTP/2. One connection to it
	 * serves all such origins. */
	bool absolute;
};

struct http_lease; /* an asker's place */

/* connection: call its ops->start at once, inside. reused: it has served before or lain open, so
 * that its death without a byte of response is worth a free try. NULL: why (as stream_open). The
 * pool must not be freed inside. */
typedef void http_pool_ready(void *data, struct http_connection *connection, bool reused,
			     const struct failure *why);

/* done: once, from the loop, never before this returned. fresh: no reused connection. The lease is
 * gone when done is called. */
struct http_lease *http_pool_ask(struct http_pool *pool, const struct http_origin *origin,
				 bool fresh, http_pool_ready *done,
				 dial_attempt_failed *attempt_failed, void *data);
void http_pool_cancel(struct http_lease *lease);
#endif
