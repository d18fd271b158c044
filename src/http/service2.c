/* SPDX-License-Identifier: MIT */
/* One connection of HTTP/2: its turns, its deadlines, its end. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/http/connection.h>
#include <sockutil/http/service1.h>
#include <sockutil/http/service2.h>

enum {
	TURN_READS = 8,               /* blocks read in one turn */
	TURN_BYTES = 2 * 1024 * 1024, /* made in one turn, before others get theirs */
};

/* ------ streams ------ */

void http_service2_over(struct http_service2_stream *x, const struct failure *why)
{
	struct http_service2 *s = http_service2_of(x->request.service);

	if (!x->told || x->over)
		return;
	x->over = true;
	s->active--;
	s->service.events->over(s->service.data, &x->request, why);
}

static void stream_forget(struct http_service2 *s, struct http_service2_stream *x)
{
	*(x->previous ? &x->previous->next : &s->first) = x->next;
	*(x->next ? &x->next->previous : &s->last) = x->previous;
	buffer_free(&x->head);
	buffer_free(&x->held);
	free(x);
}

/* Tells of answers that have gone whole, and forgets streams that are over on both sides. */
static void sweep(struct http_service2 *s)
{
	const uint64_t gone = s->made - s->out.length;
	bool waiting = false;

	if (!s->sweep)
		return;
	for (struct http_service2_stream *x = s->first, *next; x; x = next) {
		next = x->next;
		if (x->ended && x->end_at <= gone)
			http_service2_over(x, NULL);
		else if (x->ended && x->told && !x->over)
			waiting = true;
		if (x->closed && (x->over || !x->told))
			stream_forget(s, x);
	}
	s->sweep = waiting;
}

static void all_over(struct http_service2 *s, const struct failure *why)
{
	for (struct http_service2_stream *x = s->first; x; x = x->next)
		http_service2_over(x, why);
}

static enum io lost(struct http_service2 *s, const struct failure *why)
{
	s->service.options->block->out_length = 0;
	all_over(s, why);
	return IO_FAILED;
}

/* ------ what a client may cost ------ */

void http_service2_charge(struct http_service2 *s)
{
	const int64_t now = clock_ms(), most = SERVICE2_ALLOWANCE * 1000;

	if (s->calm)
		return;
	if (now - s->allowance_ms > most / SERVICE2_ALLOWANCE_S)
		s->allowance = most;
	else
		s->allowance += (now - s->allowance_ms) * SERVICE2_ALLOWANCE_S;
	if (s->allowance > most)
		s->allowance = most;
	s->allowance_ms = now;
	s->allowance -= 1000;
	s->calm = s->allowance < 0;
}

static void calm_down(struct http_service2 *s)
{
	struct failure why;

	if (!s->calm || s->calmed)
		return;
	s->calmed = true;
	http2_library.session_terminate_session(s->session, NGHTTP2_ENHANCE_YOUR_CALM);
	fail(&why, FAILURE_PROTOCOL, "more than %d frames that cost more than they bring",
	     SERVICE2_ALLOWANCE);
	if (s->service.events->refused)
		s->service.events->refused(s->service.data, 429, &why);
}

/* ------ reading ------ */

static enum io session_broken(struct http_service2 *s, ssize_t error, struct failure *why)
{
	/* More acknowledgements of ours wait than it takes: the library's own limit. */
	if (error == NGHTTP2_ERR_FLOODED) {
		s->calm = true;
		return IO_AGAIN;
	}
	s->ended = true;
	if (error == NGHTTP2_ERR_BAD_CLIENT_MAGIC)
		return fail(why, FAILURE_PROTOCOL, "the client does not speak HTTP/2");
	if (error == NGHTTP2_ERR_NOMEM || error == NGHTTP2_ERR_CALLBACK_FAILURE)
		return fail(why, FAILURE_OTHER, "HTTP/2: out of memory");
	return fail(why, FAILURE_PROTOCOL, "the client broke HTTP/2: %s",
		    http2_library.strerror((int)error));
}

static enum io feed(struct http_service2 *s, const char *bytes, size_t count, struct failure *why)
{
	const ssize_t used =
		http2_library.session_mem_recv(s->session, (const uint8_t *)bytes, count);
	enum io r = used < 0 ? session_broken(s, used, why) : IO_DONE;

	calm_down(s);
	return r;
}

