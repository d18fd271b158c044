/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_FRAMING_H
#define SOCKUTIL_PROTO_FRAMING_H
/*
 * Where a message ends in a stream of bytes. Pure: bytes in, a slice of them out.
 *   chunk   what one read brought (one newline at its end is not part of the message, but trailer)
 *   line    up to a newline or "\r\n"; a last line without one counts at the end of input
 *   length  4 bytes big-endian, then that many
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

enum framing { FRAMING_CHUNK, FRAMING_LINE, FRAMING_LENGTH };

struct message {
	const char *bytes; /* into the caller's input; not NUL-terminated */
	size_t length;
	const char *trailer; /* stood behind it, belongs behind an answer: "", "\n", "\r\n" */
	size_t consumed;     /* bytes of the input that this message used, frame included; > 0 */
};

/*
 * The first message of length bytes. ended: no more will come. IO_AGAIN: not whole yet. IO_END:
 * ended and nothing is left. IO_FAILED: longer than limit bytes (FAILURE_SIZE), or ended inside a
 * `length` message (FAILURE_TRUNCATED).
 */
enum io framing_next(enum framing framing, const char *bytes, size_t length, bool ended,
		     size_t limit, struct message *out, struct failure *why);

/* The bytes that go in front of (length) or behind (line: "\n") a message of count bytes. head has
 * room for 4; returns how many of head count (a length is at most 4294967295); *tail is "" or "\n".
 */
size_t framing_wrap(enum framing framing, size_t count, char head[static 4], const char **tail);
#endif
