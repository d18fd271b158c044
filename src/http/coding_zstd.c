/* SPDX-License-Identifier: MIT */
/* src/http/coding_zstd.c - zstd by libzstd. */
#include <zstd.h>
#include <zstd_errors.h>

#include <sockutil/http/coding_decoder.h>

static struct {
	__typeof__(&ZSTD_createDCtx) create;
	__typeof__(&ZSTD_DCtx_setParameter) set;
	__typeof__(&ZSTD_decompressStream) step;
	__typeof__(&ZSTD_isError) is_error;
	__typeof__(&ZSTD_getErrorCode) error;
	__typeof__(&ZSTD_getErrorName) error_text;
	__typeof__(&ZSTD_freeDCtx) destroy;
} zstd;

static const char *const names[] = { "libzstd.so.1", "libzstd.1.dylib", NULL };
static const struct library_symbol symbols[] = {
	{ "ZSTD_createDCtx", &zstd.create },     { "ZSTD_DCtx_setParameter", &zstd.set },
	{ "ZSTD_decompressStream", &zstd.step }, { "ZSTD_isError", &zstd.is_error },
	{ "ZSTD_getErrorCode", &zstd.error },    { "ZSTD_getErrorName", &zstd.error_text },
	{ "ZSTD_freeDCtx", &zstd.destroy },      { 0 },
};
static struct library library = {
	.purpose = "content coding zstd",
	.names = names,
	.symbols = symbols,
};

enum { WINDOW_LOG_MOST = 23 }; /* 8 MiB, what RFC 9659 asks of decoders */

/* The library's own state stands for ours: there is nothing to keep beside it. */
static ZSTD_DCtx *state_of(struct coding_decoder *d)
{
	return (ZSTD_DCtx *)d;
}

static struct coding_decoder *zstd_new(void)
{
	ZSTD_DCtx *state = zstd.create();

	if (!state)
		return NULL;
	zstd.set(state, ZSTD_d_windowLogMax, WINDOW_LOG_MOST);
	return (struct coding_decoder *)state;
}

static enum io zstd_failed(size_t result, struct failure *why)
{
	if (zstd.error(result) == ZSTD_error_memory_allocation)
		return fail(why, FAILURE_OTHER, "zstd: out of memory");
	return fail(why, FAILURE_ENCODING, "the content is no zstd: %s", zstd.error_text(result));
}

static enum io zstd_decode(struct coding_decoder *d, struct coding_bytes *bytes,
			   struct failure *why)
{
	ZSTD_inBuffer in = { .src = bytes->in, .size = bytes->in_left };
	ZSTD_outBuffer out = { .dst = bytes->out, .size = bytes->out_left };
	size_t result = zstd.step(state_of(d), &out, &in);

	bytes->in += in.pos;
	bytes->in_left -= in.pos;
	bytes->out += out.pos;
	bytes->out_left -= out.pos;
	if (zstd.is_error(result))
		return zstd_failed(result, why);
	return result == 0 ? IO_END : IO_DONE;
}

/* RFC 8878, 3: a frame's magic number, or a skippable frame's. What came before that RFC has other
 * numbers, and the library's code for it is as old. */
static bool zstd_begin(struct coding_decoder *d, uint8_t first)
{
	(void)d;
	return first == 0x28 || (first & 0xf0) == 0x50;
}

static void zstd_free(struct coding_decoder *d)
{
	zstd.destroy(state_of(d));
}

const struct coding_kind coding_zstd = {
	.name = "zstd",
	.library = &library,
	.new = zstd_new,
	.decode = zstd_decode,
	.begin = zstd_begin,
	.free = zstd_free,
};
