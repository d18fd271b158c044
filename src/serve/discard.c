/* SPDX-License-Identifier: MIT */
/* What comes is dropped. */
#include <sockutil/serve/discard.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

/* Reads in one turn, before other connections get theirs. */
enum { READS = 16 };

static void discard_ready(struct session *session, unsigned sides)
{
	(void)sides;
	for (int i = 0; i < READS; ++i) {
		size_t n = 0;
		const enum io r =
			session_read(session, session->server->scratch, SERVER_SCRATCH, &n);

		if (r == IO_AGAIN)
			break;
		if (r == IO_END)
			session_finish(session, "client ended");
		if (r != IO_DONE)
			return;
	}
	session_wait(session, STREAM_READ);
}

static void discard_start(struct session *session)
{
	session_wait(session, STREAM_READ);
}

const struct handler discard_handler = {
	.name = "discard",
	.start = discard_start,
	.ready = discard_ready,
};
