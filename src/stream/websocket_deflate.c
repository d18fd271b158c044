/* SPDX-License-Identifier: MIT */
/* websocket_deflate.c - permessage-deflate (RFC 7692) by zlib, loaded on first use. */
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include <sockutil/base/library.h>
#include <sockutil/stream/websocket_parts.h>

static struct {
	__typeof__(&inflateInit2_) inflate_make;
	__typeof__(&inflate) inflate_step;
	__typeof__(&inflateReset) inflate_reset;
	__typeof__(&inflateGetDictionary) window;
	__typeof__(&inflateSetDictionary) set_window;
	__typeof__(&inflateEnd) inflate_free;
	__typeof__(&deflateInit2_) deflate_make;
	__typeof__(&deflate) deflate_step;
	__typeof__(&deflateEnd) deflate_free;
} zlib;

static const char *const names[] = { "libz.so.1", "libz.1.dylib", NULL };
static const struct library_symbol symbols[] = {
	{ "inflateInit2_", &zlib.inflate_make },      { "inflate", &zlib.inflate_step },
	{ "inflateReset", &zlib.inflate_reset },      { "inflateGetDictionary", &zlib.window },
	{ "inflateSetDictionary", &zlib.set_window }, { "inflateEnd", &zlib.inflate_free },
	{ "deflateInit2_", &zlib.deflate_make },      { "deflate", &zlib.deflate_step },
	{ "deflateEnd", &zlib.deflate_free },         { 0 },
};
static struct library library = {
	.purpose = "permessage-deflate",
	.names = names,
	.symbols = symbols,
};

enum {
	WINDOW_MAX = 32 * 1024,
	SMALLEST_BITS = 9, /* zlib writes no bare stream with a smaller window */
	BLOCK_ENDED = 128, /* of data_type: between two blocks */
	TAIL_STEPS = 64,
	STEP = 16 * 1024, /* bytes of room for each step of deflating */
};

/* What every message ends with and no message carries (RFC 7692, 7.2.1). */
static const char tail[4] = { '\0', '\0', '\xff', '\xff' };

bool websocket_deflate_load(struct failure *why)
{
	return library_load(&library, why);
}

static uInt part(size_t length)
{
	return length < UINT_MAX ? (uInt)length : UINT_MAX;
}

/* ------ inflating ------ */

struct websocket_inflater {
	z_stream state;
	uint8_t tail_used; /* bytes of the tail it has taken */
	bool drained;      /* all that its input makes was given */
	bool finished;     /* the message has ended its stream: nothing need follow it */
};

struct websocket_inflater *websocket_inflater_new(unsigned bits)
{
	struct websocket_inflater *i = calloc(1, sizeof(*i));

	if (i &&
	    zlib.inflate_make(&i->state, -(int)bits, ZLIB_VERSION, (int)sizeof(i->state)) == Z_OK)
		return i;
	free(i);
	return NULL;
}

void websocket_inflater_begin(struct websocket_inflater *i)
{
	i->tail_used = 0;
	i->drained = true;
	i->finished = false;
}

/* A stream that was ended (BFINAL): another one follows, and may look back into the first. */
static bool inflater_restart(struct websocket_inflater *i)
{
	Bytef window[WINDOW_MAX];
	uInt length = 0;

	i->finished = true;
	return zlib.window(&i->state, window, &length) == Z_OK &&
	       zlib.inflate_reset(&i->state) == Z_OK &&
	       (length == 0 || zlib.set_window(&i->state, window, length) == Z_OK);
}

static bool inflater_step(struct websocket_inflater *i, const char **in, size_t *length, int flush,
			  char *out, size_t room, size_t *made)
{
	z_stream *z = &i->state;
	const uInt given = part(*length), most = part(room);
	int result;

	z->next_in = (Bytef *)(uintptr_t)*in;
	z->avail_in = given;
	z->next_out = (Bytef *)out;
	z->avail_out = most;
	result = zlib.inflate_step(z, flush);
	*made = most - z->avail_out;
	*in += given - z->avail_in;
	*length -= given - z->avail_in;
	if (result == Z_STREAM_END)
		return inflater_restart(i);
	return result == Z_OK || result == Z_BUF_ERROR;
}

