/* SPDX-License-Identifier: MIT */
/*
 * Holds: SIGTERM ends an idle server with 0; sessions may finish, and are cut when grace runs out
 * or at the second signal; SIGHUP reads rules again, keeps the old ones when the new are bad, and
 * without rules ends the server; --max-time ends it with its own status.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/serve/chargen.h>
#include <sockutil/serve/drain.h>
#include <sockutil/serve/echo.h>
#include <sockutil/serve/reply.h>

static struct running r;
static const struct reply_options slow = { .reply = "{message}",
					   .delay_ms = 60000,
					   .max_message = 100 };

TestSuite(drain, .timeout = 30);

/* A session that has a minute to go. */
static int begun(int64_t grace_ms)
{
	int fd;

	running_prepare(&r, &reply_handler, &slow);
	r.options.grace_ms = grace_ms;
	running_start(&r);
	fd = running_dial(&r);
	send(fd, "x", 1, 0);
	running_wait_log(&r, "connected from");
	usleep(50000);
	return fd;
}

Test(drain, an_idle_server)
{
	running_prepare(&r, &echo_handler, NULL);
	running_start(&r);
	running_stop(&r);
	cr_assert(r.ran && r.result.status == 0 && r.result.signal == 0);
}

Test(drain, cuts_when_grace_runs_out)
{
	char out[1];
	int fd = begun(100);

	running_stop(&r);
	cr_assert_eq(r.result.signal, SIGTERM);
	cr_assert_eq(running_read(fd, out, 1), -1, "a cut is a reset");
	running_wait_log(&r, "ending: 1 connection may finish");
	running_wait_log(&r, "cut by the end of the server");
}

Test(drain, cuts_at_once_without_grace)
{
	begun(0);
	running_stop(&r);
	cr_assert_eq(r.result.signal, SIGTERM);
}

Test(drain, cuts_at_the_second_signal)
{
	begun(60000);
	kill(getpid(), SIGTERM);
	running_wait_log(&r, "may finish");
	kill(getpid(), SIGINT);
	running_wait(&r);
	cr_assert_eq(r.result.signal, SIGINT);
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
}

Test(drain, reads_rules_again)
{
	char rule[301], file[300], out[10];
	const char *allow[] = { rule, NULL };

	running_prepare(&r, &echo_handler, NULL);
	snprintf(file, sizeof file, "%s", running_path(&r, "rules"));
	snprintf(rule, sizeof rule, "@%s", file);
	put(file, "10.0.0.0/8\n");
	r.options.allow = allow;
	running_start(&r);
	put(file, "127.0.0.1/99\n");
	kill(getpid(), SIGHUP);
	running_wait_log(&r, "the rules stay as they were");
	put(file, "127.0.0.1\n");
	kill(getpid(), SIGHUP);
	running_wait_log(&r, "--allow and --deny read again");
	cr_assert_eq(running_exchange(&r, "x", 1, out, sizeof out), 1);
	running_stop(&r);
}

Test(drain, hangs_up_without_rules)
{
	running_prepare(&r, &echo_handler, NULL);
	running_start(&r);
	kill(getpid(), SIGHUP);
	running_wait(&r);
	cr_assert(r.result.status == 0 && r.result.signal == 0);
}

Test(drain, time_is_up)
{
	running_prepare(&r, &echo_handler, NULL);
	r.options.max_ms = 100;
	running_start(&r);
	running_wait(&r);
	cr_assert_eq(r.result.status, 28);
	running_wait_log(&r, "sockutil serve: time is up after 100ms (--max-time)\n");
	cr_assert_eq(drain_say_time_is_up(&r.options), 28);
}
