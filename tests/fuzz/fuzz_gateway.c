/* SPDX-License-Identifier: MIT */
/*
 * fuzz_gateway.c - a request as the gateway sends it on, and a body as it passes: what a server
 * gets parses again, means the same, holds no field of the connection, and ends where its framing
 * says, however the bytes were cut. The first byte says how they are.
 */
#include "fuzz.h"

#include <sockutil/serve/gateway_body.h>
#include <sockutil/serve/gateway_heads.h>
#include <sockutil/stream/stream.h>

#define VIA "sockutil-fuzzed00"

/* A stream that gives the bytes in pieces, then its end. */
struct source {
	struct stream stream;
	const uint8_t *bytes;
	size_t left, piece;
};

static enum io source_read(struct stream *s, void *buf, size_t len, size_t *nread,
			   struct failure *why)
{
	struct source *source = (struct source *)s;
	size_t n = source->left < source->piece ? source->left : source->piece;

	(void)why;
	*nread = 0;
	if (n == 0)
		return IO_END;
	if (n > len)
		n = len;
	memcpy(buf, source->bytes, n);
	source->bytes += n;
	source->left -= n;
	*nread = n;
	return IO_DONE;
}

static const struct stream_ops source_ops = { .name = "source", .read = source_read };

static enum io no_head(void *data, struct gateway_body *body, struct failure *why)
{
	(void)data;
	(void)body;
	return fail(why, FAILURE_OTHER, "no head");
}

static enum io drain(struct gateway_body *body, struct buffer *out)
{
	struct failure why = { 0 };
	char bytes[300];
	size_t n;
	enum io r;

	while ((r = stream_read(&body->stream, bytes, sizeof bytes, &n, &why)) == IO_DONE) {
		fuzz_check(n > 0 && n <= sizeof bytes);
		fuzz_check(buffer_add(out, bytes, n));
	}
	fuzz_check(r == IO_END || (r == IO_FAILED && *why.text));
	fuzz_check(r == IO_FAILED || gateway_body_done(body));
	return r;
}

static enum io pass(const struct http_framing *framing, bool plain, const uint8_t *data,
		    size_t size, size_t piece, struct buffer *out)
{
	struct source source = { { .ops = &source_ops }, data, size, piece };
	struct gateway_body body;
	enum io r;

	gateway_body_init(&body, &source.stream, "client", no_head, NULL);
	gateway_body_frame(&body, framing, plain);
	r = drain(&body, out);
	gateway_body_free(&body);
	return r;
}

/* Written anew it is the same body, and nothing follows it. */
static void check_chunks(const struct buffer *chunked, const struct buffer *plain)
{
	const struct http_framing framing = { .body = HTTP_BODY_CHUNKED };
	struct http_chunk chunk = { 0 };
	struct buffer again = { 0 };
	struct failure why = { 0 };
	size_t at = 0, used = 0;
	enum io r;

	fuzz_check(pass(&framing, true, (const uint8_t *)buffer_bytes(chunked), chunked->length, 7,
			&again) == IO_END);
	fuzz_check(again.length == plain->length);
	fuzz_check(again.length == 0 ||
		   !memcmp(buffer_bytes(&again), buffer_bytes(plain), again.length));
	while ((r = http_chunk_next(&chunk, buffer_bytes(chunked) + at, chunked->length - at, &used,
				    &why)) == IO_DONE) {
		at += used + (size_t)chunk.left;
		http_chunk_taken(&chunk, chunk.left);
	}
	fuzz_check(r == IO_END && at + used == chunked->length);
	buffer_free(&again);
}

static void check_body(const struct http_framing *framing, const uint8_t *data, size_t size,
		       size_t piece)
{
	struct buffer out = { 0 }, plain = { 0 };
	const enum io r = pass(framing, false, data, size, piece, &out);
	const enum io again = pass(framing, true, data, size, size + 1, &plain);

	fuzz_check(r == again);
	if (framing->body == HTTP_BODY_CHUNKED && r == IO_END) {
		check_chunks(&out, &plain);
	} else if (framing->body != HTTP_BODY_CHUNKED) {
		fuzz_check(out.length <= size);
		fuzz_check(out.length == 0 || !memcmp(buffer_bytes(&out), data, out.length));
		fuzz_check(r != IO_END || framing->body != HTTP_BODY_LENGTH ||
			   out.length == framing->length);
		fuzz_check(framing->body != HTTP_BODY_NONE || out.length == 0);
	}
	buffer_free(&out);
	buffer_free(&plain);
}

