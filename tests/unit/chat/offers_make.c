/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/offers_make.c
 * Holds: who may not offer what to whom, ignored ones without being told; names made fit; eight of
 * either kind, four between two.
 */
#include "chat_offering.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

TestSuite(chat_offers_make, .init = offering_begin, .fini = offering_end);

Test(chat_offers_make, names_are_made_fit)
{
	visitor_say(alice, "/offer bob 1 ../../etc/pass\u202ewd");
	told(alice, "offering 1 bob 1 pass_u{202e}wd\n");
	told(bob, "offered 1 alice 1 pass_u{202e}wd\n");
	visitor_say(alice, "/offer bob 1 .bashrc");
	told(alice, "dropped 0 that is no name for a file\n");
	told(bob, "%s", "");
}

Test(chat_offers_make, nobody_there)
{
	visitor_say(alice, "/offer dave 1 f");
	told(alice, "dropped 0 nobody of that name is here\n");
	visitor_say(alice, "/offer %0300d 1 f", 0);
	told(alice, "dropped 0 nobody of that name is here\n");
	visitor_say(alice, "/offer alice 1 f");
	told(alice, "dropped 0 that is you\n");
	cr_assert_eq(under_way(), 0);
}

Test(chat_offers_make, who_takes_none)
{
	struct visitor *plain = visitor_plain(chat, "plain");

	visitor_told(alice);
	visitor_say(alice, "/offer plain 1 f");
	told(alice, "dropped 0 plain takes no files\n");
	told(plain, "%s", "");
	visitor_say(bob, "/ignore alice");
	visitor_told(bob);
	visitor_say(alice, "/offer bob 1 f");
	told(alice, "dropped 0 bob takes no files\n");
	told(bob, "%s", "");
	cr_assert_eq(under_way(), 0);
	visitor_say(bob, "/offer alice 1 f");
	told(alice, "offered 1 bob 1 f\n");
}

Test(chat_offers_make, a_plain_member_cannot)
{
	struct visitor *plain = visitor_plain(chat, "plain");

	visitor_told(bob);
	visitor_told(plain);
	visitor_say(plain, "/offer bob 1 f");
	told(bob, "%s", "");
	cr_assert_eq(under_way(), 0);
	cr_assert_null(plain->member.given);
}

Test(chat_offers_make, too_large)
{
	visitor_say(alice, "/offer bob 1048577 f");
	told(alice, "dropped 0 the host passes on at most 1 MiB\n");
	visitor_say(alice, "/offer bob 9223372036854775807 f");
	told(alice, "dropped 0 the host passes on at most 1 MiB\n");
	visitor_say(alice, "/offer bob 1048576 f");
	told(alice, "offering 1 bob 1048576 f\n");
}

Test(chat_offers_make, four_between_two_and_eight_in_all)
{
	for (int i = 0; i < 4; i++)
		offer(alice, bob, 1);
	visitor_say(alice, "/offer bob 1 f");
	told(alice, "dropped 0 4 of your offers to bob are under way already\n");
	for (int i = 0; i < 4; i++)
		offer(alice, carol, 1);
	visitor_say(alice, "/offer bob 1 f");
	told(alice, "dropped 0 8 of your offers are under way already\n");
	/* what one gets does not count for what one gives */
	offer(bob, alice, 1);
	for (int i = 0; i < 4; i++)
		offer(carol, bob, 1);
	cr_assert_eq(under_way(), 13);
}

Test(chat_offers_make, eight_for_one)
{
	struct visitor *dave = visitor_rich(chat, "dave");

	for (int i = 0; i < 4; i++) {
		offer(alice, bob, 1);
		offer(carol, bob, 1);
	}
	visitor_told(dave);
	visitor_say(dave, "/offer bob 1 f");
	told(dave, "dropped 0 bob has 8 offers already\n");
	visitor_say(bob, "/drop 1");
	visitor_say(dave, "/offer bob 1 f");
	told(dave, "offering 9 bob 1 f\n");
}
