/* SPDX-License-Identifier: MIT */
/* fuzz_http_request_head.c - heads of requests: how the bytes were cut does not matter; everything
 * points into them; nothing of what two readers could take two ways is accepted; written again it
 * means the same. */
#include "fuzz.h"

#include <sockutil/proto/http_framing.h>
#include <sockutil/proto/http_request_head.h>

struct parsed {
	enum io end;
	size_t came;
	int status;
	struct http_request_head request;
	struct failure why;
};

/* piece bytes at a time, of bytes that lie elsewhere from moves on. */
static void parse(struct parsed *p, const char *bytes, size_t size, size_t piece,
		  const char *elsewhere, size_t moves)
{
	struct http_head_scan scan = { 0 };

	memset(p, 0xee, sizeof *p);
	p->why = (struct failure){ 0 };
	p->status = -1;
	p->end = IO_AGAIN;
	for (p->came = 0; p->end == IO_AGAIN && p->came < size;) {
		p->came += size - p->came < piece ? size - p->came : piece;
		p->end = http_request_head_parse(&p->request, &scan,
						 p->came < moves ? bytes : elsewhere, p->came,
						 &p->status, &p->why);
		fuzz_check(p->end == IO_FAILED ||
			   (scan.line <= scan.looked && scan.looked <= p->came));
	}
	fuzz_check((p->end == IO_FAILED) == (p->status != -1));
}

static void check_refusal(const struct parsed *p)
{
	fuzz_check(p->why.class == FAILURE_PROTOCOL && *p->why.text);
	fuzz_check(p->status == 400 || p->status == 414 || p->status == 431 || p->status == 505);
	fuzz_check(!strchr(p->why.text, '\n') && !strchr(p->why.text, '\r'));
}

static void check_within(const char *text, size_t length, const char *bytes, size_t size)
{
	fuzz_check(text >= bytes && text + length <= bytes + size);
}

static void check_request(const struct http_request_head *r, const char *bytes, size_t size)
{
	check_within(r->method, r->method_length, bytes, size);
	check_within(r->target, r->target_length, bytes, size);
	fuzz_check(http_token_valid(r->method, r->method_length) && r->target_length > 0);
	for (size_t i = 0; i < r->target_length; i++)
		fuzz_check(r->target[i] > ' ' && r->target[i] < 0x7f && r->target[i] != '#');
	fuzz_check((r->form == HTTP_TARGET_ORIGIN) ==
		   (*r->target == '/' && !http_request_is(r, "CONNECT")));
	fuzz_check(r->head.major == 1 && (r->head.minor == 0 || r->head.minor == 1));
	fuzz_check(r->head.field_count <= HTTP_REQUEST_FIELDS_MAX);
	fuzz_check(r->head.length <= size && r->head.length <= HTTP_REQUEST_HEAD_MAX);
	fuzz_check(!memcmp(bytes + r->head.length - 4, "\r\n\r\n", 4));
	for (size_t i = 0; i < r->head.field_count; i++) {
		const struct http_field *f = &r->head.fields[i];

		check_within(f->name, f->name_length, bytes, size);
		check_within(f->value, f->value_length, bytes, size);
		fuzz_check(http_name_valid(f->name, f->name_length));
		fuzz_check(http_value_valid(f->value, f->value_length));
	}
}

static void check_host(const struct http_head *head)
{
	const struct http_field *host = http_head_find(head, "Host", NULL);

	fuzz_check(host || head->minor == 0);
	fuzz_check(!host || !http_head_find(head, "Host", host));
	fuzz_check(!host || !host->value_length ||
		   http_authority_valid(host->value, host->value_length, false));
}

static void check_framing(const struct http_request_head *r)
{
	const struct http_field *length = http_head_find(&r->head, "Content-Length", NULL);
	const struct http_field *coding = http_head_find(&r->head, "Transfer-Encoding", NULL);
	struct http_framing framing;
	struct failure why = { 0 };
	int status = -1;

	if (!http_framing_of_request(&framing, r, &status, &why)) {
		fuzz_check((status == 400 || status == 501) && why.class == FAILURE_PROTOCOL);
		return;
	}
	fuzz_check(status == -1 && !(length && coding));
	fuzz_check(!coding || r->head.minor == 1);
	fuzz_check(!length || !http_head_find(&r->head, "Content-Length", length));
	fuzz_check((framing.body == HTTP_BODY_LENGTH) == (length != NULL));
	fuzz_check((framing.body == HTTP_BODY_CHUNKED) == (coding != NULL));
	fuzz_check(framing.body != HTTP_BODY_TO_CLOSE && framing.length <= INT64_MAX);
	fuzz_check(!framing.persistent || !http_head_has_token(&r->head, "Connection", "close"));
}

static bool same(const char *a, size_t a_length, const char *b, size_t b_length)
{
	return a_length == b_length && !memcmp(a, b, a_length);
}

static void check_same(const struct http_request_head *a, const struct http_request_head *b)
{
	fuzz_check(same(a->method, a->method_length, b->method, b->method_length));
	fuzz_check(same(a->target, a->target_length, b->target, b->target_length));
	fuzz_check(a->form == b->form && a->head.minor == b->head.minor);
	fuzz_check(a->head.field_count == b->head.field_count);
	for (size_t i = 0; i < a->head.field_count; i++) {
		const struct http_field *f = &a->head.fields[i], *g = &b->head.fields[i];

		fuzz_check(same(f->name, f->name_length, g->name, g->name_length));
		fuzz_check(same(f->value, f->value_length, g->value, g->value_length));
	}
}

static void put(char **at, const char *text, size_t length)
{
	memcpy(*at, text, length);
	*at += length;
}

static void check_again(const struct http_request_head *r)
{
	char *text = malloc(r->head.length + 4 * r->head.field_count + 64), *at = text;
	struct parsed again;

	fuzz_check(text != NULL);
	put(&at, r->method, r->method_length);
	put(&at, " ", 1);
	put(&at, r->target, r->target_length);
	at += snprintf(at, 32, " HTTP/1.%d\r\n", r->head.minor);
	for (size_t i = 0; i < r->head.field_count; i++) {
		const struct http_field *f = &r->head.fields[i];

		put(&at, f->name, f->name_length);
		put(&at, ":", 1);
		put(&at, f->value, f->value_length);
		put(&at, "\r\n", 2);
	}
	put(&at, "\r\n", 2);
	parse(&again, text, (size_t)(at - text), SIZE_MAX, text, 0);
	fuzz_check(again.end == IO_DONE && again.request.head.length == (size_t)(at - text));
	check_same(r, &again.request);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t moves = fuzz_byte(&data, &size);
	const size_t piece = (size_t)fuzz_byte(&data, &size) % 32 + 1;
	char *bytes = fuzz_text(data, size), *elsewhere = fuzz_text(data, size);
	struct parsed whole, split;

	parse(&whole, bytes, size, SIZE_MAX, bytes, 0);
	parse(&split, bytes, size, piece, elsewhere, moves);
	fuzz_check(whole.end == split.end && whole.status == split.status);
	if (whole.end == IO_FAILED) {
		check_refusal(&whole);
		check_refusal(&split);
	}
	if (whole.end == IO_DONE) {
		check_request(&whole.request, bytes, size);
		check_request(&split.request, split.came < moves ? bytes : elsewhere, split.came);
		check_same(&whole.request, &split.request);
		check_host(&whole.request.head);
		check_framing(&whole.request);
		check_again(&whole.request);
	}
	free(elsewhere);
	free(bytes);
	return 0;
}
