/* SPDX-License-Identifier: MIT */
/* The turning pattern of printable characters. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/serve/chargen.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

enum {
	PRINTABLE = 95,           /* ' ' to '~' */
	COLUMNS = 72,             /* of a line, RFC 864 */
	LINE = COLUMNS + 2,       /* "\r\n" behind it */
	CYCLE = PRINTABLE * LINE, /* then the pattern begins again */
	CYCLES = 9,               /* in memory, so that writes are large */
	WRITES = 16,              /* in one turn, before other connections get theirs */
};

struct chargen_state {
	size_t at; /* in the cycle */
};

static void *chargen_prepare(const void *options, struct failure *why)
{
	char *pattern = memory_zeroed(CYCLES, CYCLE);

	(void)options;
	(void)why;
	for (int line = 0; line < PRINTABLE; ++line) {
		char *at = pattern + line * LINE;

		for (int column = 0; column < COLUMNS; ++column)
			at[column] = (char)(' ' + (line + column) % PRINTABLE);
		memcpy(at + COLUMNS, "\r\n", 2);
	}
	for (int cycle = 1; cycle < CYCLES; ++cycle)
		memcpy(pattern + cycle * CYCLE, pattern, CYCLE);
	return pattern;
}

/* False when the session is over or finishing. */
static bool chargen_drop_input(struct session *session)
{
	size_t n = 0;
	const enum io r = session_read(session, session->server->scratch, SERVER_SCRATCH, &n);

	if (r == IO_END)
		session_finish(session, "client ended");
	return r == IO_DONE || r == IO_AGAIN;
}

static bool chargen_write(struct session *session)
{
	struct chargen_state *state = session_state(session);
	const char *pattern = session_data(session);

	for (int i = 0; i < WRITES; ++i) {
		size_t taken = 0;
		const enum io r = session_offer(session, pattern + state->at,
						(size_t)CYCLES * CYCLE - state->at, &taken);

		if (r != IO_DONE)
			return r != IO_FAILED;
		state->at = (state->at + taken) % CYCLE;
	}
	return true;
}

static void chargen_ready(struct session *session, unsigned sides)
{
	if ((sides & STREAM_READ) && !chargen_drop_input(session))
		return;
	if ((sides & STREAM_WRITE) &&
	    (!chargen_write(session) || session_flush(session) == IO_FAILED))
		return;
	session_wait(session, STREAM_READ | STREAM_WRITE);
}

static void chargen_start(struct session *session)
{
	chargen_ready(session, STREAM_WRITE);
}

static bool chargen_release(void *data, struct failure *why)
{
	(void)why;
	free(data);
	return true;
}

const struct handler chargen_handler = {
	.name = "chargen",
	.state_size = sizeof(struct chargen_state),
	.prepare = chargen_prepare,
	.start = chargen_start,
	.ready = chargen_ready,
	.release = chargen_release,
};
