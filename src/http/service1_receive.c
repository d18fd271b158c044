/* SPDX-License-Identifier: MIT */
/* What a client of HTTP/1 sends: heads and bodies of requests, as far as somebody takes them. */
#include <stdio.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/http/connection.h>
#include <sockutil/http/service1.h>
#include <sockutil/http/service2.h>

/* ------ input ------ */

static void used(struct http_service1 *s, size_t length)
{
	if (s->in.length > 0) {
		buffer_take(&s->in, length);
		return;
	}
	s->block_at += length;
	s->block_left -= length;
}

bool http_service1_keep(struct http_service1 *s, struct failure *why)
{
	if (s->block_left > 0 && !buffer_add(&s->in, s->block_at, s->block_left)) {
		fail(why, FAILURE_OTHER, "out of memory");
		return false;
	}
	s->block_left = 0;
	return true;
}

enum io http_service1_fill(struct http_service1 *s, bool *full, struct failure *why)
{
	struct http_service_block *block = s->service.options->block;
	size_t count = 0;
	enum io r;

	*full = false;
	if (!http_service1_keep(s, why))
		return IO_FAILED;
	r = stream_read(s->service.stream, block->in, sizeof(block->in), &count, why);
	if (r == IO_END)
		s->ended = true;
	if (r != IO_DONE)
		return r;
	s->service.received += count;
	*full = count == sizeof(block->in);
	s->block_at = block->in;
	s->block_left = count;
	/* Behind what was kept, so that a head lies in one piece. */
	return s->in.length == 0 || http_service1_keep(s, why) ? IO_DONE : IO_FAILED;
}

/* ------ heads ------ */

static void compose_refusal(struct http_service1 *s, int status)
{
	static const char fields[] = "Content-Type: text/plain; charset=utf-8\r\n"
				     "X-Content-Type-Options: nosniff\r\n";
	char text[64];
	const int length =
		snprintf(text, sizeof(text), "%d %s\n", status, http_service_reason(status));
	const struct http_service_piece piece = { .bytes = text, .length = (uint64_t)length };

	http_service1_answer(&s->request, &(struct http_answer){
						  .status = status,
						  .fields = fields,
						  .fields_length = sizeof(fields) - 1,
						  .pieces = &piece,
						  .piece_count = 1,
						  .last = true,
					  });
	/* No request is there to keep it for. */
	s->answer.piece_count = 0;
	(void)http_service1_put(s, text, (size_t)length);
}

void http_service1_refuse(struct http_service1 *s, int status, const struct failure *why)
{
	const struct http_service_events *events = s->service.events;

	if (s->open) {
		s->open = false;
		s->request.status = status;
		events->over(s->service.data, &s->request, why);
	}
	s->request = (struct http_service_request){ .service = &s->service };
	compose_refusal(s, status);
	s->last = true;
	if (events->refused)
		events->refused(s->service.data, status, why);
}

static bool expects_more(const struct http_request_head *head, bool has_body, bool *known)
{
	const struct http_field *expect = http_head_find(&head->head, "Expect", NULL);

	*known = true;
	if (!expect || (head->head.major == 1 && head->head.minor == 0))
		return false;
	*known = http_head_has_token(&head->head, "Expect", "100-continue");
	return has_body;
}

static void forget_last(struct http_service1 *s)
{
	s->answered = s->sent = s->received = s->held = s->keep_alive = false;
	s->piece = 0;
	s->piece_at = 0;
	s->dropped = 0;
	s->answer.piece_count = 0;
}

static void request_open(struct http_service1 *s, const struct http_request_head *head)
{
	const bool by_length = s->framing.body == HTTP_BODY_LENGTH;

	forget_last(s);
	s->request = (struct http_service_request){
		.service = &s->service,
		.state = s->state,
		.started_ms = clock_ms(),
		.body_length = by_length ? s->framing.length : HTTP_SERVICE_UNKNOWN,
		.has_body =
			s->framing.body != HTTP_BODY_NONE && !(by_length && s->framing.length == 0),
		.head = http_request_is(head, "HEAD"),
	};
	if (!s->request.has_body)
		s->request.body_length = 0;
	memset(s->state, 0, s->service.options->request_size);
	s->body_left = s->request.body_length;
	s->chunk = (struct http_chunk){ 0 };
	s->received = !s->request.has_body;
	s->keep_alive = head->head.minor == 0 && s->framing.persistent;
	s->said_last = !s->framing.persistent && s->received;
	if (!s->framing.persistent || s->draining)
		s->last = true;
	s->open = s->turned = true;
}

static void request_tell(struct http_service1 *s, const struct http_request_head *head)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const struct http_service_events *events = s->service.events;

	events->request(s->service.data, &s->request, head);
	if (s->answered || s->taken)
		return;
	if (s->expects)
		(void)http_service1_put(s, go_on, sizeof(go_on) - 1);
	s->expects = false;
	if (s->received)
		events->received(s->service.data, &s->request);
}

