/* SPDX-License-Identifier: MIT */
/* src/http/coding_brotli.c - br by libbrotlidec. */
#include <brotli/decode.h>

#include <sockutil/http/coding_decoder.h>

static struct {
	__typeof__(&BrotliDecoderCreateInstance) create;
	__typeof__(&BrotliDecoderDecompressStream) step;
	__typeof__(&BrotliDecoderGetErrorCode) error;
	__typeof__(&BrotliDecoderErrorString) error_text;
	__typeof__(&BrotliDecoderDestroyInstance) destroy;
} brotli;

static const char *const names[] = { "libbrotlidec.so.1", "libbrotlidec.1.dylib", NULL };
static const struct library_symbol symbols[] = {
	{ "BrotliDecoderCreateInstance", &brotli.create },
	{ "BrotliDecoderDecompressStream", &brotli.step },
	{ "BrotliDecoderGetErrorCode", &brotli.error },
	{ "BrotliDecoderErrorString", &brotli.error_text },
	{ "BrotliDecoderDestroyInstance", &brotli.destroy },
	{ 0 },
};
static struct library library = {
	.purpose = "content coding br",
	.names = names,
	.symbols = symbols,
};

/* The library's own state stands for ours: there is nothing to keep beside it. */
static BrotliDecoderState *state_of(struct coding_decoder *d)
{
	return (BrotliDecoderState *)d;
}

static struct coding_decoder *brotli_new(void)
{
	return (struct coding_decoder *)brotli.create(NULL, NULL, NULL);
}

/* Its codes for "no memory" are a range. */
static bool is_out_of_memory(BrotliDecoderErrorCode code)
{
	return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
	       code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES;
}

static enum io brotli_failed(struct coding_decoder *d, struct failure *why)
{
	BrotliDecoderErrorCode code = brotli.error(state_of(d));

	if (is_out_of_memory(code))
		return fail(why, FAILURE_OTHER, "br: out of memory");
	return fail(why, FAILURE_ENCODING, "the content is no br: %s", brotli.error_text(code));
}

static enum io brotli_decode(struct coding_decoder *d, struct coding_bytes *bytes,
			     struct failure *why)
{
	switch (brotli.step(state_of(d), &bytes->in_left, &bytes->in, &bytes->out_left, &bytes->out,
			    NULL)) {
	case BROTLI_DECODER_RESULT_SUCCESS:
		return IO_END;
	case BROTLI_DECODER_RESULT_ERROR:
		return brotli_failed(d, why);
	default:
		return IO_DONE;
	}
}

static void brotli_free(struct coding_decoder *d)
{
	brotli.destroy(state_of(d));
}

const struct coding_kind coding_brotli = {
	.name = "br",
	.library = &library,
	.new = brotli_new,
	.decode = brotli_decode,
	.free = brotli_free,
};
