/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_HTTP_HTTP2_H
#define SOCKUTIL_HTTP_HTTP2_H
/*
 * The parts of an HTTP/2 connection (RFC 9113) among themselves: http2.c moves bytes and runs the
 * turns, http2_session.c is what the library calls, http2_exchange.c is what the user calls and is
 * called back by, http2_request.c writes request heads. Who wants an HTTP/2 connection includes
 * http/connection.h.
 *
 * A turn is one run from the event loop: read and parse, tell, send. Only a turn tells users
 * anything; what the library says is noted in the exchange until then.
 *
 * Memory: a stream has a window of 1 MiB, which grows to 8 MiB for a reader who keeps up with what
 * comes. Bytes are kept for a reader who does not; when his is the only exchange, the connection is
 * not read further while that is over 256 KiB. The connection's own window never holds a stream
 * back: what comes is given back to it at once.
 */
#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <sockutil/http/connection.h>
#include <sockutil/http/exchange.h>
#include <sockutil/http/http2_library.h>
#include <sockutil/stream/watch.h>

enum {
	HTTP2_STREAM_WINDOW = 1 << 20,
	HTTP2_STREAM_WINDOW_MOST = 8 << 20,
	HTTP2_KEPT_MOST = 256 * 1024, /* for an only reader */
	HTTP2_CONNECTION_WINDOW = 16 << 20,
	HTTP2_EXCHANGES_MOST = 100, /* at once, if the server does not want fewer */
	HTTP2_INTERIM_MOST = 16,
	HTTP2_PIECES = 64,
};

/* Bytes of a body that still lie in the block they were read into. */
struct http2_piece {
	const uint8_t *at;
	size_t length;
};

/* Invariants: in the list of its connection; pieces are there only during a turn, and only behind
 * an empty body; failure is set once; heads holds heads_ready bytes of whole heads and behind them
 * the one being built. */
struct http2_exchange {
	struct http_exchange exchange;
	struct http2 *connection;
	struct http2_exchange *next, *previous;
	int32_t stream; /* -1: it was never submitted */

	/* the request */
	struct buffer request_text; /* for trace, until it was told */
	struct stream_watch body_watch;
	bool head_sent;
	bool request_sent;   /* whole */
	size_t trace_sent;   /* bytes of body not told yet */
	uint64_t body_taken; /* from its stream */

	/* the response */
	struct buffer heads; /* in HTTP/1 form, not told yet */
	size_t heads_ready;  /* of them: bytes of whole ones */
	size_t head_start;   /* of the one being built */
	size_t fields;
	size_t trailer_bytes;
	unsigned interims;
	bool head_complete; /* the final one, in heads or told */
	bool head_told;
	struct http_framing framing;
	struct buffer body;
	struct http2_piece pieces[HTTP2_PIECES];
	size_t piece_first, piece_count;
	uint64_t received; /* bytes of body */
	size_t trace_received;
	size_t window;   /* as the server knows it */
	size_t drained;  /* bytes read since the window grew */
	bool end_begun;  /* a frame with END_STREAM has begun */
	bool ended;      /* and was right: the response is whole */
	bool closed;     /* the library has forgotten the stream */
	bool reset_told; /* the peer said RST_STREAM */
	uint32_t reset_code;
	int invalid; /* the library's code for a frame it refused, or 0 */
	struct failure failure;

	bool waiting;     /* events.readable is wanted */
	bool due;         /* there may be something to tell */
	bool marked;      /* to be told in this pass */
	bool failed_told; /* events.failed was called */
};

/* What is being run, so that whoever is called may free anything. */
struct http2_turn {
	struct http2_exchange *telling; /* NULL: freed meanwhile */
	bool connection_freed;
};

/* Invariants: count is the length of the list; turn is NULL outside of one. */
struct http2 {
	struct http_connection connection;
	nghttp2_session *session;
	struct stream_watch watch;
	struct ev_timer soon; /* a turn as soon as the loop comes round */
	struct http2_turn *turn;
	struct http2_exchange *first, *last;
	unsigned count;
	struct buffer out; /* to be written */
	bool unflushed;
	bool again;        /* there is more to do than fitted into this turn */
	bool read_over;    /* the peer's bytes have ended, one way or another */
	bool write_failed; /* nothing can be sent any more */
	bool over;         /* nothing will come any more: every exchange has its failure */
	bool last_one;     /* somebody asked that nothing follows */
	bool settings_came;
	bool goaway_came;
	uint32_t goaway_code;
	bool notice;                 /* changed() is due */
	struct failure failure;      /* of reading, or of the protocol */
	struct failure send_failure; /* of writing */
};

static inline struct http2 *http2_of(const struct http_connection *c)
{
	return (struct http2 *)(uintptr_t)c;
}

/* --- http2.c ------------------------------------------------------------------ */

/* A turn soon; in one: nothing, or another one when it is not sure that this one still comes to
 * it. */
void http2_soon(struct http2 *c);

/* --- http2_session.c ---------------------------------------------------------- */

/* The library's state for c, with our settings queued; NULL: FAILURE_OTHER. */
nghttp2_session *http2_session_new(struct http2 *c, struct failure *why);

/* --- http2_request.c ---------------------------------------------------------- */

/* Submits the request: sets stream, or failure (FAILURE_USAGE for what may not be written). Fields
 * that speak of an HTTP/1 connection (RFC 9113, 8.2.2) are left out. */
void http2_request_submit(struct http2_exchange *x);

/* --- http2_exchange.c --------------------------------------------------------- */

struct http_exchange *http2_exchange_start(struct http_connection *connection,
					   const struct http_request *request,
					   const struct http_exchange_events *events);
/* The exchange of a stream; NULL: freed, or none of ours. */
struct http2_exchange *http2_exchange_find(struct http2 *c, int32_t stream);
/* There may be something to tell of it. */
void http2_exchange_due(struct http2_exchange *x);
/* Notes the first failure alone, and resets the stream with that code of HTTP/2. */
void http2_exchange_fail(struct http2_exchange *x, uint32_t code, enum failure_class class,
			 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Takes bytes of a body, valid until the end of the turn's block. */
void http2_exchange_store(struct http2_exchange *x, const uint8_t *bytes, size_t length);
/* Everything that is due, once; false: the connection is gone. */
bool http2_exchange_tell_all(struct http2 *c);
/* The block is about to be used again: keeps what readers have left in it. */
void http2_exchange_keep_all(struct http2 *c);
/* Bytes kept for its reader. */
static inline size_t http2_exchange_kept(const struct http2_exchange *x)
{
	return x->body.length;
}
#endif
