/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_head_line.c
 * Holds: status lines of HTTP/1.0, 1.1, of minor versions to come and of HTTP/2, with and without a
 * reason; other versions, other shapes and numbers outside 100 to 599 are refused with what came;
 * field lines lose the blanks around their value alone; a folded line, no colon, no name, a blank
 * before the colon, a name that is no token, a bare CR and a NUL are refused each by its sentence;
 * a message shows the first line of at most 60 bytes, cuts no character and says that more came.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/http_head_line.h>

static void assert_status(const char *line, int major, int minor, int status, const char *reason)
{
	struct http_head head;
	struct failure why = { 0 };

	memset(&head, 0xee, sizeof head);
	cr_assert(http_head_line_status(&head, line, strlen(line), &why), "%s", why.text);
	cr_assert_eq(head.major, major);
	cr_assert_eq(head.minor, minor);
	cr_assert_eq(head.status, status);
	cr_assert_eq(head.reason_length, strlen(reason));
	cr_assert(memcmp(head.reason, reason, strlen(reason)) == 0);
	cr_assert(head.reason >= line && head.reason + head.reason_length == line + strlen(line));
}

Test(http_head_line, a_status_line_is_taken_apart)
{
	assert_status("HTTP/1.1 200 OK", 1, 1, 200, "OK");
	assert_status("HTTP/1.0 404 Not Found", 1, 0, 404, "Not Found");
	assert_status("HTTP/1.1 503 ", 1, 1, 503, "");
	assert_status("HTTP/1.1 503", 1, 1, 503, "");
	assert_status("HTTP/1.7 100 x", 1, 7, 100, "x");
	assert_status("HTTP/2 200", 2, 0, 200, "");
	assert_status("HTTP/2.0 599 y", 2, 0, 599, "y");
	assert_status("HTTP/1.1 200  two\tbl\xc3\xa4nks ", 1, 1, 200, " two\tbl\xc3\xa4nks ");
}

static void assert_no_status(const char *line, size_t length, const char *message)
{
	struct http_head head;
	struct failure why = { 0 };

	cr_assert_not(http_head_line_status(&head, line, length, &why));
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
}

#define NO_STATUS(line, message) assert_no_status(line, sizeof(line) - 1, message)

Test(http_head_line, other_versions_are_refused)
{
	NO_STATUS("HTTP/0.9 200 OK",
		  "\"HTTP/0.9 200 OK\": neither HTTP/1.0 nor HTTP/1.1 nor HTTP/2");
	NO_STATUS("HTTP/3 200", "\"HTTP/3 200\": neither HTTP/1.0 nor HTTP/1.1 nor HTTP/2");
	NO_STATUS("HTTP/1 200", "\"HTTP/1 200\": neither HTTP/1.0 nor HTTP/1.1 nor HTTP/2");
	NO_STATUS("HTTP/1.11 200", "\"HTTP/1.11 200\": neither HTTP/1.0 nor HTTP/1.1 nor HTTP/2");
	NO_STATUS("HTTP/1.", "\"HTTP/1.\": neither HTTP/1.0 nor HTTP/1.1 nor HTTP/2");
	NO_STATUS("HTTP/1.1", "\"HTTP/1.1\": neither HTTP/1.0 nor HTTP/1.1 nor HTTP/2");
	NO_STATUS("HTTP/2.1 200", "\"HTTP/2.1 200\": neither HTTP/1.0 nor HTTP/1.1 nor HTTP/2");
	NO_STATUS("", "\"\": neither HTTP/1.0 nor HTTP/1.1 nor HTTP/2");
}

Test(http_head_line, what_is_no_status_is_refused)
{
	NO_STATUS("HTTP/1.1 abc", "\"HTTP/1.1 abc\": not a status line");
	NO_STATUS("HTTP/1.1 ", "\"HTTP/1.1 \": not a status line");
	NO_STATUS("HTTP/1.1 20", "\"HTTP/1.1 20\": not a status line");
	NO_STATUS("HTTP/1.1 2000", "\"HTTP/1.1 2000\": not a status line");
	NO_STATUS("HTTP/1.1  200 OK", "\"HTTP/1.1  200 OK\": not a status line");
	NO_STATUS("HTTP/1.1 +20 OK", "\"HTTP/1.1 +20 OK\": not a status line");
	NO_STATUS("HTTP/1.1 200\tOK", "\"HTTP/1.1 200\tOK\": not a status line");
	NO_STATUS("HTTP/1.1 099 x", "\"HTTP/1.1 099 x\": no status from 100 to 599");
	NO_STATUS("HTTP/1.1 600", "\"HTTP/1.1 600\": no status from 100 to 599");
	NO_STATUS("HTTP/1.1 200 a\rb", "\"HTTP/1.1 200 a…\": a bare CR in it");
	NO_STATUS("HTTP/1.1 200 a\0b", "\"HTTP/1.1 200 a?b\": a NUL in it");
}

