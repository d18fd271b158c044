/* SPDX-License-Identifier: MIT */
/* src/get/transfer.c - the life of a transfer: its tries, its end, its report. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/base/random.h>
#include <sockutil/get/disk.h>
#include <sockutil/get/transfer_parts.h>

enum {
	RETRY_CAP_MS = 60000,
	RETRY_FIRST_MS = 1000,
	RETRY_AFTER_MAX_MS = 120000, /* longer is a refusal, unless --retry-max-time allows it */
};

int64_t transfer_now(const struct transfer *t)
{
	return clock_us() - t->started_us;
}

enum { DRAIN_READS = 4, DRAIN_BLOCK = 4096 };

/* The words of a redirect or a refusal are short and mostly here already: read, they leave the
 * connection to the next request. */
static void drain(struct http_exchange *x)
{
	char block[DRAIN_BLOCK];
	struct failure ignored;
	size_t n;

	if (!x->report.any_response || x->report.complete)
		return;
	for (int i = 0; i < DRAIN_READS; i++)
		if (http_exchange_read(x, block, sizeof(block), &n, &ignored) != IO_DONE)
			return;
}

/* --- asking ----------------------------------------------------------------- */

void transfer_drop_exchange(struct transfer *t)
{
	struct http_exchange *x = t->exchange;

	transfer_body_stop(t);
	if (!t->segments.pieces)
		ev_timer_stop(t->loop, &t->tick);
	if (!x)
		return;
	transfer_hop_end(t);
	t->exchange = NULL;
	if (t->head_came)
		drain(x);
	http_exchange_free(x);
}

static void stop_all(struct transfer *t)
{
	transfer_drop_exchange(t);
	transfer_segments_stop(t);
	ev_timer_stop(t->loop, &t->retry_timer);
	ev_timer_stop(t->loop, &t->next_turn);
	ev_timer_stop(t->loop, &t->tick);
	http_pool_cancel(t->lease);
	t->lease = NULL;
	disk_force_cancel(t->forcing);
	t->forcing = NULL;
}

/* "connection reset": whose, is known here. */
void transfer_fail_at(struct transfer *t, struct failure *why)
{
	char text[300];

	if (why->class != FAILURE_OUTPUT && why->class != FAILURE_READER_GONE &&
	    why->class != FAILURE_URL)
		fail_at(why, url_text(text, sizeof(text), &t->url));
}

static void on_exchange_failed(void *data, const struct failure *why)
{
	struct failure copy_of = *why;

	transfer_try_failed(data, &copy_of, true);
}

void transfer_tell_trace(void *data, bool sent, const char *bytes, size_t length)
{
	struct transfer *t = data;

	t->events.trace(t->events.data, sent, bytes, length);
}

static void on_connection(void *data, struct http_connection *c, bool reused,
			  const struct failure *why)
{
	struct transfer *t = data;
	struct http_exchange_events events = {
		.head = transfer_answered,
		.readable = transfer_body_readable,
		.failed = on_exchange_failed,
		.trace = t->events.trace ? transfer_tell_trace : NULL,
		.data = t,
	};

	t->lease = NULL;
	if (!c) {
		transfer_try_failed(t, why, false);
		return;
	}
	t->reused = reused;
	t->head_came = false;
	t->progress_ms = clock_ms();
	t->seen_bytes = 0;
	t->rate_count = 0;
	transfer_hop_connected(t, c);
	t->exchange = c->ops->start(c, &t->request, &events);
	if (t->options->idle_ms > 0 || t->options->min_rate > 0) {
		ev_now_update(t->loop);
		ev_timer_again(t->loop, &t->tick);
	}
}

void transfer_tell_attempt(void *data, const char *address, const char *reason)
{
	struct transfer *t = data;

	if (t->events.attempt_failed)
		t->events.attempt_failed(t->events.data, address, reason);
}

static bool ask(struct transfer *t, struct failure *why)
{
	bool fresh = t->fresh;

	if (!transfer_origin_make(t, why) || !transfer_request_make(t, why))
		return false;
	t->fresh = false;
	t->answered = false;
	transfer_hop_begin(t);
	t->lease =
		http_pool_ask(t->pool, &t->origin, fresh, on_connection, transfer_tell_attempt, t);
	return true;
}

void transfer_ask(struct transfer *t)
{
	struct failure why = { 0 };

	if (!ask(t, &why))
		transfer_finish(t, &why);
}

void transfer_ask_soon(struct transfer *t)
{
	ev_timer_start(t->loop, &t->next_turn);
}

void transfer_tell_retrying(void *data, const struct failure *why, int64_t wait_ms)
{
	struct transfer *t = data;

	t->report.tries++;
	if (t->events.retrying)
		t->events.retrying(t->events.data, why, wait_ms);
}

/* --- tries ------------------------------------------------------------------ */

static bool is_safe_method(const struct transfer *t)
{
	return strcmp(t->method, "GET") == 0 || strcmp(t->method, "HEAD") == 0;
}

