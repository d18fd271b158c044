/* SPDX-License-Identifier: MIT */
/* http2_asking.c - a client of HTTP/2 played frame by frame, and a callee that notes. */
#include "http2_asking.h"

#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/stream/layer_socket.h>

enum { TURNS = 40 };

/* --- the callee -------------------------------------------------------------------- */

static void note(struct asking *a, const char *event)
{
	if (a->inside)
		a->inside(a, event);
}

static void answer(struct asking *a, struct http_service_request *request)
{
	if (a->answer.status)
		http_service_answer(request, &a->answer);
}

static void on_request(void *data, struct http_service_request *request,
		       const struct http_request_head *head)
{
	struct asking *a = data;

	((struct asking_state *)request->state)->number = ++a->requests;
	a->last = request;
	cr_assert_eq(head->head.major, 2);
	cr_assert_eq(head->head.minor, 0);
	cr_assert(buffer_format(&a->log, "request %.*s %.*s\n", (int)head->method_length,
				head->method, (int)head->target_length, head->target));
	for (size_t i = 0; i < head->head.field_count; i++) {
		const struct http_field *f = &head->head.fields[i];

		cr_assert(buffer_format(&a->log, " %.*s: %.*s\n", (int)f->name_length, f->name,
					(int)f->value_length, f->value));
	}
	note(a, "request");
	if (a->at_once && a->last)
		answer(a, request);
}

static size_t on_body(void *data, struct http_service_request *request, const char *bytes,
		      size_t length)
{
	struct asking *a = data;
	const size_t taken = length < a->take ? length : a->take;

	cr_assert(length > 0 && request->has_body);
	cr_assert(!taken || buffer_add(&a->body, bytes, taken));
	note(a, "body");
	return taken;
}

static void on_received(void *data, struct http_service_request *request)
{
	struct asking *a = data;

	cr_assert(buffer_format(&a->log, "received %zu\n", a->body.length));
	note(a, "received");
	if (!request->status)
		answer(a, request);
}

static void on_over(void *data, struct http_service_request *request, const struct failure *why)
{
	struct asking *a = data;

	cr_assert(buffer_format(&a->log, "over %d %d %llu%s%s\n",
				((struct asking_state *)request->state)->number, request->status,
				(unsigned long long)request->sent, why ? ": " : "",
				why ? why->text : ""));
	if (a->last == request)
		a->last = NULL;
	note(a, "over");
}

static void on_refused(void *data, int status, const struct failure *why)
{
	struct asking *a = data;

	cr_assert(buffer_format(&a->log, "refused %d: %s\n", status, why->text));
}

static const struct http_service_events events = {
	.request = on_request,
	.body = on_body,
	.received = on_received,
	.over = on_over,
	.refused = on_refused,
};

/* --- the connection ------------------------------------------------------------------ */

void asking_init(struct asking *a)
{
	static const struct http_service_piece hello = { .bytes = "hello", .length = 5 };

	*a = (struct asking){ .fd = -1, .take = SIZE_MAX };
	a->answer = (struct http_answer){ .status = 200, .pieces = &hello, .piece_count = 1 };
	a->options.request_size = sizeof(struct asking_state);
	a->block = calloc(1, sizeof *a->block);
	cr_assert_not_null(a->block);
	a->options.block = a->block;
}

void asking_start(struct asking *a)
{
	int pair[2];

	peer_hear(&a->ears);
	sockets_unix_pair(pair);
	a->fd = pair[1];
	a->stream = layer_socket_new(pair[0], true);
	a->service = http_service2_new(a->stream, &a->options, &events, a, "", 0, &a->why);
	cr_assert_not_null(a->service, "%s", a->why.text);
	a->end = IO_AGAIN;
	asking_bytes(a, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN);
	asking_frame(a, NGHTTP2_SETTINGS, 0, 0, "", 0);
	if (!a->unacknowledged)
		asking_frame(a, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, "", 0);
}

void asking_stop(struct asking *a)
{
	http_service_free(a->service);
	stream_free(a->stream);
	if (a->fd >= 0)
		close(a->fd);
	peer_deaf(&a->ears);
	buffer_free(&a->log);
	buffer_free(&a->body);
	free(a->block);
}

