/* SPDX-License-Identifier: MIT */
/* fuzz_http_chunk.c - chunked bodies: wherever the bytes are split, the same data comes out, the
 * same bytes are left, the same is refused; nothing is lost between framing and data. */
#include "fuzz.h"

#include <sockutil/proto/http_chunk.h>

enum { SPLITS_MOST = 256 };

struct outcome {
	enum io end;
	size_t consumed, data;
	uint64_t digest;
	struct failure why;
};

static void take_data(struct outcome *o, struct http_chunk *c, const char *bytes, size_t have)
{
	size_t n = have - o->consumed;

	n = n < c->left ? n : (size_t)c->left;
	for (size_t i = 0; i < n; i++)
		o->digest = (o->digest ^ (unsigned char)bytes[o->consumed + i]) *
			    UINT64_C(1099511628211);
	o->consumed += n;
	o->data += n;
	http_chunk_taken(c, n);
}

/* Goes on with the bytes up to have. False: over. */
static bool go_on(struct outcome *o, struct http_chunk *c, const char *bytes, size_t have)
{
	size_t used;

	for (;;) {
		o->end =
			http_chunk_next(c, bytes + o->consumed, have - o->consumed, &used, &o->why);
		fuzz_check(used <= have - o->consumed);
		o->consumed += used;
		fuzz_check(c->left <= INT64_MAX);
		if (o->end == IO_FAILED)
			fuzz_check(o->why.class == FAILURE_PROTOCOL && *o->why.text);
		if (o->end == IO_FAILED || o->end == IO_END)
			return false;
		fuzz_check(o->end == IO_DONE ? c->left > 0 : !c->left && o->consumed == have);
		if (o->consumed == have)
			return true;
		take_data(o, c, bytes, have);
	}
}

static struct outcome split_at(const char *bytes, size_t size, size_t split)
{
	struct outcome o = { .digest = UINT64_C(14695981039346656037) };
	struct http_chunk c = { 0 };

	if (go_on(&o, &c, bytes, split))
		go_on(&o, &c, bytes, size);
	return o;
}

static struct outcome byte_by_byte(const char *bytes, size_t size)
{
	struct outcome o = { .digest = UINT64_C(14695981039346656037) };
	struct http_chunk c = { 0 };

	for (size_t have = 0; have <= size && go_on(&o, &c, bytes, have);)
		have++;
	return o;
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
	fuzz_check(a->end == b->end && a->consumed == b->consumed);
	fuzz_check(a->data == b->data && a->digest == b->digest);
	fuzz_check(!strcmp(a->why.text, b->why.text));
}

/* The data in one chunk comes out as it is, and leaves what stands behind it. */
static void check_wrapped(const char *bytes, size_t size)
{
	struct outcome o;
	char *text = malloc(size + 64);
	size_t length;

	fuzz_check(text != NULL);
	length = (size_t)snprintf(text, 32, "%zx\r\n", size);
	memcpy(text + length, bytes, size);
	length += size;
	memcpy(text + length, "\r\n0\r\n\r\n0\r\n", 10);
	o = split_at(text, length + 10, length / 2);
	fuzz_check(o.end == IO_END && o.data == size && o.consumed == length + 7);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = fuzz_text(data, size);
	struct outcome whole = split_at(bytes, size, 0);
	struct outcome bytewise = byte_by_byte(bytes, size);
	const size_t step = size / SPLITS_MOST + 1;

	fuzz_check(whole.consumed <= size && whole.data <= whole.consumed);
	check_same(&whole, &bytewise);
	for (size_t split = 1; split <= size; split += step) {
		struct outcome o = split_at(bytes, size, split);

		check_same(&whole, &o);
	}
	if (size)
		check_wrapped(bytes, size);
	free(bytes);
	return 0;
}
