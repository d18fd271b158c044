/* SPDX-License-Identifier: MIT */
/* src/chat/client_sent.c - lines in a row, and which of those that were sent have been heard. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/chat/client_sent.h>

/* --- lines in a row ------------------------------------------------------------ */

static void append(struct client_lines *lines, struct client_line *line)
{
	line->next = NULL;
	if (lines->last)
		lines->last->next = line;
	else
		lines->first = line;
	lines->last = line;
	lines->count++;
}

void client_lines_add(struct client_lines *lines, enum chat_command command, const char *bytes,
		      size_t length)
{
	struct client_line *line = memory_zeroed(1, sizeof *line + length + 1);

	line->command = command;
	line->length = length;
	memcpy(line->bytes, bytes, length);
	append(lines, line);
}

struct client_line *client_lines_take(struct client_lines *lines)
{
	struct client_line *line = lines->first;

	if (!line)
		return NULL;
	lines->first = line->next;
	if (!lines->first)
		lines->last = NULL;
	lines->count--;
	return line;
}

void client_lines_free(struct client_lines *lines)
{
	while (lines->first)
		free(client_lines_take(lines));
}

/* --- what comes back ------------------------------------------------------------- */

bool client_sent_returns(enum chat_command command)
{
	return command == CHAT_COMMAND_TEXT || command == CHAT_COMMAND_ME ||
	       command == CHAT_COMMAND_MSG;
}

static struct client_line *take_first(struct client_sent *sent)
{
	struct client_line *line = client_lines_take(&sent->lines);

	if (line && client_sent_returns(line->command))
		sent->unseen--;
	return line;
}

void client_sent_add(struct client_sent *sent, struct client_line *line)
{
	if (line->command == CHAT_COMMAND_WHO || line->command == CHAT_COMMAND_ROOMS) {
		free(line);
		return;
	}
	if (sent->lines.count == CLIENT_SENT_MAX)
		free(take_first(sent));
	append(&sent->lines, line);
	sent->unseen += client_sent_returns(line->command) ? 1 : 0;
}

void client_sent_seen(struct client_sent *sent, enum chat_command command)
{
	const struct client_line *line = sent->lines.first;
	size_t answered = 1;

	while (line && line->command != command) {
		line = line->next;
		answered++;
	}
	for (; line && answered > 0; answered--) {
		struct client_line *first = take_first(sent);

		if (first == line)
			line = NULL;
		free(first);
	}
}

void client_sent_refused(struct client_sent *sent)
{
	free(take_first(sent));
}

struct client_line *client_sent_take(struct client_sent *sent)
{
	struct client_line *line = take_first(sent);

	while (line && !client_sent_returns(line->command)) {
		free(line);
		line = take_first(sent);
	}
	return line;
}

void client_sent_free(struct client_sent *sent)
{
	while (sent->lines.first)
		free(take_first(sent));
}
