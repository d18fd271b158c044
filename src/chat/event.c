/* SPDX-License-Identifier: MIT */
/* src/chat/event.c - a line of the wire read and written, each kind by its row in kinds.def. */
#include <inttypes.h>
#include <string.h>

#include <sockutil/base/number.h>
#include <sockutil/base/utf8.h>
#include <sockutil/chat/event_parts.h>

static const struct {
	const char *word;
	const char *fields;
} rows[CHAT_KINDS] = {
#define KIND(name, wire, letters) [CHAT_##name] = { .word = (wire), .fields = (letters) },
#include <sockutil/chat/kinds.def>
#undef KIND
};

/* --- slices ---------------------------------------------------------------- */

struct chat_slice chat_slice_of(const char *text)
{
	return (struct chat_slice){ .bytes = text ? text : "", .length = text ? strlen(text) : 0 };
}

bool chat_slice_is(struct chat_slice slice, const char *text)
{
	return slice.length == strlen(text) &&
	       (slice.length == 0 || memcmp(slice.bytes, text, slice.length) == 0);
}

/* Length of the character at the start when a word may hold it, else 0. */
static size_t word_character(const char *bytes, size_t length)
{
	uint32_t point = 0;
	size_t count = utf8_decode(bytes, length, &point);

	return point <= 0x20 || (point >= 0x7f && point < 0xa0) ? 0 : count;
}

/* The same for a text, in which anything may stand that leaves a line as it is. */
static size_t text_character(const char *bytes, size_t length)
{
	unsigned char byte = (unsigned char)*bytes;

	(void)length;
	return (byte < 0x20 && byte != '\t') || byte == 0x7f ? 0 : 1;
}

bool chat_slice_is_word(struct chat_slice slice)
{
	for (size_t at = 0, step; at < slice.length; at += step) {
		step = word_character(slice.bytes + at, slice.length - at);
		if (!step)
			return false;
	}
	return slice.length > 0;
}

/* --- fields ---------------------------------------------------------------- */

const struct chat_field *chat_field_of(char letter)
{
#define FIELD(kind, member)                                                                        \
	{                                                                                          \
		.form = CHAT_FIELD_##kind, .at = offsetof(struct chat_event, member)               \
	}
	static const struct chat_field fields[] = {
		['i'] = FIELD(NUMBER, id),     ['t'] = FIELD(NUMBER, time_ms),
		['#'] = FIELD(NUMBER, number), ['z'] = FIELD(NUMBER, size),
		['r'] = FIELD(WORD, room),     ['n'] = FIELD(WORD, nick),
		['o'] = FIELD(WORD, other),    ['w'] = FIELD(WORD, word),
		['x'] = FIELD(TEXT, text),
	};
#undef FIELD

	return &fields[(unsigned char)letter];
}

uint64_t chat_field_number(const struct chat_field *field, const struct chat_event *event)
{
	uint64_t number;

	memcpy(&number, (const char *)event + field->at, sizeof number);
	return number > INT64_MAX ? INT64_MAX : number;
}

struct chat_slice chat_field_slice(const struct chat_field *field, const struct chat_event *event)
{
	struct chat_slice slice;

	memcpy(&slice, (const char *)event + field->at, sizeof slice);
	return slice;
}

/* --- reading --------------------------------------------------------------- */

/* What stands before the next blank; *rest moves behind it. */
static struct chat_slice take_word(struct chat_slice *rest)
{
	const char *blank = rest->length ? memchr(rest->bytes, ' ', rest->length) : NULL;
	struct chat_slice word = *rest;

	if (blank)
		word.length = (size_t)(blank - rest->bytes);
	rest->bytes += word.length + (blank ? 1 : 0);
	rest->length -= word.length + (blank ? 1 : 0);
	return word;
}

static bool parse_number(void *into, struct chat_slice word)
{
	uint64_t number;

	if (!number_parse_bytes(word.bytes, word.length, INT64_MAX, &number))
		return false;
	memcpy(into, &number, sizeof number);
	return true;
}

