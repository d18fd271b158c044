/* SPDX-License-Identifier: MIT */
/* src/chat/clean.c - text of others made harmless. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/chat/clean.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Never shown as they are, from U+00A0 on. Noncharacters at the ends of planes: is_hidden(). */
static const struct utf8_range hidden[] = {
	{ 0x00ad, 0x00ad },   /* soft hyphen */
	{ 0x034f, 0x034f },   /* combining grapheme joiner */
	{ 0x061c, 0x061c },   /* Arabic letter mark */
	{ 0x115f, 0x1160 },   /* Hangul fillers */
	{ 0x17b4, 0x17b5 },   /* Khmer inherent vowels */
	{ 0x180b, 0x180f },   /* Mongolian variation selectors and vowel separator */
	{ 0x200b, 0x200f },   /* zero width space, joiners, marks of direction */
	{ 0x2028, 0x202e },   /* separators of lines and paragraphs, embeddings, overrides */
	{ 0x2060, 0x206f },   /* word joiner, invisible operators, isolates */
	{ 0x3164, 0x3164 },   /* Hangul filler */
	{ 0xfdd0, 0xfdef },   /* noncharacters */
	{ 0xfe00, 0xfe0f },   /* variation selectors */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xffa0, 0xffa0 },   /* halfwidth Hangul filler */
	{ 0xfff0, 0xfffb },   /* unassigned, interlinear annotation */
	{ 0x1bca0, 0x1bca3 }, /* shorthand format controls */
	{ 0x1d173, 0x1d17a }, /* musical beams and slurs */
	{ 0xe0000, 0xe0fff }, /* tags, variation selectors, unassigned */
};

/* What emoji are made of, and the symbols that can be one (Extended_Pictographic, by blocks). */
static const struct utf8_range pictures[] = {
	{ 0x00a9, 0x00a9 },   { 0x00ae, 0x00ae }, { 0x203c, 0x203c }, { 0x2049, 0x2049 },
	{ 0x2122, 0x2122 },   { 0x2139, 0x2139 }, { 0x2190, 0x21ff }, { 0x2300, 0x23ff },
	{ 0x24c2, 0x24c2 },   { 0x25a0, 0x27bf }, { 0x2900, 0x297f }, { 0x2b00, 0x2bff },
	{ 0x3030, 0x3030 },   { 0x303d, 0x303d }, { 0x3297, 0x3299 }, { 0x1f000, 0x1f1e5 },
	{ 0x1f200, 0x1faff },
};

/* Scripts whose words need ZWJ and ZWNJ: the Arabic and Mongolian families, those of India and its
 * neighbours. */
static const struct utf8_range joining[] = {
	{ 0x0620, 0x065f },   /* Arabic */
	{ 0x066e, 0x06d3 },   /* Arabic */
	{ 0x06d5, 0x06dc },   /* Arabic */
	{ 0x06df, 0x06ff },   /* Arabic */
	{ 0x0710, 0x074f },   /* Syriac */
	{ 0x0750, 0x077f },   /* Arabic */
	{ 0x07c0, 0x07ff },   /* N'Ko */
	{ 0x0840, 0x085b },   /* Mandaic */
	{ 0x0860, 0x08ff },   /* Syriac, Arabic */
	{ 0x0900, 0x0df3 },   /* Devanagari to Sinhala */
	{ 0x1000, 0x109f },   /* Myanmar */
	{ 0x1780, 0x17d3 },   /* Khmer */
	{ 0x1820, 0x18aa },   /* Mongolian */
	{ 0x1a20, 0x1aad },   /* Tai Tham */
	{ 0x1b00, 0x1bff },   /* Balinese, Sundanese, Batak */
	{ 0xa840, 0xa877 },   /* Phags-pa */
	{ 0xa8e0, 0xa8ff },   /* Devanagari */
	{ 0xa980, 0xa9df },   /* Javanese */
	{ 0x11000, 0x11dff }, /* Brahmi and its family */
	{ 0x1e900, 0x1e95f }, /* Adlam */
};

enum {
	ZERO_WIDTH_NON_JOINER = 0x200c,
	ZERO_WIDTH_JOINER = 0x200d,
	KEYCAP = 0x20e3,
	TEXT_LOOK = 0xfe0e,
	EMOJI_LOOK = 0xfe0f,
	BLACK_FLAG = 0x1f3f4,
	TAGS = 0xe0000, /* and ASCII */
	TAGS_END = 0xe007f,
};

static bool is_hidden(uint32_t point)
{
	return point < 0xa0 || (point & 0xfffe) == 0xfffe ||
	       utf8_within(hidden, COUNT(hidden), point);
}

static bool is_picture(uint32_t point)
{
	return utf8_within(pictures, COUNT(pictures), point);
}

static bool is_joining(uint32_t point)
{
	return utf8_within(joining, COUNT(joining), point);
}

/* --- one character after another ---------------------------------------------------------------*/

/*
 * What decides on a character is what was kept in front of it, and a character behind it that is
 * kept in any case: so cleaning again decides the same.
 */
struct scan {
	const char *at, *end;
	uint32_t before; /* the character kept right in front; 0: none, or an escape */
	unsigned marks;  /* kept on the character in front */
};

enum fate { KEPT, DROPPED, ESCAPED };

/* text may be NULL when length is 0. */
static struct scan scan_of(const char *text, size_t length)
{
	const char *at = length ? text : "";

	return (struct scan){ .at = at, .end = at + length };
}

/* The character behind the first count bytes, 0: none. */
static uint32_t peek(const struct scan *s, size_t count, size_t *length)
{
	uint32_t point = 0;

	*length = utf8_decode(s->at + count, (size_t)(s->end - s->at) - count, &point);
	return *length ? point : 0;
}

