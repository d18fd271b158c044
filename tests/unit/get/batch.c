/* SPDX-License-Identifier: MIT */
/* Many URLs at once, over transfers that the test plays.
 * Holds: an item is asked for only when a place is free, and nothing is called before the start
 * returned; an item's URL is the batch's own; events come in the order of ending, the status is
 * that of the first failing item in the order of items; a failure of next counts as one more item
 * behind those; a batch of nothing is done, one that knows of nothing yet waits; the limit of the
 * whole stops what runs and asks for nothing more, and does not touch a batch that is just done;
 * stopping tells of each transfer, oldest first, and never says done; stopping and freeing work
 * inside every event and leave no transfer behind; a transfer never starts inside another's end;
 * nothing is kept of ended items; the events of a transfer have their item's data, those nobody
 * wants are not there; a visit meets those under way alone. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/get/batch_parts.h>

/* --- transfers that are played ---------------------------------------------------------- */

enum { PLAYED_MAX = 64 };

struct played {
	struct ev_loop *loop;
	struct transfer_events events;
	struct transfer_report report;
	char url[64];
	const char *file; /* of its output options */
	struct ev_timer end;
};

static struct played *live[PLAYED_MAX]; /* in the order of starting; NULL: ended */
static unsigned live_count, live_most, live_slots;
static bool in_done;

static struct played *played_of(struct transfer *t)
{
	return (struct played *)t;
}

static void played_end(struct played *p)
{
	in_done = true;
	p->events.done(p->events.data, (struct transfer *)p);
	in_done = false;
}

static void on_end(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	played_end(timer->data);
}

/* "quick…" ends by itself, the others when the test says so. */
static struct transfer *played_start(struct ev_loop *loop, struct http_pool *pool,
				     const struct get_options *options,
				     const struct output_options *output, const char *url,
				     const struct transfer_events *events)
{
	struct played *p = calloc(1, sizeof(*p));

	cr_assert(!in_done, "started inside the end of another");
	cr_assert_null(pool);
	cr_assert_null(options);
	p->loop = loop;
	p->events = *events;
	p->file = output->file;
	snprintf(p->url, sizeof(p->url), "%s", url);
	p->report.url = p->url;
	ev_timer_init(&p->end, on_end, 0, 0);
	p->end.data = p;
	if (strncmp(url, "quick", 5) == 0)
		ev_timer_start(loop, &p->end);
	if (live_slots < PLAYED_MAX)
		live[live_slots++] = p;
	live_count++;
	if (live_count > live_most)
		live_most = live_count;
	return (struct transfer *)p;
}

static const struct transfer_report *played_report(struct transfer *t)
{
	return &played_of(t)->report;
}

static void played_stop(struct transfer *t, const struct failure *why)
{
	played_of(t)->report.failure = *why;
}

static void played_free(struct transfer *t)
{
	struct played *p = played_of(t);

	ev_timer_stop(p->loop, &p->end);
	for (unsigned i = 0; i < live_slots; i++)
		if (live[i] == p)
			live[i] = NULL;
	live_count--;
	free(p);
}

static const struct batch_transfers played = {
	.start = played_start,
	.report = played_report,
	.stop = played_stop,
	.free = played_free,
};

static struct played *playing(const char *url)
{
	for (unsigned i = 0; i < live_slots; i++)
		if (live[i] && strcmp(live[i]->url, url) == 0)
			return live[i];
	cr_assert(false, "%s is not under way", url);
	return NULL;
}

/* --- an owner that writes down what it hears --------------------------------------------- */

enum deed { DEED_NONE, DEED_STOP, DEED_FREE, DEED_STOP_AND_FREE };

struct owner {
	struct ev_loop *loop;
	struct batch_options options;
	struct batch_events events;
	struct batch *batch;
	const char *const *urls; /* to a NULL */
	size_t given;
	bool nothing_yet;       /* next knows none */
	const char *next_fails; /* at the end of urls; NULL: no */
	char url[64];           /* the one and only place of a URL given */
	char log[2000];
	struct failure why;
	/* what is done inside which event: 'n'ext, '+' started, '-' ended, 'd'one */
	char at;
	const char *at_url; /* NULL: any */
	enum deed deed;
	uint64_t count, wanted; /* items made up when urls is NULL */
};

