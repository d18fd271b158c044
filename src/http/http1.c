/* SPDX-License-Identifier: MIT */
/* src/http/http1.c - an HTTP/1 connection: one exchange at a time. */
#include <stdlib.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/http/http1.h>

static struct http1 *http1_of(const struct http_connection *c)
{
	return (struct http1 *)(uintptr_t)c;
}

static struct http1_exchange *exchange_of(const struct http_exchange *x)
{
	return (struct http1_exchange *)(uintptr_t)x;
}

void http1_enter(struct http1 *c)
{
	c->depth++;
}

void http1_leave(struct http1 *c)
{
	if (--c->depth > 0 || !c->changed)
		return;
	c->changed = false;
	if (c->base.changed)
		c->base.changed(c->base.data, &c->base);
}

/* --- waiting ---------------------------------------------------------------- */

static bool wants_to_send(const struct http1_exchange *x)
{
	if (x->sending == HTTP1_SEND_HEAD)
		return true;
	return x->sending == HTTP1_SEND_BODY && (x->pump.waits & STREAM_WRITE || !x->pump.waits);
}

static bool wants_to_receive(const struct http1_exchange *x)
{
	return x->receiving == HTTP1_RECEIVE_HEAD || x->waiting_body;
}

void http1_watch(struct http1 *c)
{
	struct http1_exchange *x = c->current;
	unsigned sides = 0;

	if (!x) {
		/* At rest: what comes now is its end, or nothing that was asked for. */
		stream_watch_for(&c->watch, c->broken ? 0 : STREAM_READ);
		return;
	}
	if (wants_to_send(x))
		sides |= STREAM_WRITE;
	if (wants_to_receive(x) && x->receiving == HTTP1_RECEIVE_BODY &&
	    (c->in.length > 0 || x->invalid))
		ev_timer_start(c->base.loop, &c->next_turn);
	else if (wants_to_receive(x))
		sides |= STREAM_READ;
	stream_watch_for(&c->watch, sides);
	if (x->body_watch.loop)
		stream_watch_for(&x->body_watch,
				 x->sending == HTTP1_SEND_BODY && x->pump.waits & STREAM_READ
					 ? STREAM_READ
					 : 0);
}

void http1_failed(struct http1 *c, const struct failure *why)
{
	struct http1_exchange *x = c->current;
	struct http_exchange_events events = x->base.events;
	struct failure copy = *why;

	c->broken = true;
	x->invalid = true;
	x->failure = copy;
	x->receiving = HTTP1_RECEIVE_DONE;
	http1_send_stop(x);
	http1_watch(c);
	http1_enter(c);
	events.failed(events.data, &copy);
	http1_leave(c);
}

void http1_send_on(struct http1 *c)
{
	struct http1_exchange *x = c->current;

	if (!http1_send(x)) {
		x->invalid = true;
		c->broken = true;
	}
	if (x->invalid && x->receiving == HTTP1_RECEIVE_HEAD)
		http1_failed(c, &x->failure);
	else
		http1_watch(c);
}

static void body_readable(struct http1 *c)
{
	struct http1_exchange *x = c->current;
	struct http_exchange_events events = x->base.events;

	x->waiting_body = false;
	http1_enter(c);
	events.readable(events.data);
	http1_leave(c);
}

static void receive_on(struct http1 *c)
{
	if (c->current->receiving == HTTP1_RECEIVE_HEAD)
		http1_receive(c);
	else if (c->current->waiting_body)
		body_readable(c);
}

/* Nothing was asked for: its end, or a peer that speaks unasked, whose words must not become the
 * answer to the next request. Encrypted housekeeping gives nothing to read. */
static bool is_at_rest(struct http1 *c)
{
	struct failure ignored;
	char byte;
	size_t n;

	return stream_read(c->base.stream, &byte, 1, &n, &ignored) == IO_AGAIN;
}

static void rest_ended(struct http1 *c)
{
	if (is_at_rest(c)) {
		http1_watch(c);
		return;
	}
	c->broken = true;
	http1_watch(c);
	http1_enter(c);
	c->changed = true;
	http1_leave(c);
}

static void on_ready(void *data, unsigned sides)
{
	struct http1 *c = data;

	if (!c->current) {
		rest_ended(c);
		return;
	}
	http1_enter(c);
	if (sides & STREAM_WRITE)
		http1_send_on(c);
	if (c->current && sides & STREAM_READ)
		receive_on(c);
	http1_leave(c);
}

static void on_body_ready(void *data, unsigned sides)
{
	struct http1 *c = data;

	(void)sides;
	http1_enter(c);
	http1_send_on(c);
	http1_leave(c);
}

static void on_next_turn(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct http1 *c = timer->data;
	struct http1_exchange *x = c->current;

	(void)loop;
	(void)events;
	if (!x)
		return;
	http1_enter(c);
	if (x->invalid && x->receiving == HTTP1_RECEIVE_HEAD)
		http1_failed(c, &x->failure);
	else if (x->cut_off && x->receiving == HTTP1_RECEIVE_HEAD)
		http1_receive(c);
	else if (x->waiting_body)
		body_readable(c);
	http1_leave(c);
}

static void on_no_continue(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct http1 *c = timer->data;

	(void)loop;
	(void)events;
	if (!c->current || c->current->sending != HTTP1_SEND_WAIT)
		return;
	c->current->sending = HTTP1_SEND_BODY;
	http1_enter(c);
	http1_send_on(c);
	http1_leave(c);
}

/* --- exchanges -------------------------------------------------------------- */

static enum io exchange_read(struct http_exchange *x, void *buf, size_t len, size_t *nread,
			     struct failure *why)
{
	return http1_body_read(exchange_of(x), buf, len, nread, why);
}

