/* SPDX-License-Identifier: MIT */
/* tests/unit/connect/client_program.c
 * Holds: the program runs with its arguments and is told of both ends of the connection, not of
 * another one's; its end is told with its status; what cannot be run is told. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/connect/client_program.h>

static struct ev_loop *loop;
static int status = -1;

static void on_ended(void *data, int how)
{
	(void)data;
	status = how;
	ev_break(loop, EVBREAK_ALL);
}

static void set_up(void)
{
	loop = ev_loop_new(EVFLAG_NOENV);
	programs_begin(loop);
}

static void tear_down(void)
{
	programs_finish(true);
	ev_loop_destroy(loop);
}

TestSuite(client_program, .init = set_up, .fini = tear_down);

Test(client_program, is_told_of_the_connection)
{
	const char *arguments[] = { "sh", "-c",
				    "echo $TCPREMOTEIP $TCPREMOTEPORT $KEPT $TCPREMOTEHOST; exit 3",
				    NULL };
	const struct client_program options = { .path = "/bin/sh", .arguments = arguments };
	struct stream_report report = { 0 };
	struct failure why = { 0 };
	struct program *program;
	char got[64] = { 0 };
	size_t n;

	setenv("TCPREMOTEHOST", "old", 1);
	setenv("KEPT", "kept", 1);
	cr_assert(address_parse_ip("192.0.2.1", 25, &report.dial.peer));
	cr_assert(address_parse_ip("192.0.2.2", 4711, &report.dial.local));
	program = client_program_start(&options, &report, on_ended, NULL, &why);
	cr_assert(program, "%s", why.text);
	ev_run(loop, 0);
	cr_assert_eq(child_exit_status(status), 3);
	cr_assert_eq(stream_read(program_stream(program), got, sizeof(got) - 1, &n, &why), IO_DONE);
	cr_assert_str_eq(got, "192.0.2.1 25 kept\n");
	program_leave(program);
}

Test(client_program, what_cannot_be_run)
{
	const char *arguments[] = { "x", NULL };
	const struct client_program options = { .path = "/nowhere/x", .arguments = arguments };
	const struct stream_report report = { 0 };
	struct failure why = { 0 };

	cr_assert_null(client_program_start(&options, &report, on_ended, NULL, &why));
	cr_assert_str_eq(why.text, "cannot run /nowhere/x: No such file or directory");
}
