/* SPDX-License-Identifier: MIT */
/* src/stream/line_editor_engine.c - libedit on a thread that runs only while we wait for it. */
#include <errno.h>
#include <langinfo.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/thread.h>
#include <sockutil/base/utf8.h>
#include <sockutil/stream/line_editor_layout.h>
#include <sockutil/stream/line_editor_parts.h>

#define CODE_POINT 0x1fffff

enum { PIECE = 256 }; /* characters of a paste inserted at once */

/* Whose turn it is. Not freed: the thread still lets go of it after its last turn. */
static struct {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool editing;
} turn = {
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER,
};

static void turn_to(bool editing)
{
	turn.editing = editing;
	pthread_cond_broadcast(&turn.changed);
}

static void turn_wait(bool editing)
{
	while (turn.editing != editing)
		pthread_cond_wait(&turn.changed, &turn.mutex);
}

/* Gives the turn to the other one and waits until it comes back. */
static void turn_give(bool to_editing)
{
	pthread_mutex_lock(&turn.mutex);
	turn_to(to_editing);
	turn_wait(!to_editing);
	pthread_mutex_unlock(&turn.mutex);
}

/* --- keys ---------------------------------------------------------------------- */

/* The next key when it is of that kind. */
static bool is_next(const struct line_editor_engine *e, uint32_t kind, uint32_t *key)
{
	return line_editor_typed_peek(e->typed, key) && (*key & kind);
}

/* libedit wants a character: the first of a command, or one in its middle. */
static int get_character(EditLine *el, wchar_t *out)
{
	struct line_editor_engine *e;
	uint32_t key;

	line_editor_library.el_wget(el, EL_CLIENTDATA, &e);
	for (;;) {
		if (e->closing ||
		    (e->begun && is_next(e, LINE_EDITOR_PASTED | LINE_EDITOR_PASTE_END, &key))) {
			errno = 0;
			return -1;
		}
		if (!line_editor_typed_peek(e->typed, &key)) {
			turn_give(false);
			continue;
		}
		line_editor_typed_take(e->typed);
		if (!(key & LINE_EDITOR_PASTE_END))
			break;
	}
	e->begun = false;
	*out = (wchar_t)(key & CODE_POINT);
	return 1;
}

/* --- what is typed ---------------------------------------------------------------- */

struct line_editor_wide line_editor_engine_line(const struct line_editor_engine *e)
{
	const LineInfoW *line = line_editor_library.el_wline(e->el);

	return (struct line_editor_wide){
		.at = line->buffer,
		.length = (size_t)(line->lastchar - line->buffer),
		.cursor = (size_t)(line->cursor - line->buffer),
	};
}

static bool is_newline(wchar_t c)
{
	return c == LINE_EDITOR_NEWLINE || c == L'\n';
}

static size_t bytes_of(const wchar_t *text, size_t length)
{
	size_t bytes = 0;

	for (size_t i = 0; i < length; i++)
		bytes += line_editor_size(text[i]);
	return bytes;
}

/* Of the longest of the lines. */
static size_t longest(const struct line_editor_wide *text)
{
	size_t most = 0, now = 0;

	for (size_t i = 0; i < text->length; i++) {
		now = is_newline(text->at[i]) ? 0 : now + line_editor_size(text->at[i]);
		most = now > most ? now : most;
	}
	return most;
}

static bool has_room(const struct line_editor_engine *e, const struct line_editor_wide *text)
{
	return bytes_of(text->at, text->length) <= LINE_EDITOR_TEXT_MAX &&
	       longest(text) <= e->options->line_max;
}

static void replace(struct line_editor_engine *e, const wchar_t *text, size_t cursor)
{
	const struct line_editor_wide now = line_editor_engine_line(e);
	const size_t length = wcslen(text);

	line_editor_library.el_cursor(e->el, (int)(now.length - now.cursor));
	line_editor_library.el_deletestr(e->el, (int)now.length);
	line_editor_library.el_winsertstr(e->el, text);
	line_editor_library.el_cursor(e->el, -(int)(length - cursor));
}

static bool is_mark(wchar_t c)
{
	return c >= 0x300 && line_editor_width(c) == 0;
}

/* A cursor is never between a character and its marks, and what deletes a character deletes them,
 * too. */
