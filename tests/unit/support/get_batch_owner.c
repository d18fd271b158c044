/* SPDX-License-Identifier: MIT */
/* get_batch_owner.c - a batch over transfers that are played, and what its owner hears. */
#include "get_batch_owner.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- transfers that are played ---------------------------------------------------------- */

enum { PLAYED_MAX = 64 }; /* at once */

static struct batch_played *live[PLAYED_MAX];
static unsigned live_count, live_most;
static bool in_done;

static struct batch_played **live_place(const struct batch_played *p)
{
	unsigned i = 0;

	while (i < PLAYED_MAX && live[i] != p)
		i++;
	cr_assert(i < PLAYED_MAX);
	return &live[i];
}

struct batch_played *batch_played_of(struct transfer *t)
{
	return (struct batch_played *)t;
}

static void played_end(struct batch_played *p)
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
	struct batch_played *p = calloc(1, sizeof(*p));

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
	*live_place(NULL) = p;
	live_count++;
	if (live_count > live_most)
		live_most = live_count;
	return (struct transfer *)p;
}

static const struct transfer_report *played_report(struct transfer *t)
{
	return &batch_played_of(t)->report;
}

static void played_stop(struct transfer *t, const struct failure *why)
{
	batch_played_of(t)->report.failure = *why;
}

static void played_free(struct transfer *t)
{
	struct batch_played *p = batch_played_of(t);

	ev_timer_stop(p->loop, &p->end);
	*live_place(p) = NULL;
	live_count--;
	free(p);
}

const struct batch_transfers batch_played = {
	.start = played_start,
	.report = played_report,
	.stop = played_stop,
	.free = played_free,
};

struct batch_played *batch_playing(const char *url)
{
	for (unsigned i = 0; i < PLAYED_MAX; i++)
		if (live[i] && strcmp(live[i]->url, url) == 0)
			return live[i];
	cr_assert(false, "%s is not under way", url);
	return NULL;
}

/* --- an owner that writes down what it hears --------------------------------------------- */

void owner_note(struct owner *o, const char *format, ...)
{
	size_t length = strlen(o->log);
	va_list list;

	va_start(list, format);
	vsnprintf(o->log + length, sizeof(o->log) - length, format, list);
	va_end(list);
}

void owner_assert_log(struct owner *o, const char *text)
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
		owner_note(o, "? ");
		return true;
	}
	if (!o->urls[o->given]) {
		if (o->next_fails)
			fail(why, FAILURE_INPUT, "%s", o->next_fails);
		owner_note(o, "| ");
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

	cr_assert_str_eq(batch_played_of(t)->url, item->url);
	cr_assert_str_eq(batch_played_of(t)->file, item->url);
	owner_note(o, "+%s ", item->url);
	do_deed(o, '+', item->url);
}

void owner_ended(void *data, const struct batch_item *item, const struct transfer_report *report)
{
	struct owner *o = data;

	cr_assert_str_eq(item->data, item->url);
	cr_assert_str_eq(item->url, report->url);
	owner_note(o, "-%s", item->url);
	if (report->failure.class)
		owner_note(o, ":%s", failure_name(report->failure.class));
	owner_note(o, " ");
	do_deed(o, '-', item->url);
}

void owner_done(void *data, const struct failure *why)
{
	struct owner *o = data;

	owner_note(o, "done");
	o->why = *why;
	do_deed(o, 'd', NULL);
}

void owner_start(struct owner *o, const char *const *urls, unsigned jobs)
{
	o->loop = ev_loop_new(EVFLAG_AUTO);
	o->urls = urls;
	o->options.jobs = jobs;
	o->events.next = next;
	o->events.started = started;
	if (!o->events.ended)
		o->events.ended = owner_ended;
	o->events.done = owner_done;
	o->events.data = o;
	o->batch = batch_start_with(&batch_played, o->loop, NULL, &o->options, &o->events);
	owner_assert_log(o, "");
}

void owner_end(struct owner *o)
{
	batch_free(o->batch);
	cr_assert_eq(live_count, 0U);
	ev_loop_destroy(o->loop);
}

void owner_settle(struct owner *o)
{
	for (int i = 0; i < 10; i++)
		ev_run(o->loop, EVRUN_NOWAIT);
}

void owner_end_transfer(const char *url, enum failure_class class)
{
	struct batch_played *p = batch_playing(url);

	if (class)
		fail(&p->report.failure, class, "%s failed", url);
	played_end(p);
}

unsigned batch_played_live(void)
{
	return live_count;
}

unsigned batch_played_most(void)
{
	return live_most;
}
