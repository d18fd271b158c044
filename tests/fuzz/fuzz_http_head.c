/* SPDX-License-Identifier: MIT */
/* fuzz_http_head.c - heads of responses: how the bytes were cut does not matter; everything points
 * into them; what is said of the body stands in the fields; written again it means the same. */
#include "fuzz.h"

#include <sockutil/proto/http_framing.h>
#include <sockutil/proto/http_head.h>

struct parsed {
	enum io end;
	size_t came; /* bytes */
	struct http_head head;
	struct failure why;
};

/* piece bytes at a time, of bytes that lie elsewhere from moves on. */
static void parse(struct parsed *p, const char *bytes, size_t size, size_t piece,
		  const char *elsewhere, size_t moves)
{
	struct http_head_scan scan = { 0 };

	memset(p, 0xee, sizeof *p);
	p->why = (struct failure){ 0 };
	p->end = IO_AGAIN;
	for (p->came = 0; p->end == IO_AGAIN && p->came < size;) {
		p->came += size - p->came < piece ? size - p->came : piece;
		p->end = http_head_parse(&p->head, &scan, p->came < moves ? bytes : elsewhere,
					 p->came, &p->why);
		fuzz_check(scan.line <= scan.looked && scan.looked <= p->came);
	}
}

/* Bytes in a memory of exactly their size. */
static char *exactly(const char *bytes, size_t size)
{
	char *copy = malloc(size ? size : 1);

	fuzz_check(copy != NULL);
	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

static bool same_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
	return a_length == b_length && !memcmp(a, b, a_length);
}

static void check_same(const struct http_head *a, const struct http_head *b)
{
	fuzz_check(a->major == b->major && a->minor == b->minor && a->status == b->status);
	fuzz_check(same_bytes(a->reason, a->reason_length, b->reason, b->reason_length));
	fuzz_check(a->field_count == b->field_count);
	for (size_t i = 0; i < a->field_count; i++) {
		const struct http_field *f = &a->fields[i], *g = &b->fields[i];

		fuzz_check(same_bytes(f->name, f->name_length, g->name, g->name_length));
		fuzz_check(same_bytes(f->value, f->value_length, g->value, g->value_length));
	}
}

static void check_within(const char *text, size_t length, const char *bytes, size_t size)
{
	fuzz_check(text >= bytes && text + length <= bytes + size);
	fuzz_check(!memchr(text, '\r', length) && !memchr(text, '\n', length) &&
		   !memchr(text, '\0', length));
}

static void check_list(const struct http_field *f)
{
	size_t cursor = 0, before = 0, length;
	const char *element;

	while (http_list_next(f->value, f->value_length, &cursor, &element, &length)) {
		fuzz_check(cursor > before && cursor <= f->value_length && length > 0);
		check_within(element, length, f->value, f->value_length);
		fuzz_check(element >= f->value + before && element + length <= f->value + cursor);
		before = cursor;
	}
	fuzz_check(cursor == f->value_length);
}

static void check_head(const struct http_head *head, const char *bytes, size_t size)
{
	fuzz_check(head->length <= size && bytes[head->length - 1] == '\n');
	fuzz_check(head->field_count <= HTTP_FIELDS_MAX);
	fuzz_check(head->status >= 100 && head->status <= 599);
	fuzz_check(head->major == 1 || (head->major == 2 && head->minor == 0));
	check_within(head->reason, head->reason_length, bytes, head->length);
	for (size_t i = 0; i < head->field_count; i++) {
		const struct http_field *f = &head->fields[i];
		char name[64], value[64];

		check_within(f->name, f->name_length, bytes, head->length);
		check_within(f->value, f->value_length, bytes, head->length);
		fuzz_check(http_name_valid(f->name, f->name_length));
		check_list(f);
		if (f->name_length >= sizeof name)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)f->name_length, f->name);
		fuzz_check(http_head_find(head, name, i ? f - 1 : NULL) == f);
		if (http_head_text(head, name, value, sizeof value))
			fuzz_check(same_bytes(value, strlen(value), f->value, f->value_length));
	}
}

