/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_BATCH_H
#define SOCKUTIL_GET_BATCH_H
/*
 * Many URLs, one after another or several at once, over the connections of one pool. Items are
 * asked for when there is a place for them, so a list may be longer than memory.
 */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/get/options.h>
#include <sockutil/get/output.h>
#include <sockutil/get/transfer.h>

/* One URL and where it goes. url is copied by the batch and valid until the item's ended event has
 * returned; what output borrows must live as long. */
struct batch_item {
	const char *url;
	struct output_options output;
	void *data; /* handed back by the events */
};

struct batch_options {
	const struct get_options *get;
	unsigned jobs;  /* at once, 1-1024 */
	int64_t max_ms; /* of the whole batch, 0: none. FAILURE_TIMEOUT ends what runs, nothing more
			 * is asked for */
};

/* All from the loop, never before batch_start() returned. batch_stop() and batch_free() may be
 * called inside next, started, ended and done, not inside those of a transfer. */
struct batch_events {
	/* The next item; false: there are no more (not asked again). A failure in *why ends the
	 * batch once what runs has ended (an input file that cannot be read). True with a NULL url:
	 * none is known yet (a pipe that says nothing); asked again when one ends, and by
	 * batch_wake(). */
	bool (*next)(void *data, struct batch_item *item, struct failure *why);
	void (*started)(void *data, const struct batch_item *item,
			struct transfer *t); /* or NULL */
	/* In the order of ending, once for each item that next gave, unless the batch is freed
	 * while it is under way. The report is valid during the call, or until batch_free(). */
	void (*ended)(void *data, const struct batch_item *item,
		      const struct transfer_report *report);
	/* Handed to every transfer; its done and data are the batch's own. The others get the
	 * transfer's item->data as data. */
	struct transfer_events transfer;
	/* Once. why: of the first failing item in the order of items (not of ending),
	 * FAILURE_NONE when all is well. A failure of next counts as that of one more item. */
	void (*done)(void *data, const struct failure *why);
	void *data;
};

struct batch;
/* options and events are copied, what they point to is borrowed. Never NULL. */
struct batch *batch_start(struct ev_loop *loop, struct http_pool *pool,
			  const struct batch_options *options, const struct batch_events *events);
/* next may have one now. Nothing happens when the batch is over. */
void batch_wake(struct batch *b);
/* Those under way, for a progress display: calls visit for each, oldest first. visit
 * must neither stop nor free. */
void batch_visit(struct batch *b,
		 void (*visit)(void *data, const struct batch_item *item, struct transfer *t),
		 void *data);
/* A signal: every transfer is stopped (what can be continued is kept) and its ended event comes
 * inside this call, oldest first; nothing more is started. done is not called. */
void batch_stop(struct batch *b, const struct failure *why);
/* What is under way is dropped without an event. NULL is fine. */
void batch_free(struct batch *b);
#endif
