/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/serve/gateway_body.c
 * Holds: what is ready goes first, then the body as its framing says and not a byte more; a known
 * length may pass in the kernel, for that length; chunks are written anew or unwrapped, whatever
 * their cuts; an end before the end of the body is a failure, one behind a body to the close is
 * not; malformed chunks are failures behind what was whole; heads are asked for until one is
 * there; nothing is pending while nothing can be given.
 */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/serve/gateway_body.h>

static enum io no_head(void *data, struct gateway_body *body, struct failure *why)
{
	(void)data;
	(void)body;
	return fail(why, FAILURE_OTHER, "no head");
}

/* Everything that comes, and how it ended. */
static enum io drain(struct gateway_body *b, struct buffer *out, struct failure *why)
{
	char bytes[7];
	size_t n;
	enum io r;

	while ((r = stream_read(&b->stream, bytes, sizeof bytes, &n, why)) == IO_DONE)
		cr_assert(buffer_add(out, bytes, n));
	return r;
}

static void framed(struct played *p, struct gateway_body *b, const char *came, size_t at_most,
		   enum http_body body, uint64_t length, bool plain)
{
	const struct http_framing framing = { .body = body, .length = length };

	played_init(p);
	cr_assert(buffer_add(&p->gives, came, strlen(came)));
	p->at_most = at_most;
	p->then = IO_END;
	gateway_body_init(b, &p->stream, "client", no_head, NULL);
	gateway_body_frame(b, &framing, plain);
	cr_assert(buffer_add(&b->ready, "HEAD ", 5));
}

static void ends(const char *came, enum http_body body, uint64_t length, bool plain,
		 const char *expected, const char *failure)
{
	for (size_t cut = 0; cut < 4; ++cut) {
		struct played p;
		struct gateway_body b;
		struct buffer out = { 0 };
		struct failure why = { 0 };

		framed(&p, &b, came, cut, body, length, plain);
		cr_assert_eq(drain(&b, &out, &why), failure ? IO_FAILED : IO_END, "%s", came);
		if (!plain && body == HTTP_BODY_CHUNKED && cut)
			cr_assert_eq(strncmp(buffer_text(&out), "HEAD ", 5), 0);
		else
			cr_assert_str_eq(buffer_text(&out), expected);
		if (failure)
			cr_assert_str_eq(why.text, failure);
		else
			cr_assert(gateway_body_done(&b));
		buffer_free(&out);
		gateway_body_free(&b);
		played_free(&p);
	}
}

Test(gateway_body, each_framing)
{
	ends("next", HTTP_BODY_NONE, 0, false, "HEAD ", NULL);
	ends("next", HTTP_BODY_LENGTH, 0, false, "HEAD ", NULL);
	ends("bodynext", HTTP_BODY_LENGTH, 4, false, "HEAD body", NULL);
	ends("body", HTTP_BODY_TO_CLOSE, 0, false, "HEAD body", NULL);
	ends("3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: x\r\n\r\nnext", HTTP_BODY_CHUNKED, 0, false,
	     "HEAD 3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", NULL);
	ends("3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: x\r\n\r\nnext", HTTP_BODY_CHUNKED, 0, true,
	     "HEAD abcde", NULL);
}

Test(gateway_body, ends_too_early)
{
	ends("bod", HTTP_BODY_LENGTH, 4, false, "HEAD bod",
	     "the client ended before its body was whole");
	ends("", HTTP_BODY_CHUNKED, 0, true, "HEAD ", "the client ended before its body was whole");
	ends("3\r\nab", HTTP_BODY_CHUNKED, 0, true, "HEAD ab",
	     "the client ended before its body was whole");
	ends("3\r\nabc\r\n0\r\n", HTTP_BODY_CHUNKED, 0, true, "HEAD abc",
	     "the client ended before its body was whole");
}

