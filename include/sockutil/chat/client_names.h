/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_CLIENT_NAMES_H
#define SOCKUTIL_CHAT_CLIENT_NAMES_H
/* Whom a client knows to be there, for completion. Not the truth: a bounded memory of it. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/chat/event.h>

enum { CLIENT_NAMES_MAX = 1024 };

/* Zeroed is valid. Newest last; when it is full the oldest is forgotten. */
struct client_names {
	char **names;
	size_t count;
};

/* Known already: becomes the newest. Too long to be a nick: nothing. */
void client_names_add(struct client_names *names, struct chat_slice nick);
void client_names_remove(struct client_names *names, struct chat_slice nick);
/* Every word of a list with blanks between them. */
void client_names_add_all(struct client_names *names, struct chat_slice list);
void client_names_free(struct client_names *names); /* and empties it */

/* What may stand for the word of length bytes: of a first word that begins with / the commands,
 * otherwise nicks that begin with it (ASCII letters in either case), newest first; behind a first
 * word's nick ": ". */
void client_names_complete(const struct client_names *names, const char *word, size_t length,
			   bool first, void (*add)(void *list, const char *candidate), void *list);
#endif
