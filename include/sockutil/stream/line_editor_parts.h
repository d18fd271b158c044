/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LINE_EDITOR_PARTS_H
#define SOCKUTIL_STREAM_LINE_EDITOR_PARTS_H
/*
 * libedit as the keeper of a line: what keys do to it, its history, its kill ring. It draws into
 * nothing (line_editor_layout.h draws) and waits for nothing: it runs on a thread of its own, and
 * only while the caller waits for it, so that a command of several keys (a search, an argument, a
 * quoted character) may stop in its middle until the next key comes. Never do both run.
 *
 * One in a process.
 */
#include <locale.h>
#include <stdio.h>
#include <termios.h>
#include <wchar.h>

#include <sockutil/base/buffer.h>
#include <sockutil/stream/line_editor.h>
#include <sockutil/stream/line_editor_layout.h>
#include <sockutil/stream/line_editor_library.h>
#include <sockutil/stream/line_editor_typed.h>
#include <sockutil/stream/line_editor_words.h>
#include <sockutil/stream/stdio_side.h>

enum { LINE_EDITOR_TEXT_MAX = 64 * 1024 }; /* bytes of a text of several lines */

/* What a key asked for that is not libedit's to do. */
enum line_editor_wish {
	LINE_EDITOR_WISHES_NOTHING, /* all keys are used up */
	LINE_EDITOR_WISHES_LINE,    /* entered holds it; what is typed is empty again */
	LINE_EDITOR_WISHES_END,
	LINE_EDITOR_WISHES_INTERRUPT, /* what was typed is gone; had_text: there was some */
	LINE_EDITOR_WISHES_STOP,
	LINE_EDITOR_WISHES_QUIT,
	LINE_EDITOR_WISHES_CLEAR,
};

/* A wide string that is not terminated. */
struct line_editor_wide {
	const wchar_t *at;
	size_t length;
	size_t cursor;
};

struct line_editor_engine {
	const struct line_editor_options *options; /* borrowed */
	const struct termios *terminal;            /* as it was found: its special keys */
	struct line_editor_typed *typed;           /* where keys come from */
	EditLine *el;
	HistoryW *history;
	FILE *drawn; /* what libedit would show: bells are found in it */
	char *drawn_text;
	size_t drawn_length;
	locale_t locale;
	bool closing;
	bool begun; /* no key of the command that is read has come yet */
	/* for the caller, who takes them away */
	enum line_editor_wish wish;
	bool had_text;
	bool rings;
	bool refused; /* a part of what was pasted had no room */
	struct buffer entered;
	struct buffer list; /* lines to show */
	/* of the command that runs */
	bool tabbed, tabbed_before;
	bool refusing; /* the rest of this paste */
	size_t columns;
};

/* False: why is FAILURE_USAGE. */
bool line_editor_engine_start(struct line_editor_engine *engine, struct failure *why);
/* Until a key wished for something or none is left. */
enum line_editor_wish line_editor_engine_run(struct line_editor_engine *engine);
/* What is typed, with its cursor (bytes). False when memory is short. */
bool line_editor_engine_text(const struct line_editor_engine *engine, struct buffer *text,
			     size_t *cursor);
void line_editor_engine_stop(struct line_editor_engine *engine);

/* --- on libedit's thread ------------------------------------------------------ */

struct line_editor_wide line_editor_engine_line(const struct line_editor_engine *engine);
/* Binds our keys over libedit's and those of ~/.editrc. */
void line_editor_keys_bind(struct line_editor_engine *engine);

/* --- an editor ------------------------------------------------------------------- */

/* Invariants: while away the terminal is as it was found and nothing is drawn; what waits in out
 * comes before anything drawn later. */
struct line_editor {
	struct line_editor_options options;
	char *prompt;
	struct line_editor_engine engine;
	struct line_editor_typed typed;
	struct stdio_side input, output;
	struct termios before;
	bool away;     /* stopped, or in the background */
	bool gone;     /* the terminal has no more input */
	bool entering; /* entered holds lines that have not been given yet */
	struct buffer entered;
	struct buffer line;
	int64_t interrupted_ms; /* when Ctrl-C was typed; 0: never */
	/* the screen */
	struct buffer out;
	struct line_editor_frame frame;
	bool drawn; /* frame is on the screen, the cursor in it */
	bool stale; /* and not what it should be */
	size_t columns, rows;
};

/* The terminal as editing needs it; and as it was before, with what waits written. */
void line_editor_arrive(struct line_editor *editor);
void line_editor_leave(struct line_editor *editor);
bool line_editor_in_foreground(const struct line_editor *editor);

/* --- characters ---------------------------------------------------------------- */

/* Bytes of its UTF-8. */
size_t line_editor_size(wchar_t character);
/* Columns of a terminal. */
size_t line_editor_width(wchar_t character);
bool line_editor_to_utf8(struct buffer *out, const wchar_t *text, size_t length);
/* NUL-terminated, for the caller to free; NULL when memory is short. */
wchar_t *line_editor_to_wide(const char *text, size_t length);
#endif
