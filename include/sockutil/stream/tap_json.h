/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TAP_JSON_H
#define SOCKUTIL_STREAM_TAP_JSON_H
/* A line of a .jsonl recording (layer_tap.h). Pure: the time is passed in. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>

struct tap_piece {
	const char *time; /* as clock_iso8601() gives it */
	unsigned connection;
	bool received;
	uint64_t offset; /* of the first byte in its direction */
	const char *bytes;
	size_t length;
};

/* Appends the object and its newline; false when memory is short. Bytes that are not UTF-8 go as
 * base64 (RFC 4648, section 4). */
bool tap_json_line(struct buffer *out, const struct tap_piece *piece);
#endif
