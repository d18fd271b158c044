/* SPDX-License-Identifier: MIT */
/* tests/unit/net/child_reap.c
 * Holds: a child that ends is reaped in the loop and its status told, also when several end
 * together or it ended before it was watched; SIGCHLD that was ignored and blocked when we started
 * does not matter; children that nobody watches leave no zombies; who unwatches hears nothing; what
 * is left of the group can be asked for and signalled; the loop goes on as long as a child is
 * watched. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sockutil/net/child.h>

enum { MANY = 20 };

static struct ev_loop *loop;
static struct child children[MANY];
static int told, expected;

static void on_ended(void *data)
{
	struct child *child = data;

	cr_assert(child->ended);
	cr_assert_null(child->link);
	if (++told == expected)
		ev_break(loop, EVBREAK_ALL);
}

static void start(struct child *child, const char *command)
{
	const char *arguments[] = { "sh", "-c", command, NULL };
	struct failure why = { 0 };

	cr_assert(child_start(
		child, &(struct child_options){ .path = "/bin/sh", .arguments = arguments }, &why));
}

static void let_go(struct child *child)
{
	close(child->input);
	close(child->output);
}

static void give_up(struct ev_loop *l, struct ev_timer *timer, int events)
{
	(void)timer;
	(void)events;
	ev_break(l, EVBREAK_ALL);
}

/* Until all that are expected have ended, ten seconds at most. */
static void run(int count)
{
	struct ev_timer limit;

	expected = count;
	ev_timer_init(&limit, give_up, 10, 0);
	ev_timer_start(loop, &limit);
	ev_run(loop, 0);
	ev_timer_stop(loop, &limit);
	cr_assert_eq(told, count);
}

static void set_up(void)
{
	loop = ev_loop_new(EVFLAG_NOENV);
	child_reaper_begin(loop);
}

static void tear_down(void)
{
	child_reaper_end();
	ev_loop_destroy(loop);
}

TestSuite(child_reap, .init = set_up, .fini = tear_down);

Test(child_reap, tells_the_status)
{
	start(&children[0], "exit 7");
	child_watch(&children[0], on_ended, &children[0]);
	run(1);
	cr_assert_eq(child_exit_status(children[0].status), 7);
	cr_assert_not(child_signal(&children[0], 0));
	let_go(&children[0]);
}

Test(child_reap, many_that_end_together)
{
	for (int i = 0; i < MANY; ++i) {
		start(&children[i], "read line");
		child_watch(&children[i], on_ended, &children[i]);
	}
	for (int i = 0; i < MANY; ++i)
		let_go(&children[i]);
	run(MANY);
}

Test(child_reap, one_that_ended_before_it_was_watched)
{
	siginfo_t info;

	start(&children[0], "exit 3");
	cr_assert_eq(waitid(P_PID, (id_t)children[0].pid, &info, WEXITED | WNOWAIT), 0);
	child_watch(&children[0], on_ended, &children[0]);
	run(1);
	cr_assert_eq(child_exit_status(children[0].status), 3);
	let_go(&children[0]);
}

Test(child_reap_ignored, though_sigchld_was_ignored_and_blocked)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGCHLD, SIG_IGN);
	set_up();
	start(&children[0], "exit 4");
	child_watch(&children[0], on_ended, &children[0]);
	run(1);
	cr_assert_eq(child_exit_status(children[0].status), 4);
	let_go(&children[0]);
	tear_down();
}

Test(child_reap, who_unwatches_hears_nothing_and_no_zombie_stays)
{
	start(&children[0], "exit 0");
	start(&children[1], "read line");
	child_watch(&children[0], on_ended, &children[0]);
	child_watch(&children[1], on_ended, &children[1]);
	child_unwatch(&children[0]);
	child_unwatch(&children[0]);
	let_go(&children[0]);
	let_go(&children[1]);
	run(1);
	while (waitpid(children[0].pid, NULL, WNOHANG) == 0)
		ev_run(loop, EVRUN_ONCE);
	cr_assert_eq(waitpid(children[0].pid, NULL, WNOHANG), -1);
	cr_assert_not(children[0].ended);
}

Test(child_reap, what_is_left_of_a_group)
{
	start(&children[0], "sleep 1000 & exit 0");
	child_watch(&children[0], on_ended, &children[0]);
	run(1);
	cr_assert(child_signal(&children[0], 0));
	cr_assert(child_signal(&children[0], SIGKILL));
	/* Whoever adopts it reaps it: where the system can do that, we. */
	for (int i = 0; i < 1000 && child_signal(&children[0], 0); ++i) {
		ev_run(loop, EVRUN_NOWAIT);
		usleep(10000);
	}
	cr_assert_not(child_signal(&children[0], 0));
	let_go(&children[0]);
}

Test(child_reap, keeps_the_loop_while_a_child_is_watched)
{
	ev_run(loop, 0);
	start(&children[0], "exit 0");
	child_watch(&children[0], on_ended, &children[0]);
	ev_run(loop, 0);
	cr_assert_eq(told, 1);
	let_go(&children[0]);
	ev_run(loop, 0);
	child_reaper_end();
	child_reaper_end();
	child_reaper_begin(loop);
}
