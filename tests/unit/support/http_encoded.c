/* SPDX-License-Identifier: MIT */
/* http_encoded.c - what content codings make of bytes. */
#include "http_encoded.h"

#include <brotli/encode.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include <sockutil/base/library.h>

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

static void deflate_as(struct buffer *out, int form, const void *bytes, size_t length)
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

void encoded_gzip(struct buffer *out, const void *bytes, size_t length)
{
	deflate_as(out, MAX_WBITS + 16, bytes, length);
}

void encoded_zlib(struct buffer *out, const void *bytes, size_t length)
{
	deflate_as(out, MAX_WBITS, bytes, length);
}

void encoded_deflate(struct buffer *out, const void *bytes, size_t length)
{
	deflate_as(out, -MAX_WBITS, bytes, length);
}

void encoded_brotli(struct buffer *out, const void *bytes, size_t length)
{
	size_t count = length + 1000;
	char *room = buffer_reserve(out, count);

	cr_assert(brotli.compress(5, 22, BROTLI_MODE_GENERIC, length, bytes, &count,
				  (uint8_t *)room));
	buffer_commit(out, count);
}

void encoded_zstd_window(struct buffer *out, int window_log, const void *bytes, size_t length)
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

void encoded_zstd(struct buffer *out, const void *bytes, size_t length)
{
	encoded_zstd_window(out, 17, bytes, length);
}

const struct encoded_kind encoded_kinds[ENCODED_KINDS] = {
	{ "gzip", "gzip", encoded_gzip },          { "x-gzip", "gzip", encoded_gzip },
	{ "GZip", "gzip", encoded_gzip },          { "deflate", "deflate", encoded_zlib },
	{ "deflate", "deflate", encoded_deflate }, { "br", "br", encoded_brotli },
	{ "zstd", "zstd", encoded_zstd },
};

/* --- decoding --------------------------------------------------------------------- */

char encoded_text[ENCODED_TEXT];
struct encoded encoded;

void encoded_set_up(void)
{
	load_encoders();
	for (size_t i = 0; i < ENCODED_TEXT; i++)
		encoded_text[i] = (char)('a' + (i * i / 7 + i / 300) % 26);
	encoded = (struct encoded){ 0 };
	played_init(&encoded.source);
	encoded.source.then = IO_END;
}

void encoded_tear_down(void)
{
	stream_free(encoded.decoded);
	buffer_free(&encoded.result);
	played_free(&encoded.source);
}

void encoded_open(const char *value)
{
	stream_free(encoded.decoded);
	cr_assert(coding_open(&encoded.decoded, &encoded.source.stream, value, strlen(value),
			      &encoded.why),
		  "%s", encoded.why.text);
	cr_assert_not_null(encoded.decoded);
}

enum io encoded_read(size_t room)
{
	static char block[300000];
	size_t count;
	enum io r;

	cr_assert(room <= sizeof(block));
	buffer_free(&encoded.result);
	encoded.why = (struct failure){ 0 };
	while ((r = stream_read(encoded.decoded, block, room, &count, &encoded.why)) == IO_DONE) {
		cr_assert(count > 0 && count <= room);
		cr_assert(buffer_add(&encoded.result, block, count));
	}
	cr_assert_eq(count, 0);
	return r;
}

void encoded_assert_result(const void *bytes, size_t length)
{
	cr_assert_eq(encoded.result.length, length);
	cr_assert(length == 0 || memcmp(buffer_bytes(&encoded.result), bytes, length) == 0);
}

void encoded_assert_refused(const char *value, const char *bytes, size_t length,
			    const char *message)
{
	cr_assert(buffer_add(&encoded.source.gives, bytes, length));
	encoded_open(value);
	cr_assert_eq(encoded_read(64), IO_FAILED);
	cr_assert_eq(encoded.why.class, FAILURE_ENCODING);
	cr_assert_str_eq(encoded.why.text, message);
	buffer_free(&encoded.source.gives);
}
