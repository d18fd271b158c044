/* SPDX-License-Identifier: MIT */
/* src/chat/line.c - an event in both of its ways, made once and held by all who are to get it. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/chat/line.h>

/* Both forms one after the other; false when memory is short. */
static bool forms(struct buffer *out, const struct chat_event *event, const char *to, size_t *plain)
{
	if (!chat_event_show(out, event, to) || (out->length && !buffer_add(out, "\n", 1)))
		return false;
	*plain = out->length;
	return chat_event_write(out, event);
}

static struct chat_line *line_of(const struct buffer *both, size_t plain, uint64_t id)
{
	struct chat_line *line;

	if (both->length > UINT32_MAX)
		return NULL;
	line = malloc(offsetof(struct chat_line, bytes) + both->length);
	if (!line)
		return NULL;
	line->id = id;
	line->holders = 1;
	line->length[CHAT_PLAIN] = (uint32_t)plain;
	line->length[CHAT_RICH] = (uint32_t)(both->length - plain);
	memcpy(line->bytes, buffer_bytes(both), both->length);
	return line;
}

struct chat_line *chat_line_new(const struct chat_event *event, const char *to)
{
	struct buffer both = { 0 };
	struct chat_line *line = NULL;
	size_t plain = 0;

	if (forms(&both, event, to, &plain))
		line = line_of(&both, plain, event->id);
	buffer_free(&both);
	return line;
}

struct chat_line *chat_line_hold(struct chat_line *line)
{
	line->holders++;
	return line;
}

void chat_line_drop(struct chat_line *line)
{
	if (line && --line->holders == 0)
		free(line);
}

struct chat_slice chat_line_bytes(const struct chat_line *line, enum chat_reader reader)
{
	return (struct chat_slice){
		.bytes = line->bytes + (reader == CHAT_RICH ? line->length[CHAT_PLAIN] : 0),
		.length = line->length[reader],
	};
}
