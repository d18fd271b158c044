/* SPDX-License-Identifier: MIT */
/* src/get/segment.c - a range on its own exchange, again and again until it is there. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <sockutil/base/backoff.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/base/random.h>
#include <sockutil/get/segment.h>
#include <sockutil/get/segment_parts.h>
#include <sockutil/relay/pump.h>

enum { SEGMENT_DELAY_MS = 1000, SEGMENT_DELAY_MOST_MS = 60 * 1000, SEGMENT_LEAST = 1 << 20 };

/* Pieces start where pages do, so that two never write to one. */
enum { SEGMENT_ALIGNMENT = 4096 };

/* Invariants: at most one of lease and exchange is there; body and pump are in use only while
 * pumping; what is written is counted by the sink alone, which lives through all tries. */
struct segment {
	struct segment_request request;
	struct http_request http; /* with headers of our own */
	struct http_header *headers;
	char range[64];

	struct http_lease *lease;
	struct http_exchange *exchange;
	bool reused; /* the exchange is on a connection that was open already */
	bool fresh;  /* no more of those */

	struct http_body_stream body;
	struct pump pump;
	bool pumping;
	struct segment_sink sink;

	uint64_t tried_from; /* the sink's offset when the current try began */
	int64_t failures;    /* in a row, from the last try that brought bytes on */
	struct backoff backoff;
	struct ev_timer turn; /* another try is due, or the pump goes on */
	struct ev_timer idle;
};

static void try_start(struct segment *s);

/* --- the end of a try ---------------------------------------------------------------- */

static void try_end(struct segment *s)
{
	ev_timer_stop(s->request.loop, &s->turn);
	ev_timer_stop(s->request.loop, &s->idle);
	http_pool_cancel(s->lease);
	if (s->pumping)
		pump_free(&s->pump);
	http_exchange_free(s->exchange);
	s->lease = NULL;
	s->pumping = false;
	s->exchange = NULL;
}

/* The owner may free the segment inside. why: not in what a try has, it is gone. */
static void finish(struct segment *s, const struct failure *why)
{
	try_end(s);
	segment_sink_close(&s->sink);
	s->request.done(s->request.data, s, why);
}

static void give_up(struct segment *s, const struct failure *why)
{
	struct failure copy = *why;

	finish(s, &copy);
}

static void backoff_reset(struct segment *s)
{
	s->backoff = (struct backoff){
		.delay_ms = s->request.delay_ms > 0 ? s->request.delay_ms : SEGMENT_DELAY_MS,
		.cap_ms = SEGMENT_DELAY_MOST_MS,
	};
}

/* True: another try may follow this failure. */
static bool try_counted(struct segment *s)
{
	if (s->sink.offset > s->tried_from) {
		s->failures = 0;
		backoff_reset(s);
	}
	return ++s->failures < s->request.tries;
}

/* wait_ms: what the server asks for at least; -1: nothing. */
static void try_again(struct segment *s, const struct failure *why, int64_t wait_ms)
{
	int64_t delay;

	if (!try_counted(s)) {
		give_up(s, why);
		return;
	}
	delay = backoff_next(&s->backoff, random_u32());
	if (delay < wait_ms)
		delay = wait_ms;
	if (s->request.retrying)
		s->request.retrying(s->request.data, why, delay);
	try_end(s);
	ev_now_update(s->request.loop);
	ev_timer_set(&s->turn, (double)delay / 1000, 0);
	ev_timer_start(s->request.loop, &s->turn);
}

/* The host was there a moment ago, and a proxy: that it cannot be found or reached any more may
 * pass, too. */
static bool may_pass(const struct segment *s, const struct failure *why)
{
	switch (why->class) {
	case FAILURE_NAME:
	case FAILURE_PROXY_NAME:
	case FAILURE_CONNECT:
	case FAILURE_TIMEOUT:
	case FAILURE_SEND:
	case FAILURE_RECEIVE:
	case FAILURE_TRUNCATED:
		return true;
	case FAILURE_PROXY:
	case FAILURE_TLS:
		return why->error != 0;
	case FAILURE_PROTOCOL:
		return s->exchange && !s->exchange->report.any_response;
	default:
		return false;
	}
}

/* A connection at rest that the server closes just then is nobody's failure. */
static bool was_stale(const struct segment *s, const struct failure *why)
{
	return s->exchange && s->reused && !s->exchange->report.any_response &&
	       why->class != FAILURE_TIMEOUT;
}

static void try_failed(struct segment *s, const struct failure *why)
{
	static const struct failure none = { .class = FAILURE_NONE };

	if (s->sink.left == 0 && may_pass(s, why)) {
		finish(s, &none); /* only the end of the body was missing */
	} else if (was_stale(s, why)) {
		try_end(s);
		s->fresh = true;
		try_start(s);
	} else if (may_pass(s, why)) {
		try_again(s, why, -1);
	} else {
		give_up(s, why);
	}
}

/* --- the body -------------------------------------------------------------------------- */

static void idle_restart(struct segment *s)
{
	if (s->request.idle_ms <= 0)
		return;
	ev_now_update(s->request.loop);
	ev_timer_again(s->request.loop, &s->idle);
}

static void body_ended(struct segment *s)
{
	struct failure why = { 0 };

	if (s->sink.left == 0) {
		finish(s, &why);
		return;
	}
	fail(&why, FAILURE_TRUNCATED,
	     "the range ended %" PRIu64 " bytes before it should (bytes %" PRIu64 "-%" PRIu64 ")",
	     s->sink.left, s->request.first, s->request.last);
	try_failed(s, &why);
}

static void body_failed(struct segment *s)
{
	const struct failure why = *s->pump.failure;

	if (s->pump.failed_at_to)
		give_up(s, &why);
	else
		try_failed(s, &why);
}

