/* SPDX-License-Identifier: MIT */
/* Many URLs at once, over transfers that the test plays.
 * Holds: an item is asked for only when a place is free, and nothing is called before the start
 * returned; an item's URL is the batch's own; events come in the order of ending, the status is
 * that of the first failing item in the order of items; a failure of next counts as one more item
 * behind those; a batch of nothing is done, one that knows of nothing yet waits; the limit of the
 * whole stops what runs and asks for nothing more, and does not touch a batch that is just done; a
 * transfer never starts inside another's end; nothing is kept of ended items; the events of a
 * transfer have their item's data, those nobody wants are not there; a visit meets those under way
 * alone. Its end before its time: batch_stop.c. */
#include "get_batch_owner.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* --- places ------------------------------------------------------------------------------- */

Test(batch, asks_for_an_item_only_when_a_place_is_free)
{
	static const char *const urls[] = { "a", "b", "c", "d", NULL };
	struct owner o = { 0 };

	owner_start(&o, urls, 2);
	owner_settle(&o);
	owner_assert_log(&o, "+a +b ");
	cr_assert_eq(o.given, 2U);
	owner_end_transfer("b", FAILURE_NONE);
	owner_assert_log(&o, "-b ");
	cr_assert_eq(o.given, 2U);
	owner_settle(&o);
	owner_assert_log(&o, "+c ");
	owner_end_transfer("a", FAILURE_NONE);
	owner_end_transfer("c", FAILURE_NONE);
	owner_settle(&o);
	owner_assert_log(&o, "-a -c +d | ");
	owner_end_transfer("d", FAILURE_NONE);
	owner_settle(&o);
	owner_assert_log(&o, "-d done");
	cr_assert_eq(o.why.class, FAILURE_NONE);
	owner_end(&o);
}

Test(batch, of_one_place_goes_in_order)
{
	static const char *const urls[] = { "quick1", "quick2", "quick3", NULL };
	struct owner o = { 0 };

	owner_start(&o, urls, 1);
	ev_run(o.loop, 0);
	owner_assert_log(&o, "+quick1 -quick1 +quick2 -quick2 +quick3 -quick3 | done");
	owner_end(&o);
}

Test(batch, waits_for_items_that_are_not_known_yet)
{
	static const char *const urls[] = { "a", "b", "c", NULL };
	struct owner o = { 0 };

	owner_start(&o, urls, 2);
	o.nothing_yet = true;
	owner_settle(&o);
	owner_assert_log(&o, "? ");
	o.nothing_yet = false;
	batch_wake(o.batch);
	batch_wake(o.batch);
	owner_assert_log(&o, "");
	owner_settle(&o);
	owner_assert_log(&o, "+a +b ");
	o.nothing_yet = true;
	owner_end_transfer("a", FAILURE_NONE);
	owner_settle(&o);
	owner_assert_log(&o, "-a ? ");
	owner_end_transfer("b", FAILURE_NONE);
	owner_settle(&o);
	owner_assert_log(&o, "-b ? ");
	o.nothing_yet = false;
	batch_wake(o.batch);
	owner_settle(&o);
	owner_assert_log(&o, "+c | ");
	owner_end_transfer("c", FAILURE_NONE);
	owner_settle(&o);
	owner_assert_log(&o, "-c done");
	batch_wake(o.batch);
	owner_settle(&o);
	owner_assert_log(&o, "");
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
	owner_assert_log(&o, "| done");
	cr_assert_eq(o.why.class, FAILURE_NONE);
	owner_end(&o);
}

static uint64_t many_given, many_ended;

static bool next_of_many(void *data, struct batch_item *item, struct failure *why)
{
	struct owner *o = data;

	(void)why;
	if (many_given == 50000)
		return false;
	snprintf(o->url, sizeof(o->url), "quick%llu", (unsigned long long)many_given++);
	item->url = o->url;
	return true;
}

static void ended_of_many(void *data, const struct batch_item *item,
			  const struct transfer_report *report)
{
	(void)data;
	cr_assert_str_eq(item->url, report->url);
	many_ended++;
}

Test(batch, keeps_nothing_of_what_has_ended)
{
	struct owner o = { 0 };

	o.loop = ev_loop_new(EVFLAG_AUTO);
	o.options.jobs = 8;
	o.events = (struct batch_events){
		.next = next_of_many, .ended = ended_of_many, .done = owner_done, .data = &o
	};
	o.batch = batch_start_with(&batch_played, o.loop, NULL, &o.options, &o.events);
	ev_run(o.loop, 0);
	owner_assert_log(&o, "done");
	cr_assert_eq(many_ended, 50000U);
	cr_assert_eq(batch_played_most(), 8U);
	owner_end(&o);
}