/* One block. IO_DONE: there may be more at once. */
static enum io receive(struct http_service2 *s, struct failure *why)
{
	struct http_service_block *block = s->service.options->block;
	size_t count = 0;
	enum io r;

	if (s->ended || !http2_library.session_want_read(s->session))
		return IO_AGAIN;
	r = stream_read(s->service.stream, block->in, sizeof block->in, &count, why);
	if (r == IO_END)
		s->ended = true;
	if (r != IO_DONE)
		return r == IO_END ? IO_AGAIN : r;
	s->service.received += count;
	r = feed(s, block->in, count, why);
	return r == IO_DONE && count < sizeof block->in ? IO_AGAIN : r;
}

static enum io early_take(struct http_service2 *s, struct failure *why)
{
	struct buffer early = s->early;
	enum io r;

	if (!early.length)
		return IO_DONE;
	s->early = (struct buffer){ 0 };
	r = feed(s, buffer_bytes(&early), early.length, why);
	buffer_free(&early);
	return r;
}

/* ------ writing ------ */

static enum io give(struct http_service2 *s, const char *bytes, size_t length, size_t *taken,
		    struct failure *why)
{
	enum io r = IO_DONE;

	*taken = 0;
	while (*taken < length && r == IO_DONE) {
		size_t count = 0;

		r = stream_write(s->service.stream, bytes + *taken, length - *taken, &count, why);
		*taken += count;
		s->service.sent += count;
		s->unflushed |= count > 0;
	}
	return r;
}

/* What an earlier write did not take. */
static enum io out_push(struct http_service2 *s, struct failure *why)
{
	size_t taken;
	enum io r;

	if (!s->out.length)
		return IO_DONE;
	r = give(s, buffer_bytes(&s->out), s->out.length, &taken, why);
	buffer_take(&s->out, taken);
	return r;
}

static enum io block_push(struct http_service2 *s, struct failure *why)
{
	struct http_service_block *block = s->service.options->block;
	const size_t length = block->out_length;
	size_t taken;
	enum io r;

	block->out_length = 0;
	r = give(s, block->out, length, &taken, why);
	if (r == IO_AGAIN && !buffer_add(&s->out, block->out + taken, length - taken))
		return fail(why, FAILURE_OTHER, "out of memory");
	s->turn_bytes -= length < s->turn_bytes ? length : s->turn_bytes;
	return r;
}

static enum io flush(struct http_service2 *s, struct failure *why)
{
	enum io r = s->unflushed ? stream_flush(s->service.stream, why) : IO_DONE;

	if (r == IO_DONE)
		s->unflushed = false;
	return r;
}

/* IO_DONE: nothing is left to say at present. IO_AGAIN: something is. */
static enum io made_send(struct http_service2 *s, struct failure *why)
{
	enum io r = out_push(s, why);

	while (r == IO_DONE) {
		if (!s->turn_bytes)
			return IO_AGAIN;
		if (!http_service2_gather(s))
			return fail(why, FAILURE_OTHER, "HTTP/2: out of memory");
		r = s->out.length ? out_push(s, why) : IO_DONE;
		if (r == IO_DONE && !s->service.options->block->out_length)
			break;
		if (r == IO_DONE)
			r = block_push(s, why);
	}
	return r == IO_DONE ? flush(s, why) : r;
}

/* ------ deadlines ------ */

static bool awaits_client(const struct http_service2_stream *x)
{
	if (!x->told || x->over)
		return false;
	return x->answered || (!x->received && !x->held.length);
}

/* Whether the client is who has to do something: not when all answers are still being made. */
static bool client_is_awaited(const struct http_service2 *s)
{
	if (s->out.length || s->unflushed)
		return true;
	for (const struct http_service2_stream *x = s->first; x; x = x->next) {
		if (awaits_client(x))
			return true;
	}
	return false;
}

static enum http_service2_phase phase_now(const struct http_service2 *s)
{
	if (s->head_open || (!s->any && !s->leaving))
		return SERVICE2_HEAD;
	return s->active || s->out.length || s->unflushed || s->leaving ? SERVICE2_TRANSFER
									: SERVICE2_IDLE;
}

