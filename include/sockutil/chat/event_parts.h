/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_EVENT_PARTS_H
#define SOCKUTIL_CHAT_EVENT_PARTS_H
/* What reading, writing and showing an event share. For src/chat/event*.c alone. */
#include <sockutil/chat/event.h>

enum chat_field_form {
	CHAT_FIELD_NUMBER, /* 0 to INT64_MAX */
	CHAT_FIELD_WORD,
	CHAT_FIELD_TEXT, /* the rest of the line */
};

struct chat_field {
	enum chat_field_form form;
	size_t at; /* in struct chat_event */
};

/* Of a letter of kinds.def, which must be one of them. */
const struct chat_field *chat_field_of(char letter);
uint64_t chat_field_number(const struct chat_field *field, const struct chat_event *event);
struct chat_slice chat_field_slice(const struct chat_field *field, const struct chat_event *event);

/* Adds a text, controls other than a tab as \xNN: it stays on its line. False when memory is short.
 */
bool chat_field_add_text(struct buffer *out, struct chat_slice text);
/* Adds a word; what no word can hold as \xNN. Nothing for an empty one. */
bool chat_field_add_word(struct buffer *out, struct chat_slice word);
#endif
