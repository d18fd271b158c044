/* SPDX-License-Identifier: MIT */
/* src/stream/tap_json.c - a recorded piece as a JSON object on a line. */
#include <sockutil/base/base64.h>
#include <sockutil/base/json.h>
#include <sockutil/base/utf8.h>
#include <sockutil/stream/tap_json.h>

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
