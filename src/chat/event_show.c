/* SPDX-License-Identifier: MIT */
/* src/chat/event_show.c - the sentence people read for an event. */
#include <inttypes.h>
#include <string.h>

#include <sockutil/base/number.h>
#include <sockutil/chat/event_parts.h>

enum { SIZE_TEXT_MAX = 32 };

/* $ and a letter of kinds.def: that field; $, the text as a list; what stands in {} only when there
 * is a text. NULL: nothing to people. */
static const char *const sentences[CHAT_KINDS] = {
	[CHAT_WELCOME] = "* you are $n, in $r",
	[CHAT_MESSAGE] = "<$n> $x",
	[CHAT_ACTION] = "~ $n $x",
	[CHAT_PRIVATE] = "[$n] $x",
	[CHAT_JOINED] = "* $n joined",
	[CHAT_LEFT] = "* $n left{ ($x)}",
	[CHAT_LOST] = "* $n was lost{ ($x)}",
	[CHAT_RENAMED] = "* $n is now $o",
	[CHAT_TOPIC] = "* $n set the topic: $x",
	[CHAT_MEMBERS] = "* $# here{: $,}",
	[CHAT_NOTICE] = "* $x",
	[CHAT_REFUSED] = "* $x",
	[CHAT_BYE] = "* goodbye{: $x}",
	[CHAT_OFFERED] = "* $n offers $x ($z); /accept $n $x",
};

static const char *topic_sentence(const struct chat_event *event)
{
	if (!event->text.length)
		return event->nick.length ? "* $n took the topic away" : "* no topic";
	return event->nick.length ? sentences[CHAT_TOPIC] : "* the topic: $x";
}

static const char *sentence_of(const struct chat_event *event, const char *to)
{
	if (event->kind == CHAT_TOPIC)
		return topic_sentence(event);
	if (event->kind == CHAT_PRIVATE && to && *to && chat_slice_is(event->nick, to))
		return "[to $o] $x";
	return sentences[event->kind];
}

/* "alice bob" as "alice, bob". */
static bool add_list(struct buffer *out, struct chat_slice text)
{
	bool added = true;

	for (size_t at = 0, end; added && at < text.length; at = end + 1) {
		const char *blank = memchr(text.bytes + at, ' ', text.length - at);

		end = blank ? (size_t)(blank - text.bytes) : text.length;
		added = (at == 0 || buffer_add(out, ", ", 2)) &&
			chat_field_add_word(out, (struct chat_slice){ .bytes = text.bytes + at,
								      .length = end - at });
	}
	return added;
}

static bool add_field(struct buffer *out, const struct chat_event *event, char letter)
{
	const struct chat_field *field = chat_field_of(letter == ',' ? 'x' : letter);
	char size[SIZE_TEXT_MAX];

	switch (letter) {
	case 'x':
		return chat_field_add_text(out, event->text);
	case ',':
		return add_list(out, event->text);
	case 'z':
		size_text(size, sizeof size, chat_field_number(field, event));
		return buffer_add(out, size, strlen(size));
	case '#':
		return buffer_format(out, "%" PRIu64, chat_field_number(field, event));
	default:
		return chat_field_add_word(out, chat_field_slice(field, event));
	}
}

static bool add_sentence(struct buffer *out, const struct chat_event *event, const char *sentence)
{
	bool added = true;

	for (const char *at = sentence; added && *at; at++) {
		if (*at == '{' && !event->text.length)
			at = strchr(at, '}');
		else if (*at == '$')
			added = add_field(out, event, *++at);
		else if (*at != '{' && *at != '}')
			added = buffer_add(out, at, 1);
	}
	return added;
}

bool chat_event_show(struct buffer *out, const struct chat_event *event, const char *to)
{
	const char *sentence = sentence_of(event, to);
	size_t before = out->length;

	if (!sentence || add_sentence(out, event, sentence))
		return true;
	out->length = before;
	return false;
}
