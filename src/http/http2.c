/* SPDX-License-Identifier: MIT */
/* src/http/http2.c - an HTTP/2 connection: bytes in, bytes out, turns of the loop. */
#include <stdlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/http/http2.h>

enum {
	BLOCK_SIZE = 128 * 1024,
	GATHER = 48 * 1024,    /* bytes put together for one write, and a frame more */
	BLOCKS_A_TURN = 16,    /* read */
	SENT_A_TURN = 2 << 20, /* bytes */
	TELLINGS = 4,          /* of one block: each may cause frames, and those the next */
};

/* One for all connections: what is left in it is kept elsewhere before anybody else reads. */
static uint8_t block[BLOCK_SIZE];

void http2_soon(struct http2 *c)
{
	if (c->turn || ev_is_active(&c->soon))
		return;
	ev_timer_set(&c->soon, 0, 0);
	ev_timer_start(c->connection.loop, &c->soon);
}

/* --- the end ---------------------------------------------------------------------- */

static void ended_in_order(struct http2_exchange *x)
{
	const struct http2 *c = x->connection;
	struct failure *why = &x->failure;

	if (c->send_failure.class != FAILURE_NONE && !x->request_sent)
		*why = c->send_failure;
	else if (c->goaway_came && c->goaway_code != NGHTTP2_NO_ERROR)
		fail(why, FAILURE_RECEIVE, "the server ended the connection (%s)",
		     http2_library.http2_strerror(c->goaway_code));
	else if (!x->exchange.report.any_response)
		fail(why, FAILURE_PROTOCOL, "the server closed the connection without an answer");
	else
		fail(why, FAILURE_TRUNCATED,
		     "the server closed the connection in the middle of its answer");
}

/* Nothing more comes for this one. */
static void exchange_lost(struct http2_exchange *x)
{
	const struct http2 *c = x->connection;

	http2_exchange_due(x);
	if (x->ended || x->failure.class != FAILURE_NONE)
		return;
	if (c->failure.class == FAILURE_NONE) {
		ended_in_order(x);
		return;
	}
	x->failure = c->send_failure.class != FAILURE_NONE && !x->request_sent ? c->send_failure
									       : c->failure;
	/* A reset that met our request counts as one while receiving: the answer is what is
	 * missing. */
	if (x->failure.class == FAILURE_SEND && x->request_sent)
		x->failure.class = FAILURE_RECEIVE;
}

static void check_over(struct http2 *c)
{
	if (c->over || !(c->read_over || (!http2_library.session_want_read(c->session) &&
					  !http2_library.session_want_write(c->session))))
		return;
	c->over = true;
	c->notice = true;
	for (struct http2_exchange *x = c->first; x; x = x->next)
		exchange_lost(x);
}

/* The library cannot go on. */
static void session_broken(struct http2 *c, ssize_t error)
{
	c->read_over = true;
	if (c->failure.class != FAILURE_NONE)
		return;
	if (error == NGHTTP2_ERR_NOMEM)
		fail(&c->failure, FAILURE_OTHER, "HTTP/2: out of memory");
	else
		fail(&c->failure, FAILURE_PROTOCOL, "the server broke HTTP/2: %s",
		     http2_library.strerror((int)error));
}

/* --- reading ---------------------------------------------------------------------- */

/* The only reader is behind: the kernel and the server may wait for him as well as we do. */
static bool reader_rests(const struct http2 *c)
{
	return c->count == 1 && http2_exchange_kept(c->first) >= HTTP2_KEPT_MOST;
}

static bool may_read(const struct http2 *c)
{
	return !c->read_over && !c->over && !reader_rests(c);
}

/* Fills the block as far as it goes without waiting. */
static enum io block_fill(struct http2 *c, size_t *filled)
{
	enum io r = IO_DONE;

