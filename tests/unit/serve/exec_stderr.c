/* SPDX-License-Identifier: MIT */
/* Holds: each line becomes one of the log with the connection's name, masked; pieces are put
 * together; a long line is cut; the last one needs no newline; what is there at the stop is logged,
 * empty lines are not. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/serve/exec_stderr.h>

static char path[] = "/tmp/sockutil-stderr-XXXXXX";
static struct ev_loop *loop;
static struct exec_stderr errors;
static int ends[2];

static void set_up(void)
{
	const struct log_options options = {
		.command = "serve",
		.file = path,
		.level = LOG_LEVEL_NOTICE,
	};
	struct failure why = { 0 };

	close(mkstemp(path));
	cr_assert(log_open(&options, &why), "%s", why.text);
	loop = ev_loop_new(EVFLAG_NOENV);
	cr_assert_eq(pipe(ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	exec_stderr_start(&errors, loop, ends[0], "192.0.2.1:9", 123);
}

static void tear_down(void)
{
	unlink(path);
	ev_loop_destroy(loop);
}

static void say(const char *text)
{
	cr_assert_eq(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
}

static void logged(const char *expected)
{
	char got[8192] = { 0 };
	FILE *file;

	log_flush();
	file = fopen(path, "r");
	(void)!fread(got, 1, sizeof(got) - 1, file);
	fclose(file);
	cr_assert_str_eq(got, expected);
}

#define NAME "sockutil serve: 192.0.2.1:9: "

TestSuite(exec_stderr, .init = set_up, .fini = tear_down);

Test(exec_stderr, a_line_each_masked)
{
	say("one\ntw");
	ev_run(loop, EVRUN_NOWAIT);
	logged(NAME "one\n");
	say("o\x1b[31m\n\nlast");
	close(ends[1]);
	ev_run(loop, 0);
	logged(NAME "one\n" NAME "two\\x1b[31m\n" NAME "last\n");
	exec_stderr_stop(&errors);
	logged(NAME "one\n" NAME "two\\x1b[31m\n" NAME "last\n");
}

Test(exec_stderr, a_long_line_is_cut)
{
	char line[2 * EXEC_STDERR_LINE_MAX + 2], expected[3000];

	memset(line, 'x', sizeof(line));
	memcpy(line + sizeof(line) - 3, "y\n", 3);
	say(line);
	exec_stderr_stop(&errors);
	snprintf(expected, sizeof(expected), NAME "%.*s\n" NAME "%.*s\n", EXEC_STDERR_LINE_MAX,
		 line, EXEC_STDERR_LINE_MAX, line + EXEC_STDERR_LINE_MAX);
	logged(expected);
}

Test(exec_stderr, what_is_there_at_the_stop_is_logged)
{
	say("late words");
	exec_stderr_stop(&errors);
	logged(NAME "late words\n");
	cr_assert_not(ev_is_active(&errors.io));
}