/* Of a character that is not hidden. */
static bool is_mark(const char *bytes, size_t count)
{
	return utf8_width(bytes, count) == 0;
}

/* Right behind a picture, or between a key and its cap. */
static bool look_belongs(const struct scan *s, size_t count)
{
	size_t length;

	if (is_picture(s->before))
		return true;
	return s->before && s->before < 0x80 && strchr("#*0123456789", (int)s->before) &&
	       peek(s, count, &length) == KEYCAP && s->marks + 2 <= CHAT_CLEAN_MARKS;
}

static bool joiner_belongs(const struct scan *s, uint32_t joiner, size_t count)
{
	size_t length;
	const uint32_t behind = peek(s, count, &length);

	if (joiner == ZERO_WIDTH_JOINER && (is_picture(s->before) || s->before == EMOJI_LOOK) &&
	    is_picture(behind))
		return true;
	if (!is_joining(s->before) || !is_joining(behind) || is_hidden(behind))
		return false;
	/* Bengali has the joiner before a mark: it must be one that is kept. */
	return !is_mark(s->at + count, length) || s->marks + 2 <= CHAT_CLEAN_MARKS;
}

/* Bytes of the tags behind a black flag that make it another one; 0: they do not. */
static size_t flag_tags(const struct scan *s)
{
	static const char *const flags[] = { "gbeng", "gbsct", "gbwls" };

	for (size_t i = 0; i < COUNT(flags); i++) {
		size_t count = 0, length;
		const char *c = flags[i];

		for (; *c && peek(s, count, &length) == (uint32_t)TAGS + (unsigned char)*c; c++)
			count += length;
		if (!*c && peek(s, count, &length) == TAGS_END)
			return count + length;
	}
	return 0;
}

/* Hidden, and kept in this place all the same: how many bytes from here on; 0: none. */
static size_t kept_hidden(const struct scan *s, uint32_t point, size_t count)
{
	switch (point) {
	case ZERO_WIDTH_NON_JOINER:
	case ZERO_WIDTH_JOINER:
		return joiner_belongs(s, point, count) ? count : 0;
	case TEXT_LOOK:
	case EMOJI_LOOK:
		return look_belongs(s, count) ? count : 0;
	default:
		return s->before == BLACK_FLAG ? flag_tags(s) : 0;
	}
}

static enum fate next_hidden(struct scan *s, uint32_t point, size_t *count)
{
	const size_t kept = kept_hidden(s, point, *count);

	if (!kept) {
		s->before = 0;
		s->marks = 0;
		return ESCAPED;
	}
	*count = kept;
	s->before = point;
	s->marks++; /* so that no more marks fit behind it than without it */
	return KEPT;
}

/* The next character that is not plain ASCII: *count bytes; *point of one that is escaped, 0: a
 * byte that is no character (or NUL). */
static enum fate next(struct scan *s, uint32_t *point, size_t *count)
{
	*point = 0;
	*count = utf8_decode(s->at, (size_t)(s->end - s->at), point);
	if (!*count)
		*count = 1;
	if (is_hidden(*point))
		return next_hidden(s, *point, count);
	if (!is_mark(s->at, *count))
		s->marks = 0;
	else if (s->marks >= CHAT_CLEAN_MARKS)
		return DROPPED;
	else
		s->marks++;
	s->before = *point;
	return KEPT;
}

static bool is_plain(char c)
{
	return (c >= ' ' && c <= '~') || c == '\t';
}

/* Over what needs no thought. */
static void skip_plain(struct scan *s)
{
	const char *at = s->at;

	while (at < s->end && is_plain(*at))
		at++;
	if (at == s->at)
		return;
	s->before = (unsigned char)at[-1];
	s->marks = 0;
	s->at = at;
}

/* Over everything that is kept; false: at the end. */
static bool skip_kept(struct scan *s, enum fate *fate, uint32_t *point, size_t *count)
{
	while (skip_plain(s), s->at < s->end) {
		*fate = next(s, point, count);
		if (*fate != KEPT)
			return true;
		s->at += *count;
	}
	return false;
}

bool chat_is_clean(const char *text, size_t length)
{
	struct scan s = scan_of(text, length);
	enum fate fate;
	uint32_t point;
	size_t count;

	return !skip_kept(&s, &fate, &point, &count);
}

/* --- what is written ---------------------------------------------------------------------------*/

enum { ESCAPE_MAX = sizeof("\\u{10ffff}") };

static bool add_escape(struct buffer *out, const struct scan *s, uint32_t point)
{
	char text[ESCAPE_MAX];
	int length;

	if (point < 0x80)
		length = snprintf(text, sizeof(text), "\\x%02x", (unsigned char)*s->at);
	else
		length = snprintf(text, sizeof(text), "\\u{%x}", (unsigned)point);
	return buffer_add(out, text, (size_t)length);
}

static bool add_clean(struct buffer *out, struct scan *s)
{
	const char *from = s->at;
	enum fate fate;
	uint32_t point;
	size_t count;

	while (skip_kept(s, &fate, &point, &count)) {
		if (!buffer_add(out, from, (size_t)(s->at - from)) ||
		    (fate == ESCAPED && !add_escape(out, s, point)))
			return false;
		s->at += count;
		from = s->at;
	}
	return buffer_add(out, from, (size_t)(s->end - from));
}

bool chat_clean(struct buffer *out, const char *text, size_t length)
{
	struct scan s = scan_of(text, length);
	const size_t before = out->length;

	if (add_clean(out, &s))
		return true;
	out->length = before;
	if (!before)
		buffer_free(out);
	return false;
}
