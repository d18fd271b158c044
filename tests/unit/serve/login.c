/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/serve/login.c
 * Holds: USER:PASSWORD with colons in the password; empty, too long and control characters are
 * refused, each in its words, which never show the password; a login is one of those given, whole;
 * so are the Basic credentials of a head; without logins everybody may.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/serve/login.h>

static struct login login(const char *text)
{
	struct login out;
	struct failure why = { 0 };

	cr_assert(login_parse(&out, text, strlen(text), &why), "%s", why.text);
	return out;
}

static void refused(const char *text, size_t length, const char *message)
{
	struct login out;
	struct failure why = { 0 };

	cr_assert_not(login_parse(&out, text, length, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, message);
}

Test(login, what_is_a_login)
{
	char longest[255 + 1 + 255 + 2];
	struct login out = login("ann:se:cret");

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

Test(login, one_of_those_given)
{
	struct login logins[] = { login("ann:a"), login("bob:bb") };
	struct login_list list = { logins, 2 };
	char longer[300];

	cr_assert(login_valid(&list, "ann", "a"));
	cr_assert(login_valid(&list, "bob", "bb"));
	cr_assert_not(login_valid(&list, "ann", "bb"));
	cr_assert_not(login_valid(&list, "bob", "b"));
	cr_assert_not(login_valid(&list, "bob", "bbb"));
	cr_assert_not(login_valid(&list, "", ""));
	memset(longer, 'a', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	cr_assert_not(login_valid(&list, longer, "a"));
	cr_assert_not(login_valid(&list, "ann", longer));
	list.count = 0;
	cr_assert_not(login_valid(&list, "ann", "a"));
}

Test(login, of_a_head)
{
	struct login logins[] = { login("ann:se:cret"), login("b:c") };
	const struct login_list list = { logins, 2 }, none = { NULL, 0 };
	struct http_head head = { .field_count = 1 };

	head.fields[0] = (struct http_field){ "Authorization", "Basic Yjpj", 13, 10 };
	cr_assert(login_basic_of(&list, &head, "Authorization"));
	cr_assert_not(login_basic_of(&list, &head, "Proxy-Authorization"));
	cr_assert(login_basic_of(&none, &head, "Proxy-Authorization"), "everybody may");
	head.fields[0].value = "Basic YjpjYw==";
	head.fields[0].value_length = 14;
	cr_assert_not(login_basic_of(&list, &head, "Authorization"));
}
