/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_HTTP_HTTP1_H
#define SOCKUTIL_HTTP_HTTP1_H
/* The inside of an HTTP/1 connection: http1.c (life), http1_send.c, http1_receive.c. */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/http/connection.h>
#include <sockutil/http/http1_sink.h>
#include <sockutil/proto/http_chunk.h>
#include <sockutil/relay/pump.h>
#include <sockutil/stream/watch.h>

enum {
	HTTP1_BLOCK = 16 * 1024,      /* one read of heads and framing */
	HTTP1_SMALL_BODY = 16 * 1024, /* goes into the same write as the head */
	HTTP1_INTERIM_MAX = 16,
	HTTP1_CONTINUE_MS = 1000, /* how long a 100 is waited for (RFC 9110, 10.1.1) */
};

enum http1_sending {
	HTTP1_SEND_HEAD,
	HTTP1_SEND_WAIT, /* for 100 */
	HTTP1_SEND_BODY,
	HTTP1_SEND_DONE,
	HTTP1_SEND_STOPPED, /* writing failed, or the answer made the rest pointless */
};

enum http1_receiving { HTTP1_RECEIVE_HEAD, HTTP1_RECEIVE_BODY, HTTP1_RECEIVE_DONE };

/*
 * Invariants: current is NULL or an exchange that points back here; waiting_body only while
 * current receives a body; nothing of in belongs to an earlier response.
 */
struct http1 {
	struct http_connection base;
	struct stream_watch watch;
	struct ev_timer next_turn;   /* the body can be read on, or a failure is to be told */
	struct ev_timer no_continue; /* 100 did not come */
	struct buffer in;            /* read and not yet used */
	struct http1_exchange *current;
	bool broken; /* takes no further exchange */
	int depth;   /* of calls to the user under way: no "changed" inside them */
	bool changed;
};

struct http1_exchange {
	struct http_exchange base;
	struct http1 *connection;

	enum http1_sending sending;
	struct buffer out; /* head, and a small body behind it */
	struct http1_sink sink;
	struct pump pump;               /* request body to sink */
	struct stream_watch body_watch; /* on the request body; loop NULL: not in use */
	bool invalid;                   /* nothing can come of it any more: failure says why */

	enum http1_receiving receiving;
	struct http_head_scan scan;
	unsigned interims;
	struct http_framing framing;
	struct http_chunk chunk;
	uint64_t left;          /* HTTP_BODY_LENGTH */
	bool waiting_body;      /* the user wants to know when it can be read */
	bool cut_off;           /* sending failed: what has come is all that will come */
	struct failure failure; /* of our own side, while nothing could be told yet */
};

/* Goes on sending, tells a failure, watches. */
void http1_send_on(struct http1 *c);
/* Writes what can be written. False: failed in a way that ends the exchange (x->failure). */
bool http1_send(struct http1_exchange *x);
/* Puts the head into out. False: FAILURE_USAGE in x->failure. */
bool http1_send_begin(struct http1_exchange *x);
/* The answer is final: what is not sent stays unsent, and the connection ends with it. */
void http1_send_stop(struct http1_exchange *x);

/* What came: interim heads, the head. May free the exchange (and the connection's user may see
 * it): nothing of either is to be touched after. */
void http1_receive(struct http1 *c);
enum io http1_body_read(struct http1_exchange *x, void *buf, size_t len, size_t *nread,
			struct failure *why);
/* Bytes of the body lie bare on the connection. */
bool http1_body_bare(const struct http1_exchange *x);
uint64_t http1_body_most(const struct http1_exchange *x);
void http1_body_moved(struct http1_exchange *x, size_t count);

/* Tells the user that no head comes; the exchange may be gone afterwards. */
void http1_failed(struct http1 *c, const struct failure *why);
/* Watches for what the exchange waits for. */
void http1_watch(struct http1 *c);
/* Around every call to the user: the last one out says "changed" when that is due, and then nothing
 * of the connection may be touched. */
void http1_enter(struct http1 *c);
void http1_leave(struct http1 *c);
#endif
