/* SPDX-License-Identifier: MIT */
/* src/stream/layer_line_editor.c - a person who edits lines as the bottom of a stream. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/stream/layer_line_editor.h>
#include <sockutil/stream/line_editor_watch.h>

enum {
	LINE_MOST = 16 * 1024,   /* bytes of a typed line */
	HISTORY = 500,           /* lines */
	BEHIND = 64 * 1024,      /* bytes that the terminal has not taken */
	PARTIAL_MOST = 4 * 1024, /* bytes of a line without an end, until it is shown as one */
};

struct layer_line_editor {
	struct stream stream;
	struct line_editor_watch watch;
	struct buffer lines;   /* entered, not read yet */
	struct buffer partial; /* written, without its end */
	bool input_ended;
	struct failure lost; /* the terminal is gone */
};

static struct layer_line_editor *layer_of(const struct stream *s)
{
	return (struct layer_line_editor *)(uintptr_t)s;
}

/* --- what is shown -------------------------------------------------------------- */

/* Memory short: it is not shown. */
static void add_masked(struct buffer *out, const char *text, size_t length)
{
	const size_t needed = log_mask(NULL, 0, text, length);
	char *room = buffer_reserve(out, needed + 1);

	if (!room)
		return;
	log_mask(room, needed + 1, text, length);
	buffer_commit(out, needed);
}

/* A line as it is shown, tabs kept. */
static void add_clean(struct buffer *out, const char *text, size_t length)
{
	while (length > 0) {
		const char *tab = memchr(text, '\t', length);
		const size_t piece = tab ? (size_t)(tab - text) : length;

		add_masked(out, text, piece);
		if (tab)
			(void)buffer_add(out, "\t", 1);
		length -= piece + (tab ? 1 : 0);
		text += piece + (tab ? 1 : 0);
	}
}

/* The CR of a CR LF whose LF may still come is not shown. */
static size_t without_return(const char *text, size_t length)
{
	return length > 0 && text[length - 1] == '\r' ? length - 1 : length;
}

static void show_prompt(struct layer_line_editor *l)
{
	const char *text = buffer_bytes(&l->partial);
	struct buffer clean = { 0 };
	const char *prompt;

	add_clean(&clean, text, without_return(text, l->partial.length));
	prompt = buffer_text(&clean);
	line_editor_prompt(l->watch.editor, prompt ? prompt : "");
	buffer_free(&clean);
}

/* What came in front, this, and an end of line. */
static void show_line(struct layer_line_editor *l, const char *text, size_t length)
{
	struct buffer clean = { 0 };

	add_clean(&clean, buffer_bytes(&l->partial), l->partial.length);
	add_clean(&clean, text, length);
	(void)buffer_add(&clean, "\n", 1);
	line_editor_print(l->watch.editor, buffer_bytes(&clean), clean.length);
	buffer_free(&clean);
	buffer_free(&l->partial);
}

static void show_line_that_came(struct layer_line_editor *l, const char *text, size_t length)
{
	/* A CR LF may come in two. */
	if (length == 0 && l->partial.length > 0)
		l->partial.length = without_return(buffer_bytes(&l->partial), l->partial.length);
	show_line(l, text, without_return(text, length));
}

static void show(struct layer_line_editor *l, const char *text, size_t length)
{
	while (length > 0) {
		const char *end = memchr(text, '\n', length);
		const size_t line = end ? (size_t)(end - text) : length;

		if (end)
			show_line_that_came(l, text, line);
		else if (l->partial.length + line > PARTIAL_MOST)
			show_line(l, text, line);
		else
			(void)buffer_add(&l->partial, text, line);
		length -= line + (end ? 1 : 0);
		text += line + (end ? 1 : 0);
	}
	show_prompt(l);
}

/* --- the stream ------------------------------------------------------------------ */

static void enter(struct layer_line_editor *l, const char *line, size_t length)
{
	show_line(l, line, length);
	show_prompt(l);
	(void)buffer_add(&l->lines, line, length);
	(void)buffer_add(&l->lines, "\n", 1);
}

