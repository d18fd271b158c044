/* SPDX-License-Identifier: MIT */
/* src/stream/line_editor_keys.c - the keys that are ours: ends of lines, signals, tab. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/stream/line_editor_layout.h>
#include <sockutil/stream/line_editor_parts.h>

static struct line_editor_engine *engine_of(EditLine *el)
{
	struct line_editor_engine *e = NULL;

	line_editor_library.el_wget(el, EL_CLIENTDATA, &e);
	return e;
}

/* --- what they do --------------------------------------------------------------- */

static void remember(const struct line_editor_engine *e, const struct line_editor_wide *line)
{
	wchar_t *text = e->history ? malloc((line->length + 1) * sizeof(*text)) : NULL;
	HistEventW event;

	if (!text)
		return;
	wmemcpy(text, line->at, line->length);
	text[line->length] = L'\0';
	if (line->length > 0)
		line_editor_library.history_w(e->history, &event, H_ENTER, text);
	free(text);
}

/* CC_FATAL is libedit's word for beginning anew: an empty line, the newest of the history. */
static unsigned char on_enter(EditLine *el, wint_t key)
{
	struct line_editor_engine *e = engine_of(el);
	const struct line_editor_wide line = line_editor_engine_line(e);

	(void)key;
	if (!line_editor_to_utf8(&e->entered, line.at, line.length))
		return CC_ERROR;
	remember(e, &line);
	e->wish = LINE_EDITOR_WISHES_LINE;
	return CC_FATAL;
}

static unsigned char on_interrupt(EditLine *el, wint_t key)
{
	struct line_editor_engine *e = engine_of(el);

	(void)key;
	e->had_text = line_editor_engine_line(e).length > 0;
	e->wish = LINE_EDITOR_WISHES_INTERRUPT;
	return CC_FATAL;
}

/* At the end of a line nothing is behind the cursor. */
static unsigned char on_end(EditLine *el, wint_t key)
{
	struct line_editor_engine *e = engine_of(el);
	const struct line_editor_wide line = line_editor_engine_line(e);

	(void)key;
	if (line.length == 0) {
		e->wish = LINE_EDITOR_WISHES_END;
		return CC_NORM;
	}
	if (line.cursor == line.length)
		return CC_ERROR;
	line_editor_library.el_cursor(el, 1);
	line_editor_library.el_deletestr(el, 1);
	return CC_REFRESH;
}

static unsigned char wish(EditLine *el, enum line_editor_wish what)
{
	engine_of(el)->wish = what;
	return CC_NORM;
}

static unsigned char on_stop(EditLine *el, wint_t key)
{
	(void)key;
	return wish(el, LINE_EDITOR_WISHES_STOP);
}

static unsigned char on_quit(EditLine *el, wint_t key)
{
	(void)key;
	return wish(el, LINE_EDITOR_WISHES_QUIT);
}

static unsigned char on_clear(EditLine *el, wint_t key)
{
	(void)key;
	return wish(el, LINE_EDITOR_WISHES_CLEAR);
}

/* libedit's own would set the terminal's modes on the way. */
static unsigned char on_quote(EditLine *el, wint_t key)
{
	wchar_t text[2] = { 0 };

	(void)key;
	if (line_editor_library.el_wgetc(el, text) != 1 || text[0] == L'\0')
		return CC_ERROR;
	if (text[0] == L'\n' || text[0] == L'\r')
		text[0] = LINE_EDITOR_NEWLINE;
	line_editor_library.el_winsertstr(el, text);
	return CC_REFRESH;
}

static unsigned char on_nothing(EditLine *el, wint_t key)
{
	(void)el;
	(void)key;
	return CC_NORM;
}

/* --- tab ------------------------------------------------------------------------- */

static size_t word_start(const struct line_editor_wide *line)
{
	size_t start = line->cursor;

	while (start > 0 && line->at[start - 1] != L' ' && line->at[start - 1] != L'\t' &&
	       line->at[start - 1] != LINE_EDITOR_NEWLINE)
		start--;
	return start;
}

static bool is_first(const struct line_editor_wide *line, size_t start)
{
	return start == 0 || line->at[start - 1] == LINE_EDITOR_NEWLINE;
}

static void put_instead(struct line_editor_engine *e, size_t count, const char *text, size_t length,
			bool whole)
{
	wchar_t *wide = line_editor_to_wide(text, length);

	if (wide) {
		line_editor_library.el_deletestr(e->el, (int)count);
		line_editor_library.el_winsertstr(e->el, wide);
	}
	if (wide && whole && text[length - 1] != ' ')
		line_editor_library.el_winsertstr(e->el, L" ");
	free(wide);
}

/* A word of count characters, in UTF-8. */
static unsigned char complete(struct line_editor_engine *e, const struct buffer *word, size_t count,
			      const struct line_editor_words *words)
{
	const char *common = buffer_bytes(&words->text);
	const bool whole = words->count == 1 && words->common > 0;
	const bool longer =
		words->common >= word->length &&
		(words->common > word->length ||
		 (word->length > 0 && memcmp(common, buffer_bytes(word), word->length) != 0));

	if (words->count == 0)
		return CC_ERROR;
	if (whole || longer) {
		put_instead(e, count, common, words->common, whole);
		return CC_REFRESH;
	}
	e->tabbed = true;
	if (!e->tabbed_before)
		return CC_ERROR;
	(void)line_editor_words_list(words, e->columns, &e->list);
	return CC_NORM;
}

