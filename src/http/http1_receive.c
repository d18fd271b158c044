/* SPDX-License-Identifier: MIT */
/* src/http/http1_receive.c - a response: interim heads, the head, the body. */
#include <inttypes.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/http/http1.h>

/* --- heads ------------------------------------------------------------------ */

/* IO_DONE: there is more in the buffer. */
static enum io fill(struct http1_exchange *x, struct failure *why)
{
	struct http1 *c = x->connection;
	char *room = buffer_reserve(&c->in, HTTP1_BLOCK);
	size_t n = 0;
	enum io r;

	if (!room)
		return fail(why, FAILURE_OTHER, "out of memory");
	r = stream_read(c->base.stream, room, HTTP1_BLOCK, &n, why);
	buffer_commit(&c->in, n);
	if (n > 0 && !x->base.report.any_response) {
		x->base.report.any_response = true;
		x->base.report.first_byte_us = clock_us();
	}
	return r;
}

/* A reset that met our request counts as one while receiving: the answer is what is missing. */
static void answer_lost(const struct http1_exchange *x, struct failure *why)
{
	if (why->class == FAILURE_SEND && x->sending == HTTP1_SEND_DONE)
		why->class = FAILURE_RECEIVE;
}

static void head_cut(const struct http1_exchange *x, struct failure *why)
{
	if (x->base.report.any_response)
		fail(why, FAILURE_TRUNCATED, "the answer was cut short in its head");
	else
		fail(why, FAILURE_PROTOCOL, "the server closed the connection without an answer");
}

static void trace_head(const struct http1_exchange *x, const struct http_head *head)
{
	if (x->base.events.trace)
		x->base.events.trace(x->base.events.data, false, buffer_bytes(&x->connection->in),
				     head->length);
}

/* False: over. */
static bool interim(struct http1 *c, const struct http_head *head)
{
	struct http1_exchange *x = c->current;
	struct http_exchange_events events = x->base.events;
	struct failure why = { 0 };

	if (head->status == 101)
		fail(&why, FAILURE_PROTOCOL, "the server switched protocols (101) unasked");
	else if (++x->interims > HTTP1_INTERIM_MAX)
		fail(&why, FAILURE_PROTOCOL, "more than %d interim answers (1xx)",
		     HTTP1_INTERIM_MAX);
	if (why.class != FAILURE_NONE) {
		http1_failed(c, &why);
		return false;
	}
	if (events.interim)
		events.interim(events.data, head);
	if (c->current != x)
		return false;
	if (head->status == 100 && x->sending == HTTP1_SEND_WAIT) {
		ev_timer_stop(c->base.loop, &c->no_continue);
		x->sending = HTTP1_SEND_BODY;
	}
	buffer_take(&c->in, head->length);
	x->scan = (struct http_head_scan){ 0 };
	return true;
}

static void body_complete(struct http1_exchange *x)
{
	x->receiving = HTTP1_RECEIVE_DONE;
	x->base.report.complete = true;
	x->base.report.ended_us = clock_us();
}

/* The head's bytes outlive the call: they lie in front of what the buffer still holds, or in a
 * buffer of their own. */
static void final(struct http1 *c, const struct http_head *head)
{
	struct http1_exchange *x = c->current;
	struct http_exchange_events events = x->base.events;
	struct buffer alone = { 0 };
	struct failure why;

	if (!http_framing_of_response(&x->framing, head,
				      strcmp(x->base.request->method, "HEAD") == 0, &why)) {
		http1_failed(c, &why);
		return;
	}
	if (head->length == c->in.length) {
		alone = c->in;
		c->in = (struct buffer){ 0 };
	} else {
		buffer_take(&c->in, head->length);
	}
	/* It has made up its mind: the rest of a large body would be sent for nothing. */
	if (x->sending == HTTP1_SEND_WAIT || (x->sending == HTTP1_SEND_BODY && head->status >= 300))
		http1_send_stop(x);
	x->receiving = HTTP1_RECEIVE_BODY;
	x->left = x->framing.length;
	if (x->framing.body == HTTP_BODY_NONE ||
	    (x->framing.body == HTTP_BODY_LENGTH && x->left == 0))
		body_complete(x);
	events.head(events.data, head, &x->framing);
	buffer_free(&alone);
}

static enum io parse(struct http1 *c, struct http_head *head, struct failure *why)
{
	struct http1_exchange *x = c->current;

	if (c->in.length == 0)
		return IO_AGAIN;
	return http_head_parse(head, &x->scan, buffer_bytes(&c->in), c->in.length, why);
}