/* Takes in the lines that were entered. */
static void collect(struct layer_line_editor *l)
{
	const char *line;
	size_t length;

	for (;;) {
		switch (line_editor_read(l->watch.editor, &line, &length)) {
		case LINE_EDITOR_LINE:
			enter(l, line, length);
			break;
		case LINE_EDITOR_INTERRUPT:
			kill(getpid(), SIGINT); /* which may be ignored */
			break;
		case LINE_EDITOR_END:
			l->input_ended = true;
			return;
		case LINE_EDITOR_NOTHING:
			return;
		}
	}
}

static enum io editor_read(struct stream *s, void *buf, size_t len, size_t *nread,
			   struct failure *why)
{
	struct layer_line_editor *l = layer_of(s);

	(void)why;
	*nread = 0;
	if (l->lines.length == 0 && !l->input_ended)
		collect(l);
	if (l->lines.length == 0)
		return l->input_ended ? IO_END : IO_AGAIN;
	*nread = len < l->lines.length ? len : l->lines.length;
	memcpy(buf, buffer_bytes(&l->lines), *nread);
	buffer_take(&l->lines, *nread);
	return IO_DONE;
}

static enum io lost(const struct layer_line_editor *l, struct failure *why)
{
	*why = l->lost;
	return IO_FAILED;
}

static enum io editor_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			     struct failure *why)
{
	struct layer_line_editor *l = layer_of(s);

	*nwritten = 0;
	if (l->lost.class != FAILURE_NONE)
		return lost(l, why);
	if (line_editor_waiting(l->watch.editor) > BEHIND)
		return IO_AGAIN;
	for (int i = 0; i < n; i++) {
		show(l, v[i].iov_base, v[i].iov_len);
		*nwritten += v[i].iov_len;
	}
	return IO_DONE;
}

static enum io editor_flush(struct stream *s, struct failure *why)
{
	struct layer_line_editor *l = layer_of(s);

	if (l->lost.class != FAILURE_NONE)
		return lost(l, why);
	return line_editor_flush(l->watch.editor, why);
}

static enum io editor_end(struct stream *s, struct failure *why)
{
	struct layer_line_editor *l = layer_of(s);

	if (l->partial.length > 0) {
		show_line(l, "", 0);
		show_prompt(l);
	}
	return editor_flush(s, why);
}

static bool editor_pending(const struct stream *s)
{
	return layer_of(s)->lines.length > 0;
}

static unsigned editor_want(const struct stream *s, enum stream_side side)
{
	if (side == STREAM_WRITE)
		return STREAM_WANT_WRITE;
	return line_editor_away(layer_of(s)->watch.editor) ? STREAM_WANT_TIME : STREAM_WANT_READ;
}

static int64_t editor_wake_ms(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return LINE_EDITOR_AWAY_MS;
}

static int editor_fd(const struct stream *s, enum stream_side side)
{
	const struct line_editor *editor = layer_of(s)->watch.editor;

	return side == STREAM_READ ? line_editor_input(editor) : line_editor_output(editor);
}

static void editor_free(struct stream *s)
{
	struct layer_line_editor *l = layer_of(s);

	if (l->partial.length > 0)
		show_line(l, "", 0);
	line_editor_watch_stop(&l->watch);
	line_editor_free(l->watch.editor);
	buffer_free(&l->lines);
	buffer_free(&l->partial);
	free(l);
}

static const struct stream_ops editor_ops = {
	.name = "edit",
	.read = editor_read,
	.writev = editor_writev,
	.flush = editor_flush,
	.end = editor_end,
	.pending = editor_pending,
	.want = editor_want,
	.wake_ms = editor_wake_ms,
	.fd = editor_fd,
	.free = editor_free,
};

static void on_failed(void *data, const struct failure *why)
{
	struct layer_line_editor *l = data;

	l->lost = *why;
}

struct stream *layer_line_editor_new(struct ev_loop *loop, struct failure *why)
{
	const struct line_editor_options options = {
		.input = STDIN_FILENO,
		.output = STDOUT_FILENO,
		.prompt = "",
		.line_max = LINE_MOST,
		.history = HISTORY,
	};
	struct layer_line_editor *l;
	struct line_editor *editor = line_editor_new(&options, why);

	if (!editor)
		return NULL;
	l = memory_zeroed(1, sizeof(*l));
	l->stream.ops = &editor_ops;
	l->watch.editor = editor;
	l->watch.loop = loop;
	l->watch.failed = on_failed;
	l->watch.data = l;
	line_editor_watch_start(&l->watch);
	return &l->stream;
}