static void phase_set(struct http_service2 *s, enum http_service2_phase phase)
{
	const struct http_service_options *options = s->service.options;
	const int64_t ms = phase == SERVICE2_HEAD   ? options->head_ms
			   : phase == SERVICE2_IDLE ? options->idle_ms
						    : options->stall_ms;

	s->phase = (uint8_t)phase;
	s->progress = UINT64_MAX;
	s->service.deadline_ms = ms > 0 ? clock_ms() + ms : 0;
}

/* A phase that goes on keeps its deadline: one frame more of a head wins no time. */
static void phase_note(struct http_service2 *s)
{
	const enum http_service2_phase phase = phase_now(s);

	if (phase != s->phase || (s->turned && phase == SERVICE2_IDLE))
		phase_set(s, phase);
	s->turned = false;
}

/* How far bodies are, both ways; what the client gets by asking for nothing (pings) is none. */
static uint64_t progress_now(const struct http_service2 *s)
{
	const long behind = stream_unacknowledged(s->service.stream);
	const uint64_t waiting = s->control + (behind > 0 ? (uint64_t)behind : 0);

	return s->bodies + (s->service.sent > waiting ? s->service.sent - waiting : 0);
}

/* ------ a turn ------ */

static void leave(struct http_service2 *s)
{
	if (s->leaving)
		return;
	s->leaving = true;
	http2_library.submit_goaway(s->session, NGHTTP2_FLAG_NONE,
				    http2_library.session_get_last_proc_stream_id(s->session),
				    NGHTTP2_NO_ERROR, NULL, 0);
}

/* Whether nothing that is under way can go on without bytes from a client that has ended. */
static bool is_stuck(const struct http_service2 *s)
{
	for (const struct http_service2_stream *x = s->first; x; x = x->next) {
		if (x->told && !x->over && !x->answered && (x->received || x->held.length))
			return false;
	}
	return true;
}

/* Nothing is left to be sent: is that all? */
static enum io outcome(struct http_service2 *s, struct failure *why)
{
	const bool session_over = !http2_library.session_want_read(s->session) &&
				  !http2_library.session_want_write(s->session);

	if (!session_over && !(s->ended && is_stuck(s)))
		return IO_AGAIN;
	if (!s->active)
		return IO_DONE;
	fail(why, FAILURE_RECEIVE, "the client ended in the middle of a request");
	if (!session_over)
		return lost(s, why);
	fail(why, FAILURE_PROTOCOL, "%s", s->service.reason);
	all_over(s, why);
	return IO_DONE;
}

static enum io turn_over(struct http_service2 *s, enum io sent, struct failure *why)
{
	enum io r;

	sweep(s);
	r = sent == IO_DONE ? outcome(s, why) : IO_AGAIN;
	s->service.wait = sent == IO_DONE ? 0 : STREAM_WRITE;
	if (!s->ended && http2_library.session_want_read(s->session))
		s->service.wait |= STREAM_READ;
	if (r == IO_AGAIN)
		phase_note(s);
	return r;
}

static enum io service2_run(struct http_service *service, unsigned sides, struct failure *why)
{
	struct http_service2 *s = http_service2_of(service);
	enum io r, sent;

	s->turn_bytes = TURN_BYTES;
	r = early_take(s, why);
	http_service2_resume_all(s);
	if (r == IO_DONE)
		r = sides & STREAM_READ ? IO_DONE : IO_AGAIN;
	sent = IO_DONE;
	for (int reads = 0; r == IO_DONE && reads < TURN_READS; reads++) {
		r = receive(s, why);
		if (r == IO_DONE)
			sent = made_send(s, why);
		if (sent == IO_FAILED)
			return lost(s, why);
	}
	if (r == IO_FAILED)
		return lost(s, why);
	sent = made_send(s, why);
	return sent == IO_FAILED ? lost(s, why) : turn_over(s, sent, why);
}

/* ------ time is over ------ */

static enum io transfer_expired(struct http_service2 *s, struct failure *why)
{
	const struct http_service_options *options = s->service.options;
	const uint64_t now = progress_now(s);

	if (!client_is_awaited(s) || s->progress == UINT64_MAX ||
	    now - s->progress >= options->stall_bytes) {
		phase_set(s, SERVICE2_TRANSFER);
		s->progress = now;
		return IO_AGAIN;
	}
	fail(why, FAILURE_TIMEOUT, "the client moved %" PRIu64 " bytes in %" PRId64 " seconds",
	     now - s->progress, options->stall_ms / 1000);
	return lost(s, why);
}

