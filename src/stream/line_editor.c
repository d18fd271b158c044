/* SPDX-License-Identifier: MIT */
/* src/stream/line_editor.c - a line being typed: what its keys come to. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/stream/line_editor_parts.h>

enum {
	READ_BYTES = 4096,
	READS = 16, /* in a row, before others have their turn */
	AGAIN_MS = 2000,
};

/* The one there is. */
static struct line_editor *current;

/* For those who end the program in the middle. */
static void at_exit(void)
{
	if (current)
		line_editor_leave(current);
}

/* --- stopping ----------------------------------------------------------------------- */

/* As the terminal itself would do it: to the whole job, with what the signal does by itself. */
static void signal_job(struct line_editor *e, int number, bool job)
{
	const struct sigaction standard = { .sa_handler = SIG_DFL };
	struct sigaction kept;

	line_editor_leave(e);
	sigaction(number, NULL, &kept);
	if (kept.sa_handler != SIG_IGN)
		sigaction(number, &standard, NULL);
	if (job)
		kill(0, number);
	else
		raise(number);
	sigaction(number, &kept, NULL);
	line_editor_continued(e);
}

void line_editor_stop(struct line_editor *e)
{
	signal_job(e, SIGTSTP, false);
}

void line_editor_continued(struct line_editor *e)
{
	if (line_editor_in_foreground(e))
		line_editor_arrive(e);
	else
		e->away = true;
}

bool line_editor_away(const struct line_editor *e)
{
	return e->away;
}

/* --- lines -------------------------------------------------------------------------- */

/* The end of a line within what was entered, and how many bytes it takes; NULL: none. */
static const char *find_newline(const char *text, size_t length, size_t *taken)
{
	for (size_t i = 0; i < length; i++) {
		*taken = text[i] == '\n' ? 1
			 : length - i >= 3 && memcmp(text + i, LINE_EDITOR_NEWLINE_UTF8, 3) == 0
				 ? 3
				 : 0;
		if (*taken)
			return text + i;
	}
	return NULL;
}

/* The next of the lines that were entered at once. An end of line at the end begins none. */
static bool next_line(struct line_editor *e, const char **line, size_t *length)
{
	const char *text = buffer_bytes(&e->entered), *end;
	size_t taken = 0;

	if (!e->entering)
		return false;
	end = find_newline(text, e->entered.length, &taken);
	*length = end ? (size_t)(end - text) : e->entered.length;
	buffer_free(&e->line);
	if (*length > 0)
		(void)buffer_add(&e->line, text, *length);
	buffer_take(&e->entered, *length + taken);
	e->entering = e->entered.length > 0;
	*line = buffer_text(&e->line);
	if (!*line || e->line.length != *length) {
		*line = "";
		*length = 0;
	}
	return true;
}

/* --- keys --------------------------------------------------------------------------- */

/* IO_DONE, IO_AGAIN or IO_END. */
static enum io fill(struct line_editor *e)
{
	char bytes[READ_BYTES];
	const ssize_t n = e->gone ? 0 : stdio_side_read(&e->input, bytes, sizeof(bytes));

	if (n < 0 && errno == EAGAIN)
		return IO_AGAIN;
	/* A terminal that was hung up gives EIO. */
	e->gone = n <= 0;
	if (e->gone)
		return IO_END;
	if (!line_editor_type(&e->typed, bytes, (size_t)n, (size_t)n == sizeof(bytes)))
		line_editor_bell(e);
	return IO_DONE;
}

static void tell_refused(struct line_editor *e)
{
	struct buffer text = { 0 };

	if (buffer_format(&text,
			  "(the rest of what was pasted is left out: a line has at most %zu bytes, "
			  "all lines together %d)\n",
			  e->options.line_max, LINE_EDITOR_TEXT_MAX))
		line_editor_print(e, buffer_bytes(&text), text.length);
	buffer_free(&text);
}

/* What the engine has for the screen. */
static void show_results(struct line_editor *e)
{
	e->stale = true;
	if (e->engine.list.length > 0)
		line_editor_print(e, buffer_bytes(&e->engine.list), e->engine.list.length);
	buffer_free(&e->engine.list);
	if (e->engine.refused)
		tell_refused(e);
	if (e->engine.rings)
		line_editor_bell(e);
	e->engine.refused = e->engine.rings = false;
}

static bool interrupts(struct line_editor *e)
{
	static const char hint[] = "(Ctrl-C again leaves)\n";
	const int64_t now = clock_ms();
	const bool again =
		!e->engine.had_text && e->interrupted_ms > 0 && now - e->interrupted_ms <= AGAIN_MS;

	e->interrupted_ms = now;
	if (!again && !e->engine.had_text)
		line_editor_print(e, hint, sizeof(hint) - 1);
	return again;
}

