/* SPDX-License-Identifier: MIT */
/* src/stream/layer_digest.c - a digest of each direction. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/layer_digest.h>

struct layer_digest {
	struct stream stream;
	struct digest read;
	struct digest written;
};

static enum io digest_read(struct stream *s, void *buf, size_t len, size_t *nread,
			   struct failure *why)
{
	struct layer_digest *l = (struct layer_digest *)s;
	enum io r = stream_read(s->below, buf, len, nread, why);

	digest_add(&l->read, buf, *nread);
	return r;
}

static enum io digest_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			     struct failure *why)
{
	struct layer_digest *l = (struct layer_digest *)s;
	enum io r = stream_writev(s->below, v, n, nwritten, why);
	size_t left = *nwritten;

	for (; left > 0; v++) {
		size_t count = v->iov_len < left ? v->iov_len : left;

		digest_add(&l->written, v->iov_base, count);
		left -= count;
	}
	return r;
}

static int digest_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return -1;
}

static void digest_free(struct stream *s)
{
	free(s);
}

static const struct stream_ops digest_ops = {
	.name = "digest",
	.read = digest_read,
	.writev = digest_writev,
	.raw_fd = digest_raw_fd,
	.free = digest_free,
};

struct stream *layer_digest_new(struct stream *below, const char *algorithm, struct failure *why)
{
	const struct digest_algorithm *found = digest_find(algorithm, strlen(algorithm));
	struct layer_digest *l;

	if (!found) {
		fail(why, FAILURE_USAGE, "digest %s is not known: sha256, sha512, sha1 or md5",
		     algorithm);
		return NULL;
	}
	l = memory_zeroed(1, sizeof(*l));
	l->stream.ops = &digest_ops;
	l->stream.below = below;
	digest_start(&l->read, found);
	digest_start(&l->written, found);
	return &l->stream;
}

const char *layer_digest_text(const struct stream *s, enum stream_side side,
			      char out[static DIGEST_TEXT_MAX])
{
	const struct layer_digest *l = (const struct layer_digest *)s;
	/* A copy: the digest goes on. */
	struct digest digest = side == STREAM_READ ? l->read : l->written;

	return digest_finish_text(&digest, out);
}
