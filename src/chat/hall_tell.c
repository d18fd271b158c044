/* SPDX-License-Identifier: MIT */
/* What members are told, and what goes into the log. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/chat/clean.h>
#include <sockutil/chat/hall_parts.h>

enum { SENTENCE_MAX = 1000 };

void chat_hall_deliver(struct chat_hall *hall, struct chat_member *to, struct chat_line *line)
{
	if (!hall->closed && line->length[to->rich ? CHAT_RICH : CHAT_PLAIN])
		hall->options.deliver(hall->options.data, to, line);
}

void chat_hall_tell(struct chat_hall *hall, struct chat_member *to, const struct chat_event *event)
{
	struct chat_line *line = chat_line_new(event, to->nick);

	if (line)
		chat_hall_deliver(hall, to, line);
	chat_line_drop(line);
}

static void tell_sentence(struct chat_hall *hall, struct chat_member *to, struct chat_event *event,
			  const char *text)
{
	struct buffer clean = { 0 };

	if (chat_clean(&clean, text, utf8_cut(text, strlen(text), SENTENCE_MAX))) {
		event->text = (struct chat_slice){ buffer_bytes(&clean), clean.length };
		chat_hall_tell(hall, to, event);
	}
	buffer_free(&clean);
}

void chat_hall_say(struct chat_hall *hall, struct chat_member *to, enum chat_kind kind,
		   const char *format, ...)
{
	struct chat_event event = { .kind = kind };
	char text[SENTENCE_MAX + 4]; /* a character that is cut ends behind the limit */
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	tell_sentence(hall, to, &event, text);
}

void chat_hall_bye(struct chat_hall *hall, struct chat_member *to, const char *word,
		   const char *text)
{
	struct chat_event event = { .kind = CHAT_BYE, .word = chat_slice_of(word) };

	tell_sentence(hall, to, &event, text);
}

struct chat_line *chat_hall_line(struct chat_hall *hall, struct chat_member *by,
				 const struct chat_event *event, const char *to)
{
	struct chat_line *line = chat_line_new(event, to);

	if (!line)
		chat_hall_say(hall, by, CHAT_REFUSED, "the host has no memory for it");
	return line;
}

void chat_hall_record(struct chat_hall *hall, const struct chat_event *event)
{
	if (hall->options.record && !hall->closed)
		hall->options.record(hall->options.data, event);
}

struct chat_event chat_hall_event(const struct chat_hall *hall, enum chat_kind kind,
				  const struct chat_member *by)
{
	return (struct chat_event){
		.kind = kind,
		.time_ms = hall->time_ms,
		.room = chat_slice_of(by->room->names->name),
		.nick = chat_slice_of(by->nick),
	};
}