static int exchange_raw_fd(const struct http_exchange *x)
{
	return http1_body_bare(exchange_of(x)) ? 0 : -1;
}

static uint64_t exchange_raw_most(const struct http_exchange *x)
{
	return http1_body_most(exchange_of(x));
}

static void exchange_moved(struct http_exchange *x, size_t count)
{
	http1_body_moved(exchange_of(x), count);
}

static void exchange_wait(struct http_exchange *base)
{
	struct http1_exchange *x = exchange_of(base);

	x->waiting_body = true;
	if (x->receiving == HTTP1_RECEIVE_DONE)
		ev_timer_start(x->connection->base.loop, &x->connection->next_turn);
	http1_watch(x->connection);
}

/* Whatever is left of it on the connection would be taken for the next answer. */
static void exchange_free(struct http_exchange *base)
{
	struct http1_exchange *x = exchange_of(base);
	struct http1 *c = x->connection;

	if (!base->report.complete || !x->framing.persistent || x->sending != HTTP1_SEND_DONE ||
	    base->request->close || base->request->version_1_0 || c->in.length > 0)
		c->broken = true;
	else
		c->base.served++;
	ev_timer_stop(c->base.loop, &c->next_turn);
	ev_timer_stop(c->base.loop, &c->no_continue);
	if (x->body_watch.loop)
		stream_watch_stop(&x->body_watch);
	pump_free(&x->pump);
	buffer_free(&x->out);
	free(x);
	c->current = NULL;
	http1_watch(c);
	http1_enter(c);
	c->changed = true;
	http1_leave(c);
}

static const struct http_exchange_ops exchange_ops = {
	.read = exchange_read,
	.raw_fd = exchange_raw_fd,
	.raw_most = exchange_raw_most,
	.moved = exchange_moved,
	.wait = exchange_wait,
	.free = exchange_free,
};

static struct http1_exchange *exchange_new(struct http1 *c, const struct http_request *request,
					   const struct http_exchange_events *events)
{
	struct http1_exchange *x = memory_zeroed(1, sizeof(*x));

	x->base.ops = &exchange_ops;
	x->base.request = request;
	x->base.carrier = c->base.stream;
	x->base.events = *events;
	x->base.report.started_us = clock_us();
	x->base.report.sent_us = x->base.report.first_byte_us = x->base.report.ended_us = -1;
	x->connection = c;
	http1_sink_init(&x->sink, c->base.stream, request->body ? request->body_length : 0);
	pump_init(&x->pump, request->body, &x->sink.stream);
	if (request->body)
		stream_watch_init(&x->body_watch, c->base.loop, request->body, on_body_ready, c);
	return x;
}

/* --- the connection --------------------------------------------------------- */

static unsigned http1_room(const struct http_connection *c)
{
	return !http1_of(c)->current && !http1_of(c)->broken;
}

static bool http1_idle(const struct http_connection *c)
{
	return !http1_of(c)->current;
}

static bool http1_finished(const struct http_connection *c)
{
	return !http1_of(c)->current && http1_of(c)->broken;
}

/* What came while it was at rest may not have been noticed yet. */
static bool begin(struct http1_exchange *x)
{
	if (x->connection->base.served > 0 && !is_at_rest(x->connection)) {
		fail(&x->failure, FAILURE_RECEIVE,
		     "the server ended the connection while it was at rest");
		return false;
	}
	return http1_send_begin(x) && http1_send(x);
}

static struct http_exchange *http1_start(struct http_connection *base,
					 const struct http_request *request,
					 const struct http_exchange_events *events)
{
	struct http1 *c = http1_of(base);
	struct http1_exchange *x = exchange_new(c, request, events);

	c->current = x;
	/* Nothing is told before this has returned. */
	x->invalid = !begin(x);
	if (x->invalid) {
		c->broken = true;
		http1_send_stop(x);
		stream_watch_for(&c->watch, 0);
		ev_timer_start(c->base.loop, &c->next_turn);
		return &x->base;
	}
	http1_watch(c);
	return &x->base;
}

/* A server of TLS is to see an end, not a cut; TCP says so by closing. */
static void say_goodbye(struct http1 *c)
{
	struct failure ignored;

	if (!c->current && !c->broken && stream_raw_fd(c->base.stream, STREAM_WRITE) < 0)
		(void)stream_end(c->base.stream, &ignored);
}

static void http1_free(struct http_connection *base)
{
	struct http1 *c = http1_of(base);

	say_goodbye(c);
	stream_watch_stop(&c->watch);
	ev_timer_stop(base->loop, &c->next_turn);
	ev_timer_stop(base->loop, &c->no_continue);
	buffer_free(&c->in);
	stream_free(base->stream);
	free(c);
}

static const struct http_connection_ops http1_ops = {
	.room = http1_room,
	.start = http1_start,
	.idle = http1_idle,
	.finished = http1_finished,
	.free = http1_free,
};

struct http_connection *http1_connection_new(struct ev_loop *loop, struct stream *stream,
					     const struct stream_report *report)
{
	struct http1 *c = memory_zeroed(1, sizeof(*c));

	c->base = (struct http_connection){
		.ops = &http1_ops,
		.loop = loop,
		.stream = stream,
		.report = *report,
	};
	stream_watch_init(&c->watch, loop, stream, on_ready, c);
	ev_timer_init(&c->next_turn, on_next_turn, 0, 0);
	ev_timer_init(&c->no_continue, on_no_continue, 0, 0);
	c->next_turn.data = c;
	c->no_continue.data = c;
	return &c->base;
}