bool transfer_may_pass(const struct transfer *t, const struct failure *why)
{
	switch (why->class) {
	case FAILURE_TIMEOUT:
	case FAILURE_SEND:
	case FAILURE_RECEIVE:
	case FAILURE_TRUNCATED:
	case FAILURE_HTTP_STATUS:
		return true;
	case FAILURE_NAME:
	case FAILURE_CONNECT:
	case FAILURE_PROXY_NAME:
		return t->options->retry_given;
	case FAILURE_PROXY:
	case FAILURE_TLS:
		return t->options->retry_given && why->error != 0;
	default:
		return false;
	}
}

static bool body_repeatable(const struct transfer *t)
{
	return !t->body || get_body_repeatable(t->options->body);
}

/* What this try brought stays where it can be continued; the next one starts there. False: bytes
 * are out that cannot be taken back. */
static bool hold(struct transfer *t)
{
	bool foreign;

	if (!t->output_open)
		return true;
	if (!output_suspend(t->output))
		return false;
	t->offset = output_held(t->output, t->held, &foreign);
	t->continuing = t->offset > 0 && t->may_continue;
	if (!t->continuing)
		t->offset = 0;
	t->report.resumed = t->offset;
	return true;
}

static bool another_try(struct transfer *t, const struct failure *why, int64_t wait_ms)
{
	int64_t now = clock_ms(), limit = t->options->retry_max_ms;

	if (!transfer_may_pass(t, why) || t->tries_left <= 0 || !body_repeatable(t) ||
	    (!is_safe_method(t) && !t->options->retry_given))
		return false;
	if (!t->first_failure_ms)
		t->first_failure_ms = now;
	if (limit > 0 && now + wait_ms - t->first_failure_ms > limit)
		return false;
	if (limit <= 0 && wait_ms > RETRY_AFTER_MAX_MS)
		return false;
	transfer_body_stop(t);
	if (!hold(t))
		return false;
	transfer_drop_exchange(t);
	/* What an answer meant before its body was lost. */
	t->report.failure = (struct failure){ 0 };
	t->body_status = 0;
	t->tries_left--;
	transfer_tell_retrying(t, why, wait_ms);
	ev_now_update(t->loop);
	ev_timer_set(&t->retry_timer, (double)wait_ms / 1000, 0);
	ev_timer_start(t->loop, &t->retry_timer);
	return true;
}

bool transfer_try_later(struct transfer *t, const struct failure *why, int64_t retry_after_ms)
{
	int64_t wait = backoff_next(&t->backoff, random_u32());

	return another_try(t, why, retry_after_ms > wait ? retry_after_ms : wait);
}

/* A connection that had died while it was at rest is nobody's failure. One that is silent has not
 * died: what was asked may be under way. */
static bool free_try(struct transfer *t, enum failure_class class)
{
	if (!t->reused || t->answered || t->free_try_used || class == FAILURE_TIMEOUT ||
	    class == FAILURE_USAGE || class == FAILURE_INPUT || !body_repeatable(t))
		return false;
	t->free_try_used = true;
	t->fresh = true;
	return true;
}

void transfer_try_failed(struct transfer *t, const struct failure *why, bool at)
{
	struct failure failure = *why;

	transfer_drop_exchange(t);
	if (at && free_try(t, failure.class)) {
		transfer_ask_soon(t);
		return;
	}
	if (at)
		transfer_fail_at(t, &failure);
	if (!transfer_try_later(t, &failure, -1))
		transfer_finish(t, &failure);
}

/* --- limits ----------------------------------------------------------------- */

static uint64_t bytes_so_far(const struct transfer *t)
{
	if (t->segments.pieces)
		return transfer_segments_done(t);
	return t->exchange->report.request_bytes + t->exchange->report.response_bytes;
}

/* Bytes of the last seconds against the rate asked for. A reader of ours that is slow is not the
 * server's fault. */
static bool too_slow(struct transfer *t, uint64_t now)
{
	unsigned last = TRANSFER_RATE_SAMPLES;
	unsigned slot = t->rate_count % (last + 1);
	uint64_t old = t->rate_samples[(slot + 1) % (last + 1)];
	bool full = t->rate_count >= last;

	t->rate_samples[slot] = now;
	t->rate_count++;
	return full && (now - old) / TRANSFER_RATE_SECONDS < t->options->min_rate;
}

static bool reader_is_slow(const struct transfer *t)
{
	return transfer_shown_waiting(t) || (t->pumping && t->pump.waits & STREAM_WRITE);
}

