/* SPDX-License-Identifier: MIT */
/* base64.c - bytes as text (RFC 4648, 4). */
#include <string.h>

#include <sockutil/base/base64.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* One to three bytes as four digits. */
static void add_group(char out[static 4], const unsigned char *in, size_t count)
{
	unsigned bits = (unsigned)in[0] << 16;

	bits |= count > 1 ? (unsigned)in[1] << 8 : 0;
	bits |= count > 2 ? in[2] : 0;
	out[0] = digits[bits >> 18];
	out[1] = digits[bits >> 12 & 63];
	out[2] = count > 1 ? digits[bits >> 6 & 63] : '=';
	out[3] = count > 2 ? digits[bits & 63] : '=';
}

bool base64_add(struct buffer *out, const void *bytes, size_t length)
{
	const unsigned char *in = bytes;

	for (size_t at = 0; at < length; at += 3) {
		char *group = buffer_reserve(out, 4);

		if (!group)
			return false;
		add_group(group, in + at, length - at);
		buffer_commit(out, 4);
	}
	return true;
}

/* One more than the digit's value; 0: no digit. */
static const unsigned char values[256] = {
	['A'] = 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,         12,         13,
	14,         15, 16, 17, 18, 19, 20, 21, 22, 23, 24,         25,         26,
	['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37,         38,         39,
	40,         41, 42, 43, 44, 45, 46, 47, 48, 49, 50,         51,         52,
	['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, ['+'] = 63, ['/'] = 64,
};

/* -1: no digit. */
static int digit_value(char c)
{
	return values[(unsigned char)c] - 1;
}

/* Four digits, the last ones of a text possibly padding; returns how many bytes they are, 0: they
 * are malformed. */
static size_t take_group(unsigned char out[static 3], const char *text, bool last)
{
	const size_t padding = !last || text[3] != '=' ? 0 : text[2] != '=' ? 1 : 2;
	unsigned bits = 0;

	for (size_t i = 0; i < 4; i++) {
		const int value = i >= 4 - padding ? 0 : digit_value(text[i]);

		if (value < 0)
			return 0;
		bits = bits << 6 | (unsigned)value;
	}
	out[0] = (unsigned char)(bits >> 16);
	out[1] = (unsigned char)(bits >> 8);
	out[2] = (unsigned char)bits;
	/* One text alone stands for some bytes. */
	if ((padding > 0 && out[2]) || (padding > 1 && out[1]))
		return 0;
	return 3 - padding;
}

bool base64_decode(void *out, size_t size, size_t *count, const char *text, size_t length)
{
	unsigned char *at = out;
	size_t decoded = 0;

	*count = 0;
	if (length % 4)
		return false;
	for (size_t i = 0; i < length; i += 4) {
		unsigned char group[3];
		const size_t taken = take_group(group, text + i, i + 4 == length);

		if (!taken || size - decoded < taken)
			return false;
		memcpy(at + decoded, group, taken);
		decoded += taken;
	}
	*count = decoded;
	return true;
}