/* --- whose failure it is ------------------------------------------------------------------ */

Test(batch, has_the_status_of_the_first_failing_item)
{
	static const char *const urls[] = { "a", "b", "c", NULL };
	struct owner o = { 0 };

	owner_start(&o, urls, 3);
	owner_settle(&o);
	owner_end_transfer("c", FAILURE_TIMEOUT);
	owner_end_transfer("a", FAILURE_NONE);
	owner_end_transfer("b", FAILURE_HTTP_STATUS);
	owner_settle(&o);
	owner_assert_log(&o, "+a +b +c -c:timeout -a -b:http_status | done");
	cr_assert_eq(o.why.class, FAILURE_HTTP_STATUS);
	cr_assert_str_eq(o.why.text, "b failed");
	owner_end(&o);
}

Test(batch, keeps_the_first_failure_when_later_items_fail_later)
{
	static const char *const urls[] = { "a", "b", NULL };
	struct owner o = { 0 };

	owner_start(&o, urls, 2);
	owner_settle(&o);
	owner_end_transfer("a", FAILURE_CONNECT);
	owner_end_transfer("b", FAILURE_HTTP_STATUS);
	owner_settle(&o);
	cr_assert_str_eq(o.why.text, "a failed");
	owner_end(&o);
}

Test(batch, ends_with_the_failure_of_its_list)
{
	static const char *const urls[] = { "a", NULL };
	struct owner o = { .next_fails = "list: line 2 is no URL" };

	owner_start(&o, urls, 2);
	owner_settle(&o);
	owner_assert_log(&o, "+a | ");
	owner_end_transfer("a", FAILURE_NONE);
	owner_settle(&o);
	owner_assert_log(&o, "-a done");
	cr_assert_eq(o.why.class, FAILURE_INPUT);
	cr_assert_str_eq(o.why.text, "list: line 2 is no URL");
	owner_end(&o);
}

Test(batch, an_item_that_fails_goes_before_its_list)
{
	static const char *const urls[] = { "a", NULL };
	struct owner o = { .next_fails = "list: line 2 is no URL" };

	owner_start(&o, urls, 2);
	owner_settle(&o);
	owner_end_transfer("a", FAILURE_CONNECT);
	owner_settle(&o);
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
	owner_assert_log(&o, "+quick +a -quick +b -a:timeout -b:timeout done");
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
	owner_end_transfer("a", FAILURE_NONE);
	ev_run(o.loop, 0);
	owner_assert_log(&o, "+a -a | done");
	cr_assert_eq(o.why.class, FAILURE_NONE);
	owner_end(&o);
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
	owner_settle(&o);
	events = &batch_playing("b")->events;
	events->attempt_failed(events->data, "127.0.0.1", "refused");
	cr_assert_str_eq(heard, "b: 127.0.0.1 refused");
	fail(&why, FAILURE_RECEIVE, "reset");
	events->retrying(events->data, &why, 1000);
	cr_assert_str_eq(heard, "b: reset in 1000");
	events->redirected(events->data, 302, "http://c/");
	cr_assert_str_eq(heard, "b: 302 to http://c/");
	events->noticed(events->data, "cookie");
	cr_assert_str_eq(heard, "b: noticed cookie");
	events = &batch_playing("a")->events;
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
	owner_settle(&o);
	events = &batch_playing("a")->events;
	cr_assert_null(events->attempt_failed);
	cr_assert_null(events->retrying);
	cr_assert_null(events->redirected);
	cr_assert_null(events->noticed);
	cr_assert_null(events->trace);
	owner_end(&o);
}

static void visited(void *data, const struct batch_item *item, struct transfer *t)
{
	cr_assert_str_eq(batch_played_of(t)->url, item->url);
	owner_note(data, "%s ", item->url);
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
	owner_assert_log(&o, "");
	owner_settle(&o);
	owner_end_transfer("b", FAILURE_NONE);
	owner_settle(&o);
	owner_assert_log(&o, "+a +b +c -b +d ");
	batch_visit(o.batch, visited, &o);
	owner_assert_log(&o, "a c d ");
	owner_end(&o);
}

Test(batch, does_not_visit_what_is_just_ending)
{
	static const char *const urls[] = { "a", "b", NULL };
	struct owner o = { .events.ended = ended_and_visits };

	owner_start(&o, urls, 2);
	owner_settle(&o);
	owner_assert_log(&o, "+a +b ");
	owner_end_transfer("a", FAILURE_NONE);
	owner_assert_log(&o, "b ");
	owner_end(&o);
}
