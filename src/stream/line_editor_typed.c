/* SPDX-License-Identifier: MIT */
/* src/stream/line_editor_typed.c - bytes of a terminal as keys and pasted characters. */
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/stream/line_editor_layout.h>
#include <sockutil/stream/line_editor_typed.h>

#define ESC            0x1b
#define REPLACEMENT    0xfffd
#define BRACKET_LENGTH 6

static const char opening[BRACKET_LENGTH + 1] = "\x1b[200~";
static const char closing[BRACKET_LENGTH + 1] = "\x1b[201~";

static bool add(struct line_editor_typed *t, uint32_t key)
{
	return buffer_add(&t->keys, &key, sizeof(key));
}

static bool is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

static bool is_noncharacter(uint32_t point)
{
	return (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) == 0xfffe;
}

static bool add_pasted(struct line_editor_typed *t, uint32_t point)
{
	const bool continues = t->returned && point == '\n';

	t->returned = point == '\r';
	if (continues)
		return true;
	if (point == '\r' || point == '\n')
		point = LINE_EDITOR_NEWLINE;
	else if ((is_control(point) && point != '\t') || is_noncharacter(point))
		return true;
	return add(t, point | LINE_EDITOR_PASTED);
}

static bool add_point(struct line_editor_typed *t, uint32_t point)
{
	if (t->pasting)
		return add_pasted(t, point);
	if ((point >= 0x80 && point < 0xa0) || is_noncharacter(point))
		return true;
	return add(t, point);
}

/* Bytes that could be the start of the bracket that is looked for. */
static size_t match(const struct line_editor_typed *t, const char *bytes, size_t length)
{
	const char *bracket = t->pasting ? closing : opening;
	size_t n = 0;

	while (n < length && n < BRACKET_LENGTH && bytes[n] == bracket[n])
		n++;
	return n == length || n == BRACKET_LENGTH ? n : 0;
}

static bool turn(struct line_editor_typed *t)
{
	const bool ended = t->pasting;

	t->pasting = !t->pasting;
	t->returned = false;
	return !ended || add(t, LINE_EDITOR_PASTE_END);
}

/* The end of a character that is not there yet may come. */
static bool is_begun(const char *bytes, size_t length)
{
	const unsigned char first = (unsigned char)bytes[0];
	const size_t whole = first >= 0xf0 && first < 0xf5 ? 4
			     : first >= 0xe0               ? 3
			     : first >= 0xc2               ? 2
							   : 1;

	if (first >= 0xf5 || length >= whole)
		return false;
	for (size_t i = 1; i < length; i++)
		if (((unsigned char)bytes[i] & 0xc0) != 0x80)
			return false;
	return true;
}

/* A bracket whose ESC was taken for a key goes the same way, and counts none the less. */
static void watch_bracket(struct line_editor_typed *t, char byte)
{
	if (byte == ESC)
		t->matched = 1;
	else if (t->matched && byte == opening[t->matched])
		t->matched++;
	else
		t->matched = 0;
	if (t->matched < BRACKET_LENGTH)
		return;
	t->matched = 0;
	(void)turn(t);
}

/* How many of length > 0 bytes were used up; 0: more must come first. */
static size_t take_one(struct line_editor_typed *t, const char *bytes, size_t length, bool more,
		       bool *kept)
{
	const size_t matched = bytes[0] == ESC ? match(t, bytes, length) : 0;
	uint32_t point = REPLACEMENT;
	size_t count;

	if (matched == BRACKET_LENGTH) {
		*kept = turn(t);
		return matched;
	}
	/* Escape alone is a key as well, and must not wait for the next one. */
	if (matched && (t->pasting || matched > 1 || more))
		return 0;
	count = utf8_decode(bytes, length, &point);
	if (!count && is_begun(bytes, length))
		return 0;
	*kept = add_point(t, count ? point : REPLACEMENT);
	if (!t->pasting)
		watch_bracket(t, bytes[0]);
	return count ? count : 1;
}

bool line_editor_type(struct line_editor_typed *t, const char *bytes, size_t length, bool more)
{
	bool kept = buffer_add(&t->bytes, bytes, length);
	size_t used = 1;

	while (t->bytes.length > 0 && used > 0) {
		bool one = true;

		used = take_one(t, buffer_bytes(&t->bytes), t->bytes.length, more, &one);
		buffer_take(&t->bytes, used);
		kept = kept && one;
	}
	return kept;
}

bool line_editor_typed_peek(const struct line_editor_typed *t, uint32_t *key)
{
	if (t->keys.length == 0)
		return false;
	memcpy(key, buffer_bytes(&t->keys), sizeof(*key));
	return true;
}

void line_editor_typed_take(struct line_editor_typed *t)
{
	buffer_take(&t->keys, sizeof(uint32_t));
}

void line_editor_typed_free(struct line_editor_typed *t)
{
	buffer_free(&t->keys);
	buffer_free(&t->bytes);
}
