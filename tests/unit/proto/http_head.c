/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_head.c
 * Holds: a head is read up to its empty line and not a byte further; CRLF and lone LF end lines; a
 * head without fields; cut anywhere it waits, and comes out the same however it was cut and
 * although the bytes moved meanwhile; the scan is ready for the next head; the first byte that is
 * not of "HTTP/" is refused at once, with what came, TLS and empty lines by name; malformed lines
 * are refused at their end, before the head is complete; lines, heads and fields are limited to the
 * byte, at once, whole or in pieces; nothing of a head but its counts is cleared.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/proto/http_head.h>

static bool field_is(const struct http_field *f, const char *name, const char *value)
{
	return f->name_length == strlen(name) && !memcmp(f->name, name, f->name_length) &&
	       f->value_length == strlen(value) && !memcmp(f->value, value, f->value_length);
}

static void assert_within(const struct http_head *head, const char *bytes)
{
	const char *end = bytes + head->length;

	cr_assert(head->reason >= bytes && head->reason + head->reason_length <= end);
	for (size_t i = 0; i < head->field_count; i++) {
		const struct http_field *f = &head->fields[i];

		cr_assert(f->name >= bytes && f->name + f->name_length < f->value);
		cr_assert(f->value + f->value_length <= end);
	}
}

static const char answer[] = "HTTP/1.1 206 Partial Content\r\n"
			     "Server: x\r\n"
			     "Content-Length:  12 \t\r\n"
			     "empty:\n"
			     "\r\n";

static void assert_answer(const struct http_head *head, const char *bytes)
{
	assert_within(head, bytes);
	cr_assert_eq(head->major, 1);
	cr_assert_eq(head->minor, 1);
	cr_assert_eq(head->status, 206);
	cr_assert_eq(head->reason_length, strlen("Partial Content"));
	cr_assert(memcmp(head->reason, "Partial Content", head->reason_length) == 0);
	cr_assert_eq(head->field_count, 3);
	cr_assert(field_is(&head->fields[0], "Server", "x"));
	cr_assert(field_is(&head->fields[1], "Content-Length", "12"));
	cr_assert(field_is(&head->fields[2], "empty", ""));
	cr_assert_eq(head->length, sizeof answer - 1);
}

Test(http_head, ends_at_the_empty_line)
{
	static const char bytes[] = "HTTP/1.1 206 Partial Content\r\n"
				    "Server: x\r\n"
				    "Content-Length:  12 \t\r\n"
				    "empty:\n"
				    "\r\n"
				    "HTTP/1.1 no\r\nbody\0";
	struct http_head head;
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };

	cr_assert_eq(http_head_parse(&head, &scan, bytes, sizeof bytes - 1, &why), IO_DONE);
	assert_answer(&head, bytes);
	cr_assert_eq(why.class, FAILURE_NONE);
}

static void parse_text(struct http_head *head, const char *text)
{
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };

	cr_assert_eq(http_head_parse(head, &scan, text, strlen(text), &why), IO_DONE, "%s",
		     why.text);
	assert_within(head, text);
}

Test(http_head, a_lone_newline_ends_a_line)
{
	struct http_head head;

	parse_text(&head, "HTTP/1.0 200 OK\nA: 1\r\nB: 2\n\nrest");
	cr_assert_eq(head.length, strlen("HTTP/1.0 200 OK\nA: 1\r\nB: 2\n\n"));
	cr_assert_eq(head.field_count, 2);
	cr_assert(field_is(&head.fields[0], "A", "1"));
	cr_assert(field_is(&head.fields[1], "B", "2"));
}

Test(http_head, may_have_no_fields)
{
	struct http_head head;

	parse_text(&head, "HTTP/1.1 100 Continue\r\n\r\n");
	cr_assert_eq(head.field_count, 0);
	cr_assert_eq(head.status, 100);
	parse_text(&head, "HTTP/2 200\n\n");
	cr_assert_eq(head.major, 2);
	cr_assert_eq(head.reason_length, 0);
}

