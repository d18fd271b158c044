/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_request_head_line.c
 * Holds: method, target and version of a request line, one blank between them; versions other than
 * 1.0 and 1.1 are 505, and what is no version 400; blanks, controls and bytes beyond ASCII in a
 * target are 400; Host is there once in HTTP/1.1, at most once in 1.0, and names a host or nothing.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/http_request_head_parts.h>

static struct http_request_head request;
static struct failure why;
static int status;

static bool taken(const char *line, size_t length)
{
	memset(&request, 0xee, sizeof request);
	why = (struct failure){ 0 };
	status = -1;
	return http_request_head_line(&request, line, length, &status, &why);
}

static void assert_refused(const char *line, size_t length, int answer, const char *message)
{
	cr_assert_not(taken(line, length), "%s", line);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
	cr_assert_eq(status, answer);
}

#define REFUSED(text, answer, message) assert_refused(text, sizeof text - 1, answer, message)

Test(http_request_head_line, a_line)
{
	static const char line[] = "M-SEARCH /a HTTP/1.0";

	cr_assert(taken(line, sizeof line - 1), "%s", why.text);
	cr_assert_eq(request.method_length, 8);
	cr_assert_eq(request.target, line + 9);
	cr_assert_eq(request.target_length, 2);
	cr_assert_eq(request.form, HTTP_TARGET_ORIGIN);
	cr_assert_eq(request.head.major, 1);
	cr_assert_eq(request.head.minor, 0);
	cr_assert_eq(status, -1);
}

Test(http_request_head_line, parts_that_are_missing_or_too_many)
{
	REFUSED("GET", 400, "\"GET\": not a request line");
	REFUSED("GET /", 400, "\"GET /\": not a request line");
	REFUSED("GET  HTTP/1.1", 400, "\"\": no target in the request line");
	REFUSED("GET  / HTTP/1.1", 400,
		"\" /\": a blank, a control character or a byte beyond ASCII in the target");
	REFUSED("GET / HTTP/1.1 ", 400, "\"\": not a version of HTTP");
	REFUSED("GET /a b HTTP/1.1", 400,
		"\"/a b\": a blank, a control character or a byte beyond ASCII in the target");
	REFUSED("GET\t/ HTTP/1.1", 400, "\"GET\t/ HTTP/1.1\": not a request line");
	REFUSED("G(T / HTTP/1.1", 400, "\"G(T / HTTP/1.1\": not a method");
	REFUSED(" / HTTP/1.1", 400, "\" / HTTP/1.1\": not a method");
}

Test(http_request_head_line, versions)
{
	REFUSED("GET / HTTP/2.0", 505, "\"HTTP/2.0\": neither HTTP/1.0 nor HTTP/1.1");
	REFUSED("PRI * HTTP/2.0", 505, "\"HTTP/2.0\": neither HTTP/1.0 nor HTTP/1.1");
	REFUSED("GET / HTTP/1.2", 505, "\"HTTP/1.2\": neither HTTP/1.0 nor HTTP/1.1");
	REFUSED("GET / HTTP/0.9", 505, "\"HTTP/0.9\": neither HTTP/1.0 nor HTTP/1.1");
	REFUSED("GET / HTTP/1", 400, "\"HTTP/1\": not a version of HTTP");
	REFUSED("GET / HTTP/1.10", 400, "\"HTTP/1.10\": not a version of HTTP");
	REFUSED("GET / http/1.1", 400, "\"http/1.1\": not a version of HTTP");
	REFUSED("GET / HTTP/1,1", 400, "\"HTTP/1,1\": not a version of HTTP");
	REFUSED("GET / HTTP/a.1", 400, "\"HTTP/a.1\": not a version of HTTP");
	REFUSED("GET / ICAP/1.0", 400, "\"ICAP/1.0\": not a version of HTTP");
}

Test(http_request_head_line, bytes_of_a_target)
{
	cr_assert(taken("GET /%00\\\"<>^`{|}~ HTTP/1.1", 28 - 1), "%s", why.text);
	REFUSED("GET /\x1b[2J HTTP/1.1", 400,
		"\"/\x1b[2J\": a blank, a control character or a byte beyond ASCII in the target");
	REFUSED("GET /a\0b HTTP/1.1", 400,
		"\"/a?b\": a blank, a control character or a byte beyond ASCII in the target");
	REFUSED("GET /\xc3\xa4 HTTP/1.1", 400,
		"\"/\xc3\xa4\": a blank, a control character or a byte beyond ASCII in the target");
	REFUSED("GET /\x7f HTTP/1.1", 400,
		"\"/\x7f\": a blank, a control character or a byte beyond ASCII in the target");
	REFUSED("GET /a\rb HTTP/1.1", 400,
		"\"/a…\": a blank, a control character or a byte beyond ASCII in the target");
}

static bool hosted(int minor, const char *first, const char *second)
{
	struct http_head *head = &request.head;

	why = (struct failure){ 0 };
	*head = (struct http_head){ .major = 1, .minor = minor };
	if (first)
		head->fields[head->field_count++] =
			(struct http_field){ "host", first, 4, strlen(first) };
	if (second)
		head->fields[head->field_count++] =
			(struct http_field){ "HOST", second, 4, strlen(second) };
	status = -1;
	return http_request_head_host(&request, &status, &why);
}

static void assert_host_refused(int minor, const char *first, const char *second,
				const char *message)
{
	cr_assert_not(hosted(minor, first, second));
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
	cr_assert_eq(status, 400);
}

Test(http_request_head_line, hosts)
{
	cr_assert(hosted(1, "a.example", NULL));
	cr_assert(hosted(1, "a.example:80", NULL));
	cr_assert(hosted(1, "[::1]:80", NULL));
	cr_assert(hosted(1, "", NULL));
	cr_assert(hosted(0, NULL, NULL));
	cr_assert(hosted(0, "a", NULL));
	assert_host_refused(1, NULL, NULL, "no Host field");
	assert_host_refused(1, "a", "a", "two Host fields");
	assert_host_refused(0, "a", "b", "two Host fields");
	assert_host_refused(1, "a b", NULL, "\"a b\": names no host");
	assert_host_refused(1, "a@b", NULL, "\"a@b\": names no host");
	assert_host_refused(0, "a/b", NULL, "\"a/b\": names no host");
	assert_host_refused(1, ":80", NULL, "\":80\": names no host");
}
