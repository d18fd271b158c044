/* SPDX-License-Identifier: MIT */
/* src/get/transfer_body.c - the body of an answer on its way to the output. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/disk.h>
#include <sockutil/get/transfer_parts.h>
#include <sockutil/http/coding.h>
#include <sockutil/proto/content_disposition.h>

enum { REHASH_BLOCK = 64 * 1024, NAME_MAX_SENT = 1024 };

#define READER_SECONDS 0.02 /* between two looks for a FIFO's reader */

/* The digest is one of the whole: what was there before is read once more. */
static bool digest_until(struct transfer *t, uint64_t end, struct failure *why)
{
	int fd = stream_raw_fd(t->sink, STREAM_WRITE);
	char *block = memory_zeroed(1, REHASH_BLOCK);
	uint64_t at = 0;

	digest_start(&t->digest, t->options->checksum);
	while (at < end) {
		uint64_t left = end - at;
		ssize_t n = pread(fd, block, left < REHASH_BLOCK ? (size_t)left : REHASH_BLOCK,
				  (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		digest_add(&t->digest, block, (size_t)n);
		at += (uint64_t)n;
	}
	free(block);
	if (at < end)
		fail_errno(why, FAILURE_INPUT, errno, "%s", output_name(t->output));
	return at == end;
}

/* Pieces came in any order. */
static bool digest_pieces(struct transfer *t, struct failure *why)
{
	return !t->options->checksum || !t->segments.pieces ||
	       digest_until(t, t->report.total, why);
}

/* --- the end ---------------------------------------------------------------- */

static bool checksum_fits(struct transfer *t, struct failure *why)
{
	char text[DIGEST_TEXT_MAX];

	if (!t->options->checksum)
		return true;
	digest_finish_text(&t->digest, text);
	if (strcmp(text, t->options->checksum_text) == 0)
		return true;
	fail(why, FAILURE_TRUNCATED, "%s is %s, not %s as --checksum says",
	     digest_name(t->options->checksum), text, t->options->checksum_text);
	/* What is wrong as a whole is not worth continuing. */
	t->may_continue = false;
	transfer_fail_at(t, why);
	return false;
}

/* Only a body that is in place makes its tag worth keeping. */
static bool keep_etag(struct transfer *t, struct failure *why)
{
	const struct output_options options = {
		.naming = OUTPUT_FILE,
		.file = t->options->etag_file,
	};
	struct output *file;
	struct stream *to;
	bool ok = false;
	size_t n;

	if (!t->options->etag_file || !t->new_etag)
		return true;
	file = output_new(&options, &t->first, why);
	if (!file)
		return false;
	to = output_open(file, 0, NULL, NULL, why);
	ok = to && stream_write(to, t->new_etag, strlen(t->new_etag), &n, why) == IO_DONE &&
	     output_commit(file, -1, why);
	output_free(file);
	return ok;
}

static void commit(struct transfer *t)
{
	struct failure why = { 0 };

	if (output_commit(t->output, t->options->newer ? t->modified : -1, &why))
		t->output_open = false;
	if (why.class == FAILURE_NONE && !t->body_status)
		keep_etag(t, &why);
	if (why.class == FAILURE_NONE && t->body_status && !t->options->no_fail)
		why = t->report.failure;
	transfer_finish(t, &why);
}

static void on_forced(void *data, int error)
{
	struct transfer *t = data;
	struct failure why;

	t->forcing = NULL;
	if (error) {
		fail_errno(&why, FAILURE_OUTPUT, error, "%s", output_name(t->output));
		t->may_continue = false;
		transfer_finish(t, &why);
		return;
	}
	output_forced(t->output);
	commit(t);
}

/* An answer that is content and yet came before it could have seen everything: what it did not see
 * is lost. A refusal has its own words. */
static bool upload_taken(struct transfer *t, struct failure *why)
{
	if (!t->body || t->body_status || !t->exchange || t->exchange->report.sent_us >= 0)
		return true;
	fail(why, FAILURE_SEND, "the answer was complete before all of the body was sent");
	transfer_fail_at(t, why);
	return false;
}

void transfer_body_ended(struct transfer *t)
{
	struct failure why = { 0 };
	bool ok = upload_taken(t, &why) && digest_pieces(t, &why) && checksum_fits(t, &why);
	int fd = output_is_regular(t->output) ? stream_raw_fd(t->sink, STREAM_WRITE) : -1;

	t->report.done = output_written(t->output);
	if (ok && fd >= 0)
		t->forcing = disk_force_start(t->loop, fd, t->report.done, on_forced, t);
	transfer_segments_stop(t);
	transfer_drop_exchange(t);
	if (!ok)
		transfer_finish(t, &why);
	else if (!t->forcing)
		commit(t);
}

void transfer_body_was_there(struct transfer *t)
{
	struct failure why = { 0 };

	t->report.complete_before = true;
	t->modified = -1;
	free(t->new_etag);
	t->new_etag = NULL;
	t->sink = output_open(t->output, t->offset, NULL, t->held, &why);
	t->output_open = t->sink != NULL;
	if (t->sink && (!t->options->checksum || digest_until(t, t->offset, &why)))
		transfer_body_ended(t);
	else
		transfer_finish(t, &why);
}

/* A part in chunks has no other length than the one its Content-Range says. */
static bool part_is_whole(struct transfer *t, struct failure *why)
{
	uint64_t there = output_written(t->output);

	if (t->end == UINT64_MAX || there == t->end)
		return true;
	if (there < t->end) {
		fail(why, FAILURE_TRUNCATED, "cut short: %" PRIu64 " of %" PRIu64 " bytes came",
		     there, t->end);
		return false;
	}
	t->may_continue = false;
	fail(why, FAILURE_PROTOCOL,
	     "the server sent more than the bytes to %" PRIu64 " it announced", t->end);
	return false;
}

/* --- pumping ---------------------------------------------------------------- */

static void pump_step(struct transfer *t)
{
	struct failure why;

	pump_run(&t->pump);
	if (t->pump.state == PUMP_ENDED) {
		if (t->segments.pieces)
			transfer_segments_first(t, NULL);
		else if (part_is_whole(t, &why))
			transfer_body_ended(t);
		else
			transfer_try_failed(t, &why, true);
		return;
	}
	if (t->pump.state == PUMP_FAILED) {
		why = *t->pump.failure;
		if (t->pump.failed_at_to)
			transfer_finish(t, &why);
		else if (t->segments.pieces && transfer_may_pass(t, &why))
			transfer_segments_first(t, &why);
		else
			transfer_try_failed(t, &why, true);
		return;
	}
	if (t->pump.waits & STREAM_WRITE)
		stream_watch_for(&t->sink_watch, STREAM_WRITE);
	/* A turn is over, but what is to come next is here already: no event will tell of it. */
	if (!t->pump.waits || (t->pump.waits & STREAM_READ && stream_pending(&t->meter.stream)))
		ev_timer_start(t->loop, &t->pump_turn);
	else if (t->pump.waits & STREAM_READ)
		http_exchange_wait(t->exchange);
}

void transfer_body_readable(void *data)
{
	struct transfer *t = data;

	if (t->pumping)
		pump_step(t);
}

static void on_sink_ready(void *data, unsigned sides)
{
	(void)sides;
	pump_step(data);
}

static void on_pump_turn(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	pump_step(timer->data);
}

void transfer_body_stop(struct transfer *t)
{
	ev_timer_stop(t->loop, &t->reader_timer);
	transfer_shown_stop(t);
	if (t->pumping) {
		t->pumping = false;
		ev_timer_stop(t->loop, &t->pump_turn);
		stream_watch_stop(&t->sink_watch);
		pump_free(&t->pump);
	}
	stream_free(t->coding);
	t->coding = NULL;
}

/* --- the beginning ---------------------------------------------------------- */

static void begin_pumping(struct transfer *t)
{
	pump_step(t);
}

static void sink_opened(struct transfer *t)
{
	struct stream *source = t->coding ? t->coding : &t->stream.stream;
	struct failure why = { 0 };

	t->output_open = true;
	if (t->options->checksum && !digest_until(t, t->offset, &why)) {
		transfer_finish(t, &why);
		return;
	}
	meter_init(&t->meter, source, t->offset, t->options->max_size,
		   t->options->checksum && !t->cut ? &t->digest : NULL);
	if (t->cut)
		transfer_segments_begin(t);
	pump_init(&t->pump, &t->meter.stream, t->sink);
	stream_watch_init(&t->sink_watch, t->loop, t->sink, on_sink_ready, t);
	t->pumping = true;
	transfer_shown_write(t, begin_pumping);
}

/* A FIFO that nobody reads is asked again: waiting inside open(2) would stop every limit. */
static void open_sink(struct transfer *t, const char *disposition)
{
	struct failure why = { 0 };

	t->sink = output_open(t->output, t->offset, disposition, t->current, &why);
	if (t->sink) {
		sink_opened(t);
	} else if (why.error == ENXIO) {
		ev_now_update(t->loop);
		/* A timer that has fired would fire at once. */
		ev_timer_set(&t->reader_timer, READER_SECONDS, 0);
		ev_timer_start(t->loop, &t->reader_timer);
	} else {
		transfer_finish(t, &why);
	}
}

static void on_reader(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	open_sink(timer->data, NULL);
}

static bool open_coding(struct transfer *t, const struct http_head *head, struct failure *why)
{
	const struct http_field *f = http_head_find(head, "Content-Encoding", NULL);

	if (!f || !t->options->compressed)
		return true;
	if (!coding_open(&t->coding, &t->stream.stream, f->value, f->value_length, why))
		return false;
	/* What is announced and what can be continued are bytes of the coded form. */
	if (t->coding)
		t->report.total_known = false;
	return true;
}

static bool size_allowed(const struct transfer *t, struct failure *why)
{
	if (t->coding || !t->options->max_size || !t->report.total_known ||
	    t->report.total <= t->options->max_size)
		return true;
	fail(why, FAILURE_SIZE,
	     "%" PRIu64 " bytes are more than the %" PRIu64 " that --max-size allows",
	     t->report.total, t->options->max_size);
	return false;
}

static void learn_continuing(struct transfer *t, const struct http_head *head)
{
	const struct validator *v = t->current;

	t->may_continue = strcmp(t->method, "GET") == 0 && !t->coding && !t->options->range &&
			  !t->body_status && (*v->etag || *v->last_modified) &&
			  !http_head_has_token(head, "Accept-Ranges", "none");
	t->accepts_ranges = http_head_has_token(head, "Accept-Ranges", "bytes");
}

static void learn_etag(struct transfer *t, const struct http_head *head)
{
	char text[VALIDATOR_TEXT_MAX];

	free(t->new_etag);
	t->new_etag = NULL;
	if (head->status == 200 && http_head_text(head, "ETag", text, sizeof(text)))
		t->new_etag = memory_string(text);
}

static const char *proposed_name(const struct transfer *t, const struct http_head *head,
				 char out[static NAME_MAX_SENT])
{
	const struct http_field *f = http_head_find(head, "Content-Disposition", NULL);

	if (t->output_options.naming != OUTPUT_DISPOSITION || !f ||
	    !content_disposition_name(f->value, f->value_length, out, NAME_MAX_SENT))
		return NULL;
	return out;
}

static bool body_wanted(const struct transfer *t)
{
	const struct get_options *o = t->options;

	return strcmp(t->method, "HEAD") != 0 &&
	       (!t->body_status || o->body_on_error || o->no_fail);
}

static void no_body(struct transfer *t)
{
	struct failure why = t->report.failure;

	if (t->options->no_fail)
		why.class = FAILURE_NONE;
	transfer_finish(t, &why);
}

static void prepare_timers(struct transfer *t)
{
	ev_timer_init(&t->pump_turn, on_pump_turn, 0, 0);
	ev_timer_init(&t->reader_timer, on_reader, 0, 0);
	t->pump_turn.data = t->reader_timer.data = t;
}

void transfer_body_begin(struct transfer *t, const struct http_head *head)
{
	struct failure why = { 0 };
	char name[NAME_MAX_SENT];

	if (!body_wanted(t)) {
		no_body(t);
		return;
	}
	prepare_timers(t);
	http_body_stream_init(&t->stream, t->exchange);
	if (!open_coding(t, head, &why) || !size_allowed(t, &why)) {
		transfer_fail_at(t, &why);
		transfer_finish(t, &why);
		return;
	}
	learn_etag(t, head);
	learn_continuing(t, head);
	t->cut = transfer_segments_wanted(t, head);
	open_sink(t, proposed_name(t, head, name));
}
