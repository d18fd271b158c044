/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_LINES_H
#define SOCKUTIL_CHAT_LINES_H
/*
 * Bytes as they come, lines as they are meant. Pure. Holds memory only while a line is begun; a
 * line longer than CHAT_LINE_MAX is given as soon as that is known, cut at a character, and its
 * rest dropped as it comes.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>

enum { CHAT_LINE_MAX = 4096 }; /* bytes of a line without its end */

/* Zeroed is valid: nothing has come. */
struct chat_lines {
	struct buffer begun; /* bounded: CHAT_LINE_MAX and what it takes to cut at a character */
	bool given;          /* begun is the line that was given last */
	bool dropping;       /* the rest of a line that was cut */
};

struct chat_lines_line {
	const char *bytes; /* without LF or CR LF; valid until the next call */
	size_t length;
	bool cut; /* longer than it may be: these are its first bytes */
};

/* The next whole line of *bytes, which moves behind what was used up; false: all is used up, what
 * belongs to a begun line is kept, the memory of the line given last is not: who stops before, with
 * all bytes used up, holds it until the next call. Memory short: the line is treated as cut. */
bool chat_lines_next(struct chat_lines *lines, const char **bytes, size_t *length,
		     struct chat_lines_line *out);
/* The peer has ended: the last line without an end (or with half of CR LF); false: there is none.
 */
bool chat_lines_last(struct chat_lines *lines, struct chat_lines_line *out);
void chat_lines_free(struct chat_lines *lines);
#endif
