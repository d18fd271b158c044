/* SPDX-License-Identifier: MIT */
/* utf8.c - UTF-8 as RFC 3629 has it: strict, bounded, in place. */
#include <string.h>

#include <sockutil/base/utf8.h>

static bool continues(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* How long a character with this first byte is; 0: no character starts so. */
static size_t announced(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4) /* continuations, overlong pairs, above U+10FFFF */
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

size_t utf8_decode(const char *bytes, size_t length, uint32_t *point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t count = length ? announced((unsigned char)bytes[0]) : 0;
	uint32_t value;

	if (!count || count > length)
		return 0;
	value = (unsigned char)bytes[0] & (count == 1 ? 0x7fu : 0xffu >> (count + 1));
	for (size_t i = 1; i < count; i++) {
		if (!continues(bytes[i]))
			return 0;
		value = value << 6 | ((unsigned char)bytes[i] & 0x3fu);
	}
	if (value < least[count] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	if (point)
		*point = value;
	return count;
}

/* The character at the start, or the one byte that belongs to none. */
static size_t step(const char *bytes, size_t length)
{
	size_t count = utf8_decode(bytes, length, NULL);

	return count ? count : 1;
}

bool utf8_valid(const char *bytes, size_t length)
{
	while (length) {
		size_t count = utf8_decode(bytes, length, NULL);

		if (!count)
			return false;
		bytes += count;
		length -= count;
	}
	return true;
}

size_t utf8_cut(const char *bytes, size_t length, size_t limit)
{
	if (length <= limit)
		return length;
	for (size_t back = 1; back <= 3 && back <= limit; back++) {
		size_t start = limit - back;

		if (!continues(bytes[start]))
			return utf8_decode(bytes + start, length - start, NULL) > back ? start
										       : limit;
	}
	return limit;
}

static void reverse_bytes(char *bytes, size_t length)
{
	for (size_t i = 0; i < length / 2; i++) {
		char kept = bytes[i];

		bytes[i] = bytes[length - 1 - i];
		bytes[length - 1 - i] = kept;
	}
}

void utf8_reverse(char *bytes, size_t length)
{
	/* Each character backwards first, so that reversing all puts its bytes in order again. */
	for (size_t at = 0; at < length;) {
		size_t count = step(bytes + at, length - at);

		reverse_bytes(bytes + at, count);
		at += count;
	}
	reverse_bytes(bytes, length);
}

static const struct utf8_range zero_columns[] = {
#define ZERO(first, last) { first, last },
#include "utf8_width.def"
};

static const struct utf8_range two_columns[] = {
#define WIDE(first, last) { first, last },
#include "utf8_width.def"
};

bool utf8_within(const struct utf8_range *ranges, size_t count, uint32_t point)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (point < ranges[middle].first)
			count = middle;
		else if (point > ranges[middle].last)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

size_t utf8_width(const char *bytes, size_t length)
{
	size_t columns = 0;

	for (size_t at = 0; at < length;) {
		uint32_t point = 0;
		size_t count = utf8_decode(bytes + at, length - at, &point);

		at += count ? count : 1;
		if (utf8_within(two_columns, COUNT(two_columns), point))
			columns += 2;
		else if (!count || !utf8_within(zero_columns, COUNT(zero_columns), point))
			columns++;
	}
	return columns;
}
