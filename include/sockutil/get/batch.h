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

/* One URL and where it goes. url is copied by the batch; what output borrows must live until its
 * ended event. */
struct batch_item {
	const char *url;
	struct output_options output;
	void *data; /* handed back by the events */
};

struct batch_options {
	const struct get_options *get;
	unsigned jobs;  /* at once, 1-1024 */
	int64_t max_ms; /* of the whole batch, 0: none. FAILURE_TIMEOUT ends what runs and what
			 * waits */
};

struct batch_events {
	/* The next item; false: there are no more (not asked again). A failure in *why ends the
	 * batch once what runs has ended (an input file that cannot be read). */
	bool (*next)(void *data, struct batch_item *item, struct failure *why);
	void (*started)(void *data, const struct batch_item *item,
			struct transfer *t); /* or NULL */
	/* In the order of ending. The report is valid during the call. */
	void (*ended)(void *data, const struct batch_item *item,
		      const struct transfer_report *report);
	/* Handed to every transfer; its done and data are the batch's own. The others get the
	 * transfer's item->data as data. */
	struct transfer_events transfer;
	/* Once, from the loop. why: of the first failing item in the order of items (not of
	 * ending), FAILURE_NONE when all is well. */
	void (*done)(void *data, const struct failure *why);
	void *data;
};

struct batch;
struct batch *batch_start(struct ev_loop *loop, struct http_pool *pool,
			  const struct batch_options *options, const struct batch_events *events);
/* Those under way, for a progress display: calls visit for each, oldest first. */
void batch_visit(struct batch *b,
		 void (*visit)(void *data, const struct batch_item *item, struct transfer *t),
		 void *data);
/* A signal: every transfer is stopped (what can be continued is kept), nothing more is started.
 * done is not called. */
void batch_stop(struct batch *b, const struct failure *why);
void batch_free(struct batch *b);
#endif