static bool url_of(struct url *url, const struct http_request_head *request)
{
	char *text = fuzz_text((const uint8_t *)request->target, request->target_length);
	struct failure why = { 0 };
	const bool ok = url_parse(url, text, &why) && url->scheme_given && !url->https;

	free(text);
	return ok;
}

/* What must not pass, and what must be there once. */
static void check_fields(const struct http_request_head *sent, const struct url *url)
{
	static const char *const gone[] = {
		"Proxy-Authorization", "Proxy-Connection", "Keep-Alive", "TE", "Trailer", "Upgrade",
		"HTTP2-Settings"
	};
	char authority[URL_AUTHORITY_MAX], host[URL_AUTHORITY_MAX];

	for (size_t i = 0; i < sizeof gone / sizeof *gone; ++i)
		fuzz_check(!http_head_find(&sent->head, gone[i], NULL));
	fuzz_check(http_head_text(&sent->head, "Host", host, sizeof host));
	fuzz_check(!strcmp(host, url_authority(authority, url, url->host)));
	fuzz_check(http_head_has_token(&sent->head, "Connection", "close"));
	fuzz_check(gateway_heads_looped(&sent->head, VIA));
}

static void check_sent(struct buffer *out, const struct http_request_head *request,
		       const struct http_framing *framing, const struct url *url)
{
	static struct http_request_head sent;
	struct http_head_scan scan = { 0 };
	struct http_framing again;
	struct failure why = { 0 };
	int status = 0;
	const enum io r = http_request_head_parse(&sent, &scan, buffer_bytes(out), out->length,
						  &status, &why);

	/* Via, Host and Connection may be one too many, or a line over its limit. */
	if (r == IO_FAILED && (status == 431 || status == 414))
		return;
	fuzz_check(r == IO_DONE && sent.head.length == out->length);
	fuzz_check(sent.form == HTTP_TARGET_ORIGIN || sent.form == HTTP_TARGET_ASTERISK);
	fuzz_check(sent.method_length == request->method_length &&
		   !memcmp(sent.method, request->method, sent.method_length));
	fuzz_check(http_framing_of_request(&again, &sent, &status, &why));
	fuzz_check(again.body == framing->body);
	fuzz_check(framing->body != HTTP_BODY_LENGTH || again.length == framing->length);
	fuzz_check(!again.persistent);
	check_fields(&sent, url);
}

static void check_request(const uint8_t *data, size_t size, size_t piece)
{
	static struct http_request_head request;
	static struct url url;
	struct http_head_scan scan = { 0 };
	struct http_framing framing;
	struct failure why = { 0 };
	struct buffer out = { 0 };
	char *bytes = fuzz_text(data, size);
	int status = 0;

	if (http_request_head_parse(&request, &scan, bytes, size, &status, &why) == IO_DONE &&
	    request.form == HTTP_TARGET_ABSOLUTE &&
	    http_framing_of_request(&framing, &request, &status, &why) && url_of(&url, &request)) {
		if (gateway_heads_request(&out, &request, &framing, &url, VIA))
			check_sent(&out, &request, &framing, &url);
		check_body(&framing, data + request.head.length, size - request.head.length, piece);
	}
	buffer_free(&out);
	free(bytes);
}

static void check_response(const uint8_t *data, size_t size, size_t piece, bool to_head)
{
	static struct http_head head, sent;
	struct http_head_scan scan = { 0 };
	struct http_framing framing, again;
	struct failure why = { 0 };
	struct buffer out = { 0 };
	char *bytes = fuzz_text(data, size);

	if (http_head_parse(&head, &scan, bytes, size, &why) == IO_DONE &&
	    http_framing_of_response(&framing, &head, to_head, &why)) {
		if (gateway_heads_response(&out, &head, &framing, VIA, false) &&
		    http_head_parse(&sent, &scan, buffer_bytes(&out), out.length, &why) ==
			    IO_DONE) {
			fuzz_check(sent.length == out.length && sent.status == head.status);
			fuzz_check(http_framing_of_response(&again, &sent, to_head, &why));
			fuzz_check(again.body == framing.body && again.length == framing.length);
		}
		check_body(&framing, data + head.length, size - head.length, piece);
	}
	buffer_free(&out);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t how = fuzz_byte(&data, &size);
	const size_t piece = (size_t)(how & 63) + 1;

	check_request(data, size, piece);
	check_response(data, size, piece, how & 64);
	return 0;
}
