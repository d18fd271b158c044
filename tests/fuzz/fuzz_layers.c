/* SPDX-License-Identifier: MIT */
/* fuzz_layers.c - reads, writes and push-backs in any pieces through a stack of layers: what comes
 * out at each end is what a plain transformation of the whole gives, and no faster than the
 * throttle says. */
#include "scripted.h"

#include <sockutil/stream/layer_crlf.h>
#include <sockutil/stream/layer_digest.h>
#include <sockutil/stream/layer_preamble.h>
#include <sockutil/stream/layer_pushback.h>
#include <sockutil/stream/layer_throttle.h>

enum { WITH_CRLF = 1, WITH_PREAMBLE = 2, WITH_THROTTLE = 4, WITH_DIGEST = 8, CRLF_LAST = 16 };
enum { PIECES = 3 };

static int64_t now_us;

static int64_t played_clock(void)
{
	return now_us;
}

/* A stack, and what it must come to. */
struct bench {
	struct scripted bottom;
	struct stream *top, *pushback;
	uint64_t rates[2]; /* read, write; 0: no limit */
	struct buffer unread, unwritten, written;
	uint64_t moved[2];
};

static struct stream *crlf(uint8_t kind, struct stream *below)
{
	return kind & WITH_CRLF ? layer_crlf_new(below) : below;
}

static void build(struct bench *b, uint8_t kind)
{
	static const char greeting[] = "HELLO\n";
	struct failure why = { 0 };

	b->top = &b->bottom.stream;
	if (kind & WITH_PREAMBLE)
		b->top = layer_preamble_new(b->top, greeting, 6);
	if (kind & WITH_THROTTLE)
		b->top = layer_throttle_new(b->top, b->rates[0], b->rates[1], played_clock);
	if (!(kind & CRLF_LAST))
		b->top = crlf(kind, b->top);
	b->top = b->pushback = layer_pushback_new(b->top);
	if (kind & WITH_DIGEST)
		b->top = layer_digest_new(b->top, "sha256", &why);
	if (kind & CRLF_LAST)
		b->top = crlf(kind, b->top);
	fuzz_check(b->top != NULL);
	fuzz_check(buffer_add(&b->unread, b->bottom.gives, b->bottom.length));
}

/* Nothing came: for lack of tokens only time helps, and it does. */
static void wait_for(struct bench *b, enum stream_side side)
{
	int64_t ms;

	if (!(stream_want(b->top, side) & STREAM_WANT_TIME))
		return;
	ms = stream_wake_ms(b->top, side);
	fuzz_check(ms >= 1 && ms <= 1001);
	now_us += ms * 1000;
}

/* A burst is what 250 ms bring, or one byte. */
static void check_rate(const struct bench *b, enum stream_side side)
{
	uint64_t rate = b->rates[side == STREAM_READ ? 0 : 1];
	uint64_t burst = rate / 4 > 1 ? rate / 4 : 1;

	fuzz_check(!rate || b->moved[side == STREAM_READ ? 0 : 1] <=
				    burst + rate * (uint64_t)now_us / 1000000 + 1);
}

static void read_some(struct bench *b, size_t length)
{
	char *bytes = malloc(length);
	struct failure why = { 0 };
	size_t before = b->bottom.given, count = 0;
	enum io r;

	fuzz_check(bytes != NULL);
	r = stream_read(b->top, bytes, length, &count, &why);
	fuzz_check((r == IO_DONE) == (count > 0) && count <= length);
	fuzz_check(count <= b->unread.length);
	fuzz_check(!count || !memcmp(bytes, buffer_bytes(&b->unread), count));
	buffer_take(&b->unread, count);
	if (r == IO_END || r == IO_FAILED)
		fuzz_check(b->unread.length == 0 && b->bottom.told && r == b->bottom.then);
	if (r == IO_AGAIN)
		wait_for(b, STREAM_READ);
	b->moved[0] += b->bottom.given - before;
	check_rate(b, STREAM_READ);
	free(bytes);
}