__attribute__((format(printf, 2, 3))) static void note(struct owner *o, const char *format, ...)
{
	size_t length = strlen(o->log);
	va_list list;

	va_start(list, format);
	vsnprintf(o->log + length, sizeof(o->log) - length, format, list);
	va_end(list);
}

static void assert_log(struct owner *o, const char *text)
{
	cr_assert_str_eq(o->log, text);
	o->log[0] = '\0';
}

static void do_deed(struct owner *o, char at, const char *url)
{
	struct failure why = { 0 };

	if (o->at != at || (o->at_url && url && strcmp(o->at_url, url) != 0))
		return;
	o->at = '\0';
	fail(&why, FAILURE_OTHER, "stopped");
	if (o->deed == DEED_STOP || o->deed == DEED_STOP_AND_FREE)
		batch_stop(o->batch, &why);
	if (o->deed == DEED_FREE || o->deed == DEED_STOP_AND_FREE) {
		batch_free(o->batch);
		o->batch = NULL;
	}
}

static bool next(void *data, struct batch_item *item, struct failure *why)
{
	struct owner *o = data;

	cr_assert_not_null(o->batch, "asked before the start returned");
	do_deed(o, 'n', NULL);
	if (o->nothing_yet) {
		note(o, "? ");
		return true;
	}
	if (!o->urls[o->given]) {
		if (o->next_fails)
			fail(why, FAILURE_INPUT, "%s", o->next_fails);
		note(o, "| ");
		return false;
	}
	snprintf(o->url, sizeof(o->url), "%s", o->urls[o->given]);
	item->url = o->url;
	item->output.file = o->urls[o->given];
	item->data = (void *)o->urls[o->given];
	o->given++;
	return true;
}

static void started(void *data, const struct batch_item *item, struct transfer *t)
{
	struct owner *o = data;

	cr_assert_str_eq(played_of(t)->url, item->url);
	cr_assert_str_eq(played_of(t)->file, item->url);
	note(o, "+%s ", item->url);
	do_deed(o, '+', item->url);
}

static void ended(void *data, const struct batch_item *item, const struct transfer_report *report)
{
	struct owner *o = data;

	cr_assert_str_eq(item->data, item->url);
	cr_assert_str_eq(item->url, report->url);
	note(o, "-%s", item->url);
	if (report->failure.class)
		note(o, ":%s", failure_name(report->failure.class));
	note(o, " ");
	do_deed(o, '-', item->url);
}

static void done(void *data, const struct failure *why)
{
	struct owner *o = data;

	note(o, "done");
	o->why = *why;
	do_deed(o, 'd', NULL);
}

static void owner_start(struct owner *o, const char *const *urls, unsigned jobs)
{
	o->loop = ev_loop_new(EVFLAG_AUTO);
	o->urls = urls;
	o->options.jobs = jobs;
	o->events.next = next;
	o->events.started = started;
	if (!o->events.ended)
		o->events.ended = ended;
	o->events.done = done;
	o->events.data = o;
	o->batch = batch_start_with(&played, o->loop, NULL, &o->options, &o->events);
	assert_log(o, "");
}

static void owner_end(struct owner *o)
{
	batch_free(o->batch);
	cr_assert_eq(live_count, 0U);
	ev_loop_destroy(o->loop);
}

/* As far as the loop gets without the test: its timers have no waiting in them. */
static void settle(struct owner *o)
{
	for (int i = 0; i < 10; i++)
		ev_run(o->loop, EVRUN_NOWAIT);
}

static void end_now(const char *url, enum failure_class class)
{
	struct played *p = playing(url);

	if (class)
		fail(&p->report.failure, class, "%s failed", url);
	played_end(p);
}

/* --- places ------------------------------------------------------------------------------- */