static void assert_field(const char *line, const char *name, const char *value)
{
	struct http_field field;
	struct failure why = { 0 };

	cr_assert(http_head_line_field(&field, line, strlen(line), &why), "%s", why.text);
	cr_assert_eq(field.name, line);
	cr_assert_eq(field.name_length, strlen(name));
	cr_assert(memcmp(field.name, name, strlen(name)) == 0);
	cr_assert_eq(field.value_length, strlen(value));
	cr_assert(memcmp(field.value, value, strlen(value)) == 0);
}

Test(http_head_line, a_field_line_loses_the_blanks_around_its_value)
{
	assert_field("Host: a", "Host", "a");
	assert_field("a:b", "a", "b");
	assert_field("X-1:\t two  words \t ", "X-1", "two  words");
	assert_field("Empty:", "Empty", "");
	assert_field("Empty:  \t", "Empty", "");
	assert_field("Time: 12:30", "Time", "12:30");
	assert_field("!#$%&'*+-.^_`|~09azAZ: x", "!#$%&'*+-.^_`|~09azAZ", "x");
	assert_field("L: caf\xe9 \x1b[m", "L", "caf\xe9 \x1b[m");
}

static void assert_no_field(const char *line, size_t length, const char *message)
{
	struct http_field field;
	struct failure why = { 0 };

	cr_assert_not(http_head_line_field(&field, line, length, &why));
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
}

#define NO_FIELD(line, message) assert_no_field(line, sizeof(line) - 1, message)

Test(http_head_line, each_bad_field_line_is_refused_by_its_sentence)
{
	NO_FIELD(" folded: x", "a field line starts with a blank (obsolete folding)");
	NO_FIELD("\tx", "a field line starts with a blank (obsolete folding)");
	NO_FIELD(" ", "a field line starts with a blank (obsolete folding)");
	NO_FIELD("no colon", "\"no colon\": a field line without a colon");
	NO_FIELD("", "\"\": a field line without a colon");
	NO_FIELD(": value", "a field line without a name");
	NO_FIELD("Content-Length : 3", "\"Content-Length \": a blank before the colon");
	NO_FIELD("Content-Length\t: 3", "\"Content-Length\t\": a blank before the colon");
	NO_FIELD("Two words: x", "\"Two words\": not a field name");
	NO_FIELD("a(b: x", "\"a(b\": not a field name");
	NO_FIELD("caf\xc3\xa9: x", "\"caf\xc3\xa9\": not a field name");
	NO_FIELD("a\0b: x", "\"a?b\": not a field name");
	NO_FIELD("a: x\ry", "\"a: x…\": a bare CR in it");
	NO_FIELD("a: x\r", "\"a: x…\": a bare CR in it");
	NO_FIELD("a: x\0y", "\"a: x?y\": a NUL in it");
}

static void assert_shown(const char *bytes, size_t length, const char *expected)
{
	char out[HTTP_HEAD_SHOWN_MAX];

	memset(out, 'x', sizeof out);
	cr_assert_eq(http_head_shown(out, bytes, length), out);
	cr_assert_str_eq(out, expected);
}

#define TEN   "0123456789"
#define FIFTY TEN TEN TEN TEN TEN

Test(http_head_line, a_message_shows_the_first_line_of_60_bytes)
{
	assert_shown("", 0, "");
	assert_shown("abc", 3, "abc");
	assert_shown("a\0b", 3, "a?b");
	assert_shown(FIFTY TEN, 60, FIFTY TEN);
	assert_shown(FIFTY TEN "1", 61, FIFTY TEN "…");
	assert_shown(FIFTY "012345678\xc3\xa4", 61, FIFTY "012345678…");
	assert_shown("220 mail\r\n", 10, "220 mail…");
	assert_shown("\nabc", 4, "…");
	assert_shown("esc \x1b[m", 7, "esc \x1b[m");
}
