/* SPDX-License-Identifier: MIT */
/* Several processes, looked after by the first one. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/serve/notify.h>
#include <sockutil/serve/workers.h>

enum {
	PAUSE_FIRST_MS = 100,
	PAUSE_MAX_MS = 10000,
	STEADY_MS = 60000, /* a worker that lived so long starts with the first pause again */
};

struct worker {
	pid_t pid;   /* 0: not running */
	int control; /* our end of the pipe */
	int64_t started_ms;
	int64_t pause_ms; /* the last one */
	int64_t due_ms;   /* when to start it again */
};

struct workers {
	const struct workers_options *options;
	struct worker *all;
	sigset_t signals;
	sigset_t before;
	int64_t end_ms; /* when time is up; INT64_MAX: never */
	bool ending;
	struct workers_result result;
};

static const int passed_on[] = { SIGTERM, SIGINT, SIGHUP };
enum { PASSED_ON = sizeof(passed_on) / sizeof(passed_on[0]) };

/* ------ the child ------ */

static _Noreturn void worker_run(struct workers *w, unsigned index, int control)
{
	int status;

	for (int i = 0; i < PASSED_ON; ++i)
		signal(passed_on[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_SETMASK, &w->before, NULL);
	/* A worker that held these would keep its brothers from seeing the end of the first
	 * process. */
	for (unsigned i = 0; i < w->options->count; ++i)
		if (w->all[i].pid != 0 && w->all[i].control >= 0)
			close(w->all[i].control);
	status = w->options->run(w->options->data, index, control);
	log_flush();
	_exit(status);
}

static bool worker_start(struct workers *w, unsigned index, struct failure *why)
{
	struct worker *worker = &w->all[index];
	int ends[2];

	if (pipe(ends) != 0) {
		fail_errno(why, FAILURE_OTHER, errno, "cannot make a pipe to worker %u", index + 1);
		return false;
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	log_flush(); /* or the child would write it again */
	worker->pid = fork();
	if (worker->pid == 0) {
		close(ends[1]);
		worker_run(w, index, ends[0]);
	}
	close(ends[0]);
	if (worker->pid < 0) {
		worker->pid = 0;
		close(ends[1]);
		fail_errno(why, FAILURE_OTHER, errno, "cannot start worker %u", index + 1);
		return false;
	}
	worker->control = ends[1];
	worker->started_ms = clock_ms();
	log_info("worker %u is process %ld", index + 1, (long)worker->pid);
	return true;
}

/* ------ the first process ------ */

static void workers_alarm(int64_t ms)
{
	const struct itimerval timer = {
		.it_value = {
			.tv_sec = (time_t)(ms / 1000),
			.tv_usec = (suseconds_t)((ms % 1000) * 1000),
		},
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

/* SIGALRM comes when the next worker is due. */
static void workers_plan(const struct workers *w)
{
	const int64_t now = clock_ms();
	int64_t next = w->end_ms;

	for (unsigned i = 0; i < w->options->count; ++i)
		if (w->all[i].pid == 0 && w->all[i].due_ms < next)
			next = w->all[i].due_ms;
	if (next != INT64_MAX && !w->ending)
		workers_alarm(next > now ? next - now : 1);
}

static void workers_revive(struct workers *w)
{
	struct failure why = { 0 };

	for (unsigned i = 0; i < w->options->count && !w->ending; ++i) {
		struct worker *worker = &w->all[i];

		if (worker->pid != 0 || worker->due_ms > clock_ms() || worker_start(w, i, &why))
			continue;
		log_warning("%s", why.text);
		worker->due_ms = clock_ms() + PAUSE_MAX_MS;
	}
	workers_plan(w);
}

static void worker_died(struct workers *w, unsigned index, int status)
{
	struct worker *worker = &w->all[index];
	const bool steady = clock_ms() - worker->started_ms > STEADY_MS;
	char pause[32], how[64];

	worker->pause_ms = steady || worker->pause_ms == 0 ? PAUSE_FIRST_MS : 2 * worker->pause_ms;
	if (worker->pause_ms > PAUSE_MAX_MS)
		worker->pause_ms = PAUSE_MAX_MS;
	worker->due_ms = clock_ms() + worker->pause_ms;
	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "was ended by signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "ended with status %d", WEXITSTATUS(status));
	log_warning("worker %u %s; it starts again in %s", index + 1, how,
		    duration_text(pause, sizeof(pause), worker->pause_ms));
}

static void workers_reap(struct workers *w)
{
	int status;

	for (unsigned i = 0; i < w->options->count; ++i) {
		struct worker *worker = &w->all[i];

		if (worker->pid == 0 || waitpid(worker->pid, &status, WNOHANG) != worker->pid)
			continue;
		worker->pid = 0;
		close(worker->control);
		worker->control = -1;
		if (w->options->ended)
			w->options->ended(w->options->data, i);
		if (!w->ending)
			worker_died(w, i, status);
		else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			w->result.drained = false;
	}
	workers_plan(w);
}

static void workers_pass_on(struct workers *w, int signal)
{
	const unsigned char byte = (unsigned char)signal;

	for (unsigned i = 0; i < w->options->count; ++i)
		if (w->all[i].pid != 0 && write(w->all[i].control, &byte, 1) != 1)
			log_warning("worker %u does not hear", i + 1);
}

static void workers_reload(struct workers *w)
{
	notify_reloading();
	workers_pass_on(w, SIGHUP);
	notify_ready();
}

static bool workers_running(const struct workers *w)
{
	for (unsigned i = 0; i < w->options->count; ++i)
		if (w->all[i].pid != 0)
			return true;
	return false;
}

static void workers_finish(struct workers *w, int signal, int passed)
{
	w->ending = true;
	notify_stopping();
	w->result.signal = signal;
	workers_pass_on(w, passed);
	if (w->options->ending)
		w->options->ending(w->options->data);
}

static void workers_alarmed(struct workers *w)
{
	if (!w->ending && clock_ms() >= w->end_ms)
		workers_finish(w, 0, SIGTERM);
	else
		workers_revive(w);
}

static void workers_handle(struct workers *w, int signal)
{
	if (signal == SIGCHLD)
		workers_reap(w);
	else if (signal == SIGALRM)
		workers_alarmed(w);
	else if (signal == SIGHUP && w->options->reloads)
		workers_reload(w);
	else
		workers_finish(w, signal, signal);
}

static void workers_heard(int signal)
{
	(void)signal; /* only so that the signal is not ignored: sigwait takes it */
}

static void workers_listen(struct workers *w)
{
	struct sigaction action;

	sigemptyset(&w->signals);
	sigaddset(&w->signals, SIGCHLD);
	sigaddset(&w->signals, SIGALRM);
	signal(SIGCHLD, workers_heard);
	for (int i = 0; i < PASSED_ON; ++i)
		if (sigaction(passed_on[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&w->signals, passed_on[i]);
	sigprocmask(SIG_BLOCK, &w->signals, &w->before);
}

static void workers_end(struct workers *w)
{
	for (unsigned i = 0; i < w->options->count; ++i) {
		if (w->all[i].pid == 0)
			continue;
		close(w->all[i].control);
		waitpid(w->all[i].pid, NULL, 0);
		w->all[i].pid = 0;
	}
}

static bool workers_begin(struct workers *w, struct failure *why)
{
	for (unsigned i = 0; i < w->options->count; ++i)
		if (!worker_start(w, i, why))
			return false;
	return !w->options->started || w->options->started(w->options->data, why);
}

bool workers_supervise(const struct workers_options *options, struct workers_result *result,
		       struct failure *why)
{
	struct workers w = {
		.options = options,
		.end_ms = options->max_ms > 0 ? clock_ms() + options->max_ms : INT64_MAX,
		.result.drained = true,
	};
	bool begun;

	w.all = memory_zeroed(options->count, sizeof(*w.all));
	workers_listen(&w);
	begun = workers_begin(&w, why);
	if (!begun)
		workers_end(&w);
	workers_plan(&w);
	while (begun && (!w.ending || workers_running(&w))) {
		int came = 0;

		log_flush();
		if (sigwait(&w.signals, &came) == 0)
			workers_handle(&w, came);
	}
	*result = w.result;
	sigprocmask(SIG_SETMASK, &w.before, NULL);
	free(w.all);
	return begun;
}

unsigned workers_auto(void)
{
	const long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (processors < 1)
		return 1;
	return processors > WORKERS_MAX ? WORKERS_MAX : (unsigned)processors;
}
