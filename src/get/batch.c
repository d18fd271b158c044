/* SPDX-License-Identifier: MIT */
/* src/get/batch.c - many URLs, as many at once as there are places. */
#include <stdlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/get/batch_parts.h>

/* An item under way. */
struct place {
	struct batch *batch;
	struct place *older, *newer;
	struct batch_item item; /* its url is ours */
	uint64_t index;         /* in the order of items */
	struct transfer *transfer;
	bool ended;
};

/*
 * Invariants: running counts the places between oldest and newest; first_failed is meaningful only
 * when failure is one; nothing is kept of an item whose ended event has returned.
 */
struct batch {
	const struct batch_transfers *transfers;
	struct ev_loop *loop;
	struct http_pool *pool;
	struct batch_options options;
	struct batch_events events;
	struct transfer_events transfer_events; /* data is each place's own */

	struct place *oldest, *newest;
	unsigned running;
	uint64_t asked; /* items that next has given */
	bool exhausted; /* next is not asked again */
	bool over;      /* stopped, or done was called */
	unsigned calls; /* of our events under way: the batch must outlive them */
	bool freed;     /* by one of them */
	uint64_t first_failed;
	struct failure failure; /* of the item first_failed */
	struct ev_timer turn, max_timer;
};

/* --- the calls of the owner, inside which the batch may be freed ----------------------- */

static void batch_enter(struct batch *b)
{
	b->calls++;
}

/* False: the batch has been freed inside the call; it must not be touched again. */
static bool batch_leave(struct batch *b)
{
	bool freed = b->freed;

	b->calls--;
	if (freed && b->calls == 0)
		free(b);
	return !freed;
}

/* --- places ---------------------------------------------------------------------------- */

static struct place *place_take(struct batch *b, const struct batch_item *item)
{
	struct place *p = memory_zeroed(1, sizeof(*p));

	p->batch = b;
	p->item = *item;
	p->item.url = memory_string(item->url);
	p->index = b->asked++;
	p->older = b->newest;
	if (b->newest)
		b->newest->newer = p;
	else
		b->oldest = p;
	b->newest = p;
	b->running++;
	return p;
}

static void place_unlink(struct batch *b, struct place *p)
{
	if (p->older)
		p->older->newer = p->newer;
	else
		b->oldest = p->newer;
	if (p->newer)
		p->newer->older = p->older;
	else
		b->newest = p->older;
	b->running--;
}

/* The place has been unlinked. */
static void place_free(struct batch *b, struct place *p)
{
	if (p->transfer)
		b->transfers->free(p->transfer);
	free((char *)p->item.url);
	free(p);
}

static void note_failure(struct batch *b, uint64_t index, const struct failure *why)
{
	if (why->class == FAILURE_NONE ||
	    (b->failure.class != FAILURE_NONE && b->first_failed <= index))
		return;
	b->first_failed = index;
	b->failure = *why;
}

static struct place *oldest_running(const struct batch *b)
{
	struct place *p = b->oldest;

	while (p && p->ended)
		p = p->newer;
	return p;
}

/* Its transfer has ended or was stopped. False: the batch has been freed. */
static bool place_end(struct batch *b, struct place *p)
{
	const struct transfer_report *report = b->transfers->report(p->transfer);

	note_failure(b, p->index, &report->failure);
	/* In the list until the event has returned: batch_free() inside it frees this one, too. */
	p->ended = true;
	batch_enter(b);
	b->events.ended(b->events.data, &p->item, report);
	if (!batch_leave(b))
		return false;
	place_unlink(b, p);
	place_free(b, p);
	return true;
}

/* What the owner is told of a stopped batch's items comes at once. False: the batch has been freed
 * meanwhile. */
static bool stop_all(struct batch *b, const struct failure *why)
{
	struct failure copy = *why; /* it may lie in what an event frees */
	struct place *p;
	bool there = true;

	while (there && (p = oldest_running(b))) {
		b->transfers->stop(p->transfer, &copy);
		there = place_end(b, p);
	}
	return there;
}

/* --- events of a transfer, with its item's data --------------------------------------- */

static void on_attempt_failed(void *data, const char *address, const char *reason)
{
	struct place *p = data;

	p->batch->events.transfer.attempt_failed(p->item.data, address, reason);
}

static void on_retrying(void *data, const struct failure *why, int64_t wait_ms)
{
	struct place *p = data;

	p->batch->events.transfer.retrying(p->item.data, why, wait_ms);
}

static void on_redirected(void *data, int status, const char *url)
{
	struct place *p = data;

	p->batch->events.transfer.redirected(p->item.data, status, url);
}

static void on_noticed(void *data, const char *text)
{
	struct place *p = data;

	p->batch->events.transfer.noticed(p->item.data, text);
}

static void on_trace(void *data, bool sent, const char *bytes, size_t length)
{
	struct place *p = data;

	p->batch->events.transfer.trace(p->item.data, sent, bytes, length);
}

/* Places are filled in the loop's next turn: a transfer that starts inside the end of another would
 * have it on its stack, and so on. */
static void on_transfer_done(void *data, struct transfer *t)
{
	struct place *p = data;
	struct batch *b = p->batch;

	(void)t;
	if (place_end(p->batch, p) && !b->over)
		ev_timer_start(b->loop, &b->turn);
}

