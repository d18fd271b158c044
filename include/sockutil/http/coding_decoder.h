/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_HTTP_CODING_DECODER_H
#define SOCKUTIL_HTTP_CODING_DECODER_H
/* What each content coding gives to coding.c: a decoder that takes bytes in and gives bytes out. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/base/library.h>

/* Both ends of one step; the decoder moves them on. */
struct coding_bytes {
	const uint8_t *in;
	size_t in_left;
	uint8_t *out;
	size_t out_left;
};

struct coding_decoder;

struct coding_kind {
	const char *name;  /* as in Content-Encoding and in messages */
	const char *alias; /* another name of it, or NULL */
	struct library *library;
	/* NULL: memory is short. The library is loaded. */
	struct coding_decoder *(*new)(void);
	/* IO_DONE: as far as input and room go, and no input is left while there is room. IO_END:
	 * the coding is complete; what is left of the input lies behind it. IO_FAILED:
	 * FAILURE_ENCODING or FAILURE_OTHER; what was decoded before is in out. */
	enum io (*decode)(struct coding_decoder *d, struct coding_bytes *bytes,
			  struct failure *why);
	/* Whether a member or frame starts with that byte, and makes ready for it: asked for the
	 * first one and wherever one was complete. NULL: there is one only, and decode sees to it.
	 */
	bool (*begin)(struct coding_decoder *d, uint8_t first);
	void (*free)(struct coding_decoder *d);
};

/* RFC 1952; members may follow one another. */
extern const struct coding_kind coding_gzip;
/* RFC 1950, or RFC 1951 bare: the first byte tells. */
extern const struct coding_kind coding_deflate;
/* RFC 7932. */
extern const struct coding_kind coding_brotli;
/* RFC 8878; frames may follow one another; windows up to 8 MiB. */
extern const struct coding_kind coding_zstd;
#endif