	*filled = 0;
	while (r == IO_DONE && *filled < BLOCK_SIZE) {
		size_t count;

		r = stream_read(c->connection.stream, block + *filled, BLOCK_SIZE - *filled, &count,
				&c->failure);
		*filled += count;
	}
	return r;
}

/* IO_DONE: there may be more. */
static enum io receive(struct http2 *c)
{
	size_t filled;
	ssize_t parsed;
	enum io r;

	if (!may_read(c))
		return IO_AGAIN;
	r = block_fill(c, &filled);
	parsed = http2_library.session_mem_recv(c->session, block, filled);
	if (parsed < 0)
		session_broken(c, parsed);
	if (r == IO_END || r == IO_FAILED)
		c->read_over = true;
	return c->read_over ? IO_END : r;
}

/* --- writing ---------------------------------------------------------------------- */

/* What the library has to say, put together; false: it cannot go on. */
static bool gather(struct http2 *c)
{
	while (c->out.length < GATHER) {
		const uint8_t *bytes;
		ssize_t count = http2_library.session_mem_send(c->session, &bytes);

		if (count == 0)
			break;
		if (count < 0 || !buffer_add(&c->out, bytes, (size_t)count)) {
			session_broken(c, count < 0 ? count : NGHTTP2_ERR_NOMEM);
			return false;
		}
		if (c->write_failed)
			buffer_free(&c->out);
	}
	return true;
}

static void write_failed(struct http2 *c)
{
	c->write_failed = true;
	c->unflushed = false;
	c->notice = true;
	buffer_free(&c->out);
}

static void out_flush(struct http2 *c)
{
	enum io r = IO_DONE;

	if (c->out.length == 0 && c->unflushed)
		r = stream_flush(c->connection.stream, &c->send_failure);
	else
		return;
	if (r == IO_DONE)
		c->unflushed = false;
	else if (r != IO_AGAIN)
		write_failed(c);
}

static void out_send(struct http2 *c)
{
	size_t total = 0;
	enum io r = IO_DONE;

	while (r == IO_DONE && gather(c) && c->out.length > 0 && !c->write_failed) {
		size_t count;

		if (total >= SENT_A_TURN) {
			c->again = true;
			return;
		}
		r = stream_write(c->connection.stream, buffer_bytes(&c->out), c->out.length, &count,
				 &c->send_failure);
		if (r == IO_DONE) {
			buffer_take(&c->out, count);
			c->unflushed = true;
			total += count;
		} else if (r != IO_AGAIN) {
			write_failed(c);
		}
	}
	out_flush(c);
}

/* --- turns ------------------------------------------------------------------------ */

static bool anything_due(const struct http2 *c)
{
	for (const struct http2_exchange *x = c->first; x; x = x->next)
		if (x->due)
			return true;
	return false;
}

/* false: the connection is gone. */
static bool tell_and_send(struct http2 *c)
{
	for (int i = 0; i < TELLINGS; i++) {
		check_over(c);
		if (!http2_exchange_tell_all(c))
			return false;
		http2_exchange_keep_all(c);
		out_send(c);
		check_over(c);
		if (!anything_due(c))
			return true;
	}
	c->again = true;
	return true;
}

static void wait_for_more(struct http2 *c)
{
	unsigned sides = may_read(c) ? STREAM_READ : 0;

	if (c->out.length > 0 || c->unflushed)
		sides |= STREAM_WRITE;
	stream_watch_for(&c->watch, sides);
	if (c->again)
		http2_soon(c);
}

/* Calls changed last: it may free the connection. */
static void tell_changed(struct http2 *c)
{
	if (!c->notice)
		return;
	c->notice = false;
	if (c->connection.changed)
		c->connection.changed(c->connection.data, &c->connection);
}

/* A connection that is dead never says "not now": where sending failed and nothing is there to
 * read, nothing will come. */
static void nothing_comes(struct http2 *c)
{
	c->read_over = true;
	if (c->failure.class == FAILURE_NONE)
		c->failure = c->send_failure;
}

