/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/netrc.c
 * Holds: the first entry for the host, in any case, with the login that is asked for; default when
 * no machine did; entries never borrow words from one another; words on any lines, comments,
 * account and macros are passed over; quoted words and their escapes; a quote without an end, a
 * word that is too long and one with a NUL are not used.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/proto/netrc.h>

static struct netrc_entry entry;

static bool find_bytes(const char *text, size_t length, const char *host, const char *login)
{
	/* Of exactly that size, so that a sanitizer sees a step over the end. */
	char *copy = malloc(length + 1);
	bool found;

	memcpy(copy, text, length);
	memset(&entry, 'x', sizeof(entry));
	found = netrc_find(&entry, copy, length, host, login);
	free(copy);
	return found;
}

static bool find(const char *text, const char *host, const char *login)
{
	return find_bytes(text, strlen(text), host, login);
}

/* NULL: the entry has none. */
static void check(const char *text, const char *host, const char *asked, const char *login,
		  const char *password)
{
	cr_assert(find(text, host, asked), "%s", text);
	cr_assert_eq(entry.has_login, login != NULL, "%s", text);
	cr_assert_eq(entry.has_password, password != NULL, "%s", text);
	cr_assert_str_eq(entry.login, login ? login : "");
	cr_assert_str_eq(entry.password, password ? password : "");
}

static const char three[] = "machine a login ann password one\n"
			    "machine b.example login bob password two\n"
			    "machine a login carl password three\n";

Test(netrc, the_first_entry_for_the_host)
{
	check(three, "a", NULL, "ann", "one");
	check(three, "b.example", NULL, "bob", "two");
	check(three, "B.EXAMPLE", NULL, "bob", "two");
	cr_assert(!find(three, "b", NULL));
	cr_assert(!find(three, "example", NULL));
	cr_assert(!find("", "a", NULL));
	cr_assert(!find("\n \n", "a", NULL));
}

Test(netrc, with_the_login_that_is_asked_for)
{
	check(three, "a", "carl", "carl", "three");
	check(three, "a", "ann", "ann", "one");
	cr_assert(!find(three, "a", "bob"));
	cr_assert(!find(three, "a", "ANN"));
	cr_assert(!find("machine a password one", "a", "ann"));
	check("machine a password two login ann", "a", "ann", "ann", "two");
}

Test(netrc, default_counts_when_no_machine_did)
{
	static const char text[] = "machine a login ann password one default login me password all";

	check(text, "a", NULL, "ann", "one");
	check(text, "b", NULL, "me", "all");
	check(text, "a", "me", "me", "all");
	cr_assert(!find(text, "b", "bob"));
	check("default login me password all\nmachine b login bob password two", "b", NULL, "me",
	      "all");
	check("default", "a", NULL, NULL, NULL);
}

Test(netrc, entries_do_not_borrow)
{
	check("machine a login ann\nmachine b login bob password two", "a", NULL, "ann", NULL);
	check("machine a login ann\ndefault password all", "a", NULL, "ann", NULL);
	check("machine a\nmachine b login bob password two", "a", NULL, NULL, NULL);
	check("login no password no machine a login ann", "a", NULL, "ann", NULL);
	check("machine b login bob password two\nmachine a login ann", "a", NULL, "ann", NULL);
}

Test(netrc, words_stand_on_any_lines)
{
	check("\tMACHINE\n\na\r\n  Login\tann\f\vPassword\n one", "a", NULL, "ann", "one");
	check("machine a login machine password default", "a", NULL, "machine", "default");
	check("machine machine login ann", "machine", NULL, "ann", NULL);
	check("machine a unknown words login ann", "a", NULL, "ann", NULL);
	check("machine a account login login ann password one", "a", NULL, "ann", "one");
	check("machine a login ann login bob", "a", NULL, "bob", NULL);
	check("machine a login ann password", "a", NULL, "ann", NULL);
	check("machine a login", "a", NULL, NULL, NULL);
	cr_assert(!find("machine", "a", NULL));
	cr_assert(!find("machine a", "", NULL));
}

Test(netrc, comments)
{
	check("# machine a login no\nmachine a # login no\n login ann #x\n password o#ne", "a",
	      NULL, "ann", "o#ne");
	check("machine a login #no\nann", "a", NULL, "ann", NULL);
	check("#\nmachine a login \"#ann\"", "a", NULL, "#ann", NULL);
	cr_assert(!find("# machine a login ann", "a", NULL));
}

Test(netrc, macros_are_passed_over)
{
	static const char text[] = "machine a login ann\n"
				   "macdef init\n"
				   "machine b login no \"\n"
				   "password no\n"
				   "\n"
				   "password one\n"
				   "macdef other\r\n"
				   "machine b login no\r\n"
				   "\r\n"
				   "machine b login bob";

	check(text, "a", NULL, "ann", "one");
	check(text, "b", NULL, "bob", NULL);
	cr_assert(!find("macdef x\nmachine a login ann", "a", NULL));
	cr_assert(!find("macdef", "a", NULL));
}

Test(netrc, quoted_words)
{
	check("machine \"a\" login \"a n n\" \"password\" \"o\\\"n\\\\e\"", "a", NULL, "a n n",
	      "o\"n\\e");
	check("machine a password \"\\n\\r\\t\\x\"", "a", NULL, NULL, "\n\r\tx");
	check("machine a login \"\" password \"\"", "a", NULL, "", "");
	check("machine a login \"ann\"password one", "a", NULL, "ann", "one");
	check("machine a login a\"n\"n", "a", NULL, "a\"n\"n", NULL);
}

Test(netrc, a_quote_without_an_end)
{
	cr_assert(!find("machine a login \"ann", "a", NULL));
	cr_assert(!find("machine a login \"ann\n\"", "a", NULL));
	cr_assert(!find("machine a login \"ann\\\n\"", "a", NULL));
	cr_assert(!find("machine a login \"ann\\\"", "a", NULL));
	cr_assert(!find("machine a login \"ann\\", "a", NULL));
	cr_assert(!find("machine a login ann password one \"", "a", NULL));
	cr_assert(!find("machine \"b\nmachine a login ann", "a", NULL));
	check("machine a login ann machine b login \"bob", "a", NULL, "ann", NULL);
}

Test(netrc, words_are_bounded)
{
	char text[2 * NETRC_WORD_MAX];

	snprintf(text, sizeof(text), "machine a login ann password %04095d", 1);
	cr_assert(find(text, "a", NULL));
	cr_assert_eq(strlen(entry.password), 4095);
	snprintf(text, sizeof(text), "machine a login ann password %04096d default login me", 1);
	cr_assert(!find(text, "a", NULL));
	check(text, "b", NULL, "me", NULL);
	snprintf(text, sizeof(text), "machine a login \"%04096d\" password one", 1);
	cr_assert(!find(text, "a", NULL));
	snprintf(text, sizeof(text), "machine %04096d login no machine a login ann", 1);
	check(text, "a", NULL, "ann", NULL);
}

Test(netrc, a_nul_is_in_no_word)
{
	cr_assert(!find_bytes("machine a\0b login ann", 21, "a", NULL));
	cr_assert(!find_bytes("machine a login an\0n", 20, "a", NULL));
	cr_assert(!find_bytes("machine a password \"\0\"", 22, "a", NULL));
	cr_assert(!find_bytes("machine\0 a login ann", 20, "a", NULL));
	cr_assert(find_bytes("machine a login ann\0", 19, "a", NULL));
}
