/* SPDX-License-Identifier: MIT */
/* Heads of HTTP/2 requests, put into the form of HTTP/1: one judge for both. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/clock.h>
#include <sockutil/http/service2.h>
#include <sockutil/proto/http_framing.h>

/* A client that goes on behind this much of a refused head does not want an answer. */
enum { HEAD_BEYOND_MEASURE = 2 * HTTP_REQUEST_HEAD_MAX };

static bool is(const char *name, size_t length, const char *wanted)
{
	return length == strlen(wanted) && !memcmp(name, wanted, length);
}

static size_t lines_at(const struct http_service2_stream *x)
{
	return x->method_length + x->path_length + x->authority_length + x->scheme_length;
}

/* The library lets each come once, and none behind a line. Where they stand in the buffer follows
 * from the order in which they came: they are kept in ours. */
static bool pseudo_add(struct http_service2_stream *x, const char *name, size_t name_length,
		       const char *value, size_t length)
{
	size_t *counts[] = { &x->method_length, &x->path_length, &x->authority_length,
			     &x->scheme_length };
	static const char *const names[] = { ":method", ":path", ":authority", ":scheme" };
	size_t at = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; at += *counts[i++]) {
		char *bytes;

		if (!is(name, name_length, names[i]))
			continue;
		if (!buffer_reserve(&x->head, length))
			return false;
		bytes = buffer_bytes(&x->head);
		memmove(bytes + at + length, bytes + at, x->head.length - at);
		memcpy(bytes + at, value, length);
		buffer_commit(&x->head, length);
		*counts[i] = length;
		return true;
	}
	return true;
}

static bool line_add(struct http_service2_stream *x, const char *name, size_t name_length,
		     const char *value, size_t length)
{
	const size_t count = name_length + length + 4;
	char *at = buffer_reserve(&x->head, count);

	if (!at)
		return false;
	memcpy(at, name, name_length);
	memcpy(at + name_length, ": ", 2);
	memcpy(at + name_length + 2, value, length);
	memcpy(at + count - 2, "\r\n", 2);
	buffer_commit(&x->head, count);
	x->fields++;
	return true;
}

bool http_service2_head_add(struct http_service2_stream *x, const char *name, size_t name_length,
			    const char *value, size_t value_length)
{
	bool kept;

	x->head_bytes += name_length + value_length + 4;
	if (x->head_bytes > HEAD_BEYOND_MEASURE)
		return false;
	/* A trailer says nothing that is asked for here. */
	if (x->told || x->refusal)
		return true;
	if (x->head_bytes > HTTP_REQUEST_HEAD_MAX || x->fields == HTTP_REQUEST_FIELDS_MAX) {
		x->refusal = 431;
		buffer_free(&x->head);
		return true;
	}
	x->host |= is(name, name_length, "host");
	kept = name_length && *name == ':' ? pseudo_add(x, name, name_length, value, value_length)
					   : line_add(x, name, name_length, value, value_length);
	return kept;
}

struct text {
	char *at, *end;
	bool whole;
};

static void put(struct text *text, const char *bytes, size_t length)
{
	if (length > (size_t)(text->end - text->at)) {
		text->whole = false;
		return;
	}
	if (length)
		memcpy(text->at, bytes, length);
	text->at += length;
}

/* As HTTP/1 would have it, in the block; 0: it does not fit. */
static size_t compose(const struct http_service2_stream *x, struct http_service_block *block)
{
	struct text text = { block->out, block->out + HTTP_REQUEST_HEAD_MAX, true };
	const char *method = x->head.length ? buffer_bytes(&x->head) : "";
	const char *path = method + x->method_length, *authority = path + x->path_length;
	const bool connects = is(method, x->method_length, "CONNECT");

	put(&text, method, x->method_length);
	put(&text, " ", 1);
	put(&text, connects ? authority : path, connects ? x->authority_length : x->path_length);
	put(&text, " HTTP/1.1\r\n", 11);
	if (x->authority_length && !x->host) {
		put(&text, "host: ", 6);
		put(&text, authority, x->authority_length);
		put(&text, "\r\n", 2);
	}
	put(&text, method + lines_at(x), x->head.length - lines_at(x));
	put(&text, "\r\n", 2);
	return text.whole ? (size_t)(text.at - block->out) : 0;
}

