/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/offers_name.c
 * Holds: a name is the last part of what came, behind either kind of slash; what cannot be seen or
 * is no UTF-8 is written out without becoming a path; hidden, empty, too long names and "-" are
 * none; a name that was made safe stays as it is; digests are 64 digits of lower-case hex.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/chat/offers.h>

static char out[FILE_NAME_MAX];

static const char *named(const char *name)
{
	char again[FILE_NAME_MAX];

	cr_assert(chat_offer_name(chat_slice_of(name), out), "%s", name);
	cr_assert(chat_offer_name(chat_slice_of(out), again));
	cr_assert_str_eq(again, out);
	return out;
}

static bool refused(const char *name)
{
	return !chat_offer_name(chat_slice_of(name), out);
}

Test(chat_offers_name, plain_names)
{
	cr_assert_str_eq(named("report.pdf"), "report.pdf");
	cr_assert_str_eq(named("a b  c"), "a b  c");
	cr_assert_str_eq(named("Z\u00fcrich \u6f22\u5b57.txt"), "Z\u00fcrich \u6f22\u5b57.txt");
}

Test(chat_offers_name, the_last_part)
{
	cr_assert_str_eq(named("/etc/passwd"), "passwd");
	cr_assert_str_eq(named("../../x"), "x");
	cr_assert_str_eq(named("C:\\Users\\x.doc"), "x.doc");
	cr_assert_str_eq(named("a\\b/c\\d"), "d");
}

Test(chat_offers_name, what_cannot_be_seen)
{
	cr_assert_str_eq(named("a\u202egpj.exe"), "a_u{202e}gpj.exe");
	cr_assert_str_eq(named("a\u200bb"), "a_u{200b}b");
	cr_assert_str_eq(named("a\x1b[2J"), "a_x1b[2J");
	cr_assert_str_eq(named("\xff\xfe.txt"), "_xff_xfe.txt");
	cr_assert_str_eq(named("a\tb"), "a_b");
}

Test(chat_offers_name, no_names)
{
	char long_name[300];

	cr_assert(refused(""));
	cr_assert(refused("."));
	cr_assert(refused(".."));
	cr_assert(refused(".bashrc"));
	cr_assert(refused("a/.ssh"));
	cr_assert(refused("a/"));
	cr_assert(refused("a\\"));
	cr_assert(refused("-"));
	cr_assert(!chat_offer_name((struct chat_slice){ .bytes = NULL, .length = 0 }, out));
	snprintf(long_name, sizeof long_name, "%0255d", 0);
	cr_assert_str_eq(named(long_name), long_name);
	snprintf(long_name, sizeof long_name, "%0256d", 0);
	cr_assert(refused(long_name));
	/* longer only once it is written out */
	memset(long_name, 'x', 255);
	memcpy(long_name + 250, "\u202e", 3);
	long_name[255] = '\0';
	cr_assert(refused(long_name));
	cr_assert(chat_offer_name((struct chat_slice){ .bytes = "a\0b", .length = 3 }, out));
	cr_assert_str_eq(out, "a_x00b");
}

Test(chat_offers_name, digests)
{
	char text[66];

	snprintf(text, sizeof text, "%064d", 0);
	memcpy(text, "0123456789abcdef", 16);
	cr_assert(chat_offer_digest(chat_slice_of(text)));
	cr_assert(!chat_offer_digest(chat_slice_of(text + 1)));
	text[63] = 'A';
	cr_assert(!chat_offer_digest(chat_slice_of(text)));
	text[63] = 'g';
	cr_assert(!chat_offer_digest(chat_slice_of(text)));
	text[63] = '\0';
	cr_assert(!chat_offer_digest((struct chat_slice){ .bytes = text, .length = 64 }));
	snprintf(text, sizeof text, "%065d", 0);
	cr_assert(!chat_offer_digest(chat_slice_of(text)));
	cr_assert(!chat_offer_digest(chat_slice_of("")));
}
