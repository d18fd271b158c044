/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_BATCH_PARTS_H
#define SOCKUTIL_GET_BATCH_PARTS_H
/* A batch over any kind of transfer: batch.c has the real one, its test one that it plays. */
#include <sockutil/get/batch.h>

/* The calls of transfer.h by the same names. */
struct batch_transfers {
	struct transfer *(*start)(struct ev_loop *loop, struct http_pool *pool,
				  const struct get_options *options,
				  const struct output_options *output, const char *url,
				  const struct transfer_events *events);
	const struct transfer_report *(*report)(struct transfer *t);
	void (*stop)(struct transfer *t, const struct failure *why);
	void (*free)(struct transfer *t);
};

/* batch_start() with transfers of that kind, which are borrowed. */
struct batch *batch_start_with(const struct batch_transfers *transfers, struct ev_loop *loop,
			       struct http_pool *pool, const struct batch_options *options,
			       const struct batch_events *events);
#endif
