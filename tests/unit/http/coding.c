/* SPDX-License-Identifier: MIT */
/* tests/unit/http/coding.c
 * Holds: every coding gives back what was put in, whole, a byte at a time and into small rooms; a
 * cut anywhere is a truncation and what was decoded before is given first; bytes behind the end,
 * damage, unknown and stacked codings are refused with their reason; gzip members and zstd frames
 * follow one another; deflate is taken with and without its zlib wrapping; an empty body is one; a
 * bomb flows through a small room; megabytes of nothing let the loop have its turn; what below says
 * passes; nothing is asked of below that is not needed; below stays its owner's. */
#include "relay_played.h"

#include <brotli/encode.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include <sockutil/base/library.h>
#include <sockutil/http/coding.h>

/* --- what makes the test data --------------------------------------------------- */

static struct {
	__typeof__(&deflateInit2_) start;
	__typeof__(&deflate) step;
	__typeof__(&deflateEnd) end;
} zlib;
static struct {
	__typeof__(&BrotliEncoderCompress) compress;
} brotli;
static struct {
	__typeof__(&ZSTD_createCCtx) create;
	__typeof__(&ZSTD_CCtx_setParameter) set;
	__typeof__(&ZSTD_compress2) compress;
	__typeof__(&ZSTD_freeCCtx) destroy;
} zstd;

static void load(const char *const *names, const struct library_symbol *symbols)
{
	struct library library = { .purpose = "test", .names = names, .symbols = symbols };
	struct failure why = { 0 };

	cr_assert(library_load(&library, &why), "%s", why.text);
}

static void load_encoders(void)
{
	static const char *const z[] = { "libz.so.1", "libz.1.dylib", NULL };
	static const char *const b[] = { "libbrotlienc.so.1", "libbrotlienc.1.dylib", NULL };
	static const char *const s[] = { "libzstd.so.1", "libzstd.1.dylib", NULL };
	static const struct library_symbol of_z[] = {
		{ "deflateInit2_", &zlib.start },
		{ "deflate", &zlib.step },
		{ "deflateEnd", &zlib.end },
		{ 0 },
	};
	static const struct library_symbol of_b[] = {
		{ "BrotliEncoderCompress", &brotli.compress },
		{ 0 },
	};
	static const struct library_symbol of_s[] = {
		{ "ZSTD_createCCtx", &zstd.create },
		{ "ZSTD_CCtx_setParameter", &zstd.set },
		{ "ZSTD_compress2", &zstd.compress },
		{ "ZSTD_freeCCtx", &zstd.destroy },
		{ 0 },
	};

	load(z, of_z);
	load(b, of_b);
	load(s, of_s);
}

static void deflated(struct buffer *out, int form, const void *bytes, size_t length)
{
	const size_t room = length + length / 100 + 1000;
	z_stream z = { .next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)length };

	cr_assert_eq(zlib.start(&z, 6, Z_DEFLATED, form, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
				(int)sizeof(z)),
		     Z_OK);
	z.next_out = (Bytef *)buffer_reserve(out, room);
	z.avail_out = (uInt)room;
	cr_assert_eq(zlib.step(&z, Z_FINISH), Z_STREAM_END);
	buffer_commit(out, room - z.avail_out);
	zlib.end(&z);
}

static void gzipped(struct buffer *out, const void *bytes, size_t length)
{
	deflated(out, MAX_WBITS + 16, bytes, length);
}

static void wrapped(struct buffer *out, const void *bytes, size_t length)
{
	deflated(out, MAX_WBITS, bytes, length);
}

static void bare(struct buffer *out, const void *bytes, size_t length)
{
	deflated(out, -MAX_WBITS, bytes, length);
}

static void brotlied(struct buffer *out, const void *bytes, size_t length)
{
	size_t count = length + 1000;
	char *room = buffer_reserve(out, count);

	cr_assert(brotli.compress(5, 22, BROTLI_MODE_GENERIC, length, bytes, &count,
				  (uint8_t *)room));
	buffer_commit(out, count);
}

static void zstded_with(struct buffer *out, int window_log, const void *bytes, size_t length)
{
	const size_t room = length + 100000;
	ZSTD_CCtx *c = zstd.create();
	size_t count;

	zstd.set(c, ZSTD_c_checksumFlag, 1);
	zstd.set(c, ZSTD_c_contentSizeFlag, 0);
	zstd.set(c, ZSTD_c_windowLog, window_log);
	count = zstd.compress(c, buffer_reserve(out, room), room, bytes, length);
	cr_assert(count < room);
	buffer_commit(out, count);
	zstd.destroy(c);
}

