/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_RECORD_H
#define SOCKUTIL_CHAT_RECORD_H
/*
 * --log: what was said, a record a line, appended to a file made with 0600:
 *
 *   2026-11-21T09:00:00Z lobby <bob> hello
 *
 * Time (of the event, or now where it has none), room ("-": none) and the sentence of
 * chat_event_show(), all cleaned: no record can hold an end of line. What says nothing to people
 * is no record. Nothing of private messages is written by a host.
 *
 * A record is one write(2), so several programs may share a file. Nothing waits: what a full pipe
 * cannot take is kept, 256 KiB of it, until the next record or closing.
 */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/chat/event.h>

struct chat_record;

/* NULL: why (FAILURE_OUTPUT) names the file. A symbolic link is followed; a pipe must have its
 * reader already. */
struct chat_record *chat_record_open(const char *file, struct failure *why);
/* to: as of chat_event_show(). The first failure is told as a warning ("log file F is not complete:
 * No space left on device") and is the result of closing; later records are tried all the same,
 * each on a line of its own. */
void chat_record_add(struct chat_record *record, const struct chat_event *event, const char *to);
/* Waits a second at most for the reader of a pipe. False: why (FAILURE_OUTPUT); not everything is
 * written. NULL is fine. */
bool chat_record_close(struct chat_record *record, struct failure *why);
#endif