static void on_tick(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct transfer *t = timer->data;
	const struct get_options *o = t->options;
	uint64_t bytes = bytes_so_far(t);
	int64_t now = clock_ms();
	struct failure why = { 0 };
	char limit[32];

	(void)loop;
	(void)events;
	if (bytes != t->seen_bytes || reader_is_slow(t)) {
		t->progress_ms = now;
		t->seen_bytes = bytes;
	}
	if (reader_is_slow(t))
		t->rate_count = 0;
	else if (o->min_rate > 0 && too_slow(t, bytes))
		fail(&why, FAILURE_TIMEOUT, "slower than %s a second for %d seconds (--min-rate)",
		     size_text(limit, sizeof(limit), o->min_rate), TRANSFER_RATE_SECONDS);
	if (o->idle_ms > 0 && now - t->progress_ms >= o->idle_ms)
		fail(&why, FAILURE_TIMEOUT, "nothing came for %s (--idle-timeout)",
		     duration_text(limit, sizeof(limit), o->idle_ms));
	if (why.class == FAILURE_NONE)
		return;
	if (!t->segments.pieces) {
		transfer_try_failed(t, &why, true);
		return;
	}
	transfer_fail_at(t, &why);
	transfer_finish(t, &why);
}

/* --- beginning and end ------------------------------------------------------ */

static void on_turn(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct transfer *t = timer->data;
	struct failure why;

	(void)loop;
	(void)events;
	if (t->report.failure.class != FAILURE_NONE) {
		why = t->report.failure;
		transfer_finish(t, &why);
	} else {
		transfer_ask(t);
	}
}

/* The first request: what is there already decides what is asked for. */
static bool prepare(struct transfer *t, struct failure *why)
{
	const struct get_options *o = t->options;
	bool foreign = false;

	if (!url_parse(&t->url, t->given, why))
		return false;
	if (o->query && !url_add_query(&t->url, o->query, strlen(o->query), why))
		return false;
	t->first = t->url;
	t->output = output_new(&t->output_options, &t->url, why);
	if (!t->output)
		return false;
	transfer_credentials_find(t);
	if (!o->continuing || o->range)
		return true;
	t->offset = output_held(t->output, t->held, &foreign);
	t->continuing = t->offset > 0;
	t->report.resumed = t->offset;
	return true;
}

struct transfer *transfer_start(struct ev_loop *loop, struct http_pool *pool,
				const struct get_options *options,
				const struct output_options *output, const char *url,
				const struct transfer_events *events)
{
	struct transfer *t = memory_zeroed(1, sizeof(*t));

	t->loop = loop;
	t->pool = pool;
	t->options = options;
	t->output_options = *output;
	t->events = *events;
	t->given = memory_string(url);
	t->started_us = clock_us();
	t->held = memory_zeroed(1, sizeof(*t->held));
	t->current = memory_zeroed(1, sizeof(*t->current));
	t->modified = -1;
	t->report = (struct transfer_report){
		.url = t->given,
		.tries = 1,
		.content_type = "",
	};
	t->tries_left = options->retries;
	t->backoff = (struct backoff){
		.delay_ms = options->retry_delay_ms ? options->retry_delay_ms : RETRY_FIRST_MS,
		.cap_ms = RETRY_CAP_MS,
	};
	ev_timer_init(&t->next_turn, on_turn, 0, 0);
	ev_timer_init(&t->retry_timer, on_turn, 0, 0);
	ev_timer_init(&t->tick, on_tick, 0, TRANSFER_TICK_MS / 1000.0);
	t->next_turn.data = t->retry_timer.data = t->tick.data = t;
	/* A failure is told from the next turn on. */
	if (!prepare(t, &t->report.failure) || !ask(t, &t->report.failure))
		transfer_ask_soon(t);
	return t;
}

const struct transfer_report *transfer_report(struct transfer *t)
{
	t->report.file = t->output ? output_name(t->output) : NULL;
	if (t->segments.pieces)
		t->report.done = transfer_segments_done(t);
	else if (t->output_open)
		t->report.done = output_written(t->output);
	if (t->content_type)
		t->report.content_type = t->content_type;
	return &t->report;
}

static void close_output(struct transfer *t)
{
	if (t->output_open)
		t->report.kept = output_abandon(t->output, t->may_continue);
	t->output_open = false;
}

static void finished(struct transfer *t)
{
	struct failure *failure = &t->report.failure, shown = { 0 };

	if (failure->class != FAILURE_NONE)
		close_output(t);
	if (!transfer_shown_end(t, &shown) && failure->class == FAILURE_NONE)
		*failure = shown;
	t->events.done(t->events.data, t);
}

void transfer_finish(struct transfer *t, const struct failure *why)
{
	struct failure copy_of = *why;

	stop_all(t);
	transfer_report(t);
	t->report.failure = copy_of;
	transfer_shown_write(t, finished);
}

void transfer_stop(struct transfer *t, const struct failure *why)
{
	stop_all(t);
	transfer_report(t);
	close_output(t);
	t->report.failure = *why;
}

void transfer_free(struct transfer *t)
{
	if (!t)
		return;
	stop_all(t);
	transfer_request_free(t);
	transfer_credentials_forget(t);
	transfer_shown_free(t);
	output_free(t->output);
	transfer_hops_free(t);
	free(t->held);
	free(t->current);
	free(t->new_etag);
	free(t->content_type);
	free(t->absolute);
	free(t->given);
	free(t);
}