Test(http_head, nothing_waits)
{
	struct http_head head;
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };

	cr_assert_eq(http_head_parse(&head, &scan, NULL, 0, &why), IO_AGAIN);
	cr_assert_eq(http_head_parse(&head, &scan, "", 0, &why), IO_AGAIN);
	cr_assert_eq(http_head_parse(&head, &scan, "HTTP", 4, &why), IO_AGAIN);
}

/* The bytes up to count in memory of their own, so that a look behind them is seen. */
static char *moved(const char *bytes, size_t count)
{
	char *copy = malloc(count ? count : 1);

	memcpy(copy, bytes, count);
	return copy;
}

/* All of text in pieces, each time elsewhere and into another head. *length: bytes that had come
 * at the end. */
static enum io in_pieces(struct http_head *head, const char *text, size_t total, size_t piece,
			 char **bytes, size_t *length, struct failure *why)
{
	struct http_head_scan scan = { 0 };
	enum io r = IO_AGAIN;

	*bytes = NULL;
	for (*length = 0; r == IO_AGAIN && *length < total;) {
		*length += total - *length < piece ? total - *length : piece;
		free(*bytes);
		*bytes = moved(text, *length);
		memset(head, 0xee, sizeof *head);
		r = http_head_parse(head, &scan, *bytes, *length, why);
	}
	return r;
}

Test(http_head, comes_out_the_same_however_it_was_cut)
{
	for (size_t piece = 1; piece < sizeof answer; piece++) {
		struct http_head head;
		struct failure why = { 0 };
		size_t length;
		char *bytes;

		cr_assert_eq(
			in_pieces(&head, answer, sizeof answer - 1, piece, &bytes, &length, &why),
			IO_DONE);
		cr_assert_eq(length, sizeof answer - 1);
		assert_answer(&head, bytes);
		free(bytes);
	}
}

Test(http_head, waits_wherever_it_is_cut)
{
	for (size_t count = 0; count < sizeof answer - 1; count++) {
		struct http_head head;
		struct http_head_scan scan = { 0 };
		struct failure why = { 0 };
		char *bytes = moved(answer, count);

		cr_assert_eq(http_head_parse(&head, &scan, bytes, count, &why), IO_AGAIN);
		/* What has been looked at is not looked at again. */
		cr_assert_eq(scan.looked, count);
		free(bytes);
		cr_assert_eq(http_head_parse(&head, &scan, answer, sizeof answer - 1, &why),
			     IO_DONE);
		assert_answer(&head, answer);
	}
}

Test(http_head, the_scan_is_ready_for_the_next_head)
{
	static const char two[] = "HTTP/1.1 100 x\r\nA: b\r\n\r\nHTTP/1.1 204 y\r\n\r\n";
	struct http_head head;
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };
	size_t first;

	cr_assert_eq(http_head_parse(&head, &scan, two, 20, &why), IO_AGAIN);
	cr_assert_eq(http_head_parse(&head, &scan, two, sizeof two - 1, &why), IO_DONE);
	cr_assert_eq(head.status, 100);
	cr_assert_eq(head.field_count, 1);
	first = head.length;
	cr_assert_eq(http_head_parse(&head, &scan, two + first, sizeof two - 1 - first, &why),
		     IO_DONE);
	cr_assert_eq(head.status, 204);
	cr_assert_eq(head.field_count, 0);
	cr_assert_eq(first + head.length, sizeof two - 1);
}

/* --- refused ------------------------------------------------------------------ */

