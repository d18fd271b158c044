/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/program.c
 * Holds: a program is joined by its stream and its end told with its status; once left it is hung
 * up, stopped or not, and gone is the last word; who ignores that is killed after the grace, or at
 * once without one; one that ended by itself is gone at once; finishing waits for those that were
 * left, or not; what cannot be started calls nothing. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/stream/program.h>

static struct ev_loop *loop;
static struct program *program;
static int ended, gone, status;
static pid_t pid;

static void on_ended(void *data, int how)
{
	cr_assert_eq(data, &program);
	ended++;
	status = how;
	ev_break(loop, EVBREAK_ALL);
}

static void on_gone(void *data)
{
	cr_assert_eq(data, &program);
	gone++;
	ev_break(loop, EVBREAK_ALL);
}

static struct program_options options_of(const char *const *arguments, int64_t grace_ms)
{
	return (struct program_options){
		.child = { .path = arguments[0], .arguments = arguments },
		.grace_ms = grace_ms,
		.ended = on_ended,
		.gone = on_gone,
		.data = &program,
	};
}

static void start(const char *command, int64_t grace_ms)
{
	const char *arguments[] = { "/bin/sh", "-c", command, NULL };
	const struct program_options options = options_of(arguments, grace_ms);
	struct failure why = { 0 };

	program = program_start(&options, &why);
	cr_assert(program, "%s", why.text);
	pid = program_id(program);
}

/* Until it has said a line. */
static void wait_ready(void)
{
	struct failure why;
	char byte;
	size_t n;

	while (stream_read(program_stream(program), &byte, 1, &n, &why) == IO_AGAIN)
		usleep(1000);
}

static bool group_is_there(void)
{
	return kill(-pid, 0) == 0;
}

static void set_up(void)
{
	signal(SIGPIPE, SIG_IGN);
	loop = ev_loop_new(EVFLAG_NOENV);
	programs_begin(loop);
}

static void tear_down(void)
{
	programs_finish(true);
	ev_loop_destroy(loop);
}

TestSuite(program, .init = set_up, .fini = tear_down);

Test(program, is_joined_and_its_end_told)
{
	struct failure why;
	char got[16] = { 0 };
	size_t n;

	start("read line; echo $line; exit 5", 1000);
	cr_assert_eq(stream_write(program_stream(program), "hello\n", 6, &n, &why), IO_DONE);
	ev_run(loop, 0);
	cr_assert_eq(ended, 1);
	cr_assert_eq(child_exit_status(status), 5);
	cr_assert_eq(stream_read(program_stream(program), got, sizeof(got), &n, &why), IO_DONE);
	cr_assert_str_eq(got, "hello\n");
	cr_assert_eq(program_errors(program), -1);
	program_leave(program);
	cr_assert_eq(gone, 1, "at once: nothing was left");
}

Test(program, is_hung_up_with_all_its_group)
{
	start("sleep 1000 & echo; sleep 1001", 60000);
	wait_ready();
	program_leave(program);
	ev_run(loop, 0);
	cr_assert_eq(gone, 1);
	cr_assert_eq(ended, 0);
	cr_assert_not(group_is_there());
}

Test(program, is_hung_up_though_it_is_stopped)
{
	start("echo; exec sleep 1000", 60000);
	wait_ready();
	kill(pid, SIGSTOP);
	program_leave(program);
	ev_run(loop, 0);
	cr_assert_eq(gone, 1);
}

Test(program, is_killed_after_the_grace)
{
	const int64_t before = clock_ms();

	start("trap '' HUP; sleep 1000 & echo; sleep 1000", 200);
	wait_ready();
	program_leave(program);
	ev_run(loop, 0);
	cr_assert_eq(gone, 1);
	cr_assert_geq(clock_ms() - before, 150);
	for (int i = 0; i < 1000 && group_is_there(); ++i) {
		ev_run(loop, EVRUN_NOWAIT); /* it may be ours to reap */
		usleep(10000);
	}
	cr_assert_not(group_is_there());
}

Test(program, is_killed_at_once_without_a_grace)
{
	start("trap '' HUP; echo; exec sleep 1000", 0);
	wait_ready();
	program_leave(program);
	ev_run(loop, 0);
	cr_assert_eq(gone, 1);
}

Test(program, what_it_left_behind_is_ended_too)
{
	start("trap '' HUP; sleep 1000 >/dev/null & exit 0", 100);
	ev_run(loop, 0);
	cr_assert_eq(ended, 1);
	cr_assert(group_is_there());
	program_leave(program);
	cr_assert_eq(gone, 0);
	ev_run(loop, 0);
	cr_assert_eq(gone, 1);
	for (int i = 0; i < 1000 && group_is_there(); ++i) {
		ev_run(loop, EVRUN_NOWAIT); /* it may be ours to reap */
		usleep(10000);
	}
	cr_assert_not(group_is_there());
}

Test(program, finishing_waits_for_those_that_were_left)
{
	start("trap 'sleep 0.1; exit 0' HUP; echo; while :; do sleep 0.01; done", 60000);
	wait_ready();
	program_leave(program);
	programs_finish(false);
	cr_assert_eq(gone, 1);
	cr_assert_not(group_is_there());
	programs_begin(loop);
}

Test(program, finishing_at_once_kills)
{
	start("trap '' HUP; echo; exec sleep 1000", 60000);
	wait_ready();
	programs_finish(true);
	cr_assert_eq(gone, 1);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	cr_assert_not(group_is_there());
	programs_begin(loop);
}

Test(program, what_cannot_be_started_calls_nothing)
{
	const char *arguments[] = { "/nowhere/program", NULL };
	const struct program_options options = options_of(arguments, 0);
	struct failure why = { 0 };

	cr_assert_null(program_start(&options, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, "cannot run /nowhere/program: No such file or directory");
	cr_assert_eq(gone, 0);
}
