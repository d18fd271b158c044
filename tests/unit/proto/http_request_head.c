/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_request_head.c
 * Holds: a request cut anywhere, moved between calls, behind empty lines, in front of a body and of
 * another request; limits of a line, the head and its fields are met to the byte and are 414 and
 * 431; bare LF, bare CR, NUL, obsolete folding, blanks before colons, empty names and controls in
 * fields are 400; what is no HTTP is refused at its first byte; the status is left alone unless
 * it failed.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/proto/http_request_head.h>

#define HOST "Host: a.example\r\n"

static struct http_request_head request;
static struct failure why;
static int status;

static enum io parsed(const char *bytes, size_t length)
{
	struct http_head_scan scan = { 0 };

	memset(&request, 0xee, sizeof request);
	why = (struct failure){ 0 };
	status = -1;
	return http_request_head_parse(&request, &scan, bytes, length, &status, &why);
}

static void assert_refused(const char *bytes, size_t length, int answer, const char *message)
{
	cr_assert_eq(parsed(bytes, length), IO_FAILED, "%s", bytes);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
	cr_assert_eq(status, answer, "%d for %s", status, message);
}

#define REFUSED(text, answer, message) assert_refused(text, sizeof text - 1, answer, message)

static void assert_text(const char *text, size_t length, const char *expected)
{
	cr_assert_eq(length, strlen(expected), "%.*s", (int)length, text);
	cr_assert_not(memcmp(text, expected, length));
}

static const char whole[] = "\r\n\r\nGET /a?b HTTP/1.1\r\n" HOST "X:  y \t\r\nEmpty:\r\n\r\n";

static void assert_whole(void)
{
	assert_text(request.method, request.method_length, "GET");
	assert_text(request.target, request.target_length, "/a?b");
	cr_assert_eq(request.form, HTTP_TARGET_ORIGIN);
	cr_assert_eq(request.head.major, 1);
	cr_assert_eq(request.head.minor, 1);
	cr_assert_eq(request.head.status, 0);
	cr_assert_eq(request.head.reason_length, 0);
	cr_assert_eq(request.head.field_count, 3);
	assert_text(request.head.fields[1].name, request.head.fields[1].name_length, "X");
	assert_text(request.head.fields[1].value, request.head.fields[1].value_length, "y");
	assert_text(request.head.fields[2].value, request.head.fields[2].value_length, "");
	cr_assert_eq(request.head.length, sizeof whole - 1);
	cr_assert_eq(status, -1);
}

Test(http_request_head, a_request)
{
	cr_assert_eq(parsed(whole, sizeof whole - 1), IO_DONE, "%s", why.text);
	assert_whole();
}

Test(http_request_head, what_follows_is_left)
{
	static const char two[] = "POST / HTTP/1.0\r\n\r\nbody\r\n\r\n";

	cr_assert_eq(parsed(two, sizeof two - 1), IO_DONE, "%s", why.text);
	cr_assert_eq(request.head.length, strlen("POST / HTTP/1.0\r\n\r\n"));
	cr_assert_eq(request.head.minor, 0);
	cr_assert_eq(request.head.field_count, 0);
}

/* Each time in another place, and into another head. */
Test(http_request_head, cut_at_every_byte)
{
	struct http_head_scan scan = { 0 };

	why = (struct failure){ 0 };
	status = -1;
	for (size_t length = 0; length < sizeof whole; length++) {
		char *moved = malloc(length + 1);
		enum io r;

		cr_assert_not_null(moved);
		memcpy(moved, whole, length);
		memset(&request, 0xee, sizeof request);
		r = http_request_head_parse(&request, &scan, moved, length, &status, &why);
		cr_assert_eq(r, length == sizeof whole - 1 ? IO_DONE : IO_AGAIN, "%zu: %s", length,
			     why.text);
		if (r == IO_DONE)
			assert_whole();
		free(moved);
	}
	cr_assert(!scan.line && !scan.looked && !scan.fields);
}

Test(http_request_head, empty_lines_in_front_end_somewhere)
{
	static const char eight[] = "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n";

	cr_assert_eq(parsed(eight, sizeof eight - 1), IO_DONE);
	REFUSED("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n", 400,
		"not HTTP: the request starts with an empty line");
	REFUSED("\nGET / HTTP/1.0\r\n\r\n", 400, "not HTTP: the request starts with an empty line");
	REFUSED("\r\n\rGET / HTTP/1.0\r\n\r\n", 400, "a bare CR in front of the request");
}

Test(http_request_head, what_is_no_http_is_refused_at_its_first_byte)
{
	REFUSED("\x16", 400, "not HTTP: the request starts like TLS");
	REFUSED("\x80", 400, "not HTTP: the request starts with \"\x80\"");
	REFUSED(" ", 400, "not HTTP: the request starts with \" \"");
	REFUSED("\0\1", 400, "not HTTP: the request starts with \"?\1\"");
}