Test(batch, asks_for_an_item_only_when_a_place_is_free)
{
	static const char *const urls[] = { "a", "b", "c", "d", NULL };
	struct owner o = { 0 };

	owner_start(&o, urls, 2);
	settle(&o);
	assert_log(&o, "+a +b ");
	cr_assert_eq(o.given, 2U);
	end_now("b", FAILURE_NONE);
	assert_log(&o, "-b ");
	cr_assert_eq(o.given, 2U);
	settle(&o);
	assert_log(&o, "+c ");
	end_now("a", FAILURE_NONE);
	end_now("c", FAILURE_NONE);
	settle(&o);
	assert_log(&o, "-a -c +d | ");
	end_now("d", FAILURE_NONE);
	settle(&o);
	assert_log(&o, "-d done");
	cr_assert_eq(o.why.class, FAILURE_NONE);
	owner_end(&o);
}

Test(batch, of_one_place_goes_in_order)
{
	static const char *const urls[] = { "quick1", "quick2", "quick3", NULL };
	struct owner o = { 0 };

	owner_start(&o, urls, 1);
	ev_run(o.loop, 0);
	assert_log(&o, "+quick1 -quick1 +quick2 -quick2 +quick3 -quick3 | done");
	owner_end(&o);
}

Test(batch, waits_for_items_that_are_not_known_yet)
{
	static const char *const urls[] = { "a", "b", "c", NULL };
	struct owner o = { 0 };

	owner_start(&o, urls, 2);
	o.nothing_yet = true;
	settle(&o);
	assert_log(&o, "? ");
	o.nothing_yet = false;
	batch_wake(o.batch);
	batch_wake(o.batch);
	assert_log(&o, "");
	settle(&o);
	assert_log(&o, "+a +b ");
	o.nothing_yet = true;
	end_now("a", FAILURE_NONE);
	settle(&o);
	assert_log(&o, "-a ? ");
	end_now("b", FAILURE_NONE);
	settle(&o);
	assert_log(&o, "-b ? ");
	o.nothing_yet = false;
	batch_wake(o.batch);
	settle(&o);
	assert_log(&o, "+c | ");
	end_now("c", FAILURE_NONE);
	settle(&o);
	assert_log(&o, "-c done");
	batch_wake(o.batch);
	settle(&o);
	assert_log(&o, "");
	owner_end(&o);
}

Test(batch, time_is_up_while_no_item_comes)
{
	static const char *const urls[] = { NULL };
	struct owner o = { .options.max_ms = 1, .nothing_yet = true };

	owner_start(&o, urls, 2);
	ev_run(o.loop, 0);
	cr_assert_str_eq(o.log + strlen(o.log) - 4, "done");
	cr_assert_eq(o.why.class, FAILURE_TIMEOUT);
	owner_end(&o);
}

Test(batch, of_nothing_is_done)
{
	static const char *const urls[] = { NULL };
	struct owner o = { 0 };

	owner_start(&o, urls, 8);
	ev_run(o.loop, 0);
	assert_log(&o, "| done");
	cr_assert_eq(o.why.class, FAILURE_NONE);
	owner_end(&o);
}

static bool next_of_many(void *data, struct batch_item *item, struct failure *why)
{
	struct owner *o = data;

	(void)why;
	if (o->count == o->wanted)
		return false;
	snprintf(o->url, sizeof(o->url), "quick%llu", (unsigned long long)o->count++);
	item->url = o->url;
	return true;
}

static void ended_of_many(void *data, const struct batch_item *item,
			  const struct transfer_report *report)
{
	struct owner *o = data;

	cr_assert_str_eq(item->url, report->url);
	o->given++;
}

Test(batch, keeps_nothing_of_what_has_ended)
{
	struct owner o = { .wanted = 50000 };

	live_slots = PLAYED_MAX;
	o.loop = ev_loop_new(EVFLAG_AUTO);
	o.options.jobs = 8;
	o.events = (struct batch_events){
		.next = next_of_many, .ended = ended_of_many, .done = done, .data = &o
	};
	o.batch = batch_start_with(&played, o.loop, NULL, &o.options, &o.events);
	ev_run(o.loop, 0);
	assert_log(&o, "done");
	cr_assert_eq(o.given, 50000U);
	cr_assert_eq(live_most, 8U);
	owner_end(&o);
}

/* --- whose failure it is ------------------------------------------------------------------ */

