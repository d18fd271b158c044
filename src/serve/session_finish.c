/* SPDX-License-Identifier: MIT */
/* The end of a connection in order: what waits goes out, then our half-close, then the client's
 * end is awaited. */
#include <sockutil/base/clock.h>
#include <sockutil/serve/acceptor.h>
#include <sockutil/serve/lingering.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/serve/session_parts.h>

enum {
	LINGER_MS = 2000,       /* for a client that neither ends nor sends */
	LINGER_DRAIN_MS = 250,  /* the same while the server ends */
	LINGER_MAX = 256 * 1024 /* bytes read and dropped, at most */
};

/* The client may be blocked in sending, and then would never take what waits for it. True: the
 * session is over. */
static bool session_drop_input(struct session *s)
{
	while (!s->ended && s->dropped < LINGER_MAX) {
		struct failure why;
		size_t n = 0;
		enum io r;

		why.class = FAILURE_NONE;
		r = stream_read(s->stream, s->server->scratch, SERVER_SCRATCH, &n, &why);
		if (r == IO_AGAIN)
			return false;
		if (r == IO_END)
			s->ended = true;
		if (r == IO_FAILED) {
			/* Once the client's kernel has everything, how the client leaves takes
			 * nothing back. */
			session_over(s, s->state == SESSION_LINGERING && why.class != FAILURE_SEND
						? NULL
						: &why);
			return true;
		}
		s->dropped += (uint32_t)n;
		s->received += n;
	}
	return false;
}

bool session_ask(struct session *s)
{
	if (s->state == SESSION_CLOSED || session_drop_input(s))
		return true;
	if (!s->ended && s->dropped < LINGER_MAX)
		return false;
	/* The exit status depends on it: every byte has to be acknowledged. */
	if (s->server->options->accept > 0 && s->ended) {
		struct failure why = { 0 };
		const enum io r = stream_settle(s->stream, &why);

		if (r == IO_AGAIN)
			return false;
		session_over(s, r == IO_FAILED ? &why : NULL);
		return true;
	}
	session_over(s, NULL);
	return true;
}

void session_linger(struct session *s)
{
	if (s->ended) { /* only the acknowledgement is missing */
		session_arm(s, 1);
		return;
	}
	if (!ev_is_active(&s->timer))
		session_arm(s, s->server->draining ? LINGER_DRAIN_MS : LINGER_MS);
	stream_watch_for(&s->watch, STREAM_READ);
}

static void session_step_linger(struct session *s)
{
	s->state = SESSION_LINGERING;
	ev_timer_stop(s->server->loop, &s->timer);
	stream_watch_for(&s->watch, 0);
	if (s->ended && session_ask(s))
		return;
	if (s->ended || acceptor_full(s->server) || !lingering_add(s->server->lingering, s))
		session_linger(s);
}

void session_step_finish(struct session *s)
{
	struct failure why = { 0 };
	enum io r = session_flush(s);

	if (r == IO_FAILED)
		return;
	if (r == IO_DONE)
		r = stream_end(s->stream, &why);
	if (r == IO_FAILED) {
		session_fail(s, &why);
	} else if (r == IO_AGAIN) {
		if (!session_drop_input(s))
			stream_watch_for(&s->watch, s->ended || s->dropped >= LINGER_MAX
							    ? STREAM_WRITE
							    : STREAM_READ | STREAM_WRITE);
	} else {
		session_step_linger(s);
	}
}

void session_finish(struct session *s, const char *reason)
{
	if (s->state == SESSION_CLOSED || s->state == SESSION_LINGERING)
		return;
	s->reason = reason;
	s->held = false;
	s->relayed = false;
	s->limit_ms = 0;
	s->state = SESSION_FLUSHING;
	session_run_timer(s);
	session_step_finish(s);
}

void session_finish_within(struct session *s, const char *reason, int64_t ms)
{
	session_finish(s, reason);
	if (s->state == SESSION_CLOSED)
		return;
	s->limit_ms = clock_ms() + ms;
	if (s->state == SESSION_FLUSHING)
		session_run_timer(s);
}

void session_drain(struct session *s)
{
	const struct handler *handler = s->handler;

	if (s->state <= SESSION_OPENING)
		session_close(s, "server ended");
	else if (s->state == SESSION_RUNNING && handler->drain)
		handler->drain(s);
	else if (s->state == SESSION_RUNNING)
		session_finish(s, "server ended");
	else if (s->state == SESSION_LINGERING && ev_is_active(&s->timer))
		session_arm(s, LINGER_DRAIN_MS);
}

/* Closing is safe once the client's kernel has everything: then not even a reset can take it back.
 */
void session_expire_linger(struct session *s)
{
	struct failure why = { 0 };

	switch (stream_settle(s->stream, &why)) {
	case IO_AGAIN:
		if (s->server->options->idle_ms > 0 && session_idle_left(s) <= 0)
			session_fail_idle(s);
		else if (session_limit_over(s))
			session_abort(s, s->reason);
		else
			session_arm(s,
				    s->ended ? stream_wake_ms(s->stream, STREAM_WRITE) : LINGER_MS);
		break;
	case IO_FAILED:
		session_fail(s, &why);
		break;
	default:
		session_over(s, NULL);
	}
}
