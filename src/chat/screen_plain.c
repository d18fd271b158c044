/* SPDX-License-Identifier: MIT */
/* src/chat/screen_plain.c - a screen without a person to edit lines: standard input and output as
 * plain lines, as bots have them. */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/utf8.h>
#include <sockutil/chat/screen_parts.h>
#include <sockutil/stream/layer_stdio.h>

enum { READ_BYTES = 16 * 1024 };

/* --- what is waited for ------------------------------------------------------ */

static bool wants_prompt(const struct chat_screen *s)
{
	return s->options.prompt_always && s->options.prompt[0] && !s->prompted && !s->held &&
	       !s->ended && !s->input_over;
}

static bool has_lines(const struct chat_screen *s)
{
	return s->in.length > 0 || s->input_over;
}

static void plain_wait(struct chat_screen *s)
{
	unsigned sides = 0;

	if (!s->held && !s->ended && !s->input_over)
		sides |= STREAM_READ;
	if (!s->failed && (s->out.length > 0 || wants_prompt(s)))
		sides |= STREAM_WRITE;
	stream_watch_for(&s->watch, sides);
}

/* --- lines in ------------------------------------------------------------------ */

/* How many bytes of the input are the next line, and how many belong to its end; false: it is not
 * whole yet. */
static bool next_line(const struct chat_screen *s, size_t *length, size_t *end)
{
	const char *bytes = buffer_bytes(&s->in);
	const size_t most = s->options.line_max;
	/* One more than a full line with CR and LF can have. */
	const size_t looked = s->in.length < most + 2 ? s->in.length : most + 2;
	const char *newline = looked ? memchr(bytes, '\n', looked) : NULL;

	*length = newline ? (size_t)(newline - bytes) : s->in.length;
	*end = newline ? 1 : 0;
	if (newline && *length > 0 && bytes[*length - 1] == '\r') {
		--*length;
		++*end;
	}
	if (*length <= most)
		return newline || (s->input_over && s->in.length > 0);
	*end = 0;
	*length = utf8_cut(bytes, s->in.length, most);
	if (*length == 0) /* a limit below one character's size */
		*length = most;
	return newline || s->in.length >= most + 2 || s->input_over;
}

/* False: the screen is gone. */
static bool tell_lines(struct chat_screen *s)
{
	static const struct failure none = { .class = FAILURE_NONE };
	size_t length, end;

	while (!s->held && !s->ended && next_line(s, &length, &end)) {
		if (s->typed)
			s->prompted = false;
		s->cut = end == 0 && length < s->in.length;
		if (!chat_screen_tell_line(s, buffer_bytes(&s->in), length))
			return false;
		buffer_take(&s->in, length + end);
	}
	if (s->input_over && !s->held && s->in.length == 0)
		return chat_screen_tell_end(s, false, &none);
	return true;
}

/* False: the screen is gone. */
static bool plain_read(struct chat_screen *s)
{
	struct failure why = { .class = FAILURE_NONE };
	char *room = buffer_reserve(&s->in, READ_BYTES);
	size_t n = 0;
	enum io r = room ? stream_read(s->stdio, room, READ_BYTES, &n, &why)
			 : fail(&why, FAILURE_INPUT, "standard input: memory is short");

	if (room)
		buffer_commit(&s->in, n);
	if (s->in.length == 0)
		buffer_free(&s->in);
	if (r == IO_FAILED)
		return chat_screen_tell_end(s, false, &why);
	s->input_over = r == IO_END;
	return tell_lines(s);
}

static void on_again(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct chat_screen *s = timer->data;
	struct failure why;

	(void)loop;
	(void)events;
	if (s->short_of_memory) {
		fail(&why, FAILURE_OUTPUT, "standard output: memory is short");
		if (!chat_screen_tell_failure(s, &why))
			return;
	}
	if (tell_lines(s))
		plain_wait(s);
}

static void again(struct chat_screen *s)
{
	ev_timer_stop(s->options.loop, &s->again);
	ev_timer_set(&s->again, 0, 0);
	ev_timer_start(s->options.loop, &s->again);
}

