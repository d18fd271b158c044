/* SPDX-License-Identifier: MIT */
/*
 * src/stream/layer_crlf.c - newlines written as CR LF.
 *
 * Nothing is held here: what the layer below takes is measured by expanding the same input again
 * into just that much room. When it took a CR without its LF, the newline counts as not written
 * yet, behind a CR.
 */
#include <stdlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/layer_crlf.h>

enum { CRLF_ROOM = 4096 };

struct layer_crlf {
	struct stream stream;
	bool after_cr; /* the last byte below us was a CR */
};

/* Expands length bytes into at most room. Returns the bytes made, *used the bytes of in that are
 * whole in it. */
static size_t crlf_expand(char *out, size_t room, const char *in, size_t length, bool *after_cr,
			  size_t *used)
{
	size_t made = 0;
	size_t i = 0;

	while (made < room && i < length) {
		bool insert = in[i] == '\n' && !*after_cr;

		out[made++] = insert ? '\r' : in[i];
		*after_cr = out[made - 1] == '\r';
		i += !insert;
	}
	*used = i;
	return made;
}

static enum io crlf_piece(struct layer_crlf *l, const char *in, size_t length, size_t *nwritten,
			  struct failure *why)
{
	enum io r = IO_DONE;

	*nwritten = 0;
	while (r == IO_DONE && *nwritten == 0) {
		char out[CRLF_ROOM];
		bool after_cr = l->after_cr;
		size_t taken;
		size_t made = crlf_expand(out, sizeof(out), in, length, &after_cr, &taken);

		r = stream_write(l->stream.below, out, made, &taken, why);
		if (r == IO_DONE)
			crlf_expand(out, taken, in, length, &l->after_cr, nwritten);
	}
	return r;
}

static enum io crlf_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			   struct failure *why)
{
	for (int i = 0; i < n; i++)
		if (v[i].iov_len > 0)
			return crlf_piece((struct layer_crlf *)s, v[i].iov_base, v[i].iov_len,
					  nwritten, why);
	*nwritten = 0;
	return IO_DONE;
}

static int crlf_raw_fd(const struct stream *s, enum stream_side side)
{
	return side == STREAM_WRITE ? -1 : stream_raw_fd(s->below, side);
}

static void crlf_free(struct stream *s)
{
	free(s);
}

static const struct stream_ops crlf_ops = {
	.name = "crlf",
	.writev = crlf_writev,
	.raw_fd = crlf_raw_fd,
	.free = crlf_free,
};

struct stream *layer_crlf_new(struct stream *below)
{
	struct layer_crlf *l = memory_zeroed(1, sizeof(*l));

	l->stream.ops = &crlf_ops;
	l->stream.below = below;
	return &l->stream;
}
