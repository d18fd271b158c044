/* SPDX-License-Identifier: MIT */
/* src/chat/client_names.c - whom a client knows to be there, and what may stand for a begun word.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/memory.h>
#include <sockutil/chat/client_names.h>
#include <sockutil/chat/command.h>
#include <sockutil/chat/nick.h>

enum { COMMAND_TEXT_MAX = 24 };

/* --- whom we know ------------------------------------------------------------ */

static size_t find(const struct client_names *names, struct chat_slice nick)
{
	size_t at = 0;

	while (at < names->count && !chat_slice_is(nick, names->names[at]))
		at++;
	return at;
}

static char *take_out(struct client_names *names, size_t at)
{
	char *name = names->names[at];

	names->count--;
	memmove(names->names + at, names->names + at + 1,
		(names->count - at) * sizeof *names->names);
	return name;
}

static char *copy(struct chat_slice nick)
{
	char *name = memory_zeroed(1, nick.length + 1);

	memcpy(name, nick.bytes, nick.length);
	return name;
}

void client_names_add(struct client_names *names, struct chat_slice nick)
{
	size_t at = find(names, nick);
	char *name = NULL;

	if (nick.length == 0 || nick.length >= CHAT_NICK_MAX)
		return;
	if (!names->names)
		names->names = memory_zeroed(CLIENT_NAMES_MAX, sizeof *names->names);
	if (at < names->count)
		name = take_out(names, at);
	else if (names->count == CLIENT_NAMES_MAX)
		free(take_out(names, 0));
	names->names[names->count++] = name ? name : copy(nick);
}

void client_names_remove(struct client_names *names, struct chat_slice nick)
{
	size_t at = find(names, nick);

	if (at < names->count)
		free(take_out(names, at));
}

void client_names_add_all(struct client_names *names, struct chat_slice list)
{
	for (size_t at = 0, end; at < list.length; at = end + 1) {
		const char *blank = memchr(list.bytes + at, ' ', list.length - at);

		end = blank ? (size_t)(blank - list.bytes) : list.length;
		client_names_add(
			names, (struct chat_slice){ .bytes = list.bytes + at, .length = end - at });
	}
}

void client_names_free(struct client_names *names)
{
	while (names->count)
		free(take_out(names, names->count - 1));
	free(names->names);
	names->names = NULL;
}

/* --- completion -------------------------------------------------------------- */

static bool begins(const char *candidate, const char *word, size_t length)
{
	return strncasecmp(candidate, word, length) == 0 && strlen(candidate) >= length;
}

static void complete_command(const char *word, size_t length,
			     void (*add)(void *list, const char *candidate), void *list)
{
	for (size_t i = 0; i < CHAT_COMMANDS; i++) {
		const struct chat_command_row *row = &chat_command_rows[i];
		const size_t name = strlen(row->word);
		char text[COMMAND_TEXT_MAX] = "/";

		if (!row->usage || name + 3 > sizeof text)
			continue;
		memcpy(text + 1, row->word, name);
		if (*row->usage)
			text[name + 1] = ' ';
		if (begins(text, word, length))
			add(list, text);
	}
}

void client_names_complete(const struct client_names *names, const char *word, size_t length,
			   bool first, void (*add)(void *list, const char *candidate), void *list)
{
	if (first && length > 0 && word[0] == '/') {
		complete_command(word, length, add, list);
		return;
	}
	for (size_t i = names->count; i-- > 0;) {
		const size_t name = strlen(names->names[i]);
		char text[CHAT_NICK_MAX + 2] = "";

		if (!begins(names->names[i], word, length))
			continue;
		memcpy(text, names->names[i], name);
		memcpy(text + name, first ? ": " : "", first ? 2 : 0);
		add(list, text);
	}
}