Test(batch, has_the_status_of_the_first_failing_item)
{
	static const char *const urls[] = { "a", "b", "c", NULL };
	struct owner o = { 0 };

	owner_start(&o, urls, 3);
	settle(&o);
	end_now("c", FAILURE_TIMEOUT);
	end_now("a", FAILURE_NONE);
	end_now("b", FAILURE_HTTP_STATUS);
	settle(&o);
	assert_log(&o, "+a +b +c -c:timeout -a -b:http_status | done");
	cr_assert_eq(o.why.class, FAILURE_HTTP_STATUS);
	cr_assert_str_eq(o.why.text, "b failed");
	owner_end(&o);
}

Test(batch, keeps_the_first_failure_when_later_items_fail_later)
{
	static const char *const urls[] = { "a", "b", NULL };
	struct owner o = { 0 };

	owner_start(&o, urls, 2);
	settle(&o);
	end_now("a", FAILURE_CONNECT);
	end_now("b", FAILURE_HTTP_STATUS);
	settle(&o);
	cr_assert_str_eq(o.why.text, "a failed");
	owner_end(&o);
}

Test(batch, ends_with_the_failure_of_its_list)
{
	static const char *const urls[] = { "a", NULL };
	struct owner o = { .next_fails = "list: line 2 is no URL" };

	owner_start(&o, urls, 2);
	settle(&o);
	assert_log(&o, "+a | ");
	end_now("a", FAILURE_NONE);
	settle(&o);
	assert_log(&o, "-a done");
	cr_assert_eq(o.why.class, FAILURE_INPUT);
	cr_assert_str_eq(o.why.text, "list: line 2 is no URL");
	owner_end(&o);
}

Test(batch, an_item_that_fails_goes_before_its_list)
{
	static const char *const urls[] = { "a", NULL };
	struct owner o = { .next_fails = "list: line 2 is no URL" };

	owner_start(&o, urls, 2);
	settle(&o);
	end_now("a", FAILURE_CONNECT);
	settle(&o);
	cr_assert_str_eq(o.why.text, "a failed");
	owner_end(&o);
}

/* --- the limit of the whole ---------------------------------------------------------------- */

Test(batch, stops_what_runs_when_its_time_is_up)
{
	static const char *const urls[] = { "quick", "a", "b", "never", NULL };
	struct owner o = { .options.max_ms = 1 };

	owner_start(&o, urls, 2);
	ev_run(o.loop, 0);
	assert_log(&o, "+quick +a -quick +b -a:timeout -b:timeout done");
	cr_assert_eq(o.why.class, FAILURE_TIMEOUT);
	cr_assert_str_eq(o.why.text, "time is up after 1ms (--max-time)");
	owner_end(&o);
}

Test(batch, is_not_late_when_all_has_ended)
{
	static const char *const urls[] = { "a", NULL };
	struct owner o = { .options.max_ms = 1 };

	owner_start(&o, urls, 1);
	ev_run(o.loop, EVRUN_NOWAIT);
	/* The limit is due before the turn that finds out that nothing is left. */
	for (double start = ev_time(); ev_time() < start + 0.003;)
		ev_now_update(o.loop);
	end_now("a", FAILURE_NONE);
	ev_run(o.loop, 0);
	assert_log(&o, "+a -a | done");
	cr_assert_eq(o.why.class, FAILURE_NONE);
	owner_end(&o);
}

/* --- stopping and freeing -------------------------------------------------------------------- */

Test(batch, tells_of_each_that_is_stopped_and_never_says_done)
{
	static const char *const urls[] = { "a", "b", "c", "d", NULL };
	struct failure why = { 0 };
	struct owner o = { 0 };

	owner_start(&o, urls, 3);
	settle(&o);
	end_now("b", FAILURE_NONE);
	assert_log(&o, "+a +b +c -b ");
	fail(&why, FAILURE_OTHER, "interrupted");
	batch_stop(o.batch, &why);
	assert_log(&o, "-a:other -c:other ");
	cr_assert_eq(live_count, 0U);
	ev_run(o.loop, 0);
	assert_log(&o, "");
	owner_end(&o);
}

static void ended_and_forgets(void *data, const struct batch_item *item,
			      const struct transfer_report *report)
{
	ended(data, item, report);
	((struct owner *)data)->why.class = FAILURE_NONE;
}

