/* SPDX-License-Identifier: MIT */
/* src/stream/line_editor_watch.c - a line editor in an event loop. */
#include <signal.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/stream/line_editor_watch.h>

enum { MESSAGES_MOST = 256 * 1024 }; /* bytes that wait */

/* False: the owner has been told and may be gone. */
static bool flush(struct line_editor_watch *w)
{
	struct failure why = { .class = FAILURE_NONE };
	const enum io r = w->broken ? IO_DONE : line_editor_flush(w->editor, &why);

	if (r == IO_AGAIN) {
		w->waiting = true;
		ev_io_start(w->loop, &w->output);
		return true;
	}
	ev_io_stop(w->loop, &w->output);
	if (r == IO_FAILED) {
		w->broken = true;
		if (w->failed)
			w->failed(w->data, &why);
		return false;
	}
	if (!w->waiting)
		return true;
	w->waiting = false;
	if (w->written)
		w->written(w->data);
	return false;
}

static void watch_input(struct line_editor_watch *w)
{
	if (w->reading && !line_editor_away(w->editor))
		ev_io_start(w->loop, &w->input);
	else
		ev_io_stop(w->loop, &w->input);
}

/* In the background a terminal's input is somebody else's, and readable all the time. */
static void watch_foreground(struct line_editor_watch *w)
{
	if (line_editor_away(w->editor) == ev_is_active(&w->away))
		return;
	if (ev_is_active(&w->away))
		ev_timer_stop(w->loop, &w->away);
	else
		ev_timer_again(w->loop, &w->away);
	watch_input(w);
}

static void on_before_sleep(struct ev_loop *loop, struct ev_prepare *prepare, int events)
{
	(void)loop;
	(void)events;
	watch_foreground(prepare->data);
	(void)flush(prepare->data);
}

static void on_away(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct line_editor_watch *w = timer->data;

	(void)loop;
	(void)events;
	line_editor_continued(w->editor);
}

static void on_output(struct ev_loop *loop, struct ev_io *io, int events)
{
	(void)loop;
	(void)events;
	(void)flush(io->data);
}

static void on_input(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct line_editor_watch *w = io->data;

	(void)loop;
	(void)events;
	w->readable(w->data);
}

static void on_resized(struct ev_loop *loop, struct ev_signal *signal, int events)
{
	struct line_editor_watch *w = signal->data;

	(void)loop;
	(void)events;
	line_editor_resized(w->editor);
}

static void on_stopped(struct ev_loop *loop, struct ev_signal *signal, int events)
{
	struct line_editor_watch *w = signal->data;

	(void)events;
	line_editor_stop(w->editor);
	ev_now_update(loop);
}

static void on_continued(struct ev_loop *loop, struct ev_signal *signal, int events)
{
	struct line_editor_watch *w = signal->data;

	(void)loop;
	(void)events;
	line_editor_continued(w->editor);
}

/* A terminal that takes nothing must not make what is said of it grow. */
static void take_message(void *data, const char *bytes, size_t length)
{
	struct line_editor *editor = data;

	if (line_editor_waiting(editor) <= MESSAGES_MOST)
		line_editor_print(editor, bytes, length);
}

static void start_signal(struct line_editor_watch *w, struct ev_signal *signal, int number,
			 void (*callback)(struct ev_loop *loop, struct ev_signal *signal,
					  int events))
{
	ev_signal_init(signal, callback, number);
	signal->data = w;
	ev_signal_start(w->loop, signal);
}

void line_editor_watch_start(struct line_editor_watch *w)
{
	ev_io_init(&w->input, on_input, line_editor_input(w->editor), EV_READ);
	ev_io_init(&w->output, on_output, line_editor_output(w->editor), EV_WRITE);
	ev_prepare_init(&w->before_sleep, on_before_sleep);
	/* Others print before they sleep, too. */
	ev_set_priority(&w->before_sleep, EV_MINPRI);
	ev_timer_init(&w->away, on_away, 0, (double)LINE_EDITOR_AWAY_MS / 1000);
	w->input.data = w->output.data = w->before_sleep.data = w->away.data = w;
	w->reading = w->waiting = w->broken = false;
	ev_prepare_start(w->loop, &w->before_sleep);
	start_signal(w, &w->resized, SIGWINCH, on_resized);
	start_signal(w, &w->stopped, SIGTSTP, on_stopped);
	start_signal(w, &w->continued, SIGCONT, on_continued);
	if (isatty(STDERR_FILENO))
		log_through(take_message, w->editor);
}

void line_editor_watch_read(struct line_editor_watch *w, bool wanted)
{
	w->reading = wanted;
	watch_input(w);
}

void line_editor_watch_stop(struct line_editor_watch *w)
{
	log_through(NULL, NULL);
	ev_io_stop(w->loop, &w->input);
	ev_io_stop(w->loop, &w->output);
	ev_prepare_stop(w->loop, &w->before_sleep);
	ev_timer_stop(w->loop, &w->away);
	ev_signal_stop(w->loop, &w->resized);
	ev_signal_stop(w->loop, &w->stopped);
	ev_signal_stop(w->loop, &w->continued);
}
