/* SPDX-License-Identifier: MIT */
/* fuzz_websocket_handshake.c - a request that is taken gets an answer that a client takes, and both
 * know the same of it; whoever is refused is told why; which pages may connect does not depend on
 * how the list is split. */
#include "fuzz.h"

#include <sockutil/proto/websocket_handshake.h>
#include <sockutil/proto/websocket_origin.h>

static const char subprotocols[] = "chat, v2.chat, superchat";

static void check_deflate(const struct websocket_deflate *d)
{
	if (!d->agreed)
		return;
	fuzz_check(d->client_bits >= WEBSOCKET_BITS_MIN && d->client_bits <= WEBSOCKET_BITS_MAX);
	fuzz_check(d->server_bits >= WEBSOCKET_BITS_MIN && d->server_bits <= WEBSOCKET_BITS_MAX);
}

static bool same(const struct websocket_agreement *a, const struct websocket_agreement *b)
{
	const struct websocket_deflate *x = &a->deflate, *y = &b->deflate;

	return !strcmp(a->subprotocol, b->subprotocol) && x->agreed == y->agreed &&
	       x->client_no_takeover == y->client_no_takeover &&
	       x->server_no_takeover == y->server_no_takeover && x->client_bits == y->client_bits &&
	       x->server_bits == y->server_bits;
}

/* What the server says the client understands. */
static void check_answer(const struct http_request_head *request,
			 const struct websocket_agreement *agreed)
{
	const struct http_field *field = http_head_find(&request->head, "Sec-WebSocket-Key", NULL);
	struct websocket_request asked = { .offer = { subprotocols, true } };
	struct websocket_agreement understood;
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };
	struct buffer text = { 0 };
	struct http_head answer;
	char key[WEBSOCKET_KEY_MAX] = "";

	fuzz_check(field && field->value_length == sizeof(key) - 1);
	memcpy(key, field->value, field->value_length);
	asked.key = key;
	fuzz_check(websocket_answer_add(&text, agreed, request));
	fuzz_check(http_head_parse(&answer, &scan, buffer_bytes(&text), text.length, &why) ==
		   IO_DONE);
	fuzz_check(answer.length == text.length);
	fuzz_check(websocket_answer_check(&understood, &asked, &answer, &why));
	fuzz_check(same(agreed, &understood));
	buffer_free(&text);
}

static void check_request(const char *bytes, size_t size)
{
	const struct websocket_offer offer = { subprotocols, true };
	struct websocket_agreement agreed;
	struct http_request_head request;
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };
	int status = 0;

	if (http_request_head_parse(&request, &scan, bytes, size, &status, &why) != IO_DONE)
		return;
	status = 0;
	if (websocket_request_check(&agreed, &offer, &request, &status, &why)) {
		fuzz_check(websocket_request_asks(&request));
		check_deflate(&agreed.deflate);
		check_answer(&request, &agreed);
	} else {
		fuzz_check(status == 400 || status == 426 || status == 501);
		fuzz_check(why.class == FAILURE_PROTOCOL && *why.text);
	}
	fuzz_check(websocket_origin_allowed(&request.head, NULL, false) ||
		   !websocket_origin_allowed(&request.head, NULL, true));
	fuzz_check(!websocket_origin_allowed(&request.head, "a.example", true) ||
		   websocket_origin_allowed(&request.head, "x.example, a.example", true));
}

static void check_any_answer(const char *bytes, size_t size)
{
	const struct websocket_request asked = {
		.key = "dGhlIHNhbXBsZSBub25jZQ==",
		.offer = { subprotocols, true },
	};
	struct websocket_agreement agreed;
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };
	struct http_head answer;

	if (http_head_parse(&answer, &scan, bytes, size, &why) != IO_DONE)
		return;
	if (websocket_answer_check(&agreed, &asked, &answer, &why)) {
		fuzz_check(answer.status == 101);
		check_deflate(&agreed.deflate);
	} else {
		fuzz_check(why.class == FAILURE_PROTOCOL && *why.text);
	}
}

/* Whatever may be asked with is asked with, and nothing else gets in. */
static void check_header(const char *text)
{
	const char *const headers[] = { text, NULL };
	const struct websocket_request request = { .authority = "x",
						   .target = "/",
						   .key = "dGhlIHNhbXBsZSBub25jZQ==",
						   .headers = headers };
	struct http_request_head parsed;
	struct http_head_scan scan = { 0 };
	struct buffer out = { 0 };
	struct failure why = { 0 };
	int status;

	if (websocket_request_add(&out, &request, &why)) {
		if (strlen(text) < 1000 &&
		    http_request_head_parse(&parsed, &scan, buffer_bytes(&out), out.length, &status,
					    &why) == IO_DONE)
			fuzz_check(parsed.head.length == out.length &&
				   websocket_request_asks(&parsed));
	} else {
		fuzz_check(why.class == FAILURE_USAGE && !out.length);
	}
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct failure why = { 0 };

	check_request(text, size);
	check_any_answer(text, size);
	check_header(text);
	if (websocket_subprotocols_check(text, &why))
		fuzz_check(!strpbrk(text, "\r\n"));
	if (websocket_origins_check(text, &why))
		fuzz_check(!strpbrk(text, "\r\n"));
	free(text);
	return 0;
}