Test(gateway_body, malformed_chunks)
{
	struct played p;
	struct gateway_body b;
	struct buffer out = { 0 };
	struct failure why = { 0 };

	framed(&p, &b, "3\r\nabcX", 0, HTTP_BODY_CHUNKED, 0, true);
	cr_assert_eq(drain(&b, &out, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(buffer_text(&out), "HEAD abc");
	buffer_free(&out);
	gateway_body_free(&b);
	played_free(&p);
}

/* A byte at a time each chunk is its own, and their sum is the same. */
Test(gateway_body, chunks_in_any_pieces)
{
	struct played p;
	struct gateway_body b;
	struct buffer out = { 0 };
	struct failure why = { 0 };

	framed(&p, &b, "2\r\nab\r\n0\r\n\r\n", 1, HTTP_BODY_CHUNKED, 0, false);
	cr_assert_eq(drain(&b, &out, &why), IO_END);
	cr_assert_str_eq(buffer_text(&out), "HEAD 1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
	buffer_free(&out);
	gateway_body_free(&b);
	played_free(&p);
}

/* played has no descriptor: this stands in for one below. */
static int raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return 99;
}

Test(gateway_body, passes_in_the_kernel)
{
	static const struct stream_ops ops = { .name = "raw", .raw_fd = raw_fd };
	const struct http_framing framing = { .body = HTTP_BODY_LENGTH, .length = 10 };
	struct stream below = { .ops = &ops };
	struct gateway_body b;
	struct failure why = { 0 };
	char bytes[20];
	size_t n;

	gateway_body_init(&b, &below, "client", no_head, NULL);
	gateway_body_frame(&b, &framing, false);
	cr_assert(buffer_add(&b.ready, "HEAD", 4));
	cr_assert(buffer_add(&b.held, "abc", 3));
	cr_assert_eq(stream_raw_fd(&b.stream, STREAM_READ), -1);
	cr_assert(stream_pending(&b.stream));
	cr_assert_eq(stream_read(&b.stream, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_eq(stream_raw_fd(&b.stream, STREAM_READ), -1);
	cr_assert(stream_pending(&b.stream));
	cr_assert_eq(stream_read(&b.stream, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_eq(n, 3);
	cr_assert_not(stream_pending(&b.stream));
	cr_assert_eq(stream_raw_fd(&b.stream, STREAM_READ), 99);
	cr_assert_eq(stream_raw_most(&b.stream, STREAM_READ), 7);
	stream_moved(&b.stream, STREAM_READ, 7);
	cr_assert_eq(b.taken, 7);
	cr_assert(gateway_body_done(&b));
	cr_assert_eq(stream_raw_fd(&b.stream, STREAM_READ), -1);
	cr_assert_eq(stream_read(&b.stream, bytes, sizeof bytes, &n, &why), IO_END);
	/* The other side is nobody's business here. */
	cr_assert_eq(stream_raw_fd(&b.stream, STREAM_WRITE), 99);
	cr_assert_eq(stream_raw_most(&b.stream, STREAM_WRITE), UINT64_MAX);
	gateway_body_free(&b);
}

/* A head ends with a full stop. */
static enum io stop_head(void *data, struct gateway_body *b, struct failure *why)
{
	const struct http_framing framing = { .body = HTTP_BODY_LENGTH, .length = 2 };
	const char *stop =
		b->held.length ? memchr(buffer_bytes(&b->held), '.', b->held.length) : NULL;

	(void)data;
	(void)why;
	if (!stop)
		return IO_AGAIN;
	buffer_take(&b->held, (size_t)(stop - buffer_bytes(&b->held)) + 1);
	cr_assert(buffer_add(&b->ready, "H:", 2));
	gateway_body_frame(b, &framing, false);
	return IO_DONE;
}

Test(gateway_body, heads)
{
	struct played p;
	struct gateway_body b;
	struct buffer out = { 0 };
	struct failure why = { 0 };

	played_init(&p);
	cr_assert(buffer_add(&p.gives, "head", 4));
	p.then = IO_AGAIN;
	gateway_body_init(&b, &p.stream, "server", stop_head, NULL);
	cr_assert_eq(drain(&b, &out, &why), IO_AGAIN);
	cr_assert_not(stream_pending(&b.stream), "half a head cannot be given");
	cr_assert(buffer_add(&p.gives, ".okmore", 7));
	cr_assert_eq(drain(&b, &out, &why), IO_END);
	cr_assert_str_eq(buffer_text(&out), "H:ok");
	cr_assert_eq(b.taken, 11);
	buffer_free(&out);
	gateway_body_free(&b);
	played_free(&p);
}

Test(gateway_body, an_end_inside_the_head)
{
	struct played p;
	struct gateway_body b;
	struct buffer out = { 0 };
	struct failure why = { 0 };

	played_init(&p);
	cr_assert(buffer_add(&p.gives, "head", 4));
	p.then = IO_END;
	gateway_body_init(&b, &p.stream, "server", stop_head, NULL);
	cr_assert_eq(drain(&b, &out, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_TRUNCATED);
	cr_assert_str_eq(why.text, "the server ended before its head was whole");
	gateway_body_free(&b);
	played_free(&p);
}