static enum line_editor_event grant(struct line_editor *e, enum line_editor_wish wish)
{
	switch (wish) {
	case LINE_EDITOR_WISHES_LINE:
		buffer_free(&e->entered);
		e->entered = e->engine.entered;
		e->engine.entered = (struct buffer){ 0 };
		e->entering = true;
		e->interrupted_ms = 0; /* who goes on does not leave */
		return LINE_EDITOR_LINE;
	case LINE_EDITOR_WISHES_END:
		return LINE_EDITOR_END;
	case LINE_EDITOR_WISHES_INTERRUPT:
		return interrupts(e) ? LINE_EDITOR_INTERRUPT : LINE_EDITOR_NOTHING;
	case LINE_EDITOR_WISHES_STOP:
		signal_job(e, SIGTSTP, true);
		break;
	case LINE_EDITOR_WISHES_QUIT:
		signal_job(e, SIGQUIT, true);
		break;
	case LINE_EDITOR_WISHES_CLEAR:
		line_editor_clear(e);
		break;
	case LINE_EDITOR_WISHES_NOTHING:
		break;
	}
	return LINE_EDITOR_NOTHING;
}

enum line_editor_event line_editor_read(struct line_editor *e, const char **line, size_t *length)
{
	int reads = 0;

	while (!next_line(e, line, length)) {
		const enum line_editor_wish wish = line_editor_engine_run(&e->engine);
		enum line_editor_event event;
		enum io r;

		show_results(e);
		event = grant(e, wish);
		if (event == LINE_EDITOR_END || event == LINE_EDITOR_INTERRUPT)
			return event;
		if (wish != LINE_EDITOR_WISHES_NOTHING)
			continue;
		if (e->away || reads++ == READS)
			return LINE_EDITOR_NOTHING;
		r = fill(e);
		if (r != IO_DONE)
			return r == IO_END ? LINE_EDITOR_END : LINE_EDITOR_NOTHING;
	}
	return LINE_EDITOR_LINE;
}

int line_editor_input(const struct line_editor *e)
{
	return stdio_side_fd(&e->input);
}

void line_editor_prompt(struct line_editor *e, const char *prompt)
{
	free(e->prompt);
	e->prompt = memory_string(prompt);
	e->stale = true;
}

/* --- beginning and end -------------------------------------------------------------- */

static void register_exit(void)
{
	static bool registered;

	if (!registered)
		(void)atexit(at_exit);
	registered = true;
}

static bool check_terminal(const struct line_editor_options *options, struct failure *why)
{
	static const char *const unfit[] = { "", "dumb", "emacs", "unknown" };
	const char *term = getenv("TERM");

	if (!isatty(options->input) || !isatty(options->output)) {
		fail(why, FAILURE_USAGE, "line editing: standard %s is no terminal",
		     isatty(options->input) ? "output" : "input");
		return false;
	}
	for (size_t i = 0; i < sizeof(unfit) / sizeof(*unfit); i++) {
		if (strcmp(term ? term : "", unfit[i]) != 0)
			continue;
		fail(why, FAILURE_USAGE,
		     "line editing: a terminal of TERM=%s does not move its cursor",
		     term ? term : "");
		return false;
	}
	return true;
}

/* As any program that reads its terminal in the background, we stop until we are in front. */
static bool wait_for_foreground(const struct line_editor_options *options, struct failure *why)
{
	const struct line_editor looking = { .options = *options };

	if (!line_editor_in_foreground(&looking))
		raise(SIGTTIN);
	if (line_editor_in_foreground(&looking))
		return true;
	fail(why, FAILURE_USAGE, "line editing: the terminal belongs to another job");
	return false;
}

struct line_editor *line_editor_new(const struct line_editor_options *options, struct failure *why)
{
	struct line_editor *e;

	if (!check_terminal(options, why) || !line_editor_available(why) ||
	    !wait_for_foreground(options, why))
		return NULL;
	if (current) {
		fail(why, FAILURE_USAGE, "line editing: a line is being typed already");
		return NULL;
	}
	e = memory_zeroed(1, sizeof(*e));
	e->options = *options;
	e->prompt = memory_string(options->prompt);
	e->engine.options = &e->options;
	e->engine.terminal = &e->before;
	e->engine.typed = &e->typed;
	stdio_side_init(&e->input, options->input, false);
	stdio_side_init(&e->output, options->output, true);
	e->away = true;
	current = e;
	register_exit();
	/* From here on libedit sets modes of its own; ours come over them. */
	if (tcgetattr(options->input, &e->before) < 0)
		fail_errno(why, FAILURE_USAGE, errno, "line editing");
	else if (line_editor_engine_start(&e->engine, why)) {
		line_editor_continued(e);
		return e;
	}
	(void)tcsetattr(options->input, TCSANOW, &e->before);
	line_editor_free(e);
	return NULL;
}

void line_editor_free(struct line_editor *e)
{
	if (!e)
		return;
	line_editor_leave(e);
	line_editor_engine_stop(&e->engine);
	line_editor_typed_free(&e->typed);
	line_editor_frame_free(&e->frame);
	stdio_side_close_own(&e->input);
	stdio_side_close_own(&e->output);
	buffer_free(&e->entered);
	buffer_free(&e->line);
	buffer_free(&e->out);
	free(e->prompt);
	free(e);
	current = NULL;
}
