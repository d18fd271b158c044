/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_LINE_H
#define SOCKUTIL_CHAT_LINE_H
/* What one or many members are told, held once for all of them: an event in the two ways in which
 * members read it, both with their ends of line. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/chat/event.h>

enum chat_reader { CHAT_PLAIN, CHAT_RICH, CHAT_READERS };

/* Invariant: holders > 0; freed with the last. bytes: the plain form, then the rich one. */
struct chat_line {
	uint64_t id; /* of the message it tells; 0: none */
	uint32_t holders;
	uint32_t length[CHAT_READERS]; /* 0: nothing for that kind of reader */
	char bytes[];
};

/* With one holder, the caller. NULL when memory is short. to: as of chat_event_show(). */
struct chat_line *chat_line_new(const struct chat_event *event, const char *to);
struct chat_line *chat_line_hold(struct chat_line *line);
void chat_line_drop(struct chat_line *line); /* NULL is fine */
struct chat_slice chat_line_bytes(const struct chat_line *line, enum chat_reader reader);
#endif