static void keep_marks_together(struct line_editor_engine *e, size_t cursor, size_t length)
{
	struct line_editor_wide now = line_editor_engine_line(e);
	const bool left = now.cursor < cursor;
	const bool deleted = now.cursor == cursor && now.length < length;

	while (now.cursor > 0 && now.cursor < now.length && is_mark(now.at[now.cursor])) {
		line_editor_library.el_cursor(e->el, left ? -1 : 1);
		if (deleted)
			line_editor_library.el_deletestr(e->el, 1);
		now = line_editor_engine_line(e);
	}
}

/* --- what comes ------------------------------------------------------------------- */

static void listen_for_bells(struct line_editor_engine *e)
{
	if (fflush(e->drawn) == 0 && e->drawn_text && memchr(e->drawn_text, '\a', e->drawn_length))
		e->rings = true;
	rewind(e->drawn);
}

/* One command, as far as its keys have come. */
static void edit(struct line_editor_engine *e)
{
	struct line_editor_wide now = line_editor_engine_line(e);
	const size_t cursor = now.cursor, length = now.length;
	wchar_t *before = malloc((length + 1) * sizeof(*before));
	int count;

	if (before) {
		wmemcpy(before, now.at, length);
		before[length] = L'\0';
	}
	e->begun = true;
	e->tabbed_before = e->tabbed;
	line_editor_library.el_wgets(e->el, &count);
	e->tabbed = e->tabbed && !e->tabbed_before;
	listen_for_bells(e);
	now = line_editor_engine_line(e);
	if (now.length > length && !has_room(e, &now) && before) {
		replace(e, before, cursor);
		e->rings = true;
	} else {
		keep_marks_together(e, cursor, length);
	}
	free(before);
}

/* Bytes that a paste finds room for. */
struct room {
	size_t line; /* in the line that the cursor is in */
	size_t next; /* in a line begun there: what stands behind the cursor is in it */
	size_t all;
};

static struct room room_at_cursor(const struct line_editor_engine *e)
{
	const struct line_editor_wide text = line_editor_engine_line(e);
	const size_t most = e->options->line_max;
	size_t start = text.cursor;
	size_t end = start;

	while (start > 0 && !is_newline(text.at[start - 1]))
		start--;
	while (end < text.length && !is_newline(text.at[end]))
		end++;
	return (struct room){
		.line = most - bytes_of(text.at + start, end - start),
		.next = most - bytes_of(text.at + text.cursor, end - text.cursor),
		.all = LINE_EDITOR_TEXT_MAX - bytes_of(text.at, text.length),
	};
}

/* Whether there is room for it, which is then taken. */
static bool take_room(struct room *room, wchar_t c)
{
	const size_t size = line_editor_size(c);

	if (size > room->all || (!is_newline(c) && size > room->line))
		return false;
	room->all -= size;
	room->line = is_newline(c) ? room->next : room->line - size;
	return true;
}

static void insert_pasted(struct line_editor_engine *e)
{
	struct room room = room_at_cursor(e);
	wchar_t piece[PIECE + 1];
	size_t count = 0;
	uint32_t key;

	while (count < PIECE && is_next(e, LINE_EDITOR_PASTED, &key)) {
		const wchar_t c = (wchar_t)(key & CODE_POINT);

		line_editor_typed_take(e->typed);
		e->refusing = e->refusing || !take_room(&room, c);
		if (!e->refusing)
			piece[count++] = c;
	}
	piece[count] = L'\0';
	if (count > 0)
		line_editor_library.el_winsertstr(e->el, piece);
	e->tabbed = false;
}

static void end_paste(struct line_editor_engine *e)
{
	line_editor_typed_take(e->typed);
	e->refused = e->refused || e->refusing;
	e->rings = e->rings || e->refusing;
	e->refusing = false;
}

/* --- the thread -------------------------------------------------------------------- */

static locale_t find_locale(void)
{
	static const char *const names[] = { "", "C.UTF-8", "UTF-8", "en_US.UTF-8" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		locale_t found = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);

		if (found && strcmp(nl_langinfo_l(CODESET, found), "UTF-8") == 0)
			return found;
		if (found)
			freelocale(found);
	}
	return (locale_t)0;
}

static wchar_t *no_prompt(EditLine *el)
{
	static wchar_t nothing[] = L"";

	(void)el;
	return nothing;
}

