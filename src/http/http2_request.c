/* SPDX-License-Identifier: MIT */
/* src/http/http2_request.c - request heads for HTTP/2, and request bodies. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/http/http2.h>
#include <sockutil/proto/http_head.h>

enum { PSEUDO_FIELDS = 4, LENGTH_FIELDS = 1 };

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* What the exchange says itself, or HTTP/2 in its own way. */
static bool is_framing(const struct http_header *h)
{
	static const char *const names[] = { "content-length", "transfer-encoding", "expect",
					     "connection", "host" };

	return is_among(h->name, names, sizeof(names) / sizeof(names[0]));
}

/* RFC 9113, 8.2.2: what means nothing but to an HTTP/1 connection. */
static bool is_of_http1(const struct http_header *h)
{
	static const char *const names[] = { "keep-alive", "proxy-connection", "upgrade",
					     "http2-settings", "te" };

	if (strcasecmp(h->name, "te") == 0 && strcasecmp(h->value, "trailers") == 0)
		return false;
	return is_among(h->name, names, sizeof(names) / sizeof(names[0]));
}

/* As for HTTP/1: what could be a line there is refused here too. */
static bool request_valid(const struct http_request *r, struct failure *why)
{
	if (!http_token_valid(r->method, strlen(r->method))) {
		fail(why, FAILURE_USAGE, "\"%s\" is no HTTP method", r->method);
		return false;
	}
	if (!*r->target || !http_value_valid(r->target, strlen(r->target)) ||
	    strchr(r->target, ' ') || !http_value_valid(r->authority, strlen(r->authority))) {
		fail(why, FAILURE_USAGE, "the request's target or host cannot be sent");
		return false;
	}
	for (size_t i = 0; i < r->header_count; i++) {
		const struct http_header *h = &r->headers[i];

		if (http_name_valid(h->name, strlen(h->name)) &&
		    http_value_valid(h->value, strlen(h->value)) && !is_framing(h))
			continue;
		fail(why, FAILURE_USAGE, "the header \"%s\" cannot be sent", h->name);
		return false;
	}
	return true;
}

static nghttp2_nv field(const char *name, const char *value)
{
	return (nghttp2_nv){
		.name = (uint8_t *)(uintptr_t)name,
		.value = (uint8_t *)(uintptr_t)value,
		.namelen = strlen(name),
		.valuelen = strlen(value),
	};
}

/* Secrets stay out of tables that a later guess could be measured against (RFC 7541, 7.1.3). */
static bool is_secret(const char *name)
{
	return strcmp(name, "authorization") == 0 || strcmp(name, "proxy-authorization") == 0 ||
	       strcmp(name, "cookie") == 0;
}

