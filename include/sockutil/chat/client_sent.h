/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_CLIENT_SENT_H
#define SOCKUTIL_CHAT_CLIENT_SENT_H
/*
 * Lines that wait, and those that were sent and whose echo has not come. A text, /me and /msg come
 * back as what everybody reads; the host answers in the order in which it was told, so an echo
 * answers everything before it as well.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/chat/command.h>

struct client_line {
	struct client_line *next;
	enum chat_command command;
	size_t length;
	char bytes[];
};

/* First in, first out. Zeroed is valid. */
struct client_lines {
	struct client_line *first, *last;
	size_t count;
};

/* A copy, at the end. */
void client_lines_add(struct client_lines *lines, enum chat_command command, const char *bytes,
		      size_t length);
/* The first one, the caller's to free(); NULL: empty. */
struct client_line *client_lines_take(struct client_lines *lines);
void client_lines_free(struct client_lines *lines); /* and empties it */

enum { CLIENT_SENT_MAX = 64 };

/* Invariant: unseen of lines come back. At most CLIENT_SENT_MAX: then the oldest is forgotten. */
struct client_sent {
	struct client_lines lines;
	size_t unseen;
};

/* Whether the host sends it back. */
bool client_sent_returns(enum chat_command command);
/* It was sent; the line is taken over. What never fails and never comes back is not kept. */
void client_sent_add(struct client_sent *sent, struct client_line *line);
/* One of that command came back. */
void client_sent_seen(struct client_sent *sent, enum chat_command command);
/* The host refused one: the first, as far as anybody knows. Where that was another one, one too
 * many is taken for lost later, never one too few. */
void client_sent_refused(struct client_sent *sent);
/* The next one that would have come back and did not, the caller's to free(); NULL: none left. */
struct client_line *client_sent_take(struct client_sent *sent);
void client_sent_free(struct client_sent *sent); /* and empties it */
#endif
