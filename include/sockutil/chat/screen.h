/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_SCREEN_H
#define SOCKUTIL_CHAT_SCREEN_H
/*
 * Where a person reads and types, or a program writes and reads: standard output and input. With a
 * terminal on both lines are edited (stream/line_editor.h) and what is shown goes above the line
 * being typed; otherwise, and with edit false, plain lines in and out, never blocking the loop.
 *
 * What is shown must be clean (chat/clean.h) already. Messages of base/log go above the typed line
 * as well while a screen is open.
 */
#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

struct chat_screen;

/* Adds what may stand instead of the word of length bytes (a prefix of it included) by calling add
 * for each. first: it is the line's first word. */
typedef void chat_screen_complete(void *data, const char *word, size_t length, bool first,
				  void (*add)(void *list, const char *candidate), void *list);

struct chat_screen_options {
	struct ev_loop *loop;
	const char *prompt; /* in front of what is typed on a terminal, and without line editing
			     * where a prompt makes sense; "" none. Copied. */
	bool edit;          /* line editing where there are terminals */
	bool prompt_always; /* plain lines get the prompt, too (--simple) */
	size_t line_max;    /* bytes a typed or piped line may have; longer ones come in pieces */
	chat_screen_complete *complete; /* NULL: none */
	/* One line, without its end, valid during the call. What was pasted as several lines comes
	 * as several, one after another. */
	void (*line)(void *data, const char *bytes, size_t length);
	/* No more lines come: end of input, Ctrl-D, Ctrl-C twice (interrupted). why: FAILURE_NONE,
	 * or reading failed. Once. */
	void (*ended)(void *data, bool interrupted, const struct failure *why);
	/* Writing failed (FAILURE_OUTPUT, FAILURE_READER_GONE). Once. */
	void (*failed)(void *data, const struct failure *why);
	void *data;
};

/* Calls hooks from the loop only, never before this returned. NULL: why. */
struct chat_screen *chat_screen_new(const struct chat_screen_options *options, struct failure *why);
/* It is a terminal with line editing: times and colours make sense. */
bool chat_screen_edits(const struct chat_screen *screen);
/* A person reads: standard output is a terminal. */
bool chat_screen_seen(const struct chat_screen *screen);
/* One line without its end. Queued without limit only on a terminal's behalf; chat_screen_behind
 * tells when to stop reading whoever fills it. */
void chat_screen_show(struct chat_screen *screen, const char *bytes, size_t length);
/* More than 64 KiB wait to be written. taken is called once, when nothing waits any more. */
bool chat_screen_behind(struct chat_screen *screen, void (*taken)(void *data));
/* Anything waits to be written: taken as above. */
bool chat_screen_waits(struct chat_screen *screen, void (*taken)(void *data));
/* Inside the line hook: this is a piece of a line that is too long, and more of that line follows.
 */
bool chat_screen_cut(const struct chat_screen *screen);
void chat_screen_prompt(struct chat_screen *screen, const char *prompt);
void chat_screen_bell(struct chat_screen *screen);  /* on terminals */
void chat_screen_clear(struct chat_screen *screen); /* on terminals */
/* While held no line comes (a bot's input waits in its pipe); on a terminal it can be typed on. */
void chat_screen_hold(struct chat_screen *screen, bool held);
/* Writes what waits, blocking for at most a second, restores the terminal. False: why says what was
 * lost. */
bool chat_screen_free(struct chat_screen *screen, struct failure *why); /* NULL is fine */
#endif
