/* SPDX-License-Identifier: MIT */
/* src/http/coding_zlib.c - gzip and deflate by zlib. */
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/http/coding_decoder.h>

static struct {
	__typeof__(&inflateInit2_) start;
	__typeof__(&inflate) step;
	__typeof__(&inflateReset) reset;
	__typeof__(&inflateReset2) reset_to;
	__typeof__(&inflateEnd) end;
} zlib;

static const char *const names[] = { "libz.so.1", "libz.1.dylib", NULL };
static const struct library_symbol symbols[] = {
	{ "inflateInit2_", &zlib.start }, { "inflate", &zlib.step },
	{ "inflateReset", &zlib.reset },  { "inflateReset2", &zlib.reset_to },
	{ "inflateEnd", &zlib.end },      { 0 },
};
static struct library library = {
	.purpose = "content coding gzip or deflate",
	.names = names,
	.symbols = symbols,
};

enum {
	/* what inflateInit2() takes for each form */
	FORM_ZLIB = MAX_WBITS,
	FORM_BARE = -MAX_WBITS,
	FORM_GZIP = MAX_WBITS + 16,
	GZIP_FIRST = 0x1f, /* of a member (RFC 1952, 2.3.1) */
};

struct coding_decoder {
	z_stream state;
	bool form_open; /* the first byte is to choose between zlib and bare */
};

static struct coding_decoder *decoder_new(int form)
{
	struct coding_decoder *d = memory_zeroed(1, sizeof(*d));

	if (zlib.start(&d->state, form, ZLIB_VERSION, (int)sizeof(d->state)) == Z_OK)
		return d;
	free(d);
	return NULL;
}

static struct coding_decoder *gzip_new(void)
{
	return decoder_new(FORM_GZIP);
}

static struct coding_decoder *deflate_new(void)
{
	struct coding_decoder *d = decoder_new(FORM_ZLIB);

	if (d)
		d->form_open = true;
	return d;
}

static enum io decode_as(struct coding_decoder *d, const char *name, struct coding_bytes *bytes,
			 struct failure *why)
{
	z_stream *z = &d->state;
	uInt in = bytes->in_left < UINT_MAX ? (uInt)bytes->in_left : UINT_MAX;
	uInt out = bytes->out_left < UINT_MAX ? (uInt)bytes->out_left : UINT_MAX;
	int result;

	z->next_in = (Bytef *)(uintptr_t)bytes->in;
	z->avail_in = in;
	z->next_out = bytes->out;
	z->avail_out = out;
	result = zlib.step(z, Z_NO_FLUSH);
	bytes->in += in - z->avail_in;
	bytes->in_left -= in - z->avail_in;
	bytes->out += out - z->avail_out;
	bytes->out_left -= out - z->avail_out;
	if (result == Z_OK || result == Z_BUF_ERROR)
		return IO_DONE;
	if (result == Z_STREAM_END)
		return IO_END;
	if (result == Z_MEM_ERROR)
		return fail(why, FAILURE_OTHER, "%s: out of memory", name);
	return fail(why, FAILURE_ENCODING, "the content is no %s: %s", name,
		    result == Z_NEED_DICT ? "it wants a dictionary"
		    : z->msg              ? z->msg
					  : "its bytes are wrong");
}

static enum io gzip_decode(struct coding_decoder *d, struct coding_bytes *bytes,
			   struct failure *why)
{
	return decode_as(d, "gzip", bytes, why);
}

/* RFC 1950, 2.2: method 8 and a window of at most 32 KiB. A bare stream starts with that only as a
 * stored block whose padding is not zero, and nobody writes such. */
static bool is_zlib_header(uint8_t first)
{
	return (first & 0x0f) == Z_DEFLATED && first >> 4 <= 7;
}

static enum io deflate_decode(struct coding_decoder *d, struct coding_bytes *bytes,
			      struct failure *why)
{
	if (d->form_open && bytes->in_left > 0) {
		d->form_open = false;
		if (!is_zlib_header(*bytes->in))
			zlib.reset_to(&d->state, FORM_BARE);
	}
	return decode_as(d, "deflate", bytes, why);
}

static bool gzip_begin(struct coding_decoder *d, uint8_t first)
{
	return first == GZIP_FIRST && zlib.reset(&d->state) == Z_OK;
}

static void decoder_free(struct coding_decoder *d)
{
	zlib.end(&d->state);
	free(d);
}

const struct coding_kind coding_gzip = {
	.name = "gzip",
	.alias = "x-gzip",
	.library = &library,
	.new = gzip_new,
	.decode = gzip_decode,
	.begin = gzip_begin,
	.free = decoder_free,
};

const struct coding_kind coding_deflate = {
	.name = "deflate",
	.library = &library,
	.new = deflate_new,
	.decode = deflate_decode,
	.free = decoder_free,
};
