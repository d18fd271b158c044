/* SPDX-License-Identifier: MIT */
/* src/stream/line_editor_screen.c - the terminal of a line editor: what is on it, its modes. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/stream/line_editor_parts.h>

enum {
	COLUMNS_MAX = 10000,
	LAST_MS = 1000, /* for what waits before the terminal is given back */
};

/* Memory short: it is not shown. */
static void add(struct line_editor *e, const char *text)
{
	(void)buffer_add(&e->out, text, strlen(text));
}

static size_t bounded(size_t value, size_t otherwise)
{
	return value == 0 ? otherwise : value < COLUMNS_MAX ? value : COLUMNS_MAX;
}

static void look_at_size(struct line_editor *e)
{
	struct winsize size = { 0 };

	(void)ioctl(e->options.output, TIOCGWINSZ, &size);
	e->columns = bounded(size.ws_col, 80);
	e->rows = bounded(size.ws_row, 24);
	e->engine.columns = e->columns;
}

/* --- drawing ---------------------------------------------------------------------- */

static void wipe(struct line_editor *e)
{
	size_t above;

	if (!e->drawn)
		return;
	look_at_size(e);
	above = line_editor_rows_above(&e->frame, e->columns);
	if (above)
		(void)buffer_format(&e->out, "\x1b[%zuA", above);
	add(e, "\r\x1b[J");
	e->drawn = false;
	e->stale = true;
}

static void draw(struct line_editor *e)
{
	struct buffer text = { 0 };
	struct line_editor_view view = {
		.prompt = e->prompt,
		.prompt_length = strlen(e->prompt),
	};

	/* What others left in the row: a shell, a message. */
	if (!e->drawn)
		add(e, "\r\x1b[J");
	wipe(e);
	look_at_size(e);
	view.columns = e->columns;
	view.rows = e->rows;
	if (line_editor_engine_text(&e->engine, &text, &view.cursor)) {
		view.text = buffer_bytes(&text);
		view.text_length = text.length;
		e->drawn = line_editor_draw(&e->frame, &view, &e->out);
	}
	e->stale = false;
	buffer_free(&text);
}

static enum io write_out(struct line_editor *e, struct failure *why)
{
	while (e->out.length > 0) {
		const struct iovec piece = { buffer_bytes(&e->out), e->out.length };
		const ssize_t n = stdio_side_writev(&e->output, &piece, 1);

		if (n < 0 && errno == EAGAIN)
			return IO_AGAIN;
		if (n < 0) {
			buffer_free(&e->out);
			return fail_errno(why, FAILURE_OUTPUT, errno, "the terminal");
		}
		buffer_take(&e->out, (size_t)n);
	}
	return IO_DONE;
}

enum io line_editor_flush(struct line_editor *e, struct failure *why)
{
	enum io r = write_out(e, why);

	/* Nothing is drawn behind what still waits: by then it may be another line. */
	if (r != IO_DONE || !e->stale || e->away)
		return r;
	draw(e);
	return write_out(e, why);
}

static void write_for(struct line_editor *e, int64_t ms)
{
	const int64_t deadline = clock_ms() + ms;
	struct pollfd wait = { .fd = line_editor_output(e), .events = POLLOUT };
	struct failure ignored;

	while (write_out(e, &ignored) == IO_AGAIN) {
		const int64_t left = deadline - clock_ms();

		if (left <= 0)
			return;
		poll(&wait, 1, (int)left);
	}
}

/* --- modes ------------------------------------------------------------------------- */

bool line_editor_in_foreground(const struct line_editor *e)
{
	const pid_t foreground = tcgetpgrp(e->options.input);

	return foreground < 0 || foreground == getpgrp();
}

static struct termios raw_modes(const struct line_editor *e)
{
	struct termios raw = e->before;

	raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | ISTRIP | IXON);
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	return raw;
}

/* Nobody has had the terminal in between. */
static bool is_ours(const struct line_editor *e, const struct termios *raw)
{
	struct termios now;

	return !e->away && tcgetattr(e->options.input, &now) == 0 && now.c_iflag == raw->c_iflag &&
	       now.c_lflag == raw->c_lflag;
}

void line_editor_arrive(struct line_editor *e)
{
	const struct termios raw = raw_modes(e);

	e->stale = true;
	if (is_ours(e, &raw))
		return;
	(void)tcsetattr(e->options.input, TCSANOW, &raw);
	add(e, "\x1b[?2004h");
	e->away = false;
	e->drawn = false;
}

void line_editor_leave(struct line_editor *e)
{
	if (e->away)
		return;
	wipe(e);
	add(e, "\x1b[?2004l");
	write_for(e, LAST_MS);
	e->away = true;
	/* What was typed ahead is the next reader's, so it is not flushed. */
	if (line_editor_in_foreground(e))
		(void)tcsetattr(e->options.input, TCSANOW, &e->before);
}

/* --- what others call --------------------------------------------------------------- */

int line_editor_output(const struct line_editor *e)
{
	return stdio_side_fd(&e->output);
}

size_t line_editor_waiting(const struct line_editor *e)
{
	return e->out.length;
}

void line_editor_print(struct line_editor *e, const char *text, size_t length)
{
	wipe(e);
	while (length > 0) {
		const char *end = memchr(text, '\n', length);
		const size_t line = end ? (size_t)(end - text) : length;

		(void)buffer_add(&e->out, text, line);
		add(e, "\r\n");
		length -= line + (end ? 1 : 0);
		text += line + (end ? 1 : 0);
	}
}

void line_editor_clear(struct line_editor *e)
{
	add(e, "\x1b[H\x1b[2J");
	e->drawn = false;
	e->stale = true;
}

void line_editor_bell(struct line_editor *e)
{
	add(e, "\a");
}

void line_editor_resized(struct line_editor *e)
{
	e->stale = true;
}
