/* SPDX-License-Identifier: MIT */
/* base64.c - bytes as text (RFC 4648, 4). */
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
