/* SPDX-License-Identifier: MIT */
/* src/stream/tap_json.c - a recorded piece as a JSON object on a line. */
#include <sockutil/base/json.h>
#include <sockutil/base/utf8.h>
#include <sockutil/stream/tap_json.h>

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* One to three bytes as four digits. */
static void base64_group(char out[static 4], const unsigned char *in, size_t count)
{
	unsigned bits = (unsigned)in[0] << 16;

	bits |= count > 1 ? (unsigned)in[1] << 8 : 0;
	bits |= count > 2 ? in[2] : 0;
	out[0] = base64_digits[bits >> 18];
	out[1] = base64_digits[bits >> 12 & 63];
	out[2] = count > 1 ? base64_digits[bits >> 6 & 63] : '=';
	out[3] = count > 2 ? base64_digits[bits & 63] : '=';
}

static bool base64_add(struct buffer *out, const char *bytes, size_t length)
{
	const unsigned char *in = (const unsigned char *)bytes;

	for (size_t at = 0; at < length; at += 3) {
		char *group = buffer_reserve(out, 4);

		if (!group)
			return false;
		base64_group(group, in + at, length - at);
		buffer_commit(out, 4);
	}
	return true;
}

static bool json_content(struct buffer *out, const struct tap_piece *piece)
{
	if (utf8_valid(piece->bytes, piece->length))
		return json_key(out, "text") && json_string(out, piece->bytes, piece->length);
	return json_key(out, "data_base64") && buffer_add(out, "\"", 1) &&
	       base64_add(out, piece->bytes, piece->length) && buffer_add(out, "\"", 1);
}

bool tap_json_line(struct buffer *out, const struct tap_piece *piece)
{
	return buffer_add(out, "{", 1) && json_member(out, "time", piece->time) &&
	       json_member_integer(out, "connection", piece->connection) &&
	       json_member(out, "direction", piece->received ? "received" : "sent") &&
	       json_member_integer(out, "offset", (int64_t)piece->offset) &&
	       json_content(out, piece) && buffer_add(out, "}\n", 2);
}
