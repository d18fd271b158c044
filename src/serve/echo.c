/* SPDX-License-Identifier: MIT */
/* What comes goes back. */
#include <sockutil/serve/echo.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

/* Reads in one turn, before other connections get theirs. */
enum { READS = 8 };

/* True while it may go on at once. */
static bool echo_once(struct session *session, unsigned *wait)
{
	char *scratch = session->server->scratch;
	size_t n = 0;

	*wait = 0;
	switch (session_read(session, scratch, SERVER_SCRATCH, &n)) {
	case IO_DONE:
		break;
	case IO_AGAIN:
		*wait = STREAM_READ;
		return false;
	case IO_END:
		session_finish(session, "client ended");
		return false;
	default:
		return false;
	}
	switch (session_write(session, scratch, n)) {
	case IO_DONE:
		/* Less than there was room for: most likely nothing more is there, and asking
		 * costs a call. */
		*wait = STREAM_READ;
		return n == SERVER_SCRATCH;
	case IO_AGAIN:
		*wait = STREAM_WRITE;
		return false;
	default:
		return false;
	}
}

static void echo_ready(struct session *session, unsigned sides)
{
	unsigned wait = 0;

	if (sides & STREAM_WRITE) {
		const enum io r = session_flush(session);

		if (r == IO_AGAIN)
			session_wait(session, STREAM_WRITE);
		if (r != IO_DONE)
			return;
	}
	for (int i = 0; i < READS && echo_once(session, &wait); ++i)
		;
	if (wait)
		session_wait(session, wait);
}

static void echo_start(struct session *session)
{
	session_wait(session, STREAM_READ);
}

const struct handler echo_handler = {
	.name = "echo",
	.start = echo_start,
	.ready = echo_ready,
};