/* Only those that the owner wants: a transfer does without the others. */
static struct transfer_events events_of(const struct batch *b, struct place *p)
{
	const struct transfer_events *wanted = &b->events.transfer;

	return (struct transfer_events){
		.attempt_failed = wanted->attempt_failed ? on_attempt_failed : NULL,
		.retrying = wanted->retrying ? on_retrying : NULL,
		.redirected = wanted->redirected ? on_redirected : NULL,
		.noticed = wanted->noticed ? on_noticed : NULL,
		.trace = wanted->trace ? on_trace : NULL,
		.done = on_transfer_done,
		.data = p,
	};
}

/* --- filling places ---------------------------------------------------------------------- */

/* False: no item came, now or for good, or the batch is over. */
static bool ask_next(struct batch *b, struct batch_item *item)
{
	struct failure why = { 0 };

	*item = (struct batch_item){ 0 };
	if (b->events.next(b->events.data, item, &why))
		return item->url && !b->over;
	b->exhausted = true;
	note_failure(b, b->asked, &why);
	return false;
}

static void start_item(struct batch *b, const struct batch_item *item)
{
	struct place *p = place_take(b, item);
	struct transfer_events events = events_of(b, p);

	p->transfer = b->transfers->start(b->loop, b->pool, b->options.get, &p->item.output,
					  p->item.url, &events);
	if (b->events.started)
		b->events.started(b->events.data, &p->item, p->transfer);
}

static void finish_when_done(struct batch *b)
{
	if (b->over || !b->exhausted || b->running > 0)
		return;
	b->over = true;
	ev_timer_stop(b->loop, &b->max_timer);
	b->events.done(b->events.data, &b->failure);
}

/* False: the batch has been freed. */
static bool fill_places(struct batch *b)
{
	struct batch_item item;

	batch_enter(b);
	while (!b->over && !b->exhausted && b->running < b->options.jobs && ask_next(b, &item))
		start_item(b, &item);
	finish_when_done(b);
	return batch_leave(b);
}

static void on_turn(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	fill_places(timer->data);
}

static void on_max(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct batch *b = timer->data;
	struct failure why = { 0 };
	char limit[32];

	(void)loop;
	(void)events;
	/* A free place is offered first, so that a batch whose last item has just ended is done
	 * and not late. */
	if (!fill_places(b) || b->over)
		return;
	fail(&why, FAILURE_TIMEOUT, "time is up after %s (--max-time)",
	     duration_text(limit, sizeof(limit), b->options.max_ms));
	/* Items that might have come count, too, where nothing else failed. */
	if (!b->exhausted)
		note_failure(b, b->asked, &why);
	b->exhausted = true;
	if (stop_all(b, &why) && !b->over)
		ev_timer_start(b->loop, &b->turn);
}

/* --- what the owner calls ------------------------------------------------------------------ */

struct batch *batch_start_with(const struct batch_transfers *transfers, struct ev_loop *loop,
			       struct http_pool *pool, const struct batch_options *options,
			       const struct batch_events *events)
{
	struct batch *b = memory_zeroed(1, sizeof(*b));

	b->transfers = transfers;
	b->loop = loop;
	b->pool = pool;
	b->options = *options;
	b->events = *events;
	ev_timer_init(&b->turn, on_turn, 0, 0);
	ev_timer_init(&b->max_timer, on_max, (double)options->max_ms / 1000, 0);
	b->turn.data = b->max_timer.data = b;
	ev_timer_start(loop, &b->turn);
	if (options->max_ms > 0) {
		ev_now_update(loop);
		ev_timer_start(loop, &b->max_timer);
	}
	return b;
}

struct batch *batch_start(struct ev_loop *loop, struct http_pool *pool,
			  const struct batch_options *options, const struct batch_events *events)
{
	static const struct batch_transfers real = {
		.start = transfer_start,
		.report = transfer_report,
		.stop = transfer_stop,
		.free = transfer_free,
	};

	return batch_start_with(&real, loop, pool, options, events);
}

void batch_wake(struct batch *b)
{
	if (!b->over && !b->exhausted)
		ev_timer_start(b->loop, &b->turn);
}

void batch_visit(struct batch *b,
		 void (*visit)(void *data, const struct batch_item *item, struct transfer *t),
		 void *data)
{
	for (struct place *p = b->oldest; p; p = p->newer)
		if (!p->ended)
			visit(data, &p->item, p->transfer);
}

static void stop_timers(struct batch *b)
{
	ev_timer_stop(b->loop, &b->turn);
	ev_timer_stop(b->loop, &b->max_timer);
}

void batch_stop(struct batch *b, const struct failure *why)
{
	b->over = true;
	stop_timers(b);
	stop_all(b, why);
}

void batch_free(struct batch *b)
{
	if (!b)
		return;
	stop_timers(b);
	b->over = b->freed = true;
	for (struct place *p = b->oldest, *newer; p; p = newer) {
		newer = p->newer;
		place_free(b, p);
	}
	b->oldest = b->newest = NULL;
	b->running = 0;
	if (b->calls == 0)
		free(b);
}