Test(batch, knows_why_it_is_stopped_when_the_owner_has_forgotten)
{
	static const char *const urls[] = { "a", "b", NULL };
	struct owner o = { .events.ended = ended_and_forgets };

	owner_start(&o, urls, 2);
	settle(&o);
	fail(&o.why, FAILURE_TIMEOUT, "the owner's own");
	batch_stop(o.batch, &o.why);
	assert_log(&o, "+a +b -a:timeout -b:timeout ");
	owner_end(&o);
}

static void run_deed(struct owner *o)
{
	static const char *const urls[] = { "a", "quick", "c", "d", NULL };

	owner_start(o, urls, 3);
	settle(o);
	cr_assert_eq(live_count, 0U);
	ev_run(o->loop, 0);
	owner_end(o);
}

Test(batch, can_be_stopped_inside_an_end)
{
	struct owner o = { .at = '-', .at_url = "quick", .deed = DEED_STOP };

	run_deed(&o);
	assert_log(&o, "+a +quick +c -quick -a:other -c:other ");
}

Test(batch, can_be_stopped_inside_the_end_of_a_stopped_one)
{
	static const char *const urls[] = { "a", "b", "c", NULL };
	struct owner o = { .at = '-', .at_url = "b", .deed = DEED_STOP };
	struct failure why = { 0 };

	owner_start(&o, urls, 3);
	settle(&o);
	fail(&why, FAILURE_INPUT, "first");
	batch_stop(o.batch, &why);
	assert_log(&o, "+a +b +c -a:input -b:input -c:other ");
	owner_end(&o);
}

Test(batch, can_be_stopped_inside_a_start)
{
	struct owner o = { .at = '+', .at_url = "quick", .deed = DEED_STOP };

	run_deed(&o);
	assert_log(&o, "+a +quick -a:other -quick:other ");
}

Test(batch, can_be_stopped_when_asked_for_an_item)
{
	struct owner o = { .at = 'n', .deed = DEED_STOP };

	run_deed(&o);
	assert_log(&o, "");
}

Test(batch, can_be_freed_inside_an_end)
{
	struct owner o = { .at = '-', .at_url = "quick", .deed = DEED_FREE };

	run_deed(&o);
	assert_log(&o, "+a +quick +c -quick ");
}

Test(batch, can_be_stopped_and_freed_inside_an_end)
{
	struct owner o = { .at = '-', .at_url = "quick", .deed = DEED_STOP_AND_FREE };

	run_deed(&o);
	assert_log(&o, "+a +quick +c -quick -a:other -c:other ");
}

Test(batch, can_be_freed_inside_a_start)
{
	struct owner o = { .at = '+', .at_url = "quick", .deed = DEED_FREE };

	run_deed(&o);
	assert_log(&o, "+a +quick ");
}

Test(batch, can_be_freed_when_asked_for_an_item)
{
	struct owner o = { .at = 'n', .deed = DEED_FREE };

	run_deed(&o);
	assert_log(&o, "");
}

Test(batch, can_be_freed_when_done)
{
	static const char *const urls[] = { "quick", NULL };
	struct owner o = { .at = 'd', .deed = DEED_FREE };

	owner_start(&o, urls, 1);
	ev_run(o.loop, 0);
	assert_log(&o, "+quick -quick | done");
	owner_end(&o);
}

Test(batch, can_be_freed_inside_the_end_that_the_limit_brings)
{
	static const char *const urls[] = { "a", "b", NULL };
	struct owner o = { .options.max_ms = 1, .at = '-', .at_url = "a", .deed = DEED_FREE };

	owner_start(&o, urls, 2);
	ev_run(o.loop, 0);
	assert_log(&o, "+a +b -a:timeout ");
	owner_end(&o);
}

Test(batch, can_be_freed_while_it_runs_and_before_it_runs)
{
	static const char *const urls[] = { "a", "b", NULL };
	struct owner running = { 0 }, fresh = { 0 };

	owner_start(&running, urls, 2);
	settle(&running);
	owner_end(&running);
	assert_log(&running, "+a +b ");
	owner_start(&fresh, urls, 2);
	owner_end(&fresh);
	batch_free(NULL);
}

