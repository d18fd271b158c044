/* SPDX-License-Identifier: MIT */
/* src/get/transfer_segments.c - one body fetched in ranges beside one another (--segments). */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/segment.h>
#include <sockutil/get/transfer_parts.h>

/* Only where ranges of one and the same thing are certain to come. */
bool transfer_segments_wanted(const struct transfer *t, const struct http_head *head)
{
	uint64_t first_length;

	return t->options->segments > 1 && head->status == 200 && t->offset == 0 &&
	       t->report.total_known && t->may_continue && t->accepts_ranges &&
	       output_is_regular(t->output) &&
	       segment_cut(t->report.total, t->options->segments, &first_length) > 1;
}

/* Of the first piece. */
static uint64_t first_written(const struct transfer *t)
{
	return t->pump.bytes + (t->segments.rest ? segment_written(t->segments.rest) : 0);
}

/* Bytes without a gap from the start on. */
static uint64_t contiguous(const struct transfer *t)
{
	const struct transfer_segments *s = &t->segments;
	uint64_t end = first_written(t);

	for (unsigned i = 0; i < s->count && end == (i + 1) * s->first_length; i++)
		end += segment_written(s->pieces[i]);
	return end;
}

uint64_t transfer_segments_done(const struct transfer *t)
{
	const struct transfer_segments *s = &t->segments;
	uint64_t done = first_written(t);

	for (unsigned i = 0; i < s->count; i++)
		done += segment_written(s->pieces[i]);
	return done;
}

static void look_whether_done(struct transfer *t)
{
	const struct transfer_segments *s = &t->segments;

	if (!s->first_done || s->running > 0)
		return;
	output_placed(t->output, t->report.total);
	transfer_body_ended(t);
}

static void on_done(void *data, struct segment *segment, const struct failure *why)
{
	struct transfer *t = data;
	struct failure failure = *why;

	(void)segment;
	t->segments.running--;
	if (failure.class == FAILURE_NONE) {
		look_whether_done(t);
		return;
	}
	transfer_fail_at(t, &failure);
	transfer_finish(t, &failure);
}

static struct segment *start(struct transfer *t, uint64_t first, uint64_t last)
{
	const struct get_options *o = t->options;
	const struct segment_request request = {
		.loop = t->loop,
		.pool = t->pool,
		.origin = &t->origin,
		.request = &t->request,
		.validator = t->current,
		.first = first,
		.last = last,
		.fd = stream_raw_fd(t->sink, STREAM_WRITE),
		.tries = o->retries + 1,
		.delay_ms = o->retry_delay_ms,
		.idle_ms = o->idle_ms,
		.done = on_done,
		.attempt_failed = transfer_tell_attempt,
		.retrying = transfer_tell_retrying,
		.trace = t->events.trace ? transfer_tell_trace : NULL,
		.data = t,
	};

	t->segments.running++;
	return segment_start(&request);
}

void transfer_segments_begin(struct transfer *t)
{
	struct transfer_segments *s = &t->segments;
	uint64_t total = t->report.total;
	unsigned count = segment_cut(total, t->options->segments, &s->first_length);

	output_scatter(t->output);
	t->meter.stop = s->first_length;
	s->first_done = false;
	s->count = count - 1;
	s->pieces = memory_zeroed(count, sizeof(struct segment *));
	for (unsigned i = 0; i < s->count; i++) {
		uint64_t first = (i + 1) * s->first_length;

		s->pieces[i] = start(t, first,
				     i + 1 == s->count ? total - 1 : first + s->first_length - 1);
	}
}

/* What the first answer could not bring is a piece like the others. */
void transfer_segments_first(struct transfer *t, const struct failure *why)
{
	struct transfer_segments *s = &t->segments;

	s->first_done = true;
	transfer_drop_exchange(t);
	if (!why) {
		look_whether_done(t);
		return;
	}
	transfer_tell_retrying(t, why, 0);
	s->rest = start(t, t->pump.bytes, s->first_length - 1);
}

void transfer_segments_stop(struct transfer *t)
{
	struct transfer_segments *s = &t->segments;

	if (!s->pieces)
		return;
	if (t->output_open)
		output_placed(t->output, contiguous(t));
	for (unsigned i = 0; i < s->count; i++)
		segment_free(s->pieces[i]);
	segment_free(s->rest);
	free(s->pieces);
	*s = (struct transfer_segments){ 0 };
}