static void zstded(struct buffer *out, const void *bytes, size_t length)
{
	zstded_with(out, 17, bytes, length);
}

static const struct {
	const char *value; /* of Content-Encoding */
	void (*encode)(struct buffer *out, const void *bytes, size_t length);
} codings[] = {
	{ "gzip", gzipped }, { "x-gzip", gzipped }, { "GZip", gzipped }, { "deflate", wrapped },
	{ "deflate", bare }, { "br", brotlied },    { "zstd", zstded },
};
enum { CODINGS = sizeof(codings) / sizeof(codings[0]) };

/* --- what is tested ------------------------------------------------------------- */

enum { TEXT_LENGTH = 200000 };
static char text[TEXT_LENGTH];
static struct played source;
static struct stream *decoded;
static struct buffer result;
static struct failure why;

static void set_up(void)
{
	load_encoders();
	/* Neither flat nor random: every coding has something to do. */
	for (size_t i = 0; i < TEXT_LENGTH; i++)
		text[i] = (char)('a' + (i * i / 7 + i / 300) % 26);
	played_init(&source);
	source.then = IO_END;
	decoded = NULL;
	why = (struct failure){ 0 };
}

static void tear_down(void)
{
	stream_free(decoded);
	buffer_free(&result);
	played_free(&source);
}

TestSuite(coding, .init = set_up, .fini = tear_down);

static void open_as(const char *value)
{
	stream_free(decoded);
	cr_assert(coding_open(&decoded, &source.stream, value, strlen(value), &why), "%s",
		  why.text);
	cr_assert_not_null(decoded);
}

/* Until something else than bytes is said. */
static enum io read_all(size_t room)
{
	static char block[300000];
	size_t count;
	enum io r;

	buffer_free(&result);
	why = (struct failure){ 0 };
	while ((r = stream_read(decoded, block, room, &count, &why)) == IO_DONE) {
		cr_assert(count > 0 && count <= room);
		cr_assert(buffer_add(&result, block, count));
	}
	cr_assert_eq(count, 0);
	return r;
}

static void assert_result(const void *bytes, size_t length)
{
	cr_assert_eq(result.length, length);
	cr_assert(length == 0 || memcmp(buffer_bytes(&result), bytes, length) == 0);
}

static void refused(const char *value, const char *message)
{
	why = (struct failure){ 0 };
	cr_assert_not(coding_open(&decoded, &source.stream, value, strlen(value), &why));
	cr_assert_null(decoded);
	cr_assert_eq(why.class, FAILURE_ENCODING);
	cr_assert_str_eq(why.text, message);
}

/* --- tests ---------------------------------------------------------------------- */

Test(coding, accepts_what_its_libraries_can)
{
	cr_assert_str_eq(coding_accepted(), "gzip, deflate, br, zstd");
	cr_assert_str_eq(coding_accepted(), "gzip, deflate, br, zstd");
}

Test(coding, identity_is_none)
{
	struct stream *none = &source.stream;

	cr_assert(coding_open(&none, &source.stream, "identity", 8, &why));
	cr_assert_null(none);
	none = &source.stream;
	cr_assert(coding_open(&none, &source.stream, "", 0, &why));
	cr_assert_null(none);
	cr_assert(coding_open(&none, &source.stream, " ,IDENTITY, ", 12, &why));
	cr_assert_null(none);
}

Test(coding, gives_back_what_was_put_in)
{
	static const size_t rooms[] = { 1, 1000, 300000 };

	for (size_t i = 0; i < CODINGS; i++)
		for (size_t j = 0; j < sizeof(rooms) / sizeof(rooms[0]); j++) {
			codings[i].encode(&source.gives, text, TEXT_LENGTH);
			open_as(codings[i].value);
			cr_assert_eq(read_all(rooms[j]), IO_END);
			assert_result(text, TEXT_LENGTH);
			cr_assert_eq(read_all(rooms[j]), IO_END);
			assert_result("", 0);
		}
}

Test(coding, takes_a_byte_at_a_time)
{
	source.at_most = 1;
	for (size_t i = 0; i < CODINGS; i++) {
		codings[i].encode(&source.gives, text, 20000);
		open_as(codings[i].value);
		cr_assert_eq(read_all(64), IO_END);
		assert_result(text, 20000);
	}
}

