/* SPDX-License-Identifier: MIT */
/* hexdump.c - bytes as lines of hex and text, laid out as hexdump -C does. */
#include <inttypes.h>

#include <sockutil/proto/hexdump.h>

#define PER_LINE   16
#define HEX_COLUMN (PER_LINE * 3 + 2) /* a blank between the halves, one in front of the text */

/* "48 65 ... " padded to HEX_COLUMN, then "|Hello.|"; count is at most PER_LINE. */
static void row(char *out, const unsigned char *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";
	char *text = out + HEX_COLUMN;
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		at += i == PER_LINE / 2;
		out[at++] = digits[bytes[i] >> 4];
		out[at++] = digits[bytes[i] & 15];
		at++;
	}
	*text++ = '|';
	for (size_t i = 0; i < count; i++)
		*text++ = (char)(bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '.');
	*text++ = '|';
	*text = '\0';
}

bool hexdump_lines(struct buffer *out, char direction, int64_t microseconds, uint64_t offset,
		   const void *bytes, size_t length)
{
	const unsigned char *from = bytes;

	for (size_t at = 0; at < length; at += PER_LINE) {
		size_t count = length - at < PER_LINE ? length - at : PER_LINE;
		char text[HEX_COLUMN + PER_LINE + sizeof "||"];

		for (size_t i = 0; i < HEX_COLUMN; i++)
			text[i] = ' ';
		row(text, from + at, count);
		if (!buffer_format(out, "%c %" PRId64 ".%06" PRId64 " %08" PRIx64 "  %s\n",
				   direction, microseconds / 1000000, microseconds % 1000000,
				   offset + at, text))
			return false;
	}
	return true;
}
