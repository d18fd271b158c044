/* SPDX-License-Identifier: MIT */
/* Programs that have ended. */
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

#include <sockutil/net/child.h>
#include <sockutil/net/child_parts.h>

static struct {
	struct ev_loop *loop; /* NULL: not begun */
	struct ev_signal signal;
	struct child *first;
} reaper;

static struct child *find(pid_t pid)
{
	struct child *child = reaper.first;

	while (child && child->pid != pid)
		child = child->next;
	return child;
}

void child_unwatch(struct child *child)
{
	if (!child->link)
		return;
	ev_unref(reaper.loop);
	if (child->next)
		child->next->link = child->link;
	*child->link = child->next;
	child->link = NULL;
	child->next = NULL;
}

/* Signals of one kind that come together are one: everyone who has ended is looked for. */
static void reap(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
	int status;
	pid_t pid;

	(void)loop;
	(void)watcher;
	(void)events;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *child = find(pid);

		if (!child)
			continue;
		child_unwatch(child);
		child->status = status;
		child->ended = true;
		child->on_ended(child->data);
	}
}

void child_reaper_begin(struct ev_loop *loop)
{
	sigset_t set;

	reaper.loop = loop;
	child_adopt();
	ev_signal_init(&reaper.signal, reap, SIGCHLD);
	ev_signal_start(loop, &reaper.signal);
	ev_unref(loop);
	/* Whoever started us may have blocked it. */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void child_reaper_end(void)
{
	if (!reaper.loop)
		return;
	ev_ref(reaper.loop);
	ev_signal_stop(reaper.loop, &reaper.signal);
	reaper.loop = NULL;
}

void child_watch(struct child *child, child_ended_fn *ended, void *data)
{
	ev_ref(reaper.loop);
	child->on_ended = ended;
	child->data = data;
	child->next = reaper.first;
	child->link = &reaper.first;
	if (child->next)
		child->next->link = &child->next;
	reaper.first = child;
}

bool child_signal(const struct child *child, int signal)
{
	return child->pid > 0 && (kill(-child->pid, signal) == 0);
}
