/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_head_fields.c
 * Holds: fields are found by name in any case, one after another, and by the whole name alone; the
 * text of a field that fits and is said once, or repeated alike; tokens are found in any line and
 * element of a list, never inside of one; lists are split at commas outside quotes, blanks and
 * empty elements fall away, what quotes leave open goes to the end; what is a token and what may be
 * a value, for every byte.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/http_head.h>

static void parse(struct http_head *head, const char *text)
{
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };

	cr_assert_eq(http_head_parse(head, &scan, text, strlen(text), &why), IO_DONE, "%s",
		     why.text);
}

#define STATUS "HTTP/1.1 200 OK\r\n"

Test(http_head_fields, are_found_by_name_in_any_case)
{
	struct http_head head;
	const struct http_field *f;

	parse(&head, STATUS "Set-Cookie: a\r\nX: y\r\nset-cookie: b\r\nSET-COOKIE2: c\r\n\r\n");
	f = http_head_find(&head, "Set-Cookie", NULL);
	cr_assert_eq(f, &head.fields[0]);
	f = http_head_find(&head, "Set-Cookie", f);
	cr_assert_eq(f, &head.fields[2]);
	cr_assert_null(http_head_find(&head, "Set-Cookie", f));
	cr_assert_null(http_head_find(&head, "Set-Cooki", NULL));
	cr_assert_null(http_head_find(&head, "", NULL));
	cr_assert_null(http_head_find(&head, "x", &head.fields[3]));
	parse(&head, STATUS "\r\n");
	cr_assert_null(http_head_find(&head, "X", NULL));
}

Test(http_head_fields, the_only_text_of_a_name)
{
	struct http_head head;
	char out[4];

	parse(&head, STATUS "A: abc\r\nB: 1\r\nB: 1\r\nC: 1\r\nC: 2\r\nD: 1\r\nD: 12\r\nE:\r\n"
			    "F: abcd\r\n\r\n");
	cr_assert(http_head_text(&head, "a", out, sizeof out));
	cr_assert_str_eq(out, "abc");
	cr_assert(http_head_text(&head, "B", out, sizeof out));
	cr_assert_str_eq(out, "1");
	cr_assert(http_head_text(&head, "E", out, 1));
	cr_assert_str_eq(out, "");
	cr_assert_not(http_head_text(&head, "C", out, sizeof out));
	cr_assert_not(http_head_text(&head, "D", out, sizeof out));
	cr_assert_not(http_head_text(&head, "F", out, sizeof out));
	cr_assert_not(http_head_text(&head, "none", out, sizeof out));
	cr_assert_not(http_head_text(&head, "A", out, 0));
}

Test(http_head_fields, tokens_are_found_in_any_line)
{
	struct http_head head;

	parse(&head, STATUS "Connection: keep-alive , Upgrade\r\nconnection: CLOSE\r\n"
			    "X: \"a, close\", closed, not close\r\n\r\n");
	cr_assert(http_head_has_token(&head, "Connection", "keep-alive"));
	cr_assert(http_head_has_token(&head, "Connection", "upgrade"));
	cr_assert(http_head_has_token(&head, "Connection", "close"));
	cr_assert_not(http_head_has_token(&head, "Connection", "keep"));
	cr_assert_not(http_head_has_token(&head, "Connection", ""));
	cr_assert_not(http_head_has_token(&head, "X", "close"));
	cr_assert(http_head_has_token(&head, "X", "closed"));
	cr_assert_not(http_head_has_token(&head, "Y", "close"));
}

/* The elements, each between brackets. */
static void assert_list(const char *value, const char *expected)
{
	char out[256] = "";
	size_t cursor = 0, length, at = 0;
	const char *element;

	while (http_list_next(value, strlen(value), &cursor, &element, &length))
		at += (size_t)snprintf(out + at, sizeof out - at, "[%.*s]", (int)length, element);
	cr_assert_str_eq(out, expected);
	cr_assert_eq(cursor, strlen(value));
	cr_assert_not(http_list_next(value, strlen(value), &cursor, &element, &length));
}

Test(http_head_fields, lists_are_split_at_commas_outside_quotes)
{
	assert_list("", "");
	assert_list("a", "[a]");
	assert_list("a,b", "[a][b]");
	assert_list(" a b ,\tc;q=1 ", "[a b][c;q=1]");
	assert_list(",, a , ,b,", "[a][b]");
	assert_list(" , ", "");
	assert_list("\"a,b\", c", "[\"a,b\"][c]");
	assert_list("x=\"a\\\",b\",c", "[x=\"a\\\",b\"][c]");
	assert_list("x=\"a\\\\\",b\",c", "[x=\"a\\\\\"][b\",c]");
	assert_list("a, \"open, b", "[a][\"open, b]");
	assert_list("\"end\\", "[\"end\\]");
	assert_list("a\\,b", "[a\\][b]");
}

Test(http_head_fields, what_a_token_is)
{
	for (int c = 0; c < 256; c++) {
		const char byte = (char)c;
		const char *others = "!#$%&'*+-.^_`|~";
		bool expected = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
				(c >= 'a' && c <= 'z') || (c && strchr(others, c));

		cr_assert_eq(http_token_valid(&byte, 1), expected, "byte %d", c);
		cr_assert_eq(http_name_valid(&byte, 1), expected, "byte %d", c);
	}
	cr_assert(http_token_valid("X-Custom_1", 10));
	cr_assert_not(http_token_valid("a b", 3));
	cr_assert_not(http_token_valid("", 0));
	cr_assert_not(http_name_valid("", 0));
	cr_assert_not(http_name_valid("Host:", 5));
}

Test(http_head_fields, what_may_be_a_value)
{
	for (int c = 0; c < 256; c++) {
		const char bytes[] = { 'a', (char)c, 'b' };

		cr_assert_eq(http_value_valid(bytes, 3), (c >= 0x20 && c != 0x7f) || c == '\t',
			     "byte %d", c);
	}
	cr_assert(http_value_valid("", 0));
	cr_assert(http_value_valid("a b", 3));
	cr_assert_not(http_value_valid(" a", 2));
	cr_assert_not(http_value_valid("a\t", 2));
	cr_assert_not(http_value_valid(" ", 1));
	cr_assert_not(http_value_valid("a\r\nInjected: b", 14));
}
