/* SPDX-License-Identifier: MIT */
/* A message on its way through the gateway. */
#include <string.h>

#include <sockutil/serve/gateway_body.h>

enum { READ_SIZE = 32 * 1024 };

static struct gateway_body *body_of(const struct stream *s)
{
	return (struct gateway_body *)(uintptr_t)s;
}

static enum io no_memory(struct failure *why)
{
	return fail(why, FAILURE_OTHER, "out of memory");
}

static enum io cut_short(const struct gateway_body *b, struct failure *why)
{
	return fail(why, FAILURE_TRUNCATED, "the %s ended before its %s was whole", b->who,
		    b->stage == GATEWAY_BODY_HEAD ? "head" : "body");
}

/* ------ what is looked at ------ */

/* More bytes into held. */
static enum io body_fill(struct gateway_body *b, struct failure *why)
{
	static char bytes[READ_SIZE];
	size_t n = 0;
	const enum io r = stream_read(b->stream.below, bytes, sizeof(bytes), &n, why);

	if (r == IO_END)
		return cut_short(b, why);
	if (r != IO_DONE)
		return r;
	b->taken += n;
	return buffer_add(&b->held, bytes, n) ? IO_DONE : no_memory(why);
}

static enum io body_step_head(struct gateway_body *b, struct failure *why)
{
	const enum io r = b->head(b->data, b, why);

	return r == IO_AGAIN ? body_fill(b, why) : r;
}

/* count bytes of held are data. */
static bool body_give_chunk(struct gateway_body *b, size_t count)
{
	const bool given = (b->plain || buffer_format(&b->ready, "%zx\r\n", count)) &&
			   buffer_add(&b->ready, buffer_bytes(&b->held), count) &&
			   (b->plain || buffer_add(&b->ready, "\r\n", 2));

	buffer_take(&b->held, count);
	http_chunk_taken(&b->chunk, count);
	return given;
}

static enum io body_step_framing(struct gateway_body *b, struct failure *why)
{
	size_t used = 0;
	const enum io r =
		http_chunk_next(&b->chunk, buffer_bytes(&b->held), b->held.length, &used, why);

	if (r == IO_FAILED)
		return r;
	if (used > 0)
		buffer_take(&b->held, used);
	if (r != IO_END)
		return IO_DONE;
	b->stage = GATEWAY_BODY_DONE;
	return b->plain || buffer_add(&b->ready, "0\r\n\r\n", 5) ? IO_DONE : no_memory(why);
}

static enum io body_step_chunked(struct gateway_body *b, struct failure *why)
{
	if (b->held.length == 0)
		return body_fill(b, why);
	if (b->chunk.left == 0)
		return body_step_framing(b, why);
	return body_give_chunk(b, b->chunk.left < b->held.length ? (size_t)b->chunk.left
								 : b->held.length)
		       ? IO_DONE
		       : no_memory(why);
}

/* ------ what only passes ------ */

static enum io body_end(struct gateway_body *b, struct failure *why)
{
	if (b->stage == GATEWAY_BODY_LENGTH)
		return cut_short(b, why);
	b->stage = GATEWAY_BODY_DONE;
	return IO_END;
}

static size_t body_most(const struct gateway_body *b, size_t size)
{
	return b->stage == GATEWAY_BODY_LENGTH && b->left < size ? (size_t)b->left : size;
}

static void body_passed(struct gateway_body *b, size_t count)
{
	if (b->stage != GATEWAY_BODY_LENGTH)
		return;
	b->left -= count;
	if (b->left == 0)
		b->stage = GATEWAY_BODY_DONE;
}

static enum io give_from(struct buffer *from, void *buf, size_t len, size_t *nread)
{
	*nread = len < from->length ? len : from->length;
	memcpy(buf, buffer_bytes(from), *nread);
	buffer_take(from, *nread);
	return IO_DONE;
}

static enum io body_read_plain(struct gateway_body *b, void *buf, size_t len, size_t *nread,
			       struct failure *why)
{
	enum io r;