/* In front of new bytes stand those that were not taken before. */
static void write_some(struct bench *b, const uint8_t *bytes, size_t added, size_t first)
{
	size_t before = b->bottom.took.length, length = b->unwritten.length + added, count = 0;
	size_t ends[PIECES] = { first < length ? first : length, length / 2, length }, at = 0;
	struct iovec pieces[PIECES];
	struct failure why = { 0 };
	enum io r;

	fuzz_check(buffer_add(&b->unwritten, bytes, added));
	for (int i = 0; i < PIECES; i++) {
		size_t end = ends[i] > at ? ends[i] : at;

		pieces[i].iov_base =
			fuzz_text((const uint8_t *)buffer_bytes(&b->unwritten) + at, end - at);
		pieces[i].iov_len = end - at;
		at = end;
	}
	r = stream_writev(b->top, pieces, PIECES, &count, &why);
	fuzz_check(count <= length && (r == IO_DONE) == (count > 0));
	fuzz_check(!count || buffer_add(&b->written, buffer_bytes(&b->unwritten), count));
	buffer_take(&b->unwritten, count);
	if (r == IO_AGAIN)
		wait_for(b, STREAM_WRITE);
	if (r == IO_FAILED)
		fuzz_check(b->bottom.lost && why.class == FAILURE_SEND);
	b->moved[1] += b->bottom.took.length - before;
	check_rate(b, STREAM_WRITE);
	for (int i = 0; i < PIECES; i++)
		free(pieces[i].iov_base);
}

static void unread_some(struct bench *b, const uint8_t *bytes, size_t length)
{
	struct buffer joined = { 0 };

	fuzz_check(layer_pushback_unread(b->pushback, bytes, length));
	fuzz_check(!length || stream_pending(b->top));
	fuzz_check(buffer_add(&joined, bytes, length));
	fuzz_check(!b->unread.length ||
		   buffer_add(&joined, buffer_bytes(&b->unread), b->unread.length));
	buffer_free(&b->unread);
	b->unread = joined;
}

/* The bottom took the preamble and then all that was written, newlines as CR LF; of the last
 * newline perhaps the CR alone. */
static void check_written(const struct bench *b, uint8_t kind)
{
	const char *in = buffer_bytes(&b->written);
	const char *out = buffer_bytes(&b->bottom.took);
	size_t left = b->bottom.took.length;
	char last = 0;

	if (kind & WITH_PREAMBLE) {
		fuzz_check(left >= 6 && !memcmp(out, "HELLO\n", 6));
		out += 6;
		left -= 6;
	}
	for (size_t i = 0; i < b->written.length; i++) {
		if (in[i] == '\n' && last != '\r' && (kind & WITH_CRLF)) {
			fuzz_check(left && *out == '\r');
			out++;
			left--;
		}
		fuzz_check(left && *out == in[i]);
		last = in[i];
		out++;
		left--;
	}
	fuzz_check(left == 0 || (left == 1 && *out == '\r' && (kind & WITH_CRLF)));
}

static void play(struct bench *b, const uint8_t *data, size_t size)
{
	while (size && !b->bottom.lost) {
		uint8_t step = fuzz_byte(&data, &size);
		size_t length = step >> 2 < size ? step >> 2 : size;

		switch (step & 3) {
		case 0:
			read_some(b, (size_t)(step >> 2) + 1);
			continue;
		case 1:
			unread_some(b, data, length);
			break;
		default:
			if (length)
				write_some(b, data, length, step & 7);
		}
		data += length;
		size -= length;
	}
}

static void open_stack(struct bench *b)
{
	struct failure why = { 0 };

	for (enum io r = IO_AGAIN; r == IO_AGAIN && !b->bottom.lost;) {
		size_t refusals = b->bottom.refusals;

		r = stream_open(b->top, &why);
		fuzz_check(r == IO_DONE || r == IO_FAILED || b->bottom.refusals > refusals);
		fuzz_check(r != IO_FAILED || b->bottom.lost);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bench b = { 0 };
	uint8_t kind = fuzz_byte(&data, &size);

	now_us = 0;
	b.rates[0] = kind & WITH_THROTTLE ? (uint64_t)fuzz_byte(&data, &size) * 3 : 0;
	b.rates[1] = kind & WITH_THROTTLE ? (uint64_t)fuzz_byte(&data, &size) * 3 : 0;
	scripted_init(&b.bottom, &data, &size);
	b.bottom.gives = data;
	b.bottom.length = size;
	b.bottom.then = kind & 64 ? IO_FAILED : IO_END;
	build(&b, kind);
	open_stack(&b);
	if (!b.bottom.lost) {
		play(&b, data, size);
		check_written(&b, kind);
	}
	if (b.top != &b.bottom.stream)
		stream_free(b.top);
	scripted_free(&b.bottom);
	buffer_free(&b.unread);
	buffer_free(&b.unwritten);
	buffer_free(&b.written);
	return 0;
}
