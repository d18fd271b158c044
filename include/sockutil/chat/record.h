/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_RECORD_H
#define SOCKUTIL_CHAT_RECORD_H
/*
 * --log: what was said, a record a line, appended to a file made with 0600:
 *
 *   2026-11-21T09:00:00Z lobby <bob> hello
 *
 * The sentence is the one of chat_event_show(), cleaned, and escaped once more: no record can hold
 * an end of line. Nothing of private messages is written by a host.
 */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/chat/event.h>

struct chat_record;

/* NULL: why (FAILURE_OUTPUT) names the file. */
struct chat_record *chat_record_open(const char *file, struct failure *why);
/* A failure is remembered, told once as a warning, and is the result of closing. */
void chat_record_add(struct chat_record *record, const struct chat_event *event, const char *to);
bool chat_record_close(struct chat_record *record, struct failure *why); /* NULL is fine */
#endif