static bool open_history(struct line_editor_engine *e)
{
	HistEventW event;

	if (e->options->history == 0)
		return true;
	e->history = line_editor_library.history_winit();
	if (!e->history)
		return false;
	line_editor_library.history_w(e->history, &event, H_SETSIZE, (int)e->options->history);
	line_editor_library.history_w(e->history, &event, H_SETUNIQUE, 1);
	line_editor_library.el_wset(e->el, EL_HIST, line_editor_library.history_w, e->history);
	return true;
}

static bool open_editor(struct line_editor_engine *e)
{
	e->drawn = open_memstream(&e->drawn_text, &e->drawn_length);
	if (!e->drawn)
		return false;
	e->el = line_editor_library.el_init_fd("sockutil", stdin, e->drawn, e->drawn,
					       e->options->input, e->options->output,
					       e->options->output);
	if (!e->el)
		return false;
	line_editor_library.el_wset(e->el, EL_CLIENTDATA, e);
	/* We draw: what it knows of the terminal is of no account. */
	line_editor_library.el_wset(e->el, EL_TERMINAL, "dumb");
	line_editor_library.el_wset(e->el, EL_SIGNAL, 0);
	line_editor_library.el_wset(e->el, EL_PROMPT, no_prompt);
	line_editor_library.el_wset(e->el, EL_GETCFN, get_character);
	line_editor_library.el_wset(e->el, EL_EDITOR, L"emacs");
	if (!open_history(e))
		return false;
	line_editor_library.el_source(e->el, NULL);
	line_editor_library.el_wset(e->el, EL_EDITMODE, 1);
	line_editor_keys_bind(e);
	line_editor_library.el_wset(e->el, EL_UNBUFFERED, 1);
	listen_for_bells(e);
	e->rings = false;
	return true;
}

static void close_editor(struct line_editor_engine *e)
{
	if (e->el) {
		/* The terminal is ours: without editing its end leaves it alone. */
		line_editor_library.el_wset(e->el, EL_EDITMODE, 0);
		line_editor_library.el_end(e->el);
	}
	if (e->history)
		line_editor_library.history_wend(e->history);
	if (e->drawn)
		fclose(e->drawn);
	free(e->drawn_text);
	e->el = NULL;
}

static void *run(void *data)
{
	struct line_editor_engine *e = data;
	uint32_t key;

	if (e->locale)
		uselocale(e->locale);
	e->closing = !open_editor(e);
	turn_give(false);
	while (!e->closing) {
		if (e->wish != LINE_EDITOR_WISHES_NOTHING)
			turn_give(false);
		else if (is_next(e, LINE_EDITOR_PASTE_END, &key))
			end_paste(e);
		else if (is_next(e, LINE_EDITOR_PASTED, &key))
			insert_pasted(e);
		else
			edit(e);
	}
	close_editor(e);
	uselocale(LC_GLOBAL_LOCALE);
	pthread_mutex_lock(&turn.mutex);
	turn_to(false);
	pthread_mutex_unlock(&turn.mutex);
	return NULL;
}

bool line_editor_engine_start(struct line_editor_engine *e, struct failure *why)
{
	if (!line_editor_available(why))
		return false;
	e->locale = find_locale();
	pthread_mutex_lock(&turn.mutex);
	turn.editing = thread_start(run, e);
	if (turn.editing)
		turn_wait(false);
	pthread_mutex_unlock(&turn.mutex);
	if (e->el && !e->closing)
		return true;
	fail(why, FAILURE_USAGE, "line editing: libedit does not start on this terminal");
	line_editor_engine_stop(e);
	return false;
}

enum line_editor_wish line_editor_engine_run(struct line_editor_engine *e)
{
	e->wish = LINE_EDITOR_WISHES_NOTHING;
	turn_give(true);
	return e->wish;
}

bool line_editor_engine_text(const struct line_editor_engine *e, struct buffer *text,
			     size_t *cursor)
{
	const struct line_editor_wide line = line_editor_engine_line(e);

	*cursor = bytes_of(line.at, line.cursor);
	return line_editor_to_utf8(text, line.at, line.length);
}

void line_editor_engine_stop(struct line_editor_engine *e)
{
	if (e->el || e->closing) {
		e->closing = true;
		turn_give(true);
	}
	if (e->locale)
		freelocale(e->locale);
	e->locale = (locale_t)0;
	buffer_free(&e->entered);
	buffer_free(&e->list);
}