static bool parse_word(void *into, struct chat_slice word)
{
	if (!chat_slice_is_word(word))
		return false;
	if (chat_slice_is(word, "-"))
		word.length = 0;
	memcpy(into, &word, sizeof word);
	return true;
}

static bool parse_field(struct chat_event *event, char letter, struct chat_slice *rest)
{
	const struct chat_field *field = chat_field_of(letter);
	char *into = (char *)event + field->at;

	switch (field->form) {
	case CHAT_FIELD_NUMBER:
		return parse_number(into, take_word(rest));
	case CHAT_FIELD_WORD:
		return parse_word(into, take_word(rest));
	case CHAT_FIELD_TEXT:
		memcpy(into, rest, sizeof *rest);
		return true;
	}
	return false;
}

bool chat_event_parse(struct chat_event *out, const char *line, size_t length)
{
	struct chat_slice rest = { .bytes = line, .length = length };
	struct chat_slice word = take_word(&rest);
	struct chat_event event = { 0 };

	while (event.kind < CHAT_KINDS && !chat_slice_is(word, rows[event.kind].word))
		event.kind++;
	if (event.kind == CHAT_KINDS)
		return false;
	for (const char *letter = rows[event.kind].fields; *letter; letter++)
		if (!parse_field(&event, *letter, &rest))
			return false;
	*out = event;
	return true;
}

/* --- writing --------------------------------------------------------------- */

/* The slice, each byte that holds() has no character for as \xNN. */
static bool add_escaped(struct buffer *out, struct chat_slice slice,
			size_t (*holds)(const char *bytes, size_t length))
{
	size_t kept = 0, at = 0;

	while (at < slice.length) {
		size_t step = holds(slice.bytes + at, slice.length - at);

		if (step) {
			at += step;
			continue;
		}
		if (!buffer_add(out, slice.bytes + kept, at - kept) ||
		    !buffer_format(out, "\\x%02x", (unsigned char)slice.bytes[at]))
			return false;
		kept = ++at;
	}
	return at == kept || buffer_add(out, slice.bytes + kept, at - kept);
}

bool chat_field_add_text(struct buffer *out, struct chat_slice text)
{
	return add_escaped(out, text, text_character);
}

bool chat_field_add_word(struct buffer *out, struct chat_slice word)
{
	return add_escaped(out, word, word_character);
}

static bool write_word(struct buffer *out, struct chat_slice word)
{
	if (!word.length)
		return buffer_add(out, " -", 2);
	/* Alone it would stand for an empty word. */
	if (chat_slice_is(word, "-"))
		return buffer_add(out, " \\x2d", 5);
	return buffer_add(out, " ", 1) && chat_field_add_word(out, word);
}

static bool write_field(struct buffer *out, const struct chat_event *event, char letter)
{
	const struct chat_field *field = chat_field_of(letter);
	struct chat_slice text;

	switch (field->form) {
	case CHAT_FIELD_NUMBER:
		return buffer_format(out, " %" PRIu64, chat_field_number(field, event));
	case CHAT_FIELD_WORD:
		return write_word(out, chat_field_slice(field, event));
	case CHAT_FIELD_TEXT:
		text = chat_field_slice(field, event);
		return !text.length || (buffer_add(out, " ", 1) && chat_field_add_text(out, text));
	}
	return false;
}

bool chat_event_write(struct buffer *out, const struct chat_event *event)
{
	const char *word = rows[event->kind].word;
	size_t before = out->length;
	bool written = buffer_add(out, word, strlen(word));

	for (const char *letter = rows[event->kind].fields; written && *letter; letter++)
		written = write_field(out, event, *letter);
	written = written && buffer_add(out, "\n", 1);
	/* A begun line would take the next one for its rest. */
	if (!written)
		out->length = before;
	return written;
}
