/* SPDX-License-Identifier: MIT */
/* framing.c - where a message ends in a stream of bytes. */
#include <stdint.h>
#include <string.h>

#include <sockutil/proto/framing.h>

#define LENGTH_HEAD 4

static enum io too_long(size_t limit, struct failure *why)
{
	return fail(why, FAILURE_SIZE, "message longer than %zu bytes", limit);
}

/* Everything up to count, less the newline it ends with. */
static enum io slice(const char *bytes, size_t count, size_t limit, struct message *out,
		     struct failure *why)
{
	*out = (struct message){
		.bytes = bytes, .length = count, .trailer = "", .consumed = count
	};
	if (bytes[count - 1] == '\n') {
		bool pair = count > 1 && bytes[count - 2] == '\r';

		out->trailer = pair ? "\r\n" : "\n";
		out->length -= pair ? 2 : 1;
	}
	return out->length > limit ? too_long(limit, why) : IO_DONE;
}

static enum io next_line(const char *bytes, size_t length, bool ended, size_t limit,
			 struct message *out, struct failure *why)
{
	const char *newline = memchr(bytes, '\n', length);

	if (newline)
		return slice(bytes, (size_t)(newline - bytes) + 1, limit, out, why);
	if (ended)
		return slice(bytes, length, limit, out, why);
	/* A carriage return over the limit may yet turn out to belong to the newline. */
	if (length > limit && length - (bytes[length - 1] == '\r') > limit)
		return too_long(limit, why);
	return IO_AGAIN;
}

static enum io next_length(const char *bytes, size_t length, bool ended, size_t limit,
			   struct message *out, struct failure *why)
{
	uint32_t count = 0;

	for (size_t i = 0; i < LENGTH_HEAD && i < length; i++)
		count = count << 8 | (unsigned char)bytes[i];
	if (length < LENGTH_HEAD) {
		if (!ended)
			return IO_AGAIN;
		return fail(why, FAILURE_TRUNCATED,
			    "message cut short: %zu of the 4 bytes of its length came", length);
	}
	if (count > limit)
		return fail(why, FAILURE_SIZE, "message of %lu bytes is longer than %zu bytes",
			    (unsigned long)count, limit);
	if (length - LENGTH_HEAD < count) {
		if (!ended)
			return IO_AGAIN;
		return fail(why, FAILURE_TRUNCATED, "message cut short: %zu of %lu bytes came",
			    length - LENGTH_HEAD, (unsigned long)count);
	}
	*out = (struct message){
		.bytes = bytes + LENGTH_HEAD,
		.length = count,
		.trailer = "",
		.consumed = LENGTH_HEAD + count,
	};
	return IO_DONE;
}

enum io framing_next(enum framing framing, const char *bytes, size_t length, bool ended,
		     size_t limit, struct message *out, struct failure *why)
{
	if (!length)
		return ended ? IO_END : IO_AGAIN;
	switch (framing) {
	case FRAMING_LINE:
		return next_line(bytes, length, ended, limit, out, why);
	case FRAMING_LENGTH:
		return next_length(bytes, length, ended, limit, out, why);
	case FRAMING_CHUNK:
		break;
	}
	return slice(bytes, length, limit, out, why);
}

size_t framing_wrap(enum framing framing, size_t count, char head[static LENGTH_HEAD],
		    const char **tail)
{
	*tail = framing == FRAMING_LINE ? "\n" : "";
	if (framing != FRAMING_LENGTH)
		return 0;
	for (size_t i = 0; i < LENGTH_HEAD; i++)
		head[i] = (char)(count >> (8 * (LENGTH_HEAD - 1 - i)) & 0xff);
	return LENGTH_HEAD;
}
