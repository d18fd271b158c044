/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LINE_EDITOR_H
#define SOCKUTIL_STREAM_LINE_EDITOR_H
/*
 * A line being typed on a terminal while other things are printed above it. Editing, history and
 * key bindings are libedit's (its own API, unbuffered; loaded on first use); reading never blocks.
 *
 * Ctrl-C empties the line, and on an empty line within two seconds of one before it is
 * LINE_EDITOR_INTERRUPT; Ctrl-D on an empty line is LINE_EDITOR_END; Ctrl-Z stops the job with the
 * terminal as it was. A bracketed paste goes into the line as it is, ends of line shown as a
 * visible character: nothing is sent before Enter, then it is so many lines. Control characters in
 * a paste are dropped.
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

/* NULL: why is FAILURE_USAGE (libedit is missing, no terminal, TERM unknown). The terminal is set
 * up and the prompt drawn. One at a time in a process. */
struct line_editor *line_editor_new(const struct line_editor_options *options, struct failure *why);
/* Takes in what is there without waiting. For LINE *line (NUL-terminated, length bytes, UTF-8,
 * without its end) is valid until the next call, and its place on the terminal is free again; call
 * again until NOTHING, then wait until input is readable. */
enum line_editor_event line_editor_read(struct line_editor *editor, const char **line,
					size_t *length);
/* Whole lines, each with its "\n", above the line being typed, which is drawn again with its cursor
 * where it was. May contain colours (SGR). */
void line_editor_print(struct line_editor *editor, const char *text, size_t length);
void line_editor_prompt(struct line_editor *editor, const char *prompt);
void line_editor_clear(struct line_editor *editor); /* the screen */
void line_editor_bell(struct line_editor *editor);
/* SIGWINCH came. */
void line_editor_resized(struct line_editor *editor);
/* Around output of others (base/log): hide takes the typed line off the screen, show draws it. */
void line_editor_hide(struct line_editor *editor);
void line_editor_show(struct line_editor *editor);
/* Takes the typed line off and restores the terminal. NULL is fine. */
void line_editor_free(struct line_editor *editor);
#endif