static void check_framing(const struct http_head *head, bool to_head)
{
	const struct http_field *length = http_head_find(head, "content-length", NULL);
	const struct http_field *transfer = http_head_find(head, "transfer-encoding", NULL);
	struct http_framing framing;
	struct failure why = { 0 };

	if (!http_framing_of_response(&framing, head, to_head, &why)) {
		fuzz_check(why.class == FAILURE_PROTOCOL && *why.text);
		return;
	}
	fuzz_check(!length || !transfer);
	fuzz_check(framing.length_known == (length != NULL));
	fuzz_check(framing.length_known || !framing.length);
	fuzz_check(framing.length <= INT64_MAX);
	fuzz_check(framing.body != HTTP_BODY_CHUNKED ||
		   (transfer && head->major == 1 && head->minor > 0));
	fuzz_check(framing.body != HTTP_BODY_TO_CLOSE || !framing.persistent || head->major == 2);
	fuzz_check(!to_head || framing.body == HTTP_BODY_NONE);
	fuzz_check(framing.body == HTTP_BODY_NONE ||
		   (head->status >= 200 && head->status != 204 && head->status != 304));
	fuzz_check(!framing.persistent || head->major == 2 ||
		   !http_head_has_token(head, "connection", "close"));
}

static void put(char **at, const char *text, size_t length)
{
	memcpy(*at, text, length);
	*at += length;
}

/* Without the blanks around values, and with CRLF. */
static void check_again(const struct http_head *head)
{
	char *text = malloc(head->length + 4 * head->field_count + 64), *at = text;
	struct parsed again;

	fuzz_check(text != NULL);
	at += snprintf(at, 64, "HTTP/%d.%d %d ", head->major, head->minor, head->status);
	put(&at, head->reason, head->reason_length);
	put(&at, "\r\n", 2);
	for (size_t i = 0; i < head->field_count; i++) {
		const struct http_field *f = &head->fields[i];

		put(&at, f->name, f->name_length);
		put(&at, ": ", 2);
		put(&at, f->value, f->value_length);
		put(&at, "\r\n", 2);
	}
	put(&at, "\r\n", 2);
	parse(&again, text, (size_t)(at - text), SIZE_MAX, text, 0);
	fuzz_check(again.end == IO_DONE && again.head.length == (size_t)(at - text));
	check_same(head, &again.head);
	free(text);
}

/* What does not start like HTTP is shown as far as it has come. */
static void check_refusal(const struct parsed *whole, const struct parsed *split)
{
	static const char started[] = "not HTTP: the answer starts with \"";

	fuzz_check(whole->why.class == FAILURE_PROTOCOL && *whole->why.text);
	fuzz_check(split->why.class == FAILURE_PROTOCOL);
	fuzz_check(!strchr(whole->why.text, '\n') && !strchr(whole->why.text, '\r'));
	fuzz_check(!strncmp(whole->why.text, started, sizeof started - 1)
			   ? !strncmp(split->why.text, started, sizeof started - 1)
			   : !strcmp(whole->why.text, split->why.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t moves = fuzz_byte(&data, &size);
	const size_t piece = (size_t)fuzz_byte(&data, &size) % 32 + 1;
	char *bytes = exactly((const char *)data, size);
	char *elsewhere = exactly(bytes, size);
	struct parsed whole, split;

	parse(&whole, bytes, size, SIZE_MAX, bytes, 0);
	parse(&split, bytes, size, piece, elsewhere, moves);
	fuzz_check(whole.end == split.end);
	if (whole.end == IO_FAILED)
		check_refusal(&whole, &split);
	if (whole.end == IO_DONE) {
		check_head(&whole.head, bytes, size);
		check_head(&split.head, split.came < moves ? bytes : elsewhere, split.came);
		fuzz_check(whole.head.length == split.head.length);
		check_same(&whole.head, &split.head);
		check_framing(&whole.head, false);
		check_framing(&whole.head, true);
		check_again(&whole.head);
	}
	free(elsewhere);
	free(bytes);
	return 0;
}
