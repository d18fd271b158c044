/* SPDX-License-Identifier: MIT */
/* thread.c - holds: the function runs in another thread with its data; no signal reaches it; the
 * caller's signals are as they were. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include <sockutil/base/thread.h>

struct seen {
	sem_t done;
	pthread_t thread;
	sigset_t blocked;
};

static void *look(void *data)
{
	struct seen *seen = data;

	seen->thread = pthread_self();
	pthread_sigmask(SIG_SETMASK, NULL, &seen->blocked);
	sem_post(&seen->done);
	return NULL;
}

Test(thread, runs_beside_us_and_hears_no_signal, .timeout = 30)
{
	struct seen seen;
	sigset_t before, after;

	sem_init(&seen.done, 0, 0);
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	cr_assert(thread_start(look, &seen));
	while (sem_wait(&seen.done) != 0)
		;
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	cr_expect_not(pthread_equal(seen.thread, pthread_self()));
	cr_expect_eq(sigismember(&seen.blocked, SIGTERM), 1);
	cr_expect_eq(sigismember(&seen.blocked, SIGINT), 1);
	cr_expect_eq(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
	sem_destroy(&seen.done);
}
