/* SPDX-License-Identifier: MIT */
/* fuzz_http_coding.c - content codings: what is decoded does not depend on how the bytes come, and
 * a room is never overrun. */
#include "scripted.h"

#include <sockutil/http/coding.h>

enum { DECODED_MOST = 1 << 20, ROOM_MOST = 8192 };

struct outcome {
	struct buffer bytes;
	enum io end; /* IO_DONE: there was more than is looked at */
	struct failure why;
};

static const char *const values[] = { "gzip", "deflate", "br", "zstd", "x-gzip", "identity, GZIP" };

/* Reads with a room that is exactly as large as it says, for the sanitizer. */
static void decode(struct outcome *out, struct stream *below, const char *value, size_t room)
{
	struct stream *s;
	uint8_t *buf = malloc(room);
	size_t count, patience = 100000;

	*out = (struct outcome){ .end = IO_DONE };
	fuzz_check(buf && coding_open(&s, below, value, strlen(value), &out->why) && s);
	while (out->end == IO_DONE || out->end == IO_AGAIN) {
		if (out->bytes.length > DECODED_MOST)
			break;
		out->end = stream_read(s, buf, room, &count, &out->why);
		fuzz_check(count <= room && (count > 0) == (out->end == IO_DONE));
		fuzz_check(count == 0 || buffer_add(&out->bytes, buf, count));
		fuzz_check(patience-- > 0 || count > 0);
	}
	if (out->end != IO_DONE)
		fuzz_check(stream_read(s, buf, room, &count, &out->why) == out->end && !count);
	stream_free(s);
	free(buf);
}

static void check_outcome(const struct outcome *o)
{
	if (o->end == IO_FAILED)
		fuzz_check(
			(o->why.class == FAILURE_ENCODING || o->why.class == FAILURE_TRUNCATED) &&
			*o->why.text);
	else
		fuzz_check(o->why.class == FAILURE_NONE);
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
	size_t length = a->bytes.length < b->bytes.length ? a->bytes.length : b->bytes.length;

	fuzz_check(length == 0 ||
		   !memcmp(buffer_bytes(&a->bytes), buffer_bytes(&b->bytes), length));
	if (a->end == IO_DONE || b->end == IO_DONE)
		return;
	fuzz_check(a->end == b->end && a->why.class == b->why.class);
	/* How much a decoder gives of what is damaged depends on the pieces it came in. */
	fuzz_check(a->end != IO_END || a->bytes.length == b->bytes.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t kind = fuzz_byte(&data, &size);
	const char *value = values[kind % (sizeof(values) / sizeof(values[0]))];
	const size_t room = (size_t)fuzz_byte(&data, &size) * 32 % ROOM_MOST + 1;
	struct scripted slow, whole = { .stream.ops = &scripted_ops, .then = IO_END };
	struct outcome one, other;

	scripted_init(&slow, &data, &size);
	slow.gives = whole.gives = data;
	slow.length = whole.length = size;
	decode(&one, &whole.stream, value, ROOM_MOST);
	decode(&other, &slow.stream, value, room);
	check_outcome(&one);
	check_outcome(&other);
	check_same(&one, &other);
	buffer_free(&one.bytes);
	buffer_free(&other.bytes);
	scripted_free(&slow);
	scripted_free(&whole);
	return 0;
}