static enum io receive_and_send(struct http2 *c)
{
	bool deaf = c->write_failed;
	enum io r = receive(c);

	if (deaf && r == IO_AGAIN && may_read(c))
		nothing_comes(c);
	if (!tell_and_send(c))
		return IO_END;
	return c->write_failed && !deaf ? IO_DONE : r == IO_END ? IO_AGAIN : r;
}

/* IO_END of receive_and_send(): the connection is gone. */
static void turn(struct http2 *c)
{
	struct http2_turn this = { 0 };
	enum io r = IO_DONE;

	ev_timer_stop(c->connection.loop, &c->soon);
	c->turn = &this;
	c->again = false;
	for (int i = 0; i < BLOCKS_A_TURN && r == IO_DONE; i++) {
		r = receive_and_send(c);
		if (r == IO_END)
			return;
	}
	if (r == IO_DONE)
		c->again = true;
	c->turn = NULL;
	wait_for_more(c);
	tell_changed(c);
}

static void on_ready(void *data, unsigned sides)
{
	(void)sides;
	turn(data);
}

static void on_soon(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	turn(timer->data);
}

/* --- the connection --------------------------------------------------------------- */

static bool takes_no_more(const struct http2 *c)
{
	return c->over || c->read_over || c->write_failed || c->last_one || c->goaway_came ||
	       !http2_library.session_check_request_allowed(c->session);
}

static unsigned http2_room(const struct http_connection *connection)
{
	const struct http2 *c = http2_of(connection);
	uint32_t most, open = 0;

	if (takes_no_more(c))
		return 0;
	most = http2_library.session_get_remote_settings(c->session,
							 NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
	if (most > HTTP2_EXCHANGES_MOST)
		most = HTTP2_EXCHANGES_MOST;
	for (const struct http2_exchange *x = c->first; x; x = x->next)
		open += !x->closed;
	return most > open ? most - open : 0;
}

static bool http2_idle(const struct http_connection *connection)
{
	return http2_of(connection)->count == 0;
}

static bool http2_finished(const struct http_connection *connection)
{
	const struct http2 *c = http2_of(connection);

	return c->count == 0 && takes_no_more(c);
}

/* GOAWAY and the end, as far as they go without waiting. */
static void say_goodbye(struct http2 *c)
{
	struct failure why;

	if (c->read_over || c->write_failed)
		return;
	http2_library.session_terminate_session(c->session, NGHTTP2_NO_ERROR);
	out_send(c);
	if (c->out.length == 0 && !c->unflushed && !c->write_failed)
		stream_end(c->connection.stream, &why);
}

static void http2_free(struct http_connection *connection)
{
	struct http2 *c = http2_of(connection);

	if (c->turn) {
		c->turn->telling = NULL;
		c->turn->connection_freed = true;
	}
	say_goodbye(c);
	stream_watch_stop(&c->watch);
	ev_timer_stop(connection->loop, &c->soon);
	http2_library.session_del(c->session);
	stream_free(connection->stream);
	buffer_free(&c->out);
	free(c);
}

static const struct http_connection_ops http2_ops = {
	.room = http2_room,
	.start = http2_exchange_start,
	.idle = http2_idle,
	.finished = http2_finished,
	.free = http2_free,
};

struct http_connection *http2_connection_new(struct ev_loop *loop, struct stream *stream,
					     const struct stream_report *report,
					     struct failure *why)
{
	struct http2 *c;

	if (!http2_available(why))
		return NULL;
	c = memory_zeroed(1, sizeof(*c));
	c->connection.ops = &http2_ops;
	c->connection.loop = loop;
	c->connection.stream = stream;
	c->connection.report = *report;
	c->session = http2_session_new(c, why);
	if (!c->session) {
		free(c);
		return NULL;
	}
	stream_watch_init(&c->watch, loop, stream, on_ready, c);
	ev_init(&c->soon, on_soon);
	c->soon.data = c;
	http2_soon(c);
	return &c->connection;
}
