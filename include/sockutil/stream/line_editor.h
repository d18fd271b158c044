/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LINE_EDITOR_H
#define SOCKUTIL_STREAM_LINE_EDITOR_H
/*
 * A line being typed on a terminal while other things are printed above it. What keys do, history
 * and key bindings are libedit's (loaded on first use), drawing is ours: rows, wide characters,
 * marks and windows of any width come out right. Nothing blocks, and inherited descriptors keep
 * their flags.
 *
 *   Enter             the line
 *   Ctrl-C            empties the line; on an empty line within two seconds of one before it is
 *                     LINE_EDITOR_INTERRUPT
 *   Ctrl-D            on an empty line LINE_EDITOR_END, else deletes what is under the cursor
 *   Ctrl-Z, Ctrl-\    stop and quit, with the terminal as it was
 *   Ctrl-L            empties the screen
 *   Tab               completes a word; again: lists what it may be, above the line
 *   Ctrl-V            the next key is a character; Ctrl-V Enter is an end of line in the line
 *   arrow up, down, Ctrl-R, Ctrl-S, Ctrl-A, Ctrl-E, Ctrl-W, Ctrl-Y ...   libedit's
 *
 * Flow control (Ctrl-S) is off, as nothing could be shown while it holds.
 *
 * A bracketed paste goes into the line as it is, ends of line shown as a visible character: nothing
 * is sent before Enter, then it is so many lines. Control characters in a paste are dropped; of a
 * paste that has no room the rest is left out, which is said.
 *
 * ~/.editrc (or $EDITRC) is read: `bind -v` gives the keys of vi, other bindings hold but for the
 * keys above.
 *
 * The terminal is taken to show UTF-8, whatever the locale. Where a system has no UTF-8 locale at
 * all, commands that go by words know those of ASCII letters alone.
 *
 * What is printed and drawn is written by line_editor_flush(), which is to be called before each
 * wait.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

struct line_editor;

typedef void line_editor_complete(void *data, const char *word, size_t length, bool first,
				  void (*add)(void *list, const char *candidate), void *list);

struct line_editor_options {
	int input, output;  /* terminals; borrowed */
	const char *prompt; /* copied */
	size_t line_max;    /* bytes of one line; further typing is refused with a bell */
	size_t history;     /* lines that can be had back by arrow up; 0: none */
	line_editor_complete *complete; /* tab; NULL: a tab is typed */
	void *data;
};

enum line_editor_event {
	LINE_EDITOR_NOTHING, /* all that was typed is taken in */
	LINE_EDITOR_LINE,
	LINE_EDITOR_END,       /* Ctrl-D, or the terminal has gone */
	LINE_EDITOR_INTERRUPT, /* Ctrl-C twice */
};

/* NULL: why is FAILURE_USAGE (libedit is missing, no terminal, TERM is one that cannot move its
 * cursor). The terminal is set up. One at a time in a process. */
struct line_editor *line_editor_new(const struct line_editor_options *options, struct failure *why);
/* Takes in what is there without waiting. For LINE *line (NUL-terminated, length bytes, UTF-8,
 * without its end) is valid until the next call, and its place on the terminal is free again; call
 * again until NOTHING, then wait until line_editor_input() is readable. */
enum line_editor_event line_editor_read(struct line_editor *editor, const char **line,
					size_t *length);
/* Draws, and writes what the terminal takes. IO_AGAIN: wait until line_editor_output() is writable.
 * IO_FAILED (FAILURE_OUTPUT): the terminal has gone; what waited is dropped. */
enum io line_editor_flush(struct line_editor *editor, struct failure *why);
/* Descriptors to watch; the editor's. */
int line_editor_input(const struct line_editor *editor);
int line_editor_output(const struct line_editor *editor);
/* Bytes that are not written yet. Without a bound: who prints must look. */
size_t line_editor_waiting(const struct line_editor *editor);

/* Whole lines, each with its "\n", above the line being typed, which is drawn again with its cursor
 * where it was. May contain colours (SGR). */
void line_editor_print(struct line_editor *editor, const char *text, size_t length);
void line_editor_prompt(struct line_editor *editor, const char *prompt);
void line_editor_clear(struct line_editor *editor); /* the screen */
void line_editor_bell(struct line_editor *editor);
/* SIGWINCH came. */
void line_editor_resized(struct line_editor *editor);
/* SIGTSTP came: gives the terminal back, stops the process, and goes on when it does. */
void line_editor_stop(struct line_editor *editor);
/* SIGCONT came: the terminal is set up again, unless we are in the background. */
void line_editor_continued(struct line_editor *editor);
/* In the background: nothing is read or drawn, what is printed is written as it is. Nobody tells
 * when we are in front again: call line_editor_continued() from time to time. */
bool line_editor_away(const struct line_editor *editor);
/* Takes the typed line off, writes what waits (a second at most) and restores the terminal. NULL is
 * fine. */
void line_editor_free(struct line_editor *editor);
#endif