/* Whole, and byte by byte: at the same byte, by the same sentence. at: how many bytes it took. */
static void assert_refused(const char *text, size_t total, size_t at, const char *message)
{
	struct http_head head;
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };
	size_t length;
	char *bytes;

	cr_assert_eq(http_head_parse(&head, &scan, text, total, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
	why = (struct failure){ 0 };
	cr_assert_eq(in_pieces(&head, text, total, 1, &bytes, &length, &why), IO_FAILED);
	cr_assert_str_eq(why.text, message);
	cr_assert_eq(length, at);
	free(bytes);
}

static void assert_not_http(const char *text, const char *message)
{
	struct http_head head;
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };

	cr_assert_eq(http_head_parse(&head, &scan, text, strlen(text), &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
}

Test(http_head, what_is_not_http_is_refused_at_its_first_byte)
{
	assert_not_http("220 mail.example.org ESMTP",
			"not HTTP: the answer starts with \"220 mail.example.org ESMTP\"");
	assert_not_http("2", "not HTTP: the answer starts with \"2\"");
	assert_not_http("HTT ", "not HTTP: the answer starts with \"HTT \"");
	assert_not_http("HTTPS/1.1 200 OK\r\n",
			"not HTTP: the answer starts with \"HTTPS/1.1 200 OK…\"");
	assert_not_http("http/1.1 200 OK\r\n",
			"not HTTP: the answer starts with \"http/1.1 200 OK…\"");
	assert_not_http("<html><body>0.9</body></html>\n",
			"not HTTP: the answer starts with \"<html><body>0.9</body></html>…\"");
	assert_not_http(" HTTP/1.1 200 OK",
			"not HTTP: the answer starts with \" HTTP/1.1 200 OK\"");
	assert_not_http("\x15\x03\x03", "not HTTP: the answer starts like TLS");
	assert_not_http("\x16", "not HTTP: the answer starts like TLS");
	assert_not_http("\r\nHTTP/1.1 200 OK\r\n\r\n",
			"not HTTP: the answer starts with an empty line");
	assert_not_http("\n", "not HTTP: the answer starts with an empty line");
}

Test(http_head, a_malformed_line_is_refused_at_its_end)
{
#define REFUSED(before, line, message)                                                             \
	assert_refused(before line "\nLater: x\r\n\r\n",                                           \
		       sizeof(before line "\nLater: x\r\n\r\n") - 1, sizeof(before line "\n") - 1, \
		       message)
#define STATUS "HTTP/1.1 200 OK\r\nFirst: 1\r\n"
	REFUSED("", "HTTP/1.1 abc\r", "\"HTTP/1.1 abc\": not a status line");
	REFUSED("", "HTTP/1.1 200 a\rb", "\"HTTP/1.1 200 a…\": a bare CR in it");
	REFUSED("", "HTTP/", "\"HTTP/\": neither HTTP/1.0 nor HTTP/1.1 nor HTTP/2");
	REFUSED(STATUS, " folded\r", "a field line starts with a blank (obsolete folding)");
	REFUSED(STATUS, " \r", "a field line starts with a blank (obsolete folding)");
	REFUSED("HTTP/1.1 200 OK\n", "\tx", "a field line starts with a blank (obsolete folding)");
	REFUSED(STATUS, "A : 1\r", "\"A \": a blank before the colon");
	REFUSED(STATUS, ": 1\r", "a field line without a name");
	REFUSED(STATUS, "none\r", "\"none\": a field line without a colon");
	REFUSED(STATUS, "a: 1\r\r", "\"a: 1…\": a bare CR in it");
	REFUSED(STATUS, "\r\r", "\"…\": a field line without a colon");
	REFUSED(STATUS, "a: 1\0", "\"a: 1?\": a NUL in it");
}

/* --- limits ------------------------------------------------------------------- */

/* A status line, then count lines of width bytes each with its end, then the empty line when
 * ended. */
static char *head_of(size_t count, size_t width, const char *last, size_t *length)
{
	static const char status[] = "HTTP/1.1 200 OK\r\n";
	char *bytes = malloc(sizeof status + count * width + strlen(last));
	char *at = bytes + sizeof status - 1;

	memcpy(bytes, status, sizeof status - 1);
	for (size_t i = 0; i < count; i++, at += width) {
		memset(at, 'x', width);
		at[1] = ':';
		at[width - 2] = '\r';
		at[width - 1] = '\n';
	}
	memcpy(at, last, strlen(last));
	*length = (size_t)(at - bytes) + strlen(last);
	return bytes;
}

static enum io parse_limit(const char *bytes, size_t length, size_t piece, struct failure *why)
{
	struct http_head head;
	struct http_head_scan scan = { 0 };
	enum io r = IO_AGAIN;
	size_t have = 0;

	while (r == IO_AGAIN && have < length) {
		have += length - have < piece ? length - have : piece;
		r = http_head_parse(&head, &scan, bytes, have, why);
	}
	return r;
}

static void assert_limit(size_t count, size_t width, const char *last, enum io expected,
			 const char *message)
{
	static const size_t pieces[] = { 1, 1000, SIZE_MAX };
	size_t length;
	char *bytes = head_of(count, width, last, &length);

	for (int i = 0; i < 3; i++) {
		struct failure why = { 0 };

		cr_assert_eq(parse_limit(bytes, length, pieces[i], &why), expected);
		cr_assert_str_eq(why.text, message);
		cr_assert_eq(why.class, expected == IO_FAILED ? FAILURE_PROTOCOL : FAILURE_NONE);
	}
	free(bytes);
}

Test(http_head, a_line_is_limited)
{
	const char *message = "a line of the head is longer than 65536 bytes";
	size_t length;
	char *bytes = head_of(1, 65536, "", &length);
	struct failure why = { 0 };

	assert_limit(1, 65536, "\r\n", IO_DONE, "");
	assert_limit(1, 65537, "\r\n", IO_FAILED, message);
	/* At the byte that is one too many: an end there would still have done. */
	cr_assert_eq(parse_limit(bytes, length - 1, SIZE_MAX, &why), IO_AGAIN);
	bytes[length - 1] = 'x';
	cr_assert_eq(parse_limit(bytes, length, SIZE_MAX, &why), IO_FAILED);
	cr_assert_str_eq(why.text, message);
	free(bytes);
}

Test(http_head, a_status_line_is_limited)
{
	size_t length = HTTP_LINE_MAX;
	char *bytes = malloc(length);
	struct failure why = { 0 };

	memset(bytes, 'x', length);
	memcpy(bytes, "HTTP/1.1 200 ", 13);
	cr_assert_eq(parse_limit(bytes, length - 1, 999, &why), IO_AGAIN);
	cr_assert_eq(parse_limit(bytes, length, 999, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "a line of the head is longer than 65536 bytes");
	free(bytes);
}

Test(http_head, a_head_is_limited)
{
	const char *message = "the head is longer than 262144 bytes";
	char last[128];

	/* 17 bytes of status line, 128 fields of 2047: 262033; 111 are left. */
	snprintf(last, sizeof last, "L:%0*d\r\n\r\n", 105, 0);
	assert_limit(128, 2047, last, IO_DONE, "");
	snprintf(last, sizeof last, "L:%0*d\r\n\r\n", 106, 0);
	assert_limit(128, 2047, last, IO_FAILED, message);
	snprintf(last, sizeof last, "L:%0*d", 108, 0);
	assert_limit(128, 2047, last, IO_AGAIN, "");
	snprintf(last, sizeof last, "L:%0*d", 109, 0);
	assert_limit(128, 2047, last, IO_FAILED, message);
}

Test(http_head, fields_are_limited)
{
	const char *message = "the head has more than 256 fields";

	assert_limit(256, 8, "\r\n", IO_DONE, "");
	assert_limit(256, 8, "a:b", IO_AGAIN, "");
	assert_limit(257, 8, "", IO_FAILED, message);
	assert_limit(257, 8, "\r\n", IO_FAILED, message);
}

Test(http_head, nothing_is_cleared_but_the_counts)
{
	struct http_head head, before;

	memset(&head, 0x5a, sizeof head);
	before = head;
	parse_text(&head, "HTTP/1.1 200 OK\r\nA: b\r\n\r\n");
	cr_assert_eq(head.field_count, 1);
	cr_assert(memcmp(&head.fields[1], &before.fields[1],
			 sizeof head.fields - sizeof head.fields[0]) == 0);
}
