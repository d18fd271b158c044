/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_PROGRESS_H
#define SOCKUTIL_CLI_PROGRESS_H
/*
 * How far transfers are, on standard error. On a terminal a line for each, drawn anew in place and
 * erased before any message; anywhere else a notice every five seconds, or JSON. One display at a
 * time in a process: log_before_message() knows one.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The rate shown is that of the last PROGRESS_SAMPLES - 1 half seconds. */
enum {
	PROGRESS_SAMPLES = 9,
	PROGRESS_SAMPLE_MS = 500,
	PROGRESS_DRAW_MS = 100,  /* between two drawings of bars */
	PROGRESS_JSON_MS = 500,  /* between two rounds of objects */
	PROGRESS_LINE_MS = 5000, /* between two rounds of notices */
};

enum progress_form {
	PROGRESS_NONE,
	PROGRESS_BAR,  /* PROGRESS_LINE where standard error cannot erase lines */
	PROGRESS_LINE, /* a notice ("progress" with --log-json) */
	PROGRESS_JSON, /* an object a line, whatever the log's form */
};

struct progress_rate {
	struct {
		int64_t at_ms;
		uint64_t done;
	} samples[PROGRESS_SAMPLES]; /* a ring */
	size_t newest, count;
};

/* One transfer. The first three are the caller's, borrowed until it leaves; NULL: not told. */
struct progress_meter {
	const char *name; /* in front of its line where several are shown, and of its notices */
	const char *url, *file; /* of its objects */

	/* the module's own */
	uint64_t done, moved, total;
	int64_t started_ms;
	struct progress_rate rate;
	struct progress_meter *older, *newer;
};

/* Zeroed or started; the fields are the module's own. */
struct progress {
	enum progress_form form;
	bool several;
	int64_t started_ms, shown_ms;
	unsigned drawn; /* lines that stand on the terminal, the cursor on the last */
	struct progress_meter *oldest, *newest;
	unsigned running, ended;
	uint64_t ended_done, ended_moved; /* bytes of those that left */
	struct progress_rate rate;        /* of all together */
};

/* Whether standard error is a terminal that knows how to erase a line. */
bool progress_can_draw(void);

/* p must stay where it is until progress_end. several: lines start with names, and one tells of all
 * together, also while there is only one. */
void progress_start(struct progress *p, enum progress_form form, bool several);

/* m is shown from now on, and must stay where it is until progress_leave() or progress_end(). */
void progress_join(struct progress *p, struct progress_meter *m);
/* done: bytes that are there; moved: those of them that this run has moved, for the rate; total 0:
 * unknown. */
void progress_update(struct progress_meter *m, uint64_t done, uint64_t moved, uint64_t total);
/* As often as the caller likes; nothing before the first byte has come (of one of those shown, or
 * with several of any): what is said before a body has the terminal for itself. */
void progress_show(struct progress *p);
/* Erases what is drawn until it is shown again: before something else is written to the terminal
 * that is no message. A zeroed p is fine. */
void progress_hide(struct progress *p);
/* Shown no more. outcome: "done", "failed": notices and objects tell it; NULL: silently. */
void progress_leave(struct progress *p, struct progress_meter *m, const char *outcome);
/* Erases what is drawn. A zeroed p is fine. */
void progress_end(struct progress *p);
#endif
