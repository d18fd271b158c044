/* SPDX-License-Identifier: MIT */
/* src/http/http1_send.c - a request: its head, then its body. */
#include <inttypes.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/http/http1.h>

static bool is_framing(const char *name)
{
	static const char *const names[] = { "content-length", "transfer-encoding", "expect",
					     "connection", "host" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Nothing that could break a line gets onto the wire, whoever let it through until here. */
static bool request_valid(const struct http_request *request, struct failure *why)
{
	if (!http_token_valid(request->method, strlen(request->method))) {
		fail(why, FAILURE_USAGE, "\"%s\" is no HTTP method", request->method);
		return false;
	}
	if (!http_value_valid(request->target, strlen(request->target)) ||
	    strchr(request->target, ' ') ||
	    !http_value_valid(request->authority, strlen(request->authority))) {
		fail(why, FAILURE_USAGE, "the request's target or host cannot be sent");
		return false;
	}
	for (size_t i = 0; i < request->header_count; i++) {
		const struct http_header *h = &request->headers[i];

		if (http_name_valid(h->name, strlen(h->name)) &&
		    http_value_valid(h->value, strlen(h->value)) && !is_framing(h->name))
			continue;
		fail(why, FAILURE_USAGE, "the header \"%s\" cannot be sent", h->name);
		return false;
	}
	return true;
}

static bool add_framing(struct buffer *out, const struct http_request *request, bool expect)
{
	bool has_body = strcmp(request->method, "POST") == 0 ||
			strcmp(request->method, "PUT") == 0 ||
			strcmp(request->method, "PATCH") == 0;

	if (request->body && request->body_length < 0)
		return buffer_format(out, "Transfer-Encoding: chunked\r\n%s",
				     expect ? "Expect: 100-continue\r\n" : "");
	if (request->body)
		return buffer_format(out, "Content-Length: %" PRId64 "\r\n%s", request->body_length,
				     expect ? "Expect: 100-continue\r\n" : "");
	return !has_body || buffer_format(out, "Content-Length: 0\r\n");
}

static bool add_head(struct buffer *out, const struct http_request *request)
{
	bool expect = request->expect_continue && !request->version_1_0;
	bool ok = buffer_format(out, "%s %s HTTP/1.%d\r\nHost: %s\r\n", request->method,
				request->target, request->version_1_0 ? 0 : 1, request->authority);

	for (size_t i = 0; ok && i < request->header_count; i++)
		ok = buffer_format(out, "%s: %s\r\n", request->headers[i].name,
				   request->headers[i].value);
	ok = ok && add_framing(out, request, expect);
	if (ok && request->close && !request->version_1_0)
		ok = buffer_format(out, "Connection: close\r\n");
	return ok && buffer_add(out, "\r\n", 2);
}

/* A small body goes into the same packet. */
static bool add_small_body(struct http1_exchange *x)
{
	const struct http_request *request = x->base.request;
	size_t left = (size_t)request->body_length, n;

	while (left > 0) {
		char *room = buffer_reserve(&x->out, left);

		if (!room || stream_read(request->body, room, left, &n, &x->failure) != IO_DONE)
			return room != NULL;
		buffer_commit(&x->out, n);
		x->sink.left -= n;
		x->sink.taken += n;
		left -= n;
	}
	return true;
}

bool http1_send_begin(struct http1_exchange *x)
{
	const struct http_request *request = x->base.request;

	if (!request_valid(request, &x->failure))
		return false;
	if (request->body && request->body_length < 0 && request->version_1_0) {
		fail(&x->failure, FAILURE_USAGE,
		     "HTTP/1.0 needs to know a body's length: send a file, or use HTTP/1.1");
		return false;
	}
	if (!add_head(&x->out, request)) {
		fail(&x->failure, FAILURE_OTHER, "out of memory");
		return false;
	}
	if (x->base.events.trace)
		x->base.events.trace(x->base.events.data, true, buffer_bytes(&x->out),
				     x->out.length);
	if (request->body && !request->expect_continue && request->body_length >= 0 &&
	    request->body_length <= HTTP1_SMALL_BODY && !add_small_body(x)) {
		fail(&x->failure, FAILURE_OTHER, "out of memory");
		return false;
	}
	return true;
}

void http1_send_stop(struct http1_exchange *x)
{
	if (x->sending != HTTP1_SEND_DONE)
		x->sending = HTTP1_SEND_STOPPED;
	ev_timer_stop(x->connection->base.loop, &x->connection->no_continue);
}

/* The peer may have answered before it stopped reading: that is read first. */
static bool write_failed(struct http1_exchange *x)
{
	http1_send_stop(x);
	x->connection->broken = true;
	x->cut_off = true;
	ev_timer_start(x->connection->base.loop, &x->connection->next_turn);
	return true;
}

static void sent_all(struct http1_exchange *x)
{
	x->sending = HTTP1_SEND_DONE;
	x->base.report.sent_us = clock_us();
	if (x->base.events.trace && x->sink.taken > 0)
		x->base.events.trace(x->base.events.data, true, NULL, (size_t)x->sink.taken);
}

static void head_sent(struct http1_exchange *x)
{
	const struct http_request *request = x->base.request;

	buffer_free(&x->out);
	if (!request->body)
		sent_all(x);
	else if (request->expect_continue && !request->version_1_0) {
		x->sending = HTTP1_SEND_WAIT;
		ev_now_update(x->connection->base.loop);
		/* A timer that was stopped has kept no more than its rest. */
		ev_timer_set(&x->connection->no_continue, HTTP1_CONTINUE_MS / 1000.0, 0);
		ev_timer_start(x->connection->base.loop, &x->connection->no_continue);
	} else {
		x->sending = HTTP1_SEND_BODY;
	}
}

static enum io send_head(struct http1_exchange *x)
{
	struct stream *to = x->connection->base.stream;
	enum io r = IO_DONE;
	size_t n;

	while (x->out.length > 0 && r == IO_DONE) {
		r = stream_write(to, buffer_bytes(&x->out), x->out.length, &n, &x->failure);
		if (r == IO_DONE)
			buffer_take(&x->out, n);
	}
	return r == IO_DONE ? stream_flush(to, &x->failure) : r;
}

/* False: what should be sent cannot be read, or is not what was announced. */
static bool send_body(struct http1_exchange *x)
{
	enum io r;

	pump_run(&x->pump);
	x->base.report.request_bytes = x->sink.taken;
	if (x->pump.state == PUMP_RUNNING)
		return true;
	if (x->pump.state == PUMP_FAILED) {
		x->failure = *x->pump.failure;
		if (x->pump.failed_at_to && x->failure.class != FAILURE_INPUT)
			return write_failed(x);
		http1_send_stop(x);
		return false;
	}
	r = http1_sink_finish(&x->sink, &x->failure);
	if (r == IO_AGAIN) {
		x->pump.waits = STREAM_WRITE;
		return true;
	}
	if (r == IO_DONE)
		sent_all(x);
	else if (x->failure.class != FAILURE_INPUT)
		return write_failed(x);
	return r == IO_DONE;
}

bool http1_send(struct http1_exchange *x)
{
	if (x->sending == HTTP1_SEND_HEAD) {
		enum io r = send_head(x);

		if (r == IO_AGAIN)
			return true;
		if (r != IO_DONE)
			return write_failed(x);
		head_sent(x);
	}
	return x->sending != HTTP1_SEND_BODY || send_body(x);
}
