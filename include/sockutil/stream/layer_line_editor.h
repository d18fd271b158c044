/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_LINE_EDITOR_H
#define SOCKUTIL_STREAM_LAYER_LINE_EDITOR_H
/*
 * A person at a terminal as the bottom of a stream: reading gives the lines that were edited
 * (stream/line_editor.h), each with its newline; writing shows lines above the one being typed.
 *
 * What is written is text for people: CR LF and LF end a line, a tab stays, other controls, what
 * turns a line around and bytes that are not UTF-8 are shown as base/log masks them. A line that is
 * not ended yet stands in front of what is typed, as a prompt would. A line that was entered is
 * shown above as well, with that in front.
 *
 * Ctrl-D on an empty line is the end of reading. Ctrl-C twice on an empty line is SIGINT to this
 * process.
 */
#include <ev.h>

#include <sockutil/stream/stream.h>

/* Standard input and output. NULL: why (FAILURE_USAGE) as of line_editor_new(). The terminal is
 * restored when the stream is freed. */
struct stream *layer_line_editor_new(struct ev_loop *loop, struct failure *why);
#endif