static unsigned char on_tab(EditLine *el, wint_t key)
{
	struct line_editor_engine *e = engine_of(el);
	const struct line_editor_wide line = line_editor_engine_line(e);
	const size_t start = word_start(&line);
	struct line_editor_words words = { .count = 0 };
	struct buffer word = { 0 };
	unsigned char result = CC_ERROR;

	(void)key;
	if (!e->options->complete) {
		line_editor_library.el_winsertstr(el, L"\t");
		return CC_REFRESH;
	}
	if (line_editor_to_utf8(&word, line.at + start, line.cursor - start)) {
		e->options->complete(e->options->data, buffer_bytes(&word), word.length,
				     is_first(&line, start), line_editor_words_add, &words);
		result = complete(e, &word, line.cursor - start, &words);
	}
	line_editor_words_free(&words);
	buffer_free(&word);
	return result;
}

/* --- which they are -------------------------------------------------------------- */

static const struct {
	const wchar_t *name;
	unsigned char (*function)(EditLine *el, wint_t key);
	const wchar_t *keys[3];
	int control; /* a special key of the terminal's; -1: none */
} functions[] = {
	{
		.name = L"sockutil-enter",
		.function = on_enter,
		.keys = { L"\\r", L"\\n" },
		.control = -1,
	},
	{
		.name = L"sockutil-interrupt",
		.function = on_interrupt,
		.keys = { L"^C" },
		.control = VINTR,
	},
	{
		.name = L"sockutil-end",
		.function = on_end,
		.keys = { L"^D" },
		.control = VEOF,
	},
	{
		.name = L"sockutil-stop",
		.function = on_stop,
		.keys = { L"^Z" },
		.control = VSUSP,
	},
	{
		.name = L"sockutil-quit",
		.function = on_quit,
		.control = VQUIT,
	},
	{
		.name = L"sockutil-clear",
		.function = on_clear,
		.keys = { L"^L" },
		.control = -1,
	},
	{
		.name = L"sockutil-quote",
		.function = on_quote,
		.keys = { L"^V" },
		.control = -1,
	},
	{
		.name = L"sockutil-complete",
		.function = on_tab,
		.keys = { L"^I" },
		.control = -1,
	},
	{
		.name = L"sockutil-nothing",
		.function = on_nothing,
		.control = -1,
	},
};

/* What libedit knows no sequences of; those of emacs mode begin with an escape, which in vi's
 * ends inserting at once. */
static const struct {
	const wchar_t *key;
	const wchar_t *command;
} sequences[] = {
	{ L"\\e[200~", L"sockutil-nothing" }, { L"\\e[1~", L"ed-move-to-beg" },
	{ L"\\e[7~", L"ed-move-to-beg" },     { L"\\e[4~", L"ed-move-to-end" },
	{ L"\\e[8~", L"ed-move-to-end" },     { L"\\e[3~", L"ed-delete-next-char" },
	{ L"\\e[1;5C", L"em-next-word" },     { L"\\e[1;5D", L"ed-prev-word" },
	{ L"\\e[1;3C", L"em-next-word" },     { L"\\e[1;3D", L"ed-prev-word" },
	{ L"\\e[5~", L"ed-prev-history" },    { L"\\e[6~", L"ed-next-history" },
	{ L"\\eOH", L"ed-move-to-beg" },      { L"\\eOF", L"ed-move-to-end" },
	{ L"\\e[H", L"ed-move-to-beg" },      { L"\\e[F", L"ed-move-to-end" },
};

static void bind(const struct line_editor_engine *e, const wchar_t *key, const wchar_t *command)
{
	line_editor_library.el_wset(e->el, EL_BIND, key, command, NULL);
	line_editor_library.el_wset(e->el, EL_BIND, L"-a", key, command, NULL);
}

static void bind_control(const struct line_editor_engine *e, int index, const wchar_t *command)
{
	const cc_t c = e->terminal->c_cc[index];
	wchar_t key[5] = L"\\000";

	if (c == _POSIX_VDISABLE || c > 0177)
		return;
	key[1] = (wchar_t)(L'0' + (c >> 6));
	key[2] = (wchar_t)(L'0' + ((c >> 3) & 7));
	key[3] = (wchar_t)(L'0' + (c & 7));
	bind(e, key, command);
}

/* Characters that libedit takes for keys with a Meta bit where there is no UTF-8 locale. */
static void bind_latin(const struct line_editor_engine *e)
{
	for (wchar_t c = 0xa0; c <= 0xff; c++) {
		const wchar_t key[2] = { c, L'\0' };

		line_editor_library.el_wset(e->el, EL_BIND, key, L"ed-insert", NULL);
	}
}

void line_editor_keys_bind(struct line_editor_engine *e)
{
	const wchar_t *editor = L"";

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		const wchar_t *name = functions[i].name;

		line_editor_library.el_wset(e->el, EL_ADDFN, name, name, functions[i].function);
		if (functions[i].control >= 0)
			bind_control(e, functions[i].control, name);
		for (const wchar_t *const *key = functions[i].keys; *key; key++)
			bind(e, *key, name);
	}
	line_editor_library.el_wget(e->el, EL_EDITOR, &editor);
	if (wcscmp(editor, L"vi") != 0)
		for (size_t i = 0; i < sizeof(sequences) / sizeof(*sequences); i++)
			line_editor_library.el_wset(e->el, EL_BIND, sequences[i].key,
						    sequences[i].command, NULL);
	bind_latin(e);
}
