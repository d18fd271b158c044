/* SPDX-License-Identifier: MIT */
/* src/stream/program.c - a program, from its start until nothing of it is left. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/stream/layer_program.h>
#include <sockutil/stream/program.h>

/* How often an ending group is asked whether it is there. */
enum { BEAT_MS = 50 };

/* Invariants: in the list from start to gone; stream is NULL exactly when the user has left, and
 * then the beat runs. */
struct program {
	struct child child;
	struct stream *stream;
	struct program_options options;
	struct ev_timer beat;
	int64_t kill_ms; /* clock_ms() of SIGKILL */
	bool terminal;
	bool killed;
	struct program *next;
	struct program **link;
};

static struct {
	struct ev_loop *loop;
	struct program *first;
	bool finishing;
} programs;

static void program_gone(struct program *p)
{
	child_unwatch(&p->child);
	ev_timer_stop(programs.loop, &p->beat);
	if (p->next)
		p->next->link = p->link;
	*p->link = p->next;
	if (p->options.gone)
		p->options.gone(p->options.data);
	if (p->child.errors >= 0)
		close(p->child.errors);
	free(p);
	if (programs.finishing && !programs.first)
		ev_break(programs.loop, EVBREAK_ALL);
}

static void program_kill(struct program *p)
{
	p->killed = true;
	child_signal(&p->child, SIGKILL);
}

/* The child itself has been reaped, and of its group nobody is left, or nobody who could survive.
 */
static bool program_is_over(const struct program *p)
{
	return p->child.ended && (p->killed || !child_signal(&p->child, 0));
}

static void program_beat(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct program *p = timer->data;

	(void)loop;
	(void)events;
	if (!p->killed && clock_ms() >= p->kill_ms && !program_is_over(p))
		program_kill(p);
	if (program_is_over(p))
		program_gone(p);
}

static void program_ended(void *data)
{
	struct program *p = data;

	if (p->stream)
		p->options.ended(p->options.data, p->child.status);
	else if (program_is_over(p))
		program_gone(p);
}

/* ------ the user's ------ */

struct program *program_start(const struct program_options *options, struct failure *why)
{
	struct program *p = memory_zeroed(1, sizeof(*p));

	if (!child_start(&p->child, &options->child, why)) {
		free(p);
		return NULL;
	}
	p->options = *options;
	p->terminal = options->child.pty;
	p->stream = layer_program_new(p->child.input, p->child.output, p->terminal);
	ev_timer_init(&p->beat, program_beat, 0, (double)BEAT_MS / 1000);
	p->beat.data = p;
	p->next = programs.first;
	p->link = &programs.first;
	if (p->next)
		p->next->link = &p->next;
	programs.first = p;
	child_watch(&p->child, program_ended, p);
	return p;
}

struct stream *program_stream(const struct program *p)
{
	return p->stream;
}

int program_errors(const struct program *p)
{
	return p->child.errors;
}

pid_t program_id(const struct program *p)
{
	return p->child.pid;
}

/* A stopped one gets the signal only when it goes on. */
void program_hang_up(const struct program *p)
{
	if (child_signal(&p->child, SIGHUP))
		child_signal(&p->child, SIGCONT);
}

void program_leave(struct program *p)
{
	stream_free(p->stream);
	p->stream = NULL;
	if (!child_signal(&p->child, SIGHUP) && p->child.ended) {
		program_gone(p);
		return;
	}
	child_signal(&p->child, SIGCONT);
	p->kill_ms = clock_ms() + p->options.grace_ms;
	if (p->options.grace_ms <= 0)
		program_kill(p);
	ev_timer_again(programs.loop, &p->beat);
}

/* ------ all of them ------ */

void programs_begin(struct ev_loop *loop)
{
	programs.loop = loop;
	child_reaper_begin(loop);
}

/* Nothing can refuse it; not waited for but for a moment, in which it is reaped. */
static void programs_kill(void)
{
	while (programs.first) {
		struct program *p = programs.first;

		program_kill(p);
		if (!p->child.ended)
			waitpid(p->child.pid, NULL, WNOHANG);
		stream_free(p->stream);
		program_gone(p);
	}
}

void programs_finish(bool at_once)
{
	programs.finishing = true;
	if (programs.first && !at_once)
		ev_run(programs.loop, 0);
	programs_kill();
	child_reaper_end();
	programs.finishing = false;
}