	len = body_most(b, len);
	if (b->held.length > 0) {
		r = give_from(&b->held, buf, len, nread);
	} else {
		r = stream_read(b->stream.below, buf, len, nread, why);
		if (r == IO_END)
			return body_end(b, why);
		if (r == IO_DONE)
			b->taken += *nread;
	}
	if (r == IO_DONE)
		body_passed(b, *nread);
	return r;
}

/* ------ the layer ------ */

static enum io body_read(struct stream *s, void *buf, size_t len, size_t *nread,
			 struct failure *why)
{
	struct gateway_body *b = body_of(s);
	enum io r = IO_DONE;

	while (r == IO_DONE) {
		if (b->ready.length > 0)
			return give_from(&b->ready, buf, len, nread);
		if (b->stage == GATEWAY_BODY_DONE)
			return IO_END;
		if (b->stage == GATEWAY_BODY_LENGTH || b->stage == GATEWAY_BODY_TO_CLOSE)
			return body_read_plain(b, buf, len, nread, why);
		r = b->stage == GATEWAY_BODY_HEAD ? body_step_head(b, why)
						  : body_step_chunked(b, why);
	}
	return r;
}

/* An end that has not been told is not pending: whoever reads asks gateway_body_done(). */
static bool body_pending(const struct stream *s)
{
	const struct gateway_body *b = body_of(s);
	const bool looks = b->stage != GATEWAY_BODY_HEAD && b->stage != GATEWAY_BODY_DONE;

	return b->ready.length > 0 || (looks && b->held.length > 0);
}

static bool body_passes(const struct gateway_body *b)
{
	return b->ready.length == 0 && b->held.length == 0 &&
	       (b->stage == GATEWAY_BODY_LENGTH || b->stage == GATEWAY_BODY_TO_CLOSE);
}

static int body_raw_fd(const struct stream *s, enum stream_side side)
{
	if (side == STREAM_READ && !body_passes(body_of(s)))
		return -1;
	return stream_raw_fd(s->below, side);
}

static uint64_t body_raw_most(const struct stream *s, enum stream_side side)
{
	const struct gateway_body *b = body_of(s);

	return side == STREAM_READ && b->stage == GATEWAY_BODY_LENGTH ? b->left : UINT64_MAX;
}

static void body_moved(struct stream *s, enum stream_side side, size_t count)
{
	struct gateway_body *b = body_of(s);

	if (side != STREAM_READ)
		return;
	b->taken += count;
	body_passed(b, count);
}

static const struct stream_ops body_ops = {
	.name = "message",
	.read = body_read,
	.pending = body_pending,
	.raw_fd = body_raw_fd,
	.raw_most = body_raw_most,
	.moved = body_moved,
};

void gateway_body_init(struct gateway_body *b, struct stream *below, const char *who,
		       gateway_body_head *head, void *data)
{
	*b = (struct gateway_body){
		.stream = { .ops = &body_ops, .below = below },
		.who = who,
		.head = head,
		.data = data,
	};
}

void gateway_body_frame(struct gateway_body *b, const struct http_framing *framing, bool plain)
{
	static const enum gateway_body_stage stages[] = {
		[HTTP_BODY_NONE] = GATEWAY_BODY_DONE,
		[HTTP_BODY_LENGTH] = GATEWAY_BODY_LENGTH,
		[HTTP_BODY_CHUNKED] = GATEWAY_BODY_CHUNKED,
		[HTTP_BODY_TO_CLOSE] = GATEWAY_BODY_TO_CLOSE,
	};

	b->stage = stages[framing->body];
	b->plain = plain;
	b->left = framing->length;
	if (b->stage == GATEWAY_BODY_LENGTH && b->left == 0)
		b->stage = GATEWAY_BODY_DONE;
}

void gateway_body_free(struct gateway_body *b)
{
	buffer_free(&b->ready);
	buffer_free(&b->held);
}
