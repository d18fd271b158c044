/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HEXDUMP_H
#define SOCKUTIL_PROTO_HEXDUMP_H
/*
 * The lines of --hex: direction, seconds since the start, offset in that direction, 16 bytes in
 * hex, text.
 *
 *   > 0.000123 00000000  48 65 6c 6c 6f 0a                                 |Hello.|
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>

/* direction: '>' sent, '<' received. One line per 16 bytes, appended to out; false when memory is
 * short. */
bool hexdump_lines(struct buffer *out, char direction, int64_t microseconds, uint64_t offset,
		   const void *bytes, size_t length);
#endif