Test(coding, a_coding_of_nothing_is_nothing)
{
	for (size_t i = 0; i < CODINGS; i++) {
		codings[i].encode(&source.gives, "", 0);
		open_as(codings[i].value);
		cr_assert_eq(read_all(64), IO_END);
		assert_result("", 0);
	}
}

Test(coding, a_body_without_a_byte_is_empty)
{
	open_as("gzip");
	cr_assert_eq(read_all(64), IO_END);
	assert_result("", 0);
}

Test(coding, a_cut_anywhere_is_told)
{
	static const char *const names[] = { "gzip",    "gzip", "gzip", "deflate",
					     "deflate", "br",   "zstd" };
	struct buffer whole = { 0 };
	char message[100];

	for (size_t i = 0; i < CODINGS; i++) {
		codings[i].encode(&whole, text, 300);
		for (size_t length = 1; length < whole.length; length++) {
			cr_assert(buffer_add(&source.gives, buffer_bytes(&whole), length));
			open_as(codings[i].value);
			cr_assert_eq(read_all(64), IO_FAILED);
			cr_assert_eq(why.class, FAILURE_TRUNCATED);
			snprintf(message, sizeof(message),
				 "the content was cut short: its %s coding has no end", names[i]);
			cr_assert_str_eq(why.text, message);
			cr_assert(result.length <= 300);
			cr_assert(memcmp(text, buffer_bytes(&result) ? buffer_bytes(&result) : "",
					 result.length) == 0);
			cr_assert_eq(read_all(64), IO_FAILED);
			cr_assert_str_eq(why.text, message);
		}
		buffer_free(&whole);
	}
}

Test(coding, what_was_decoded_before_a_cut_is_given)
{
	for (size_t i = 0; i < CODINGS; i++) {
		codings[i].encode(&source.gives, text, TEXT_LENGTH);
		source.gives.length -= 5;
		open_as(codings[i].value);
		cr_assert_eq(read_all(300000), IO_FAILED);
		cr_assert(result.length > 100000);
		cr_assert(memcmp(buffer_bytes(&result), text, result.length) == 0);
	}
}

Test(coding, bytes_behind_the_end_are_refused)
{
	static const char *const names[] = { "gzip",    "gzip", "gzip", "deflate",
					     "deflate", "br",   "zstd" };
	char message[100];

	for (size_t at_most = 0; at_most <= 1; at_most++)
		for (size_t i = 0; i < CODINGS; i++) {
			source.at_most = at_most;
			codings[i].encode(&source.gives, text, 300);
			cr_assert(buffer_add(&source.gives, "\0", 1));
			open_as(codings[i].value);
			cr_assert_eq(read_all(1000), IO_FAILED);
			cr_assert_eq(why.class, FAILURE_ENCODING);
			snprintf(message, sizeof(message),
				 "the content has bytes behind the end of its %s coding", names[i]);
			cr_assert_str_eq(why.text, message);
			assert_result(text, 300);
			buffer_free(&source.gives);
		}
}

Test(coding, members_and_frames_follow_one_another)
{
	static const unsigned char skippable[] = {
		0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'
	};

	for (size_t at_most = 0; at_most <= 1; at_most++) {
		source.at_most = at_most;
		gzipped(&source.gives, text, 300);
		gzipped(&source.gives, "", 0);
		gzipped(&source.gives, text + 300, 200);
		open_as("gzip");
		cr_assert_eq(read_all(64), IO_END);
		assert_result(text, 500);
		zstded(&source.gives, text, 300);
		cr_assert(buffer_add(&source.gives, skippable, sizeof(skippable)));
		zstded(&source.gives, text + 300, 200);
		open_as("zstd");
		cr_assert_eq(read_all(64), IO_END);
		assert_result(text, 500);
	}
}

Test(coding, a_cut_in_a_later_member_is_told)
{
	gzipped(&source.gives, text, 300);
	cr_assert(buffer_add(&source.gives, "\x1f", 1));
	open_as("gzip");
	cr_assert_eq(read_all(64), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_TRUNCATED);
	assert_result(text, 300);
}

