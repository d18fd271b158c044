/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_request_head_target.c
 * Holds: origin, absolute, authority and asterisk form, the last two for CONNECT and OPTIONS alone;
 * fragments and users in targets are 400; hosts by the characters they can have, addresses in
 * brackets, ports to 65535, and from 1 on where one is needed.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/http_request_head_parts.h>

static struct failure why;
static int status;

static bool formed(enum http_target_form *form, const char *method, const char *target)
{
	static struct http_request_head request;

	request = (struct http_request_head){ .method = method,
					      .method_length = strlen(method),
					      .target = target,
					      .target_length = strlen(target) };
	why = (struct failure){ 0 };
	status = -1;
	if (!http_request_head_form(&request, &status, &why))
		return false;
	*form = request.form;
	return status == -1;
}

static void assert_form(const char *method, const char *target, enum http_target_form expected)
{
	enum http_target_form form;

	cr_assert(formed(&form, method, target), "%s %s", method, target);
	cr_assert_eq(form, expected, "%s %s", method, target);
}

static void assert_refused(const char *method, const char *target, const char *message)
{
	enum http_target_form form;

	cr_assert_not(formed(&form, method, target), "%s %s", method, target);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
	cr_assert_eq(status, 400);
}

Test(http_request_head_target, forms)
{
	assert_form("GET", "/", HTTP_TARGET_ORIGIN);
	assert_form("GET", "//a//b?c", HTTP_TARGET_ORIGIN);
	assert_form("OPTIONS", "/", HTTP_TARGET_ORIGIN);
	assert_form("OPTIONS", "*", HTTP_TARGET_ASTERISK);
	assert_form("GET", "http://a.example", HTTP_TARGET_ABSOLUTE);
	assert_form("GET", "http://a.example:8080/b?c", HTTP_TARGET_ABSOLUTE);
	assert_form("GET", "http://a.example?b@c", HTTP_TARGET_ABSOLUTE);
	assert_form("GET", "FTP://[::1]/", HTTP_TARGET_ABSOLUTE);
	assert_form("CONNECT", "a.example:443", HTTP_TARGET_AUTHORITY);
	assert_form("CONNECT", "[2001:db8::1]:1", HTTP_TARGET_AUTHORITY);
}

Test(http_request_head_target, targets_that_the_method_cannot_have)
{
	assert_refused("GET", "*", "\"*\": not a target of this method");
	assert_refused("OPTIONS", "**", "\"**\": not a target of this method");
	assert_refused("GET", "a.example:443", "\"a.example:443\": not a target of this method");
	assert_refused("CONNECT", "/", "\"/\": not a target of this method");
	assert_refused("CONNECT", "a.example", "\"a.example\": not a target of this method");
	assert_refused("CONNECT", "a.example:", "\"a.example:\": not a target of this method");
	assert_refused("CONNECT", "a.example:0", "\"a.example:0\": not a target of this method");
	assert_refused("CONNECT", "http://a.example:80/",
		       "\"http://a.example:80/\": not a target of this method");
	assert_refused("connect", "a:1", "\"a:1\": not a target of this method");
	assert_refused("GET", "?a", "\"?a\": not a target of this method");
	assert_refused("GET", "http:/a", "\"http:/a\": not a target of this method");
	assert_refused("GET", "http://", "\"http://\": not a target of this method");
	assert_refused("GET", "http:///a", "\"http:///a\": not a target of this method");
	assert_refused("GET", "http://u:p@a/", "\"http://u:p@a/\": not a target of this method");
	assert_refused("GET", "1http://a/", "\"1http://a/\": not a target of this method");
	assert_refused("GET", "/a#b", "\"/a#b\": a fragment in the target");
	assert_refused("GET", "http://a/#b", "\"http://a/#b\": a fragment in the target");
}

#define VALID(text, needed)                                                                        \
	cr_assert(http_authority_valid(text, sizeof text - 1, needed), "%s", text)
#define INVALID(text, needed)                                                                      \
	cr_assert_not(http_authority_valid(text, sizeof text - 1, needed), "%s", text)

Test(http_request_head_target, authorities)
{
	VALID("a", false);
	VALID("A-b_c.~9", false);
	VALID("%41", false);
	VALID("a:", false);
	VALID("a:0", false);
	VALID("a:65535", true);
	VALID("[::]", false);
	VALID("[::ffff:192.0.2.1]:80", true);
	VALID("a;b,c=d", false);
	INVALID("", false);
	INVALID(":", false);
	INVALID(":80", true);
	INVALID("a:65536", false);
	INVALID("a:+1", false);
	INVALID("a: 1", false);
	INVALID("a:1:2", false);
	INVALID("a", true);
	INVALID("a:", true);
	INVALID("a:0", true);
	INVALID("::1", false);
	INVALID("[::1", false);
	INVALID("[::1]80", false);
	INVALID("[]", false);
	INVALID("[a]", false);
	INVALID("[fe80::1%25eth0]", false);
	INVALID("a%4", false);
	INVALID("a%zz", false);
	INVALID("a\0b", false);
	INVALID("\xc3\xa4", false);
	INVALID("a/b", false);
	INVALID("a@b", false);
	INVALID("a\\b", false);
}
