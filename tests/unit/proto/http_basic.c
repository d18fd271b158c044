/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_basic.c
 * Holds: user and password of a Basic field, a colon in the password, either of them empty; other
 * schemes, malformed base64, no colon, controls and too long ones are none, to the byte; one field
 * alone; whether they match.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/base/base64.h>
#include <sockutil/proto/http_basic.h>

static struct http_basic given;

static bool parsed(const char *value)
{
	memset(&given, 0xee, sizeof given);
	return http_basic_parse(&given, value, strlen(value));
}

static bool encoded(const char *text, size_t length)
{
	struct buffer value = { 0 };
	bool good;

	cr_assert(buffer_add(&value, "Basic ", 6) && base64_add(&value, text, length));
	good = parsed(buffer_text(&value));
	buffer_free(&value);
	return good;
}

static void assert_given(const char *user, const char *password)
{
	cr_assert_str_eq(given.user, user);
	cr_assert_str_eq(given.password, password);
}

Test(http_basic, user_and_password)
{
	cr_assert(parsed("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
	assert_given("Aladdin", "open sesame");
	cr_assert(parsed("bASIC   dXNlcjpwYXNz"));
	assert_given("user", "pass");
	cr_assert(encoded("a:b:c", 5));
	assert_given("a", "b:c");
	cr_assert(encoded(":", 1));
	assert_given("", "");
	cr_assert(encoded("\xc3\xa4:\xff", 4));
	assert_given("\xc3\xa4", "\xff");
}

Test(http_basic, what_is_none)
{
	cr_assert_not(parsed(""));
	cr_assert_not(parsed("Basic"));
	cr_assert_not(parsed("Basic "));
	cr_assert_not(parsed("Bearer dXNlcjpwYXNz"));
	cr_assert_not(parsed("BasicdXNlcjpwYXNz"));
	cr_assert_not(parsed("Basic dXNlcjpwYXN"));
	cr_assert_not(parsed("Basic dXNlcjpwYXNz "));
	cr_assert_not(parsed("Basic dXNl cjpwYXNz"));
	cr_assert_not(parsed("Basic !!!!"));
	cr_assert_not(encoded("user", 4));
	cr_assert_not(encoded("a\nb:c", 5));
	cr_assert_not(encoded("a:b\0", 4));
	cr_assert_not(encoded("a:\x7f", 3));
}

Test(http_basic, the_longest)
{
	char text[2 * HTTP_BASIC_MAX + 2];
	const size_t most = HTTP_BASIC_MAX - 1;

	memset(text, 'a', sizeof text);
	text[most] = ':';
	cr_assert(encoded(text, 2 * most + 1));
	cr_assert_eq(strlen(given.user), most);
	cr_assert_eq(strlen(given.password), most);
	cr_assert_not(encoded(text, 2 * most + 2));
	text[most] = 'a';
	text[most + 1] = ':';
	cr_assert_not(encoded(text, most + 3));
	memset(text, 'a', sizeof text);
	text[0] = ':';
	cr_assert_not(encoded(text, sizeof text));
}

Test(http_basic, of_a_head)
{
	struct http_head head = { .field_count = 1,
				  .fields = { { "authorization", "Basic YTpi", 13, 10 },
					      { "Authorization", "Basic YTpi", 13, 10 } } };

	cr_assert(http_basic_of(&given, &head, "Authorization"));
	assert_given("a", "b");
	cr_assert_not(http_basic_of(&given, &head, "Proxy-Authorization"));
	head.field_count = 2;
	cr_assert_not(http_basic_of(&given, &head, "Authorization"));
}

static bool matches(const char *user, const char *password)
{
	return http_basic_match(&given, user, password);
}

Test(http_basic, whether_they_match)
{
	cr_assert(encoded("user:pass", 9));
	cr_assert(matches("user", "pass"));
	cr_assert_not(matches("user", "pasS"));
	cr_assert_not(matches("user", "pas"));
	cr_assert_not(matches("user", "passp"));
	cr_assert_not(matches("user", ""));
	cr_assert_not(matches("", "pass"));
	cr_assert_not(matches("users", "pass"));
	cr_assert_not(matches("User", "pass"));
	cr_assert(encoded("aa:", 3));
	cr_assert(matches("aa", ""));
	cr_assert_not(matches("a", ""));
	cr_assert_not(matches("aaaa", ""));
	cr_assert_not(matches("aa", "a"));
}