static bool inflater_run_payload(struct websocket_inflater *i, const char **in, size_t *in_length,
				 char *out, size_t room, size_t *made)
{
	const size_t before = *in_length;

	if (!inflater_step(i, in, in_length, Z_NO_FLUSH, out, room, made))
		return false;
	i->drained = *in_length == 0 && *made < room;
	return i->drained || *made > 0 || *in_length < before;
}

/* Block by block, as the message has to end between two: one that was cut ends within one. */
static bool inflater_run_tail(struct websocket_inflater *i, char *out, size_t room, size_t *made,
			      bool *done)
{
	*made = 0;
	/* A step may move on by bits alone, of which there is room for few. */
	for (unsigned step = 0; step < TAIL_STEPS && !*done && *made < room; step++) {
		const char *in = tail + i->tail_used;
		size_t length = sizeof(tail) - i->tail_used, n;

		const bool right =
			inflater_step(i, &in, &length, Z_BLOCK, out + *made, room - *made, &n);

		i->tail_used = (uint8_t)(sizeof(tail) - length);
		*made += n;
		if (!right)
			return false;
		*done = length == 0 && *made < room;
	}
	if (!*done || (i->state.data_type & BLOCK_ENDED))
		return *done || *made == room;
	return i->finished && inflater_restart(i);
}

bool websocket_inflater_run(struct websocket_inflater *i, const char **in, size_t *in_length,
			    bool last, char *out, size_t room, size_t *made, bool *done)
{
	bool right = true;
	size_t n = 0;

	*made = 0;
	*done = false;
	while (right && *made < room && (*in_length > 0 || !i->drained)) {
		right = inflater_run_payload(i, in, in_length, out + *made, room - *made, &n);
		*made += n;
	}
	if (!right || !last || *made == room)
		return right;
	right = inflater_run_tail(i, out + *made, room - *made, &n, done);
	*made += n;
	return right;
}

void websocket_inflater_free(struct websocket_inflater *i)
{
	if (i)
		zlib.inflate_free(&i->state);
	free(i);
}

/* ------ deflating ------ */

struct websocket_deflater {
	z_stream state;
};

/* A window for one message need not be larger than the message. */
static int fitting_bits(unsigned bits, size_t length)
{
	unsigned fitting = SMALLEST_BITS;

	while (fitting < bits && ((size_t)1 << fitting) < length)
		fitting++;
	return (int)fitting;
}

struct websocket_deflater *websocket_deflater_new(unsigned bits, size_t length)
{
	struct websocket_deflater *d = calloc(1, sizeof(*d));
	const int window = fitting_bits(bits, length);

	/* The hash tables shrink along: level 8 goes with 15 bits. */
	if (d &&
	    zlib.deflate_make(&d->state, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -window, window - 7,
			      Z_DEFAULT_STRATEGY, ZLIB_VERSION, (int)sizeof(d->state)) == Z_OK)
		return d;
	free(d);
	return NULL;
}

static bool deflater_step(z_stream *z, int flush, struct buffer *out)
{
	do {
		char *room = buffer_reserve(out, STEP);

		if (!room)
			return false;
		z->next_out = (Bytef *)room;
		z->avail_out = STEP;
		zlib.deflate_step(z, flush);
		buffer_commit(out, STEP - z->avail_out);
	} while (z->avail_out == 0 || z->avail_in > 0);
	return true;
}

bool websocket_deflater_run(struct websocket_deflater *d, const struct iovec *v, int n,
			    struct buffer *out)
{
	z_stream *z = &d->state;

	for (int i = 0; i < n; i++) {
		const char *bytes = v[i].iov_base;
		size_t length = v[i].iov_len;

		while (length > 0) {
			z->next_in = (Bytef *)(uintptr_t)bytes;
			z->avail_in = part(length);
			bytes += z->avail_in;
			length -= z->avail_in;
			if (!deflater_step(z, Z_NO_FLUSH, out))
				return false;
		}
	}
	z->avail_in = 0;
	if (!deflater_step(z, Z_SYNC_FLUSH, out) || out->length < sizeof(tail))
		return false;
	out->length -= sizeof(tail);
	return true;
}

void websocket_deflater_free(struct websocket_deflater *d)
{
	if (d)
		zlib.deflate_free(&d->state);
	free(d);
}