static char *lower_case(const char *name)
{
	char *copy = memory_string(name);

	for (char *at = copy; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	return copy;
}

/* Says so when it has none (RFC 9110, 8.6). */
static bool expects_body(const char *method)
{
	return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
	       strcmp(method, "PATCH") == 0;
}

/* The names from PSEUDO_FIELDS on are copies. */
static size_t fields_fill(nghttp2_nv *fields, const struct http_request *r, const char *length)
{
	size_t count = 0;

	fields[count++] = field(":method", r->method);
	fields[count++] = field(":scheme", r->scheme);
	fields[count++] = field(":authority", r->authority);
	fields[count++] = field(":path", r->target);
	for (size_t i = 0; i < r->header_count; i++) {
		char *name;

		if (is_of_http1(&r->headers[i]))
			continue;
		name = lower_case(r->headers[i].name);
		fields[count] = field(name, r->headers[i].value);
		if (is_secret(name))
			fields[count].flags = NGHTTP2_NV_FLAG_NO_INDEX;
		count++;
	}
	if (r->body ? r->body_length >= 0 : expects_body(r->method))
		fields[count++] = field(lower_case("content-length"), length);
	return count;
}

/* What --trace shows: the same head as HTTP/1 would write it. */
static void text_fill(struct buffer *text, const struct http_request *r, const nghttp2_nv *fields,
		      size_t count)
{
	bool written = buffer_format(text, "%s %s HTTP/2\r\nHost: %s\r\n", r->method, r->target,
				     r->authority);

	for (size_t i = PSEUDO_FIELDS; i < count && written; i++)
		written = buffer_format(text, "%s: %s\r\n", (const char *)fields[i].name,
					(const char *)fields[i].value);
	if (!written || !buffer_add(text, "\r\n", 2))
		buffer_free(text);
}

/* --- the body ----------------------------------------------------------------- */

static ssize_t body_failed(struct http2_exchange *x, const struct failure *why)
{
	http2_exchange_fail(x, NGHTTP2_CANCEL, why->class, "%s", why->text);
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/* A body that differs from what was announced must not look whole. */
static bool body_fits(const struct http2_exchange *x, bool ended, struct failure *why)
{
	int64_t length = x->exchange.request->body_length;

	if (length < 0)
		return true;
	if (x->body_taken > (uint64_t)length)
		fail(why, FAILURE_INPUT, "the body has more than the %" PRId64 " bytes announced",
		     length);
	else if (ended && x->body_taken < (uint64_t)length)
		fail(why, FAILURE_INPUT,
		     "the body ended after %" PRIu64 " of the %" PRId64 " bytes announced",
		     x->body_taken, length);
	return why->class == FAILURE_NONE;
}

/* Reads until the frame is full. */
static enum io body_fill(struct http2_exchange *x, uint8_t *buf, size_t room, size_t *filled,
			 struct failure *why)
{
	enum io r = IO_DONE;

	*filled = 0;
	while (r == IO_DONE && *filled < room) {
		size_t count;

		r = stream_read(x->exchange.request->body, buf + *filled, room - *filled, &count,
				why);
		*filled += count;
		x->body_taken += count;
		if ((r == IO_DONE || r == IO_END) && !body_fits(x, r == IO_END, why))
			return IO_FAILED;
	}
	return r;
}

/* An nghttp2_data_source_read_callback: called while sending. */
static ssize_t body_give(nghttp2_session *session, int32_t stream, uint8_t *buf, size_t room,
			 uint32_t *flags, nghttp2_data_source *source, void *connection)
{
	struct http2 *c = connection;
	struct http2_exchange *x = http2_exchange_find(c, stream);
	struct failure why = { 0 };
	size_t filled;
	enum io r;

	(void)session;
	(void)source;
	if (!x || x->failure.class != FAILURE_NONE)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	if (c->write_failed)
		return NGHTTP2_ERR_DEFERRED;
	r = body_fill(x, buf, room, &filled, &why);
	if (r == IO_FAILED)
		return body_failed(x, &why);
	x->exchange.report.request_bytes += filled;
	x->trace_sent += filled;
	if (filled > 0)
		http2_exchange_due(x);
	if (r == IO_END)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	if (r == IO_AGAIN && filled == 0) {
		stream_watch_for(&x->body_watch, STREAM_READ);
		return NGHTTP2_ERR_DEFERRED;
	}
	return (ssize_t)filled;
}

static void body_ready(void *data, unsigned sides)
{
	struct http2_exchange *x = data;

	(void)sides;
	http2_library.session_resume_data(x->connection->session, x->stream);
	http2_soon(x->connection);
}

/* --- both --------------------------------------------------------------------- */

static void submit_fields(struct http2_exchange *x, const nghttp2_nv *fields, size_t count)
{
	nghttp2_data_provider provider = { .read_callback = body_give };
	bool body = x->exchange.request->body != NULL;
	int32_t stream = http2_library.submit_request(x->connection->session, NULL, fields, count,
						      body ? &provider : NULL, NULL);

	if (stream >= 0)
		x->stream = stream;
	else
		http2_exchange_fail(x, NGHTTP2_NO_ERROR, FAILURE_OTHER,
				    "the request cannot be sent by HTTP/2: %s",
				    http2_library.strerror(stream));
}

void http2_request_submit(struct http2_exchange *x)
{
	const struct http_request *r = x->exchange.request;
	nghttp2_nv *fields;
	char length[24];
	size_t count;

	if (!request_valid(r, &x->failure))
		return;
	if (r->body)
		stream_watch_init(&x->body_watch, x->connection->connection.loop, r->body,
				  body_ready, x);
	snprintf(length, sizeof(length), "%" PRId64, r->body ? r->body_length : 0);
	fields = memory_zeroed(PSEUDO_FIELDS + r->header_count + LENGTH_FIELDS, sizeof(*fields));
	count = fields_fill(fields, r, length);
	if (x->exchange.events.trace)
		text_fill(&x->request_text, r, fields, count);
	submit_fields(x, fields, count);
	for (size_t i = PSEUDO_FIELDS; i < count; i++)
		free(fields[i].name);
	free(fields);
}