/* --- events of a transfer, visits ------------------------------------------ */

static char heard[800];

static void heard_attempt_failed(void *data, const char *address, const char *reason)
{
	snprintf(heard, sizeof(heard), "%s: %s %s", (const char *)data, address, reason);
}

static void heard_retrying(void *data, const struct failure *why, int64_t wait_ms)
{
	snprintf(heard, sizeof(heard), "%s: %s in %lld", (const char *)data, why->text,
		 (long long)wait_ms);
}

static void heard_redirected(void *data, int status, const char *url)
{
	snprintf(heard, sizeof(heard), "%s: %d to %s", (const char *)data, status, url);
}

static void heard_noticed(void *data, const char *text)
{
	snprintf(heard, sizeof(heard), "%s: noticed %s", (const char *)data, text);
}

static void heard_trace(void *data, bool sent, const char *bytes, size_t length)
{
	snprintf(heard, sizeof(heard), "%s: %s %.*s", (const char *)data, sent ? "sent" : "got",
		 (int)length, bytes);
}

Test(batch, hands_the_events_of_a_transfer_to_its_item)
{
	static const char *const urls[] = { "a", "b", NULL };
	struct failure why = { 0 };
	struct owner o = { 0 };
	struct transfer_events *events;

	o.events.transfer = (struct transfer_events){
		.attempt_failed = heard_attempt_failed,
		.retrying = heard_retrying,
		.redirected = heard_redirected,
		.noticed = heard_noticed,
		.trace = heard_trace,
	};
	owner_start(&o, urls, 2);
	settle(&o);
	events = &playing("b")->events;
	events->attempt_failed(events->data, "127.0.0.1", "refused");
	cr_assert_str_eq(heard, "b: 127.0.0.1 refused");
	fail(&why, FAILURE_RECEIVE, "reset");
	events->retrying(events->data, &why, 1000);
	cr_assert_str_eq(heard, "b: reset in 1000");
	events->redirected(events->data, 302, "http://c/");
	cr_assert_str_eq(heard, "b: 302 to http://c/");
	events->noticed(events->data, "cookie");
	cr_assert_str_eq(heard, "b: noticed cookie");
	events = &playing("a")->events;
	events->trace(events->data, true, "GET", 3);
	cr_assert_str_eq(heard, "a: sent GET");
	owner_end(&o);
}

Test(batch, leaves_out_the_events_nobody_wants)
{
	static const char *const urls[] = { "a", NULL };
	struct transfer_events *events;
	struct owner o = { 0 };

	owner_start(&o, urls, 2);
	settle(&o);
	events = &playing("a")->events;
	cr_assert_null(events->attempt_failed);
	cr_assert_null(events->retrying);
	cr_assert_null(events->redirected);
	cr_assert_null(events->noticed);
	cr_assert_null(events->trace);
	owner_end(&o);
}

static void visited(void *data, const struct batch_item *item, struct transfer *t)
{
	cr_assert_str_eq(played_of(t)->url, item->url);
	note(data, "%s ", item->url);
}

static void ended_and_visits(void *data, const struct batch_item *item,
			     const struct transfer_report *report)
{
	struct owner *o = data;

	(void)item;
	(void)report;
	batch_visit(o->batch, visited, o);
}

Test(batch, visits_those_under_way)
{
	static const char *const urls[] = { "a", "b", "c", "d", NULL };
	struct owner o = { 0 };

	owner_start(&o, urls, 3);
	batch_visit(o.batch, visited, &o);
	assert_log(&o, "");
	settle(&o);
	end_now("b", FAILURE_NONE);
	settle(&o);
	assert_log(&o, "+a +b +c -b +d ");
	batch_visit(o.batch, visited, &o);
	assert_log(&o, "a c d ");
	owner_end(&o);
}

Test(batch, does_not_visit_what_is_just_ending)
{
	static const char *const urls[] = { "a", "b", NULL };
	struct owner o = { .events.ended = ended_and_visits };

	owner_start(&o, urls, 2);
	settle(&o);
	assert_log(&o, "+a +b ");
	end_now("a", FAILURE_NONE);
	assert_log(&o, "b ");
	owner_end(&o);
}