Test(coding, damage_is_refused_with_the_librarys_reason)
{
	static const struct {
		const char *value, *bytes;
		size_t length;
		const char *message;
	} damaged[] = {
		{ "gzip", "<html>", 6, "the content is no gzip: it starts otherwise" },
		{ "gzip", "\x1f<html>", 7, "the content is no gzip: incorrect header check" },
		{ "gzip", "\x1f\x8b\x07\0\0\0\0\0\0\0", 10,
		  "the content is no gzip: unknown compression method" },
		{ "deflate", "<html>", 6, "the content is no deflate: invalid code lengths set" },
		{ "deflate", "\x78\x9c\x07", 3, "the content is no deflate: invalid block type" },
		{ "deflate", "\x78\xbb\0\0\0\0", 6,
		  "the content is no deflate: it wants a dictionary" },
		{ "br", "<html>", 6, "the content is no br: " },
		{ "zstd", "\x28<html>", 7, "the content is no zstd: Unknown frame descriptor" },
		{ "zstd", "\x27\xb5\x2f\xfd\0\x58\1\0\0", 9,
		  "the content is no zstd: it starts otherwise" },
		{ "zstd", "<html>", 6, "the content is no zstd: it starts otherwise" },
	};

	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		cr_assert(buffer_add(&source.gives, damaged[i].bytes, damaged[i].length));
		open_as(damaged[i].value);
		cr_assert_eq(read_all(64), IO_FAILED, "%zu", i);
		cr_assert_eq(why.class, FAILURE_ENCODING, "%zu: %s", i, why.text);
		/* br's words are its version's */
		if (strcmp(damaged[i].value, "br") == 0)
			why.text[strlen(damaged[i].message)] = '\0';
		cr_assert_str_eq(why.text, damaged[i].message);
		buffer_free(&source.gives);
	}
}

Test(coding, a_wrong_check_sum_fails_after_the_bytes)
{
	static const char *const values[] = { "gzip", "deflate", "zstd" };
	static const size_t from_end[] = { 5, 1, 1 }; /* gzip's last four are its length */
	static void (*const encode[])(struct buffer *, const void *, size_t) = { gzipped, wrapped,
										 zstded };

	for (size_t i = 0; i < 3; i++) {
		encode[i](&source.gives, text, 300);
		buffer_bytes(&source.gives)[source.gives.length - from_end[i]] ^= 1;
		open_as(values[i]);
		cr_assert_eq(read_all(1000), IO_FAILED);
		cr_assert_eq(why.class, FAILURE_ENCODING);
		cr_assert(result.length == 0 ||
			  memcmp(buffer_bytes(&result), text, result.length) == 0);
		buffer_free(&source.gives);
	}
}

Test(coding, refuses_unknown_and_stacked_codings)
{
	refused("compress", "content coding compress is not known");
	refused("gzip;q=1", "content coding gzip;q=1 is not known");
	refused("gzi", "content coding gzi is not known");
	refused("gzip, gzip", "content codings gzip, gzip: more than one is not accepted");
	refused("br,identity,zstd",
		"content codings br,identity,zstd: more than one is not accepted");
}

Test(coding, zstd_windows_are_limited)
{
	enum { LENGTH = 40 << 20 };
	char *zeros = calloc(LENGTH, 1);

	zstded_with(&source.gives, 23, zeros, LENGTH);
	open_as("zstd");
	while (stream_read(decoded, text, TEXT_LENGTH, &(size_t){ 0 }, &why) == IO_DONE)
		;
	cr_assert_eq(why.class, FAILURE_NONE);
	zstded_with(&source.gives, 24, zeros, LENGTH);
	open_as("zstd");
	cr_assert_eq(read_all(64), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_ENCODING);
	cr_assert_str_eq(why.text,
			 "the content is no zstd: Frame requires too much memory for decoding");
	free(zeros);
}

/* Each read gives no more than its room: nothing of a bomb is held. */
Test(coding, a_bomb_flows_through_a_small_room)
{
	enum { LENGTH = 64 << 20 };
	char *zeros = calloc(LENGTH, 1);
	size_t total, count;

	for (size_t i = 0; i < CODINGS; i++) {
		codings[i].encode(&source.gives, zeros, LENGTH);
		cr_assert(source.gives.length * 500 < LENGTH);
		open_as(codings[i].value);
		for (total = 0; stream_read(decoded, text, 4096, &count, &why) == IO_DONE;
		     total += count)
			cr_assert(count <= 4096 && memcmp(text, zeros, count) == 0);
		cr_assert_eq(total, LENGTH);
		cr_assert_eq(why.class, FAILURE_NONE);
	}
	free(zeros);
}

