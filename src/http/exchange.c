/* SPDX-License-Identifier: MIT */
/* src/http/exchange.c - the calls on an exchange, and its body as a stream. */
#include <stdint.h>

#include <sockutil/http/exchange.h>

enum io http_exchange_read(struct http_exchange *x, void *buf, size_t len, size_t *nread,
			   struct failure *why)
{
	*nread = 0;
	return x->ops->read(x, buf, len, nread, why);
}

void http_exchange_wait(struct http_exchange *x)
{
	x->ops->wait(x);
}

void http_exchange_free(struct http_exchange *x)
{
	if (x)
		x->ops->free(x);
}

/* --- the body as a stream --------------------------------------------------- */

static struct http_exchange *exchange_of(const struct stream *s)
{
	return ((struct http_body_stream *)(uintptr_t)s)->exchange;
}

static enum io body_read(struct stream *s, void *buf, size_t len, size_t *nread,
			 struct failure *why)
{
	return http_exchange_read(exchange_of(s), buf, len, nread, why);
}

/* Only says whether bytes may pass: which descriptor carries them the layers below know. */
static int body_raw_fd(const struct stream *s, enum stream_side side)
{
	const struct http_exchange *x = exchange_of(s);

	if (side != STREAM_READ || !x->carrier || !x->ops->raw_fd)
		return -1;
	return x->ops->raw_fd(x);
}

static uint64_t body_raw_most(const struct stream *s, enum stream_side side)
{
	const struct http_exchange *x = exchange_of(s);

	return side == STREAM_READ && x->ops->raw_most ? x->ops->raw_most(x) : UINT64_MAX;
}

static void body_moved(struct stream *s, enum stream_side side, size_t count)
{
	struct http_exchange *x = exchange_of(s);

	if (side == STREAM_READ && x->ops->moved)
		x->ops->moved(x, count);
}

static const struct stream_ops body_ops = {
	.name = "http-body",
	.read = body_read,
	.raw_fd = body_raw_fd,
	.raw_most = body_raw_most,
	.moved = body_moved,
};

void http_body_stream_init(struct http_body_stream *s, struct http_exchange *x)
{
	*s = (struct http_body_stream){
		.stream = { .ops = &body_ops, .below = x->carrier },
		.exchange = x,
	};
}
