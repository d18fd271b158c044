/* SPDX-License-Identifier: MIT */
/*
 * Holds: a server ends by itself after the connections it was to serve, with the first failing
 * one's status; what all sessions need is gone: it ends at once with that status; a handler is
 * called in its order.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

static struct running r;
static char calls[200];

static void called(const char *what)
{
	size_t length = strlen(calls);

	snprintf(calls + length, sizeof calls - length, "%s ", what);
}

static void *call_prepare(const void *options, struct failure *why)
{
	(void)why;
	called("prepare");
	return (void *)(uintptr_t)options;
}

static void call_begin(void *data, struct server *server)
{
	cr_assert_eq(data, server->data);
	called("begin");
}

static void call_start(struct session *session)
{
	const int *zeroed = session_state(session);

	cr_assert_eq(*zeroed, 0);
	called("start");
	session_wait(session, STREAM_READ);
}

/* "f" is a failure of its own, "e" one of everybody's. */
static void call_ready(struct session *session, unsigned sides)
{
	struct failure why = { 0 };
	char byte = 0;
	size_t n;

	cr_assert_eq(sides, STREAM_READ);
	called("ready");
	switch (session_read(session, &byte, 1, &n)) {
	case IO_DONE:
		fail(&why, byte == 'f' ? FAILURE_PROTOCOL : FAILURE_OUTPUT, "told to");
		if (byte == 'f')
			session_fail(session, &why);
		else
			server_end(session->server, &why);
		break;
	case IO_END:
		session_finish(session, "over");
		break;
	default:
		break;
	}
}

static void call_stop(struct session *session)
{
	(void)session;
	called("stop");
}

static void call_end(void *data)
{
	(void)data;
	called("end");
}

static bool call_release(void *data, struct failure *why)
{
	(void)data;
	called("release");
	fail(why, FAILURE_OUTPUT, "closing failed");
	return false;
}

static const struct handler call_handler = {
	.name = "calls",
	.state_size = sizeof(int),
	.prepare = call_prepare,
	.begin = call_begin,
	.start = call_start,
	.ready = call_ready,
	.stop = call_stop,
	.end = call_end,
	.release = call_release,
};

static void set_up(void)
{
	running_prepare(&r, &call_handler, "options");
}

TestSuite(server, .init = set_up, .timeout = 30);

static void say(const char *text)
{
	int fd = running_dial(&r);
	char out[10];

	send(fd, text, strlen(text), 0);
	shutdown(fd, SHUT_WR);
	running_read(fd, out, sizeof out);
	close(fd);
}

Test(server, calls_a_handler_in_its_order)
{
	r.options.accept = 1;
	running_start(&r);
	say("");
	running_wait(&r);
	cr_assert_str_eq(calls, "prepare begin start ready stop end release ");
	cr_assert_eq(r.result.status, 23, "what release says counts when nothing else failed");
}

Test(server, ends_with_the_first_failing_ones_status)
{
	r.options.accept = 3;
	running_start(&r);
	say("f");
	say("");
	say("");
	running_wait(&r);
	cr_assert_eq(r.result.status, 8);
	cr_assert(strstr(running_log(&r), ": told to; received 1 B"), "%s", running_log(&r));
}

Test(server, ends_when_all_have_lost_something)
{
	int other;

	running_start(&r);
	other = running_dial(&r);
	say("e");
	running_wait(&r);
	close(other);
	cr_assert_eq(r.result.status, 23);
	cr_assert_eq(r.result.signal, 0);
	cr_assert(strstr(running_log(&r), "sockutil serve: told to\n"), "%s", running_log(&r));
	cr_assert(strstr(running_log(&r), "cut by the end of the server"), "%s", running_log(&r));
}
