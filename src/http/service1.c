/* SPDX-License-Identifier: MIT */
/* One connection of HTTP/1: its turns, its deadlines, its end. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/http/service1.h>

enum {
	TURN_READS = 8,               /* blocks read in one turn */
	TURN_BYTES = 2 * 1024 * 1024, /* of files sent in one turn, before others get theirs */
};

/* ------ one request after another ------ */

static void request_over(struct http_service1 *s, const struct failure *why)
{
	if (!s->open)
		return;
	s->open = false;
	s->service.events->over(s->service.data, &s->request, why);
}

/* The connection is lost: so is what was under way. */
static enum io lost(struct http_service1 *s, const struct failure *why)
{
	s->service.options->block->out_length = 0;
	s->block_left = 0;
	s->last = true;
	request_over(s, why);
	return IO_FAILED;
}

/* As far as the open request goes without waiting; *wait: for what. */
static enum io request_step(struct http_service1 *s, unsigned *wait, struct failure *why)
{
	enum io r = s->received ? IO_DONE : http_service1_body(s, why);

	if (r == IO_FAILED)
		return r;
	*wait = r == IO_AGAIN ? STREAM_READ : 0;
	if (!s->open) /* refused half-way */
		return IO_DONE;
	if (s->answered && !s->sent) {
		r = http_service1_send(s, why);
		if (r == IO_FAILED)
			return r;
		if (r == IO_AGAIN)
			*wait |= STREAM_WRITE;
	}
	if (!s->received || !s->sent)
		return IO_AGAIN;
	request_over(s, NULL);
	return IO_DONE;
}

/* IO_AGAIN: wait for *wait; IO_DONE: all is answered; IO_END: the stream was taken. */
static enum io work(struct http_service1 *s, unsigned *wait, struct failure *why)
{
	for (;;) {
		enum io r;

		if (s->taken) {
			request_over(s, NULL);
			return IO_END;
		}
		if (s->open) {
			r = request_step(s, wait, why);
		} else if (s->out.length > 0 && !s->last) {
			/* Nothing is read for who does not take his answers. */
			*wait = STREAM_WRITE;
			return IO_AGAIN;
		} else {
			r = http_service1_next(s, why);
			*wait = STREAM_READ;
			if (r == IO_END)
				return IO_DONE;
		}
		if (r != IO_DONE)
			return r;
	}
}

/* Reads and works while that goes on at once. */
static enum io read_and_work(struct http_service1 *s, bool may_read, unsigned *wait,
			     struct failure *why)
{
	for (int reads = 0;; ++reads) {
		enum io r = work(s, wait, why);

		if (r != IO_AGAIN || !(*wait & STREAM_READ) || !may_read || s->ended ||
		    reads == TURN_READS)
			return r;
		r = http_service1_fill(s, &may_read, why);
		if (r == IO_FAILED)
			return r;
		if (r == IO_AGAIN)
			return r;
	}
}

/* ------ deadlines ------ */

static enum http_service1_phase phase_now(const struct http_service1 *s)
{
	const char *bytes;

	if (s->open || s->out.length > 0 || s->unflushed || s->last)
		return SERVICE1_TRANSFER;
	return http_service1_input(s, &bytes) > 0 ? SERVICE1_HEAD : SERVICE1_IDLE;
}

static int64_t phase_ms(const struct http_service1 *s, enum http_service1_phase phase)
{
	const struct http_service_options *options = s->service.options;

	return phase == SERVICE1_HEAD   ? options->head_ms
	       : phase == SERVICE1_IDLE ? options->idle_ms
					: options->stall_ms;
}

static void phase_set(struct http_service1 *s, enum http_service1_phase phase)
{
	const int64_t ms = phase_ms(s, phase);

	s->phase = (uint8_t)phase;
	s->progress = UINT64_MAX;
	s->service.deadline_ms = ms > 0 ? clock_ms() + ms : 0;
}

/* A phase that goes on keeps its deadline: one byte more of a head wins no time. */
static void phase_note(struct http_service1 *s)
{
	enum http_service1_phase phase = phase_now(s);

	/* Until the first request was told its head is what is waited for. */
	if (phase == SERVICE1_IDLE && s->phase == SERVICE1_HEAD && !s->turned)
		phase = SERVICE1_HEAD;
	if (phase != s->phase || s->turned)
		phase_set(s, phase);
	s->turned = false;
}

/* ------ a turn ------ */

static void done_note(struct http_service1 *s)
{
	struct http_service *service = &s->service;
	const char *bytes;

	service->reason = s->ended      ? "client ended"
			  : s->draining ? "server ended"
					: "last answer sent";
	service->complete = s->said_last && http_service1_input(s, &bytes) == 0 &&
			    stream_raw_fd(service->stream, STREAM_WRITE) >= 0;
}

static enum io turn_over(struct http_service1 *s, enum io r, unsigned wait, struct failure *why)
{
	/* The end follows at once and takes the last bytes along. */
	const enum io pushed = http_service1_push(s, r == IO_DONE, why);

	if (pushed == IO_FAILED || !http_service1_keep(s, why))
		return lost(s, why);
	if (pushed == IO_AGAIN) {
		wait = r == IO_AGAIN ? wait | STREAM_WRITE : STREAM_WRITE;
		r = IO_AGAIN;
	}
	s->service.wait = wait;
	if (r == IO_AGAIN)
		phase_note(s);
	else if (r == IO_DONE)
		done_note(s);
	return r;
}

