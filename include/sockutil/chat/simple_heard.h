/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_SIMPLE_HEARD_H
#define SOCKUTIL_CHAT_SIMPLE_HEARD_H
/*
 * What single reads brought, as lines for a person. Pure. A peer may end its lines or not: one end
 * of line (LF or CR LF) behind a read is not shown. A character that was cut by the end of a read,
 * and a CR there, wait for the next one.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>

enum { CHAT_SIMPLE_CUT = 3 }; /* bytes that may wait for the next read */

/* Zeroed is valid: nothing was heard. Invariant: cut_length <= CHAT_SIMPLE_CUT. */
struct chat_simple_heard {
	char cut[CHAT_SIMPLE_CUT];
	size_t cut_length;
	bool open; /* what was shown last had no end of line: one that comes first belongs to it */
};

/* For each line, in order: its clean form (chat/clean.h), valid during the call. */
typedef void chat_simple_line(void *data, const char *text, size_t length);

/* The bytes of one read; at its end, length 0 and last: what still waited. bytes has room for
 * CHAT_SIMPLE_CUT more in front of it, which are overwritten. False: memory is short, part was not
 * shown. */
bool chat_simple_hear(struct chat_simple_heard *heard, char *bytes, size_t length, bool last,
		      chat_simple_line *line, void *data);
#endif