/* False: over, or there is nothing more to read now. */
static bool receive_head(struct http1 *c)
{
	struct http1_exchange *x = c->current;
	struct failure why = { 0 };
	struct http_head head;
	enum io r = parse(c, &head, &why);

	if (r == IO_DONE && head.major != 1)
		r = fail(&why, FAILURE_PROTOCOL, "answered in HTTP/%d without being asked to",
			 head.major);
	if (r == IO_DONE) {
		trace_head(x, &head);
		if (head.status < 200)
			return interim(c, &head);
		final(c, &head);
		return false;
	}
	if (r == IO_AGAIN)
		r = fill(x, &why);
	if (r == IO_DONE)
		return true;
	if (r == IO_AGAIN && !x->cut_off)
		return false;
	if (r == IO_AGAIN)
		why = x->failure;
	if (r == IO_END)
		head_cut(x, &why);
	answer_lost(x, &why);
	http1_failed(c, &why);
	return false;
}

void http1_receive(struct http1 *c)
{
	struct http1_exchange *x = c->current;

	http1_enter(c);
	while (receive_head(c))
		;
	if (c->current == x && x->sending == HTTP1_SEND_BODY)
		http1_send_on(c);
	else if (c->current == x)
		http1_watch(c);
	http1_leave(c);
}

/* --- the body --------------------------------------------------------------- */

static enum io body_cut(struct http1_exchange *x, enum io r, struct failure *why)
{
	if (r == IO_AGAIN)
		return r;
	x->connection->broken = true;
	if (r == IO_FAILED) {
		answer_lost(x, why);
		return r;
	}
	if (x->framing.body == HTTP_BODY_TO_CLOSE) {
		body_complete(x);
		return IO_END;
	}
	if (x->framing.body == HTTP_BODY_CHUNKED)
		return fail(why, FAILURE_TRUNCATED,
			    "cut short: the connection ended before the last chunk, after %" PRIu64
			    " bytes",
			    x->base.report.response_bytes);
	return fail(why, FAILURE_TRUNCATED, "cut short: %" PRIu64 " of %" PRIu64 " bytes came",
		    x->base.report.response_bytes, x->framing.length);
}

/* Bytes of body that may be taken before the framing has to be asked again. */
uint64_t http1_body_most(const struct http1_exchange *x)
{
	if (x->receiving != HTTP1_RECEIVE_BODY)
		return 0;
	switch (x->framing.body) {
	case HTTP_BODY_LENGTH:
		return x->left;
	case HTTP_BODY_CHUNKED:
		return x->chunk.left;
	case HTTP_BODY_TO_CLOSE:
		return UINT64_MAX;
	case HTTP_BODY_NONE:
		break;
	}
	return 0;
}

bool http1_body_bare(const struct http1_exchange *x)
{
	return x->connection->in.length == 0 && http1_body_most(x) > 0;
}

void http1_body_moved(struct http1_exchange *x, size_t count)
{
	x->base.report.response_bytes += count;
	if (x->base.events.trace && count > 0)
		x->base.events.trace(x->base.events.data, false, NULL, count);
	if (x->framing.body == HTTP_BODY_CHUNKED)
		http_chunk_taken(&x->chunk, count);
	if (x->framing.body != HTTP_BODY_LENGTH)
		return;
	x->left -= count;
	if (x->left == 0)
		body_complete(x);
}

/* IO_DONE: bytes of a chunk follow. */
static enum io read_framing(struct http1_exchange *x, struct failure *why)
{
	struct buffer *in = &x->connection->in;

	for (;;) {
		enum io r = IO_AGAIN;
		size_t used;

		if (in->length > 0) {
			r = http_chunk_next(&x->chunk, buffer_bytes(in), in->length, &used, why);
			buffer_take(in, used);
		}
		if (r == IO_END)
			body_complete(x);
		if (r != IO_AGAIN)
			return r;
		r = fill(x, why);
		if (r != IO_DONE)
			return body_cut(x, r, why);
	}
}

static enum io read_bytes(struct http1_exchange *x, void *buf, size_t len, size_t *nread,
			  struct failure *why)
{
	struct buffer *in = &x->connection->in;
	enum io r = IO_DONE;

	if (in->length > 0) {
		*nread = len < in->length ? len : in->length;
		memcpy(buf, buffer_bytes(in), *nread);
		buffer_take(in, *nread);
	} else {
		r = stream_read(x->connection->base.stream, buf, len, nread, why);
	}
	if (r != IO_DONE)
		return body_cut(x, r, why);
	http1_body_moved(x, *nread);
	return IO_DONE;
}

enum io http1_body_read(struct http1_exchange *x, void *buf, size_t len, size_t *nread,
			struct failure *why)
{
	uint64_t most;

	if (x->invalid) {
		*why = x->failure;
		return IO_FAILED;
	}
	if (x->receiving == HTTP1_RECEIVE_BODY && x->framing.body == HTTP_BODY_CHUNKED &&
	    x->chunk.left == 0) {
		enum io r = read_framing(x, why);

		if (r != IO_DONE)
			return r;
	}
	most = http1_body_most(x);
	if (most == 0)
		return IO_END;
	return read_bytes(x, buf, most < len ? (size_t)most : len, nread, why);
}
