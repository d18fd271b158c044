/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_SESSION_H
#define SOCKUTIL_SERVE_SESSION_H
/*
 * One accepted connection: its stream, what waits to be sent, its clock and its counters. Kept
 * small: ten thousand idle ones cost about half a KiB each.
 *
 * A session that ended stays in memory until the loop turns, so a handler may call anything here
 * and still return in peace; after a call said IO_FAILED, or after session_finish, session_fail and
 * session_close, it must touch the stream no more.
 */
#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>
#include <sockutil/stream/stream.h>
#include <sockutil/stream/watch.h>

struct handler;
struct server;

enum session_state {
	SESSION_ANNOUNCING, /* --accept-proxy: who it is comes first */
	SESSION_OPENING,    /* handshake */
	SESSION_RUNNING,    /* the handler's */
	SESSION_FLUSHING,   /* the handler is done: what waits goes out, then our half-close */
	SESSION_LINGERING,  /* reading and dropping to the client's end: no reset comes first */
	SESSION_CLOSED,     /* freed at the next turn of the loop */
};

/* Invariants: linked in the server's list unless CLOSED; stream is NULL exactly when CLOSED. */
struct session {
	struct server *server;
	const struct handler *handler; /* serve/handler.h: what is done with it */
	void *data;                    /* what that handler's prepare returned */
	struct stream *stream;
	struct session *next;
	struct session **link;
	struct stream_watch watch;
	struct ev_timer timer; /* the deadline of the state it is in */
	struct buffer out;     /* taken by session_write, not yet by the stream */
	const char *reason;    /* static text, for the line at the end */
	uint64_t number;       /* 1 is the first of this process */
	uint64_t received, sent;
	int64_t started_ms, active_ms; /* clock_ms(): accepted; last byte */
	int64_t limit_ms;              /* clock_ms() of session_limit(); 0: none */
	uint32_t dropped;              /* bytes read while lingering */
	uint16_t listener;             /* index of the listener it came by */
	uint8_t peer_length;           /* of the address kept behind the state */
	uint8_t state;                 /* enum session_state */
	bool admitted;                 /* its address counts in the limits */
	bool held;                     /* the handler lets the client wait: not idle */
	bool relayed;                  /* a relay keeps the times and counts */
	bool listed;                   /* serve/lingering.h asks it */
	bool behind;                   /* a layer holds bytes that session_flush passes on */
	bool ended;                    /* the client's end was read */
	bool seat;                     /* of session_seat() */
	max_align_t handler_state[];
};

/* An accepted descriptor, taken over. The session runs from here on by itself. */
void session_new(struct server *server, uint16_t listener, int fd, const struct address *peer);

/* The other end of a socket pair that somebody in this process holds: neither rules, limits, TLS
 * nor layers of the options are about it, but it takes a place; its address is empty. From
 * handler->begin on. fd is taken over. Nothing of it is logged. */
void session_seat(struct server *server, int fd);

static inline void *session_state(struct session *session)
{
	return session->handler_state;
}
/* What the handler's prepare returned. */
static inline void *session_data(const struct session *session)
{
	return session->data;
}
/* Another handler goes on with the connection (WebSocket in front of one): the present one's stop
 * is called, the state is zeroed, the other's start is called. The stream may have got layers on
 * top before. Handlers that are entered so are named in server_options.inner, so that there is room
 * for their state. */
void session_become(struct session *session, const struct handler *handler, void *data);
/* Puts a layer over the stream: top->below is the present one. For the time between two handlers
 * or the handler's own start. */
void session_put_layer(struct session *session, struct stream *top);
/* In ms milliseconds handler->expired is called, once; 0: never. Replaces what was asked before.
 * Independent of --idle-timeout. */
void session_limit(struct session *session, int64_t ms);
/* A copy of the client's address, the one that a PROXY header named where there was one; returns
 * out. */
struct address *session_peer(const struct session *session, struct address *out);
/* Of this connection itself, not of the listener; where a PROXY header told it, the address that
 * the client connected to. */
bool session_local(const struct session *session, struct address *out);

/* Something waits for session_flush. */
static inline bool session_sending(const struct session *session)
{
	return session->out.length > 0 || session->behind;
}
/* As stream_read, counted. IO_FAILED: the session is closed and the reason logged. */
enum io session_read(struct session *session, void *bytes, size_t size, size_t *nread);
/* As stream_write and stream_flush of what is taken at once, counted: nothing is queued. */
enum io session_offer(struct session *session, const void *bytes, size_t length, size_t *taken);
/* Sends, and queues what the stream does not take: IO_DONE: all is on its way; IO_AGAIN: wait for
 * STREAM_WRITE and call session_flush (the caller bounds how much it adds meanwhile); IO_FAILED:
 * the session is closed. */
enum io session_write(struct session *session, const void *bytes, size_t length);
enum io session_flush(struct session *session);
/* The whole rest of what the client gets, then session_finish(). */
void session_say_last(struct session *session, const void *bytes, size_t length,
		      const char *reason);
/* handler->ready will be called when one of the sides may go on; replaces what was waited for
 * before. Nothing happens when the session is finishing or over. */
void session_wait(struct session *session, unsigned sides);

/* In order: what waits is sent, then our half-close, then the client's end is awaited for a while.
 * reason is static. */
void session_finish(struct session *session, const char *reason);
/* The same, and in ms milliseconds a client that has not taken everything is cut: its kernel may
 * say forever that there is no room. Without it only --idle-timeout ends that. */
void session_finish_within(struct session *session, const char *reason, int64_t ms);
/* At once, with the failure as reason. */
void session_fail(struct session *session, const struct failure *why);
/* At once and in order: for a handler that has seen both ends itself. */
void session_close(struct session *session, const char *reason);
/* The server ends: finish. */
void session_drain(struct session *session);
/* The same without waiting for anything: the client gets a reset. */
void session_abort(struct session *session, const char *reason);

/* For serve/lingering.h: reads and drops what comes. True when the session is closed now;
 * otherwise nothing is there. */
bool session_ask(struct session *session);
/* It is not worth asking again: waits for the client's end in the loop, for a bounded time. */
void session_linger(struct session *session);

/* Frees the closed sessions of a server: once a turn of its loop. */
void session_reap(struct server *server);
#endif
