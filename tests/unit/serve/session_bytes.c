/* SPDX-License-Identifier: MIT */
/*
 * Holds: what a client does not take is queued and goes out in order when it does; bytes are
 * counted both ways; a call on a session that failed says so and the session is over; the last
 * words go the ordinary way when they do not fit.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/serve/session.h>

enum { LARGE = 8 << 20 };

static struct running r;
static char *large;

/* A handler that sends much in one call, then ends. */
static void push_start(struct session *session)
{
	session_wait(session, session_write(session, large, LARGE) == IO_AGAIN ? STREAM_WRITE : 0);
}

static void push_ready(struct session *session, unsigned sides)
{
	(void)sides;
	switch (session_flush(session)) {
	case IO_AGAIN:
		session_wait(session, STREAM_WRITE);
		break;
	case IO_DONE:
		session_finish(session, "pushed");
		break;
	default:
		cr_assert_eq(session->state, SESSION_CLOSED);
	}
}

static const struct handler push_handler = { .name = "push",
					     .start = push_start,
					     .ready = push_ready };

static void last_start(struct session *session)
{
	session_say_last(session, large, LARGE, "said");
}

static const struct handler last_handler = { .name = "last", .start = last_start };

static void serve(const struct handler *handler)
{
	large = malloc(LARGE);
	for (int i = 0; i < LARGE; i++)
		large[i] = (char)(i * 31 + i / 257);
	running_prepare(&r, handler, NULL);
	running_start(&r);
}

TestSuite(session_bytes, .timeout = 30);

static void gets_everything(const char *reason)
{
	char *out = malloc(LARGE), expected[100];
	int fd = running_dial(&r);

	usleep(50000);
	cr_assert_eq(running_read(fd, out, LARGE), LARGE);
	cr_assert_eq(memcmp(out, large, LARGE), 0);
	close(fd);
	snprintf(expected, sizeof expected, ": %s; received 0 B, sent 8 MiB", reason);
	running_wait_log(&r, expected);
	running_stop(&r);
	free(out);
	free(large);
}

Test(session_bytes, are_queued_in_order)
{
	serve(&push_handler);
	gets_everything("pushed");
}

Test(session_bytes, last_words_that_do_not_fit)
{
	serve(&last_handler);
	gets_everything("said");
}

Test(session_bytes, a_reset_is_the_end)
{
	char out[100];
	int fd;

	serve(&push_handler);
	fd = running_dial(&r);
	cr_assert_eq(running_read(fd, out, sizeof out), sizeof out);
	running_reset(fd);
	running_wait_log(&r, "reset by peer");
	running_stop(&r);
	free(large);
}
