/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LINE_EDITOR_WATCH_H
#define SOCKUTIL_STREAM_LINE_EDITOR_WATCH_H
/*
 * A line editor in an event loop: what was printed is drawn and written before the loop sleeps,
 * the window's size and the job's stops are followed, messages of base/log go above the typed line
 * where standard error is a terminal.
 */
#include <ev.h>

#include <sockutil/stream/line_editor.h>

enum { LINE_EDITOR_AWAY_MS = 200 }; /* between two looks whether we are in front again */

struct line_editor_watch {
	struct line_editor *editor;
	struct ev_loop *loop;
	/* The owner's, may be NULL. Called from the loop; the owner may stop the watch in them. */
	void (*readable)(void *data); /* while line_editor_watch_read() says so */
	void (*written)(void *data);  /* nothing waits any more, where something had to */
	void (*failed)(void *data, const struct failure *why); /* the terminal has gone; once */
	void *data;
	/* ours */
	struct ev_io input, output;
	struct ev_prepare before_sleep;
	struct ev_signal resized, stopped, continued;
	struct ev_timer away; /* while we are in the background */
	bool reading, waiting, broken;
};

/* The members down to data are set. */
void line_editor_watch_start(struct line_editor_watch *watch);
void line_editor_watch_read(struct line_editor_watch *watch, bool wanted);
/* The editor stays. */
void line_editor_watch_stop(struct line_editor_watch *watch);
#endif