static void request_begin(struct http_service1 *s, const struct http_request_head *head)
{
	struct failure why;
	bool known = true;
	int status = 400;

	why.class = FAILURE_NONE;
	if (!http_framing_of_request(&s->framing, head, &status, &why)) {
		http_service1_refuse(s, status, &why);
		return;
	}
	request_open(s, head);
	s->expects = expects_more(head, s->request.has_body, &known);
	if (known) {
		request_tell(s, head);
		return;
	}
	s->open = false;
	fail(&why, FAILURE_PROTOCOL, "the request expects more than 100-continue");
	http_service1_refuse(s, 417, &why);
}

/* Whether it is, or may become, the preface of HTTP/2, which nobody without TLS has agreed on
 * before. IO_DONE: it is. */
static enum io preface_look(const struct http_service1 *s, const char *bytes, size_t length)
{
	const size_t whole = strlen(HTTP_SERVICE2_PREFACE);
	struct failure why;

	if (length < strlen("PRI ") || s->request.started_ms ||
	    memcmp(bytes, HTTP_SERVICE2_PREFACE, length < whole ? length : whole) != 0 ||
	    stream_find(s->service.stream, "tls") || !http2_available(&why))
		return IO_END;
	return length < whole ? IO_AGAIN : IO_DONE;
}

enum io http_service1_next(struct http_service1 *s, struct failure *why)
{
	struct http_request_head *head = &s->service.options->block->head;
	const char *bytes;
	const size_t length = http_service1_input(s, &bytes);
	struct failure malformed;
	int status = 400;
	size_t consumed;

	if (s->last || (length == 0 && (s->ended || s->draining)))
		return IO_END;
	switch (preface_look(s, bytes, length)) {
	case IO_DONE:
		s->service.preface = true;
		return IO_END;
	case IO_AGAIN:
		if (!s->ended)
			return IO_AGAIN;
		break;
	default:
		break;
	}
	malformed.class = FAILURE_NONE;
	switch (http_request_head_parse(head, &s->scan, bytes, length, &status, &malformed)) {
	case IO_DONE:
		consumed = head->head.length;
		request_begin(s, head);
		if (!s->taken)
			used(s, consumed);
		return IO_DONE;
	case IO_AGAIN:
		if (!s->ended)
			return IO_AGAIN;
		return fail(why, FAILURE_RECEIVE, "the client ended in the middle of a request");
	default:
		http_service1_refuse(s, status, &malformed);
		return IO_DONE;
	}
}

/* ------ bodies ------ */

static void body_taken(struct http_service1 *s, size_t count)
{
	used(s, count);
	if (s->framing.body == HTTP_BODY_CHUNKED)
		http_chunk_taken(&s->chunk, count);
	else
		s->body_left -= count;
}

/* Enough was read for the sake of a connection that could go on. */
static void body_drop(struct http_service1 *s, size_t count)
{
	body_taken(s, count);
	s->dropped += count;
	if (s->dropped > HTTP_SERVICE_DROP_MAX)
		s->received = s->last = true;
}

static void body_give(struct http_service1 *s, const char *bytes, size_t count)
{
	size_t taken;

	/* So that the callee can resume before it returns. */
	s->held = true;
	taken = s->service.events->body(s->service.data, &s->request, bytes, count);
	body_taken(s, taken);
	/* An answer in between takes no more, and lets nobody wait. */
	if (taken == count || s->answered)
		s->held = false;
	else if (taken == 0)
		s->held = true;
}

static void body_over(struct http_service1 *s)
{
	s->received = true;
	if (!s->answered)
		s->service.events->received(s->service.data, &s->request);
}

/* Bytes of body at the front of the input. IO_END: the body is over. */
static enum io body_front(struct http_service1 *s, const char **bytes, size_t *count)
{
	struct failure malformed;
	size_t length, framing = 0;
	uint64_t left;
	enum io r = IO_DONE;

	malformed.class = FAILURE_NONE;
	length = http_service1_input(s, bytes);
	if (s->framing.body == HTTP_BODY_CHUNKED && s->chunk.left == 0) {
		r = http_chunk_next(&s->chunk, *bytes, length, &framing, &malformed);
		if (r == IO_FAILED) {
			http_service1_refuse(s, 400, &malformed);
			return IO_FAILED;
		}
		used(s, framing);
		length = http_service1_input(s, bytes);
	}
	left = s->framing.body == HTTP_BODY_CHUNKED ? s->chunk.left : s->body_left;
	*count = left < length ? (size_t)left : length;
	if (r == IO_DONE && left == 0)
		return IO_END;
	return r == IO_DONE && *count == 0 ? IO_AGAIN : r;
}

enum io http_service1_body(struct http_service1 *s, struct failure *why)
{
	while (!s->received && !s->held) {
		const char *bytes;
		size_t count = 0;

		switch (body_front(s, &bytes, &count)) {
		case IO_DONE:
			if (s->answered)
				body_drop(s, count);
			else
				body_give(s, bytes, count);
			break;
		case IO_END:
			body_over(s);
			break;
		case IO_AGAIN:
			if (!s->ended)
				return IO_AGAIN;
			return fail(why, FAILURE_TRUNCATED,
				    "the client ended in the middle of a request's body");
		default: /* refused: answered, and the last */
			return IO_DONE;
		}
	}
	return IO_DONE;
}
