/* SPDX-License-Identifier: MIT */
/* fuzz_chat_lines.c - a stream of any bytes gives the same lines however it is torn, none too long,
 * and all that was in them. The first byte says how it is torn, the second makes lines long: each
 * byte behind is given so many times. */
#include "fuzz.h"

#include <sockutil/base/buffer.h>
#include <sockutil/chat/lines.h>

enum { STREAM_MAX = 4 * CHAT_LINE_MAX };

static void tell(struct buffer *told, const struct chat_lines_line *line)
{
	fuzz_check(line->length <= CHAT_LINE_MAX);
	fuzz_check(!line->length || !memchr(line->bytes, '\n', line->length));
	fuzz_check(!line->cut || line->length >= CHAT_LINE_MAX - 3);
	fuzz_check(buffer_add(told, line->bytes, line->length));
	fuzz_check(buffer_add(told, line->cut ? "!\n" : "|\n", 2));
}

static void feed(struct buffer *told, const struct buffer *stream, size_t piece)
{
	struct chat_lines lines = { 0 };
	struct chat_lines_line line;

	for (size_t at = 0; at < stream->length;) {
		size_t length = stream->length - at < piece ? stream->length - at : piece;
		char *copy = fuzz_text((const uint8_t *)buffer_bytes(stream) + at, length);
		const char *bytes = copy;

		at += length;
		while (chat_lines_next(&lines, &bytes, &length, &line))
			tell(told, &line);
		fuzz_check(!length && lines.begun.length < CHAT_LINE_MAX + 4);
		free(copy);
	}
	while (chat_lines_last(&lines, &line))
		tell(told, &line);
	chat_lines_free(&lines);
}

static void repeat(struct buffer *stream, const uint8_t *data, size_t size, size_t times)
{
	char block[64];

	for (size_t i = 0; i < size && stream->length < STREAM_MAX; i++) {
		const size_t count = data[i] == '\n' || data[i] == '\r' ? 1 : times;

		memset(block, data[i], count);
		fuzz_check(buffer_add(stream, block, count));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer stream = { 0 }, whole = { 0 }, torn = { 0 };
	const size_t piece = (size_t)fuzz_byte(&data, &size) * 17 + 1;
	const size_t times = (size_t)fuzz_byte(&data, &size) % 64 + 1;

	repeat(&stream, data, size, times);
	feed(&whole, &stream, stream.length + 1);
	feed(&torn, &stream, piece);
	fuzz_check(whole.length == torn.length);
	fuzz_check(!whole.length ||
		   !memcmp(buffer_bytes(&whole), buffer_bytes(&torn), whole.length));
	buffer_free(&stream);
	buffer_free(&whole);
	buffer_free(&torn);
	return 0;
}
