/* SPDX-License-Identifier: MIT */
/*
 * Holds: %p %t %n %% are filled in, a number goes behind a name that needs another; a peer's
 * address gives no path, option or escape; a pattern with another % is refused by name, an empty
 * one too; a name that does not fit is refused.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/serve/save.h>

static const char *made(const char *pattern, const char *ip, uint64_t attempt)
{
	static char out[SAVE_NAME_MAX];
	struct address peer = { .length = sizeof(sa_family_t) };

	peer.any.sa_family = AF_UNIX;
	if (ip)
		cr_assert(address_parse_ip(ip, 4711, &peer));
	cr_assert(save_name_make(out, pattern,
				 &(struct save_name){ &peer, "20261121T090000Z", 12, attempt }));
	return out;
}

Test(save_name, fills_in)
{
	cr_assert_str_eq(made("in", "127.0.0.1", 1), "in");
	cr_assert_str_eq(made("in", "127.0.0.1", 3), "in-3");
	cr_assert_str_eq(made("a/%p-%t.%n%%", "127.0.0.1", 1),
			 "a/127.0.0.1_4711-20261121T090000Z.12%");
	cr_assert_str_eq(made("%p", "2001:db8::1", 1), "2001_db8__1_4711");
	cr_assert_str_eq(made("%p", "fe80::1%lo", 1), "fe80__1_lo_4711");
	cr_assert_str_eq(made("%p", NULL, 1), "unix");
}

Test(save_name, refuses_what_it_does_not_know)
{
	struct failure why = { 0 };

	cr_assert(save_pattern_check("%p%t%n%%", &why));
	cr_assert_not(save_pattern_check("in-%q", &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, "--save in-%q: %q means nothing; %p is the peer, %t the time, "
				   "%n a number, %% a percent sign");
	cr_assert_not(save_pattern_check("50%", &why));
	cr_assert_not(save_pattern_check("%%%", &why));
	cr_assert_not(save_pattern_check("", &why));
	cr_assert_str_eq(why.text, "--save: an empty name; write it as client-%n");
}

Test(save_name, refuses_what_does_not_fit)
{
	static char pattern[SAVE_NAME_MAX + 1], out[SAVE_NAME_MAX];
	struct address peer;

	cr_assert(address_parse_ip("127.0.0.1", 1, &peer));
	memset(pattern, 'x', SAVE_NAME_MAX);
	cr_assert_not(save_name_make(out, pattern, &(struct save_name){ &peer, "", 1, 1 }));
	pattern[SAVE_NAME_MAX - 1] = '\0';
	cr_assert(save_name_make(out, pattern, &(struct save_name){ &peer, "", 1, 1 }));
	cr_assert_not(save_name_make(out, pattern, &(struct save_name){ &peer, "", 1, 2 }));
}