static void body_wait(struct segment *s)
{
	if (s->pump.waits & STREAM_READ) {
		http_exchange_wait(s->exchange);
		return;
	}
	ev_timer_set(&s->turn, 0, 0);
	ev_timer_start(s->request.loop, &s->turn);
}

static void body_move(struct segment *s)
{
	uint64_t before = s->sink.offset;

	pump_run(&s->pump);
	if (s->sink.offset > before)
		idle_restart(s);
	if (s->pump.state == PUMP_ENDED)
		body_ended(s);
	else if (s->pump.state == PUMP_FAILED)
		body_failed(s);
	else
		body_wait(s);
}

/* --- the exchange ------------------------------------------------------------------------ */

static void on_head(void *data, const struct http_head *head, const struct http_framing *framing)
{
	struct segment *s = data;
	struct segment_answer answer;

	idle_restart(s);
	segment_judge(&answer, head, framing, s->request.validator, s->sink.offset, s->request.last,
		      (int64_t)time(NULL));
	if (answer.verdict == SEGMENT_AGAIN) {
		try_again(s, &answer.why, answer.wait_ms);
	} else if (answer.verdict == SEGMENT_GIVE_UP) {
		give_up(s, &answer.why);
	} else {
		http_body_stream_init(&s->body, s->exchange);
		pump_init(&s->pump, &s->body.stream, &s->sink.stream);
		s->pumping = true;
		body_move(s);
	}
}

static void on_readable(void *data)
{
	body_move(data);
}

static void on_failed(void *data, const struct failure *why)
{
	struct failure copy = *why;

	try_failed(data, &copy);
}

static void on_trace(void *data, bool sent, const char *bytes, size_t length)
{
	struct segment *s = data;

	s->request.trace(s->request.data, sent, bytes, length);
}

static void on_idle(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct segment *s = timer->data;
	struct failure why;
	char limit[32];

	(void)loop;
	(void)events;
	fail(&why, FAILURE_TIMEOUT, "no byte came for %s (--idle-timeout)",
	     duration_text(limit, sizeof(limit), s->request.idle_ms));
	try_failed(s, &why);
}

static void on_connection(void *data, struct http_connection *connection, bool reused,
			  const struct failure *why)
{
	struct segment *s = data;
	const struct http_exchange_events events = {
		.head = on_head,
		.readable = on_readable,
		.failed = on_failed,
		.trace = s->request.trace ? on_trace : NULL,
		.data = s,
	};

	s->lease = NULL;
	if (!connection) {
		try_failed(s, why);
		return;
	}
	s->reused = reused;
	s->exchange = connection->ops->start(connection, &s->http, &events);
	idle_restart(s);
}

static void on_attempt_failed(void *data, const char *address, const char *reason)
{
	struct segment *s = data;

	if (s->request.attempt_failed)
		s->request.attempt_failed(s->request.data, address, reason);
}

static void try_start(struct segment *s)
{
	snprintf(s->range, sizeof(s->range), "bytes=%" PRIu64 "-%" PRIu64, s->sink.offset,
		 s->request.last);
	s->tried_from = s->sink.offset;
	s->lease = http_pool_ask(s->request.pool, s->request.origin, s->fresh, on_connection,
				 on_attempt_failed, s);
}

static void on_turn(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct segment *s = timer->data;

	(void)loop;
	(void)events;
	if (s->pumping)
		body_move(s);
	else
		try_start(s);
}

/* --- the segment --------------------------------------------------------------------------- */

static void add_header(struct segment *s, const char *name, const char *value)
{
	s->headers[s->http.header_count++] = (struct http_header){ .name = name, .value = value };
}

/* As the whole was asked for, but for the range and what holds it to the same representation (RFC
 * 9110, 13.1.5). */
static void make_request(struct segment *s)
{
	const struct http_request *whole = s->request.request;
	const struct validator *v = s->request.validator;

	s->http = *whole;
	s->headers = memory_zeroed(whole->header_count + 2, sizeof(*s->headers));
	s->http.headers = s->headers;
	s->http.header_count = 0;
	for (size_t i = 0; i < whole->header_count; i++)
		if (strcasecmp(whole->headers[i].name, "Range") != 0 &&
		    strcasecmp(whole->headers[i].name, "If-Range") != 0)
			add_header(s, whole->headers[i].name, whole->headers[i].value);
	add_header(s, "Range", s->range);
	add_header(s, "If-Range", v->etag[0] ? v->etag : v->last_modified);
}

struct segment *segment_start(const struct segment_request *request)
{
	struct segment *s = memory_zeroed(1, sizeof(*s));

	s->request = *request;
	make_request(s);
	segment_sink_init(&s->sink, request->fd, request->first,
			  request->last - request->first + 1);
	backoff_reset(s);
	ev_timer_init(&s->turn, on_turn, 0, 0);
	ev_timer_init(&s->idle, on_idle, 0, (double)request->idle_ms / 1000);
	s->turn.data = s->idle.data = s;
	try_start(s);
	return s;
}

uint64_t segment_written(const struct segment *s)
{
	return s->sink.offset - s->request.first;
}

void segment_free(struct segment *s)
{
	if (!s)
		return;
	try_end(s);
	segment_sink_close(&s->sink);
	free(s->headers);
	free(s);
}

unsigned segment_cut(uint64_t total, unsigned count, uint64_t *first_length)
{
	uint64_t most = total / SEGMENT_LEAST;

	if (count > most)
		count = (unsigned)most;
	if (count <= 1) {
		*first_length = total;
		return 1;
	}
	*first_length = total / count;
	*first_length -= *first_length % SEGMENT_ALIGNMENT;
	return count;
}
