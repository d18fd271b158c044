/* SPDX-License-Identifier: MIT */
/* src/stream/layer_digest.c - a digest of each direction by libmd, so that none needs the TLS
 * library. */
#include <md5.h>
#include <sha1.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/layer_digest.h>

union digest_state {
	SHA2_CTX sha2;
	SHA1_CTX sha1;
	MD5_CTX md5;
};

enum { DIGEST_BYTES_MAX = SHA512_DIGEST_LENGTH };

struct digest_algorithm {
	const char *name;
	size_t length; /* bytes of the digest */
	void (*start)(union digest_state *state);
	void (*add)(union digest_state *state, const void *bytes, size_t length);
	void (*finish)(union digest_state *state, uint8_t *out);
};

/* libmd's functions have a type each; the table wants one. */
#define DIGEST(name, member, call)                                                                 \
	static void name##_start(union digest_state *state)                                        \
	{                                                                                          \
		call##Init(&state->member);                                                        \
	}                                                                                          \
	static void name##_add(union digest_state *state, const void *bytes, size_t length)        \
	{                                                                                          \
		call##Update(&state->member, bytes, length);                                       \
	}                                                                                          \
	static void name##_finish(union digest_state *state, uint8_t *out)                         \
	{                                                                                          \
		call##Final(out, &state->member);                                                  \
	}
DIGEST(sha256, sha2, SHA256)
DIGEST(sha512, sha2, SHA512)
DIGEST(sha1, sha1, SHA1)
DIGEST(md5, md5, MD5)
#undef DIGEST

#define ROW(id, bytes)                                                                             \
	{                                                                                          \
		.name = #id, .length = (bytes), .start = id##_start, .add = id##_add,              \
		.finish = id##_finish                                                              \
	}
static const struct digest_algorithm digest_algorithms[] = {
	ROW(sha256, SHA256_DIGEST_LENGTH),
	ROW(sha512, SHA512_DIGEST_LENGTH),
	ROW(sha1, SHA1_DIGEST_LENGTH),
	ROW(md5, MD5_DIGEST_LENGTH),
};
#undef ROW

struct layer_digest {
	struct stream stream;
	const struct digest_algorithm *algorithm;
	union digest_state read;
	union digest_state written;
};

static enum io digest_read(struct stream *s, void *buf, size_t len, size_t *nread,
			   struct failure *why)
{
	struct layer_digest *l = (struct layer_digest *)s;
	enum io r = stream_read(s->below, buf, len, nread, why);

	if (*nread > 0)
		l->algorithm->add(&l->read, buf, *nread);
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

		l->algorithm->add(&l->written, v->iov_base, count);
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
	const size_t count = sizeof(digest_algorithms) / sizeof(digest_algorithms[0]);
	struct layer_digest *l;
	size_t i = 0;

	while (i < count && strcmp(digest_algorithms[i].name, algorithm) != 0)
		i++;
	if (i == count) {
		fail(why, FAILURE_USAGE, "digest %s is not known: sha256, sha512, sha1 or md5",
		     algorithm);
		return NULL;
	}
	l = memory_zeroed(1, sizeof(*l));
	l->stream.ops = &digest_ops;
	l->stream.below = below;
	l->algorithm = &digest_algorithms[i];
	l->algorithm->start(&l->read);
	l->algorithm->start(&l->written);
	return &l->stream;
}

const char *layer_digest_text(const struct stream *s, enum stream_side side,
			      char out[static DIGEST_TEXT_MAX])
{
	const struct layer_digest *l = (const struct layer_digest *)s;
	/* A copy: the digest goes on. */
	union digest_state state = side == STREAM_READ ? l->read : l->written;
	uint8_t bytes[DIGEST_BYTES_MAX];

	l->algorithm->finish(&state, bytes);
	for (size_t i = 0; i < l->algorithm->length; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return out;
}