static void hear(struct asking *a)
{
	static char block[65536];
	ssize_t n;

	while (!a->deaf && a->fd >= 0 && (n = recv(a->fd, block, sizeof block, MSG_DONTWAIT)) > 0)
		cr_assert(buffer_add(&a->ears.came, block, (size_t)n));
}

void asking_run(struct asking *a)
{
	for (int i = 0; i < TURNS; i++) {
		if (a->end == IO_AGAIN)
			a->end = http_service_run(a->service, STREAM_READ | STREAM_WRITE, &a->why);
		cr_assert_eq(a->block->out_length, 0);
		hear(a);
	}
}

void asking_bytes(struct asking *a, const void *bytes, size_t length)
{
	const char *at = bytes;

	for (int idle = 0; length > 0;) {
		const ssize_t n = send(a->fd, at, length, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			at += n;
			length -= (size_t)n;
			idle = 0;
			continue;
		}
		/* Who is being shown out is not read from any more. */
		if (a->end != IO_AGAIN || errno == EPIPE)
			break;
		cr_assert(errno == EAGAIN && idle++ < 100);
		asking_run(a);
	}
	asking_run(a);
}

void asking_frame(struct asking *a, uint8_t type, uint8_t flags, int32_t stream,
		  const void *payload, size_t length)
{
	struct buffer b = { 0 };

	peer_frame_add(&b, type, flags, stream, payload, length);
	asking_bytes(a, buffer_bytes(&b), b.length);
	buffer_free(&b);
}

void asking_head(struct asking *a, uint8_t flags, int32_t stream, const char *fields)
{
	struct buffer b = { 0 };

	peer_head_add(&b, flags, stream, fields);
	asking_bytes(a, buffer_bytes(&b), b.length);
	buffer_free(&b);
}

void asking_data(struct asking *a, uint8_t flags, int32_t stream, size_t length)
{
	static char bytes[16384];

	memset(bytes, 'x', sizeof bytes);
	do {
		const size_t count = length < sizeof bytes ? length : sizeof bytes;

		length -= count;
		asking_frame(a, NGHTTP2_DATA, length ? 0 : flags, stream, bytes, count);
	} while (length > 0);
}

void asking_number(struct asking *a, uint8_t type, int32_t stream, uint32_t number)
{
	const uint8_t payload[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
				     (uint8_t)(number >> 8), (uint8_t)number };

	asking_frame(a, type, 0, stream, payload, sizeof payload);
}

void asking_close(struct asking *a)
{
	close(a->fd);
	a->fd = -1;
	asking_run(a);
}

const char *asking_log(struct asking *a)
{
	static char text[8192];
	const size_t length = a->log.length < sizeof text ? a->log.length : sizeof text - 1;

	if (length)
		memcpy(text, buffer_bytes(&a->log), length);
	text[length] = '\0';
	buffer_free(&a->log);
	return text;
}

void asking_expect_answer(struct asking *a, int32_t stream, const char *expected)
{
	struct peer_frame f = peer_expect(&a->ears, NGHTTP2_HEADERS);
	struct buffer text = { 0 };
	const char *status;

	cr_assert_eq(f.stream, stream);
	status = peer_fields(&a->ears);
	cr_assert_not(strncmp(status, ":status: ", 9), "%s", status);
	cr_assert(buffer_format(&text, "%.3s ", status + 9));
	while (!(f.flags & NGHTTP2_FLAG_END_STREAM)) {
		f = peer_expect(&a->ears, NGHTTP2_DATA);
		cr_assert_eq(f.stream, stream);
		cr_assert(buffer_add(&text, f.payload, f.length));
	}
	cr_assert_str_eq(buffer_text(&text), expected);
	buffer_free(&text);
}

void asking_expect_goaway(struct asking *a, uint32_t code)
{
	struct peer_frame f = peer_expect(&a->ears, NGHTTP2_GOAWAY);

	cr_assert_eq(peer_number(&f, 4), code, "%u", peer_number(&f, 4));
	cr_assert_eq(a->end, IO_DONE);
}