/* Empty stored blocks of deflate, without end. */
Test(coding, megabytes_of_nothing_let_the_loop_have_its_turn)
{
	enum { BLOCKS = 600000 };
	char byte;
	size_t count;

	for (size_t i = 0; i < BLOCKS; i++)
		cr_assert(buffer_add(&source.gives, "\0\0\0\xff\xff", 5));
	cr_assert(buffer_add(&source.gives, "\x03\0", 2));
	open_as("deflate");
	cr_assert_eq(stream_read(decoded, &byte, 1, &count, &why), IO_AGAIN);
	cr_assert(source.gives.length > 0);
	cr_assert_eq(stream_read(decoded, &byte, 1, &count, &why), IO_AGAIN);
	cr_assert_eq(stream_read(decoded, &byte, 1, &count, &why), IO_END);
}

Test(coding, what_below_says_passes)
{
	struct buffer whole = { 0 };
	size_t half;

	gzipped(&whole, text, 2000);
	half = whole.length / 2;
	source.then = IO_AGAIN;
	cr_assert(buffer_add(&source.gives, buffer_bytes(&whole), half));
	open_as("gzip");
	cr_assert_eq(read_all(64), IO_AGAIN);
	cr_assert_eq(why.class, FAILURE_NONE);
	source.then = IO_FAILED;
	cr_assert_eq(read_all(64), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_RECEIVE);
	cr_assert_str_eq(why.text, "played reset");
	buffer_free(&whole);
}

/* The end of the source is what tells that the body was whole. */
Test(coding, ends_when_below_has_ended)
{
	source.then = IO_AGAIN;
	gzipped(&source.gives, text, 300);
	open_as("gzip");
	cr_assert_eq(read_all(1000), IO_AGAIN);
	assert_result(text, 300);
	source.then = IO_FAILED;
	cr_assert_eq(read_all(1000), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_RECEIVE);
}

Test(coding, asks_below_for_nothing_while_it_has_bytes)
{
	gzipped(&source.gives, text, 20000);
	open_as("gzip");
	cr_assert_eq(stream_read(decoded, text, 1, &(size_t){ 0 }, &why), IO_DONE);
	cr_assert_eq(source.gives.length, 0);
	source.then = IO_FAILED;
	cr_assert(stream_pending(decoded));
	for (size_t i = 1; i < 20000; i++)
		cr_assert_eq(stream_read(decoded, text, 1, &(size_t){ 0 }, &why), IO_DONE);
	cr_assert_eq(stream_read(decoded, text, 1, &(size_t){ 0 }, &why), IO_FAILED);
}

Test(coding, is_pending_while_it_has_something_to_say)
{
	source.then = IO_AGAIN;
	open_as("gzip");
	cr_assert_not(stream_pending(decoded));
	cr_assert_eq(read_all(64), IO_AGAIN);
	cr_assert_not(stream_pending(decoded));
	cr_assert(buffer_add(&source.gives, "<html>", 6));
	cr_assert_eq(read_all(64), IO_FAILED);
	cr_assert(stream_pending(decoded));
}

/* --- below ------------------------------------------------------------------------ */

static unsigned wish(const struct stream *s, enum stream_side side)
{
	(void)s;
	return side == STREAM_READ ? STREAM_WANT_TIME : STREAM_WANT_WRITE;
}

static int64_t wake(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return 17;
}

static int descriptor(const struct stream *s, enum stream_side side)
{
	(void)s;
	return side == STREAM_READ ? 5 : 6;
}

static bool pends(const struct stream *s)
{
	(void)s;
	return true;
}

static void freed(struct stream *s)
{
	(void)s;
	cr_assert_fail("below is not ours to free");
}

Test(coding, waits_as_below_waits_and_leaves_it_alone)
{
	static const struct stream_ops ops = {
		.name = "below",
		.want = wish,
		.wake_ms = wake,
		.fd = descriptor,
		.raw_fd = descriptor,
		.pending = pends,
		.free = freed,
	};
	struct stream below = { .ops = &ops };
	const char byte = 'x';

	cr_assert(coding_open(&decoded, &below, "gzip", 4, &why));
	cr_assert_eq(stream_want(decoded, STREAM_READ), STREAM_WANT_TIME);
	cr_assert_eq(stream_wake_ms(decoded, STREAM_READ), 17);
	cr_assert_eq(stream_fd(decoded, STREAM_READ), 5);
	cr_assert(stream_pending(decoded));
	cr_assert_eq(stream_raw_fd(decoded, STREAM_READ), -1);
	cr_assert_eq(stream_want(decoded, STREAM_WRITE), 0);
	cr_assert_eq(stream_fd(decoded, STREAM_WRITE), -1);
	cr_assert_eq(stream_write(decoded, &byte, 1, &(size_t){ 0 }, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_OTHER);
	stream_free(decoded);
	decoded = NULL;
}