/* --- lines out ----------------------------------------------------------------- */

static void add(struct chat_screen *s, const char *bytes, size_t length)
{
	if (s->short_of_memory || buffer_add(&s->out, bytes, length))
		return;
	s->short_of_memory = true;
	again(s);
}

/* Writes what may be written now. */
static enum io plain_write(struct chat_screen *s, struct failure *why)
{
	size_t n;
	enum io r;

	while (s->out.length > 0) {
		r = stream_write(s->stdio, buffer_bytes(&s->out), s->out.length, &n, why);
		if (r != IO_DONE)
			return r;
		buffer_take(&s->out, n);
	}
	return IO_DONE;
}

/* False: the screen is gone. */
static bool plain_flush(struct chat_screen *s)
{
	struct failure why = { .class = FAILURE_NONE };

	if (s->out.length == 0 && wants_prompt(s)) {
		s->prompted = true;
		add(s, s->options.prompt, strlen(s->options.prompt));
	}
	if (plain_write(s, &why) == IO_FAILED) {
		buffer_free(&s->out);
		return chat_screen_tell_failure(s, &why);
	}
	return chat_screen_tell_taken(s);
}

static void on_ready(void *data, unsigned sides)
{
	struct chat_screen *s = data;

	if ((sides & STREAM_WRITE) && !s->failed && !plain_flush(s))
		return;
	/* A hook before may have put it off. */
	if ((sides & STREAM_READ) && !s->held && !s->ended && !plain_read(s))
		return;
	plain_wait(s);
}

/* --- what a screen calls ------------------------------------------------------- */

static void plain_show(struct chat_screen *s, const char *bytes, size_t length)
{
	if (s->prompted)
		add(s, "\n", 1);
	s->prompted = false;
	add(s, bytes, length);
	add(s, "\n", 1);
	plain_wait(s);
}

static void plain_prompt(struct chat_screen *s)
{
	plain_wait(s);
}

static void plain_hold(struct chat_screen *s)
{
	if (!s->held && !s->ended && has_lines(s))
		again(s);
	plain_wait(s);
}

static size_t plain_waiting(const struct chat_screen *s)
{
	return s->out.length;
}

/* What waits has a second to be taken. */
static enum io write_last(struct chat_screen *s, struct failure *why)
{
	const int64_t deadline = clock_ms() + CHAT_SCREEN_LAST_MS;
	struct pollfd wait = { .fd = stream_fd(s->stdio, STREAM_WRITE), .events = POLLOUT };
	enum io r;

	while ((r = plain_write(s, why)) == IO_AGAIN) {
		int64_t left = deadline - clock_ms();

		if (left <= 0)
			return fail(why, FAILURE_OUTPUT,
				    "standard output: its reader has not taken the last %zu bytes",
				    s->out.length);
		poll(&wait, 1, (int)left);
	}
	return r;
}

static bool plain_free(struct chat_screen *s, struct failure *why)
{
	bool whole = s->failed || write_last(s, why) == IO_DONE;

	if (whole && !s->failed)
		whole = stream_end(s->stdio, why) == IO_DONE;
	stream_watch_stop(&s->watch);
	ev_timer_stop(s->options.loop, &s->again);
	stream_free(s->stdio);
	buffer_free(&s->in);
	buffer_free(&s->out);
	return whole;
}

static const struct chat_screen_form plain_form = {
	.show = plain_show,
	.prompt = plain_prompt,
	.hold = plain_hold,
	.waiting = plain_waiting,
	.free = plain_free,
};

void chat_screen_plain_start(struct chat_screen *s)
{
	s->form = &plain_form;
	s->typed = isatty(STDIN_FILENO);
	s->stdio =
		layer_stdio_new(STDIN_FILENO, STDOUT_FILENO, "standard input", "standard output");
	ev_timer_init(&s->again, on_again, 0, 0);
	s->again.data = s;
	stream_watch_init(&s->watch, s->options.loop, s->stdio, on_ready, s);
	plain_wait(s);
}
