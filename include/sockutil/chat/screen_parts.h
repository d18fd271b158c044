/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_SCREEN_PARTS_H
#define SOCKUTIL_CHAT_SCREEN_PARTS_H
/* What the files of a screen share; nobody else includes it. */
#include <sockutil/base/buffer.h>
#include <sockutil/chat/screen.h>
#include <sockutil/stream/line_editor_watch.h>
#include <sockutil/stream/watch.h>

enum {
	CHAT_SCREEN_BEHIND = 64 * 1024, /* bytes */
	CHAT_SCREEN_LAST_MS = 1000,     /* for what waits when a screen is freed */
};

/* The two ways of a screen. None calls a hook of the screen's owner. */
struct chat_screen_form {
	bool edits;
	void (*show)(struct chat_screen *screen, const char *bytes, size_t length);
	void (*prompt)(struct chat_screen *screen);          /* it is another one */
	void (*bell)(struct chat_screen *screen);            /* NULL: nothing rings */
	void (*clear)(struct chat_screen *screen);           /* NULL: nothing is cleared */
	void (*hold)(struct chat_screen *screen);            /* held is another one */
	size_t (*waiting)(const struct chat_screen *screen); /* bytes not written yet */
	bool (*free)(struct chat_screen *screen, struct failure *why);
};

/* Invariants: nothing is told after ended, and nothing is written after failed; taken is not NULL
 * exactly while somebody waits for it. */
struct chat_screen {
	const struct chat_screen_form *form;
	struct chat_screen_options options; /* its prompt is ours */
	bool seen;
	bool held;
	bool ended;
	bool failed;
	bool freed;     /* inside a hook: its memory goes when that returns */
	unsigned hooks; /* that have not returned */
	void (*taken)(void *data);
	struct buffer in;      /* what has come and was not told yet */
	struct ev_timer again; /* lines wait that were held before */
	/* on a terminal */
	struct line_editor_watch editor;
	/* plain lines */
	struct stream *stdio;
	struct stream_watch watch;
	struct buffer out;
	bool input_over;
	bool cut;   /* the line being told is a piece of a longer one */
	bool typed; /* standard input is a terminal, which shows the ends of lines itself */
	bool short_of_memory;
	bool prompted; /* the prompt stands at the end of what was written */
};

/* False: why says what it lacks. */
bool chat_screen_terminal_start(struct chat_screen *screen, struct failure *why);
void chat_screen_plain_start(struct chat_screen *screen);

/* Hooks, from the loop; false: the screen is gone now. */
bool chat_screen_tell_line(struct chat_screen *screen, const char *bytes, size_t length);
bool chat_screen_tell_end(struct chat_screen *screen, bool interrupted, const struct failure *why);
bool chat_screen_tell_failure(struct chat_screen *screen, const struct failure *why);
bool chat_screen_tell_taken(struct chat_screen *screen); /* when nothing waits any more */
#endif