/* The client is told, without waiting for it. */
static enum io end_now(struct http_service2 *s, const char *reason, struct failure *why)
{
	enum io r;

	s->service.reason = reason;
	leave(s);
	s->turn_bytes = TURN_BYTES;
	r = made_send(s, why);
	fail(why, FAILURE_TIMEOUT, "%s", reason);
	if (r == IO_FAILED || s->active)
		return lost(s, why);
	return IO_DONE;
}

static enum io service2_expired(struct http_service *service, struct failure *why)
{
	struct http_service2 *s = http_service2_of(service);

	if (service->deadline_ms == 0 || clock_ms() < service->deadline_ms)
		return IO_AGAIN;
	switch (s->phase) {
	case SERVICE2_HEAD:
		return end_now(s,
			       s->head_open ? "the head of a request was not whole in time"
					    : "no request came",
			       why);
	case SERVICE2_IDLE:
		return end_now(s, "idle", why);
	default:
		return transfer_expired(s, why);
	}
}

/* ------ the rest ------ */

static void service2_resume(struct http_service_request *request)
{
	struct http_service2_stream *x = (struct http_service2_stream *)(void *)request;

	x->resumed = true;
	http_service2_of(request->service)->resume = true;
}

static void service2_drain(struct http_service *service)
{
	service->reason = "server ended";
	leave(http_service2_of(service));
}

static size_t service2_unread(const struct http_service *service, const char **bytes)
{
	(void)service;
	*bytes = "";
	return 0;
}

static bool service2_take_stream(struct http_service_request *request)
{
	(void)request;
	return false;
}

static void service2_free(struct http_service *service)
{
	struct http_service2 *s = http_service2_of(service);
	struct failure why;

	fail(&why, FAILURE_RECEIVE, "the connection is over");
	all_over(s, &why);
	for (struct http_service2_stream *x = s->first, *next; x; x = next) {
		next = x->next;
		stream_forget(s, x);
	}
	http2_library.session_del(s->session);
	buffer_free(&s->early);
	buffer_free(&s->out);
	free(s);
}

static const struct http_service_ops service2_ops = {
	.name = "HTTP/2",
	.run = service2_run,
	.expired = service2_expired,
	.answer = http_service2_answer,
	.resume = service2_resume,
	.drain = service2_drain,
	.unread = service2_unread,
	.take_stream = service2_take_stream,
	.free = service2_free,
};

/* s->service is there, the rest zeroed. */
static bool begin(struct http_service2 *s, struct failure *why)
{
	s->service.ops = &service2_ops;
	s->service.reason = "client ended";
	s->allowance_ms = clock_ms() - SERVICE2_ALLOWANCE * 1000 / SERVICE2_ALLOWANCE_S - 1;
	s->session = http_service2_session_new(s);
	phase_set(s, SERVICE2_HEAD);
	if (!s->session)
		fail(why, FAILURE_OTHER, "HTTP/2: out of memory");
	return s->session != NULL;
}

struct http_service *http_service2_new(struct stream *stream,
				       const struct http_service_options *options,
				       const struct http_service_events *events, void *data,
				       const char *early, size_t early_length, struct failure *why)
{
	struct http_service2 *s;

	if (!http2_available(why))
		return NULL;
	s = memory_zeroed(1, sizeof *s);
	s->service = (struct http_service){
		.stream = stream,
		.options = options,
		.events = events,
		.data = data,
		.received = early_length,
	};
	if (early_length && !buffer_add(&s->early, early, early_length)) {
		fail(why, FAILURE_OTHER, "HTTP/2: out of memory");
		free(s);
		return NULL;
	}
	if (begin(s, why))
		return &s->service;
	service2_free(&s->service);
	return NULL;
}

/* Nothing of a request was told, so nobody but the owner knows of the memory. */
static_assert(sizeof(struct http_service2) <= sizeof(struct http_service1),
	      "HTTP/2 takes the place of HTTP/1");

bool http_service2_become(struct http_service *service, struct buffer *early, struct failure *why)
{
	struct http_service2 *s = http_service2_of(service);
	const struct http_service before = *service;

	*s = (struct http_service2){ .service = before, .early = *early };
	*early = (struct buffer){ 0 };
	s->service.preface = s->service.complete = false;
	return begin(s, why);
}
