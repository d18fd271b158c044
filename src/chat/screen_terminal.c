/* SPDX-License-Identifier: MIT */
/* src/chat/screen_terminal.c - a screen with a person at a terminal, whose lines are edited. */
#include <string.h>
#include <unistd.h>

#include <sockutil/chat/screen_parts.h>

enum {
	HISTORY = 500,
	HELD_MAX = 64 * 1024, /* bytes of lines that were entered while nothing was taken */
};

/* --- lines in ------------------------------------------------------------------ */

static void again(struct chat_screen *s)
{
	ev_timer_stop(s->options.loop, &s->again);
	ev_timer_set(&s->again, 0, 0);
	ev_timer_start(s->options.loop, &s->again);
}

/* Ends of lines are what no line holds. */
static void keep(struct chat_screen *s, const char *line, size_t length)
{
	const size_t before = s->in.length;

	if (before + length < HELD_MAX && buffer_add(&s->in, line, length) &&
	    buffer_add(&s->in, "\n", 1))
		return;
	/* A piece of a line is none. */
	s->in.length = before;
	line_editor_bell(s->editor.editor);
}

static bool tell_over(struct chat_screen *s, bool interrupted)
{
	static const struct failure none = { .class = FAILURE_NONE };

	return chat_screen_tell_end(s, interrupted, &none);
}

/* False: the screen is gone. */
static bool tell_kept(struct chat_screen *s)
{
	while (s->in.length > 0 && !s->held && !s->ended) {
		const char *line = buffer_bytes(&s->in);
		const char *end = memchr(line, '\n', s->in.length);
		const size_t length = (size_t)(end - line);

		if (!chat_screen_tell_line(s, line, length))
			return false;
		buffer_take(&s->in, length + 1);
	}
	return !s->input_over || s->in.length > 0 || tell_over(s, false);
}

/* False: the screen is gone. */
static bool tell_event(struct chat_screen *s, enum line_editor_event event, const char *line,
		       size_t length)
{
	/* What was entered before comes first. */
	if (event == LINE_EDITOR_LINE && (s->held || s->in.length > 0)) {
		keep(s, line, length);
		return true;
	}
	if (event == LINE_EDITOR_LINE)
		return chat_screen_tell_line(s, line, length);
	if (event == LINE_EDITOR_END && s->in.length > 0) {
		s->input_over = true;
		return true;
	}
	return tell_over(s, event == LINE_EDITOR_INTERRUPT);
}

static void on_readable(void *data)
{
	struct chat_screen *s = data;
	enum line_editor_event event;
	const char *line = NULL;
	size_t length = 0;

	do {
		event = line_editor_read(s->editor.editor, &line, &length);
		if (event != LINE_EDITOR_NOTHING && !tell_event(s, event, line, length))
			return;
	} while (event == LINE_EDITOR_LINE && !s->ended);
	line_editor_watch_read(&s->editor, !s->ended && !s->input_over);
}

static void on_again(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	(void)tell_kept(timer->data);
}

/* --- what is shown --------------------------------------------------------------- */

static void on_written(void *data)
{
	(void)chat_screen_tell_taken(data);
}

static void on_failed(void *data, const struct failure *why)
{
	(void)chat_screen_tell_failure(data, why);
}

static void terminal_show(struct chat_screen *s, const char *bytes, size_t length)
{
	if (length > 0)
		line_editor_print(s->editor.editor, bytes, length);
	else
		line_editor_print(s->editor.editor, "\n", 1);
}

static void terminal_prompt(struct chat_screen *s)
{
	line_editor_prompt(s->editor.editor, s->options.prompt);
}

static void terminal_bell(struct chat_screen *s)
{
	line_editor_bell(s->editor.editor);
}

static void terminal_clear(struct chat_screen *s)
{
	line_editor_clear(s->editor.editor);
}

static void terminal_hold(struct chat_screen *s)
{
	if (!s->held && s->in.length > 0)
		again(s);
}

static size_t terminal_waiting(const struct chat_screen *s)
{
	return line_editor_waiting(s->editor.editor);
}

static bool terminal_free(struct chat_screen *s, struct failure *why)
{
	(void)why;
	line_editor_watch_stop(&s->editor);
	line_editor_free(s->editor.editor);
	ev_timer_stop(s->options.loop, &s->again);
	buffer_free(&s->in);
	return true;
}

static const struct chat_screen_form terminal_form = {
	.edits = true,
	.show = terminal_show,
	.prompt = terminal_prompt,
	.bell = terminal_bell,
	.clear = terminal_clear,
	.hold = terminal_hold,
	.waiting = terminal_waiting,
	.free = terminal_free,
};

bool chat_screen_terminal_start(struct chat_screen *s, struct failure *why)
{
	const struct line_editor_options options = {
		.input = STDIN_FILENO,
		.output = STDOUT_FILENO,
		.prompt = s->options.prompt,
		.line_max = s->options.line_max,
		.history = HISTORY,
		.complete = s->options.complete,
		.data = s->options.data,
	};

	s->editor.editor = line_editor_new(&options, why);
	if (!s->editor.editor)
		return false;
	s->form = &terminal_form;
	ev_timer_init(&s->again, on_again, 0, 0);
	s->again.data = s;
	s->editor.loop = s->options.loop;
	s->editor.readable = on_readable;
	s->editor.written = on_written;
	s->editor.failed = on_failed;
	s->editor.data = s;
	line_editor_watch_start(&s->editor);
	line_editor_watch_read(&s->editor, true);
	return true;
}