static enum io service1_run(struct http_service *service, unsigned sides, struct failure *why)
{
	struct http_service1 *s = http_service1_of(service);
	unsigned wait = 0;
	enum io r = IO_DONE;

	s->budget = TURN_BYTES;
	if (s->out.length > 0 || s->unflushed)
		r = http_service1_push(s, s->open, why);
	if (r != IO_FAILED)
		r = read_and_work(s, sides & STREAM_READ, &wait, why);
	return r == IO_FAILED ? lost(s, why) : turn_over(s, r, wait, why);
}

/* ------ time is over ------ */

/* How far the transfer is, both ways: what the client's kernel acknowledged, what came. */
static uint64_t progress_now(const struct http_service1 *s)
{
	const long behind = stream_unacknowledged(s->service.stream);
	const uint64_t waiting = behind > 0 ? (uint64_t)behind : 0;

	return s->service.received + (s->service.sent > waiting ? s->service.sent - waiting : 0);
}

static enum io transfer_stalled(struct http_service1 *s, uint64_t moved, struct failure *why)
{
	char bytes[32], time[32];

	fail(why, FAILURE_TIMEOUT, "the client moved only %s in %s",
	     size_text(bytes, sizeof(bytes), moved),
	     duration_text(time, sizeof(time), s->service.options->stall_ms));
	return lost(s, why);
}

static enum io transfer_expired(struct http_service1 *s, struct failure *why)
{
	const struct http_service_options *options = s->service.options;
	const uint64_t now = progress_now(s);

	/* Nobody waits for the client when the answer is still being made. */
	if (s->service.wait == 0 || s->progress == UINT64_MAX ||
	    now - s->progress >= options->stall_bytes) {
		phase_set(s, SERVICE1_TRANSFER);
		s->progress = now;
		return IO_AGAIN;
	}
	return transfer_stalled(s, now - s->progress, why);
}

static enum io head_expired(struct http_service1 *s, struct failure *why)
{
	const char *bytes;
	struct failure late = { 0 };

	s->last = true;
	if (http_service1_input(s, &bytes) == 0) {
		s->service.reason = "no request came";
		return IO_DONE;
	}
	fail(&late, FAILURE_TIMEOUT, "the head of a request was not whole in time");
	http_service1_refuse(s, 408, &late);
	return turn_over(s, IO_DONE, 0, why);
}

static enum io service1_expired(struct http_service *service, struct failure *why)
{
	struct http_service1 *s = http_service1_of(service);

	if (service->deadline_ms == 0 || clock_ms() < service->deadline_ms)
		return IO_AGAIN;
	switch (s->phase) {
	case SERVICE1_HEAD:
		return head_expired(s, why);
	case SERVICE1_IDLE:
		s->last = true;
		service->reason = "idle";
		return IO_DONE;
	default:
		return transfer_expired(s, why);
	}
}

/* ------ the rest ------ */

static void service1_resume(struct http_service_request *request)
{
	http_service1_of(request->service)->held = false;
}

static void service1_drain(struct http_service *service)
{
	http_service1_of(service)->draining = true;
	if (http_service1_of(service)->open)
		http_service1_of(service)->last = true;
}

static size_t service1_unread(const struct http_service *service, const char **bytes)
{
	return http_service1_input(http_service1_of(service), bytes);
}

static bool service1_take_stream(struct http_service_request *request)
{
	struct http_service1 *s = http_service1_of(request->service);

	if (request->has_body || s->out.length > 0 || s->answered)
		return false;
	s->taken = true;
	s->received = s->sent = true;
	return true;
}

static void service1_free(struct http_service *service)
{
	struct http_service1 *s = http_service1_of(service);
	struct failure why;

	if (s->open) {
		fail(&why, FAILURE_RECEIVE, "the connection is over");
		request_over(s, &why);
	}
	buffer_free(&s->in);
	buffer_free(&s->out);
	free(s);
}

void http_service1_leave(struct http_service *service, struct buffer *early)
{
	struct http_service1 *s = http_service1_of(service);

	*early = s->in;
	buffer_free(&s->out);
}

static const struct http_service_ops service1_ops = {
	.name = "HTTP/1",
	.run = service1_run,
	.expired = service1_expired,
	.answer = http_service1_answer,
	.resume = service1_resume,
	.drain = service1_drain,
	.unread = service1_unread,
	.take_stream = service1_take_stream,
	.free = service1_free,
};

struct http_service *http_service1_new(struct stream *stream,
				       const struct http_service_options *options,
				       const struct http_service_events *events, void *data,
				       const char *early, size_t early_length)
{
	struct http_service1 *s = memory_zeroed(1, sizeof(*s) + options->request_size);

	s->service = (struct http_service){
		.ops = &service1_ops,
		.stream = stream,
		.options = options,
		.events = events,
		.data = data,
		.received = early_length,
		.reason = "client ended",
	};
	if (early_length > 0 && !buffer_add(&s->in, early, early_length))
		s->last = true;
	phase_set(s, SERVICE1_HEAD);
	return &s->service;
}