/* Two names for one server could be taken two ways (RFC 9113, 8.3.1). */
static bool host_agrees(const struct http_service2_stream *x, const struct http_request_head *head)
{
	const struct http_field *host = http_head_find(&head->head, "Host", NULL);
	const char *authority = buffer_bytes(&x->head) + x->method_length + x->path_length;

	if (!host || !x->authority_length)
		return true;
	return host->value_length == x->authority_length &&
	       !strncasecmp(host->value, authority, host->value_length);
}

/* 0, or the status to refuse it with. */
static int head_read(const struct http_service2_stream *x, struct http_request_head *head,
		     struct http_framing *framing, struct failure *why)
{
	struct http_service_block *block = x->request.service->options->block;
	const size_t length = compose(x, block);
	struct http_head_scan scan = { 0 };
	int status = 400;

	if (!length) {
		fail(why, FAILURE_PROTOCOL, "the head is longer than %d bytes",
		     HTTP_REQUEST_HEAD_MAX);
		return 431;
	}
	if (http_request_head_parse(head, &scan, block->out, length, &status, why) != IO_DONE)
		return status;
	head->head.major = 2;
	head->head.minor = 0;
	if (!host_agrees(x, head)) {
		fail(why, FAILURE_PROTOCOL, "Host and :authority differ");
		return 400;
	}
	return http_framing_of_request(framing, head, &status, why) ? 0 : status;
}

/* Whether the client waits for permission; *known: nothing else is expected. */
static bool expects(const struct http_request_head *head, bool with_body, bool *known)
{
	*known = true;
	if (!http_head_find(&head->head, "Expect", NULL))
		return false;
	*known = http_head_has_token(&head->head, "Expect", "100-continue");
	return with_body;
}

static void tell(struct http_service2_stream *x, const struct http_request_head *head, bool waits)
{
	struct http_service2 *s = http_service2_of(x->request.service);
	const struct http_service_events *events = s->service.events;

	x->told = s->any = s->turned = true;
	s->active++;
	events->request(s->service.data, &x->request, head);
	if (x->answered)
		return;
	if (x->received)
		events->received(s->service.data, &x->request);
	else if (waits)
		http_service2_go_on(x);
}

static void request_fill(struct http_service2_stream *x, const struct http_request_head *head,
			 const struct http_framing *framing, bool with_body)
{
	struct http_service_request *r = &x->request;

	r->started_ms = clock_ms();
	r->has_body = with_body;
	r->body_length = !with_body              ? 0
			 : framing->length_known ? framing->length
						 : HTTP_SERVICE_UNKNOWN;
	r->head = http_request_is(head, "HEAD");
	x->received = !with_body;
}

void http_service2_head_end(struct http_service2_stream *x, bool with_body)
{
	struct http_request_head *head = &x->request.service->options->block->head;
	struct http_framing framing = { 0 };
	struct failure why = { 0 };
	bool known = true, waits = false;
	int status = x->refusal;

	x->received = !with_body;
	if (status == 431)
		fail(&why, FAILURE_PROTOCOL, "the head is longer than %d bytes or %d fields",
		     HTTP_REQUEST_HEAD_MAX, HTTP_REQUEST_FIELDS_MAX);
	else if (status)
		fail(&why, FAILURE_PROTOCOL, "a malformed field in the head");
	else
		status = head_read(x, head, &framing, &why);
	if (!status)
		waits = expects(head, with_body, &known);
	if (!known) {
		status = 417;
		fail(&why, FAILURE_PROTOCOL, "the request expects more than 100-continue");
	}
	if (status) {
		http_service2_refuse(x, status, &why);
	} else {
		request_fill(x, head, &framing, with_body);
		tell(x, head, waits);
	}
	buffer_free(&x->head);
}
