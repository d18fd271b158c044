/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/serve/gateway_login.c
 * Holds: USER:PASSWORD with colons in the password; empty, too long and control characters are
 * refused, each in its words, which never show the password; a login is one of those given, whole;
 * Basic in any case of its name, in Base64 with padding alone.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/base/base64.h>
#include <sockutil/serve/gateway_parts.h>

static struct gateway_login login(const char *text)
{
	struct gateway_login out;
	struct failure why = { 0 };

	cr_assert(gateway_login_parse(&out, text, strlen(text), &why), "%s", why.text);
	return out;
}

static void refused(const char *text, size_t length, const char *message)
{
	struct gateway_login out;
	struct failure why = { 0 };

	cr_assert_not(gateway_login_parse(&out, text, length, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, message);
}

Test(gateway_login, what_is_a_login)
{
	char longest[255 + 1 + 255 + 2];
	struct gateway_login out = login("ann:se:cret");

	cr_assert_str_eq(out.user, "ann");
	cr_assert_str_eq(out.password, "se:cret");
	memset(longest, 'x', sizeof longest);
	longest[255] = ':';
	longest[sizeof longest - 2] = '\0';
	out = login(longest);
	cr_assert(strlen(out.user) == 255 && strlen(out.password) == 255);
	longest[sizeof longest - 2] = 'x';
	refused(longest, sizeof longest - 1, "user and password have at most 255 bytes each");
	refused("ann", 3, "not of the form USER:PASSWORD");
	refused("", 0, "not of the form USER:PASSWORD");
	refused(":x", 2, "user and password must not be empty");
	refused("ann:", 4, "user and password must not be empty");
	refused("a:b\0c", 5, "control characters have no place in user and password");
	refused("a\n:b", 4, "control characters have no place in user and password");
	refused("a:\x7f", 3, "control characters have no place in user and password");
}

Test(gateway_login, one_of_those_given)
{
	struct gateway_login logins[] = { login("ann:a"), login("bob:bb") };
	struct gateway_options options = { .logins = logins, .login_count = 2 };
	struct gateway_data data = { .options = &options };
	char longer[300];

	cr_assert(gateway_login_needed(&data));
	cr_assert(gateway_login_valid(&data, "ann", "a"));
	cr_assert(gateway_login_valid(&data, "bob", "bb"));
	cr_assert_not(gateway_login_valid(&data, "ann", "bb"));
	cr_assert_not(gateway_login_valid(&data, "bob", "b"));
	cr_assert_not(gateway_login_valid(&data, "bob", "bbb"));
	cr_assert_not(gateway_login_valid(&data, "", ""));
	memset(longer, 'a', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	cr_assert_not(gateway_login_valid(&data, longer, "a"));
	cr_assert_not(gateway_login_valid(&data, "ann", longer));
	options.login_count = 0;
	cr_assert_not(gateway_login_needed(&data));
	cr_assert_not(gateway_login_valid(&data, "ann", "a"));
}

static bool basic(const struct gateway_data *data, const char *scheme, const char *text)
{
	struct buffer value = { 0 };
	bool valid;

	cr_assert(buffer_add(&value, scheme, strlen(scheme)));
	cr_assert(base64_add(&value, text, strlen(text)));
	valid = gateway_login_basic(data, buffer_bytes(&value), value.length);
	buffer_free(&value);
	return valid;
}

static bool written(const struct gateway_data *data, const char *value)
{
	return gateway_login_basic(data, value, strlen(value));
}

Test(gateway_login, basic)
{
	struct gateway_login logins[] = { login("ann:se:cret"), login("b:c"), login("bb:c") };
	struct gateway_options options = { .logins = logins, .login_count = 3 };
	struct gateway_data data = { .options = &options };

	cr_assert(basic(&data, "Basic ", "ann:se:cret"));
	cr_assert(basic(&data, "bAsIc   ", "b:c"));
	cr_assert(basic(&data, "basic ", "bb:c"));
	cr_assert_not(basic(&data, "Basic", "ann:se:cret"));
	cr_assert_not(basic(&data, "Digest ", "ann:se:cret"));
	cr_assert_not(basic(&data, "", "ann:se:cret"));
	cr_assert_not(basic(&data, "Basic ", "ann"));
	cr_assert_not(basic(&data, "Basic ", "ann:se:cret\n"));
	cr_assert(written(&data, "Basic Yjpj"));
	cr_assert(written(&data, "Basic YmI6Yw=="));
	cr_assert_not(written(&data, "Basic YmI6Yw"), "padding is part of it");
	cr_assert_not(written(&data, "Basic YmI6Yw="));
	cr_assert_not(written(&data, "Basic Y=pj"));
	cr_assert_not(written(&data, "Basic Yj j"));
	cr_assert_not(written(&data, "Basic ===="));
	cr_assert_not(written(&data, "Basic ==="));
	cr_assert_not(written(&data, "Basic "));
	cr_assert_not(written(&data, ""));
}

Test(gateway_login, a_value_of_any_length)
{
	static char value[20000];
	struct gateway_login logins[] = { login("a:b") };
	struct gateway_options options = { .logins = logins, .login_count = 1 };
	struct gateway_data data = { .options = &options };

	memset(value, 'A', sizeof value);
	memcpy(value, "Basic ", 6);
	for (size_t length = 0; length < sizeof value; length += length < 900 ? 1 : 997)
		cr_assert_not(gateway_login_basic(&data, value, length));
}
