/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_OPEN_H
#define SOCKUTIL_STREAM_OPEN_H
/*
 * From an endpoint and options to an open stack (client), and from an accepted socket to one
 * (server). Layers, bottom to top, for a client: socket, a layer for each proxy of the chain (with
 * TLS below it when the proxy speaks https), [PROXY header], [tls], [websocket], [throttle], [tap],
 * [preamble]; for a server: socket, [PROXY header], [tls], [throttle], [tap], [preamble], and a
 * WebSocket that a handler puts on top.
 */
#include <ev.h>

#include <sockutil/net/dial.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/proto/proxy_url.h>
#include <sockutil/proto/starttls.h>
#include <sockutil/stream/layer_tap.h>
#include <sockutil/stream/stream.h>
#include <sockutil/stream/tls.h>

/* One proxy of a chain (-x). Borrowed strings. */
struct proxy_hop {
	enum proxy_kind kind;
	struct endpoint endpoint;    /* where it listens; its scheme is ENDPOINT_PLAIN */
	const char *user, *password; /* NULL: none */
};

/* Everything that decides how a stack is built. Borrowed by what is made from it. */
struct stream_options {
	struct net_options net;
	bool tls; /* --tls, or any option that only makes sense with it */
	struct tls_options tls_options;
	uint64_t limit_up, limit_down; /* bytes a second that we send, receive; 0: none */
	struct tap *tap;               /* or NULL */
	bool no_delay;                 /* what is written are whole messages that somebody waits
					* for: TCP_NODELAY without TLS too */
	const char *preamble;          /* first bytes of the stream (inside TLS); NULL: none */
	size_t preamble_length;
	int64_t timeout_ms; /* names, TCP, proxies, TLS, WebSocket together; <= 0: none */

	/*
	 * Of a client: the way to an internet endpoint, first hop first. Each hop is asked for the
	 * next one, the last for the endpoint. Names are sent to it, and no resolver here hears
	 * of them, unless proxy_dns_local or the hop is SOCKS4, which has no names.
	 *
	 * Failures of a proxy name it and are FAILURE_PROXY, FAILURE_PROXY_NAME, FAILURE_TLS or
	 * FAILURE_CERTIFICATE (an https one); a FAILURE_PROXY whose error is not 0 may pass.
	 */
	const struct proxy_hop *proxies;
	size_t proxy_count;
	bool proxy_dns_local;
	const struct tls_options *proxy_tls; /* to https proxies; NULL: the trust store, no more */
	const char
		*no_proxy; /* NO_PROXY list (proto/no_proxy.h): hosts dialled directly; or NULL */
	enum starttls_protocol starttls; /* of a client: asks for TLS in that protocol first */
	int send_proxy; /* a PROXY protocol header of version 1 or 2 first; 0: none */
	/* For ws:// and wss://; NULL: binary messages, permessage-deflate offered. */
	const struct websocket_options *websocket;
	/* A line written is a message, without its newline; a newline follows each that comes. */
	bool websocket_lines;
};

struct stream_report {
	struct dial_report dial;
	int64_t proxy_us;    /* through the last proxy, since the start; -1: none on the way */
	int64_t tls_us;      /* handshake done, since the start; -1: no TLS */
	int64_t open_us;     /* all done */
	struct tls_info tls; /* zeroed without TLS */
};

struct stream_opening;

/* stream NULL: why says it (timeouts are FAILURE_TIMEOUT and name what was under way). The
 * stream is the caller's. */
typedef void stream_opened(void *data, struct stream *stream, const struct stream_report *report,
			   const struct failure *why);

struct stream_open_request {
	struct ev_loop *loop;
	const struct endpoint *endpoint; /* fd:N is a connected socket, used as it is */
	const struct stream_options *options;
	/* Whom TLS asks for and checks, where that is not the endpoint's own host and port (one
	 * dialled in another's place); NULL: the endpoint's. */
	const char *tls_host, *tls_port;
	/* Made on first use and kept here between tries; the caller frees it with
	 * tls_load()->context_free. */
	struct tls_context **tls;
	/* The same for https proxies; NULL: made for this connection alone. */
	struct tls_context **proxy_tls;
	/* With send_proxy: on behalf of whom; NULL: the connection's own addresses (behind a proxy
	 * they are not known: UNKNOWN, LOCAL). */
	const struct address *client, *client_local;
	/* Whether that address may be dialled, asked for each one a name resolves to; NULL: all.
	 * When none may: FAILURE_CONNECT with error EACCES. Of the first proxy it is not asked, but
	 * of the endpoint's address where that is asked of a proxy; a name that a proxy resolves
	 * goes unseen. */
	bool (*permits)(void *data, const struct address *address);
	/* once, from the loop, never before the start returned */
	stream_opened *done;
	dial_attempt_failed *attempt_failed; /* or NULL */
	void *data;
};

struct stream_opening *stream_open_start(const struct stream_open_request *request);
/* Drops everything; done will not be called. Only before done was: that frees the opening. NULL
 * is fine. */
void stream_open_cancel(struct stream_opening *opening);

/* Whether this endpoint with these options gets TLS (--tls, tls://, wss://). */
bool stream_uses_tls(const struct endpoint *endpoint, const struct stream_options *options);

/* Whether it is reached through the proxies of the options: there are some, it is an internet
 * endpoint and not on the no_proxy list. */
bool stream_uses_proxy(const struct endpoint *endpoint, const struct stream_options *options);

/* What went wrong while a proxy itself was dialled, in terms of proxies: "the proxy " in front,
 * FAILURE_PROXY for FAILURE_CONNECT, FAILURE_PROXY_NAME for FAILURE_NAME. */
void stream_blame_proxy(struct failure *why);

/* The stack over an accepted socket (a stack whose bottom it is), not yet open: the caller runs
 * stream_open. tls NULL: plain. On failure (NULL) bottom stays the caller's. */
struct stream *stream_accepted_over(struct stream *bottom, const struct address *local,
				    const struct address *peer,
				    const struct stream_options *options, struct tls_context *tls,
				    struct failure *why);
#endif