Test(http_request_head, bare_ends_of_lines)
{
	REFUSED("GET / HTTP/1.1\n", 400, "a line ends with a bare LF");
	REFUSED("GET / HTTP/1.1\r\nHost: a\n", 400, "a line ends with a bare LF");
	REFUSED("GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "a line ends with a bare LF");
	REFUSED("GET / HTTP/1.1\r\nHost: a\r\r\n", 400, "\"Host: a…\": a bare CR in it");
	REFUSED("GET / HTTP/1.1\r\nA: b\rc\r\n", 400, "\"A: b…\": a bare CR in it");
	REFUSED("GET / HTTP/1.1\r\r\n", 400, "\"HTTP/1.1…\": not a version of HTTP");
}

Test(http_request_head, malformed_fields)
{
	REFUSED("GET / HTTP/1.1\r\nA : b\r\n", 400, "\"A \": a blank before the colon");
	REFUSED("GET / HTTP/1.1\r\nA\t: b\r\n", 400, "\"A\t\": a blank before the colon");
	REFUSED("GET / HTTP/1.1\r\n: b\r\n", 400, "a field line without a name");
	REFUSED("GET / HTTP/1.1\r\nA\r\n", 400, "\"A\": a field line without a colon");
	REFUSED("GET / HTTP/1.1\r\nA(: b\r\n", 400, "\"A(\": not a field name");
	REFUSED("GET / HTTP/1.1\r\nA: b\r\n c\r\n", 400,
		"a field line starts with a blank (obsolete folding)");
	REFUSED("GET / HTTP/1.1\r\n A: b\r\n", 400,
		"a field line starts with a blank (obsolete folding)");
	REFUSED("GET / HTTP/1.1\r\nA: b\0c\r\n", 400, "\"A: b?c\": a NUL in it");
	REFUSED("GET / HTTP/1.1\r\nA: b\x1b[2J\r\n", 400, "a control character in a field");
	REFUSED("GET / HTTP/1.1\r\nTransfer-Encoding: \vchunked\r\n", 400,
		"a control character in a field");
	REFUSED("GET / HTTP/1.1\r\nA: b\x7f\r\n", 400, "a control character in a field");
}

Test(http_request_head, bytes_beyond_ascii_and_tabs_in_values_stay)
{
	static const char text[] = "GET / HTTP/1.0\r\nA: \xc3\xa4\tb\r\n\r\n";

	cr_assert_eq(parsed(text, sizeof text - 1), IO_DONE, "%s", why.text);
	assert_text(request.head.fields[0].value, request.head.fields[0].value_length,
		    "\xc3\xa4\tb");
}

static char large[HTTP_REQUEST_HEAD_MAX + 64];
static size_t used;

static void put(const char *text)
{
	memcpy(large + used, text, strlen(text));
	used += strlen(text);
}

/* A line of exactly length bytes. */
static void put_line(const char *start, size_t length, const char *end)
{
	const size_t before = used;

	put(start);
	memset(large + used, 'x', length - strlen(start) - strlen(end));
	used = before + length - strlen(end);
	put(end);
}

Test(http_request_head, the_longest_request_line)
{
	put_line("GET /", HTTP_REQUEST_LINE_MAX, " HTTP/1.0\r\n");
	put("\r\n");
	cr_assert_eq(parsed(large, used), IO_DONE, "%s", why.text);
	used = 0;
	put_line("GET /", HTTP_REQUEST_LINE_MAX + 1, " HTTP/1.0\r\n");
	cr_assert_eq(parsed(large, HTTP_REQUEST_LINE_MAX - 1), IO_AGAIN);
	assert_refused(large, HTTP_REQUEST_LINE_MAX, 414,
		       "the request line is longer than 16384 bytes");
	assert_refused(large, used, 414, "the request line is longer than 16384 bytes");
	/* Of what has no line at all, too. */
	memset(large, 'x', sizeof large);
	assert_refused(large, sizeof large, 414, "the request line is longer than 16384 bytes");
}

Test(http_request_head, the_longest_field_line)
{
	put("GET / HTTP/1.0\r\n");
	put_line("A: ", HTTP_REQUEST_LINE_MAX, "\r\n");
	put("\r\n");
	cr_assert_eq(parsed(large, used), IO_DONE, "%s", why.text);
	used = 0;
	put("GET / HTTP/1.0\r\n");
	put_line("A: ", HTTP_REQUEST_LINE_MAX + 1, "\r\n");
	assert_refused(large, used, 431, "a field line is longer than 16384 bytes");
}

static void put_head(size_t length)
{
	used = 0;
	put("GET / HTTP/1.0\r\n");
	while (length - used > HTTP_REQUEST_LINE_MAX)
		put_line("A: ", HTTP_REQUEST_LINE_MAX / 2, "\r\n");
	put_line("B: ", length - used - 2, "\r\n");
	put("\r\n");
}

Test(http_request_head, the_longest_head)
{
	put_head(HTTP_REQUEST_HEAD_MAX);
	cr_assert_eq(parsed(large, used), IO_DONE, "%s", why.text);
	cr_assert_eq(request.head.length, HTTP_REQUEST_HEAD_MAX);
	put_head(HTTP_REQUEST_HEAD_MAX + 1);
	assert_refused(large, used, 431, "the head is longer than 65536 bytes");
}

Test(http_request_head, the_most_fields)
{
	put("GET / HTTP/1.0\r\n");
	for (int i = 0; i < HTTP_REQUEST_FIELDS_MAX; i++)
		put("A: b\r\n");
	put("\r\n");
	cr_assert_eq(parsed(large, used), IO_DONE, "%s", why.text);
	cr_assert_eq(request.head.field_count, HTTP_REQUEST_FIELDS_MAX);
	used -= 2;
	put("A: b\r\n");
	assert_refused(large, used, 431, "the head has more than 100 fields");
}

Test(http_request_head, methods_are_compared_by_case)
{
	static const char text[] = "GET / HTTP/1.0\r\n\r\n";

	cr_assert_eq(parsed(text, sizeof text - 1), IO_DONE);
	cr_assert(http_request_is(&request, "GET"));
	cr_assert_not(http_request_is(&request, "get"));
	cr_assert_not(http_request_is(&request, "GE"));
	cr_assert_not(http_request_is(&request, "GETS"));
}
