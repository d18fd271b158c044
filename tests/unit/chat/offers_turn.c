/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/offers_turn.c
 * Holds: the window; pieces and acknowledgements that are too small, too large or malformed; every
 * line out of turn ends that offer alone and tells both; reasons are made harmless.
 */
#include "chat_offering.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

TestSuite(chat_offers_turn, .init = offering_begin, .fini = offering_end);

/* ------ the window ------ */

Test(chat_offers_turn, the_window)
{
	going(200000);
	for (int i = 0; i < 21; i++)
		data(3000);
	data(2536);
	cr_assert_eq(told_times(visitor_told(bob), "data 1 "), 22);
	told(alice, "%s", "");
	visitor_say(bob, "/taken 1 3000");
	told(alice, "taken 1 3000\n");
	data(3000);
	cr_assert_eq(told_times(visitor_told(bob), "data 1 "), 1);
	data(1024);
	dropped("a line of alice was out of turn");
}

Test(chat_offers_turn, one_byte_over_the_window)
{
	going(200000);
	for (int i = 0; i < 21; i++)
		data(3000);
	visitor_told(bob);
	data(2537);
	dropped("a line of alice was out of turn");
}

Test(chat_offers_turn, acknowledgements_in_steps)
{
	going(200000);
	data(3000);
	data(3000);
	visitor_told(bob);
	visitor_say(bob, "/taken 1 1024");
	told(alice, "taken 1 1024\n");
	visitor_say(bob, "/taken 1 6000");
	told(alice, "taken 1 6000\n");
	data(1024);
	visitor_told(bob);
	visitor_say(bob, "/taken 1 7024");
	told(alice, "taken 1 7024\n");
	data(3000);
	visitor_told(bob);
	visitor_say(bob, "/taken 1 8047");
	dropped("a line of bob was out of turn");
}

/* ------ out of turn ------ */

#define OUT(name, turn, who, line)                                                                 \
	Test(chat_offers_turn, name)                                                               \
	{                                                                                          \
		is_at(turn);                                                                       \
		visitor_say(who, "%s", line);                                                      \
		dropped(who == alice ? "a line of alice was out of turn"                           \
				     : "a line of bob was out of turn");                           \
	}

OUT(the_sender_takes, OFFERED, alice, "/take 1")
OUT(taken_twice, TAKEN, bob, "/take 1")
OUT(taken_when_done, DONE, bob, "/take 1")
OUT(data_before_it_is_taken, OFFERED, alice, "/data 1 AA==")
OUT(data_of_the_receiver, BEGUN, bob, "/data 1 AA==")
OUT(data_when_done, DONE, alice, "/data 1 AA==")
OUT(no_base64, TAKEN, alice, "/data 1 AAA")
OUT(another_alphabet, TAKEN, alice, "/data 1 A\x1b==")
OUT(a_small_piece, TAKEN, alice, "/data 1 AAAA")
OUT(acknowledged_before_it_is_taken, OFFERED, bob, "/taken 1 1")
OUT(acknowledged_by_the_sender, BEGUN, alice, "/taken 1 3000")
OUT(acknowledged_nothing, BEGUN, bob, "/taken 1 0")
OUT(acknowledged_too_much, BEGUN, bob, "/taken 1 3001")
OUT(acknowledged_too_little, BEGUN, bob, "/taken 1 1023")
OUT(done_before_it_is_taken, OFFERED, alice, "/done 1 0")
OUT(done_by_the_receiver, BEGUN, bob, "/done 1 0")
OUT(done_too_early, BEGUN, alice,
    "/done 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
OUT(done_twice, DONE, alice,
    "/done 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
OUT(kept_too_early, BEGUN, bob, "/kept 1")
OUT(kept_by_the_sender, DONE, alice, "/kept 1")

Test(chat_offers_turn, too_large_a_piece)
{
	is_at(TAKEN);
	data(3001);
	dropped("a line of alice was out of turn");
}

Test(chat_offers_turn, more_than_its_size)
{
	is_at(BEGUN);
	data(3000);
	visitor_told(bob);
	data(1);
	dropped("a line of alice was out of turn");
}

Test(chat_offers_turn, a_digest_that_is_none)
{
	is_at(BEGUN);
	data(3000);
	visitor_told(bob);
	visitor_say(alice, "/done 1 %.63sX", digest);
	dropped("a line of alice was out of turn");
}

Test(chat_offers_turn, a_last_piece_may_be_small)
{
	going(3001);
	data(3000);
	visitor_told(bob);
	data(1);
	told(bob, "data 1 AA==\n");
}

/* ------ ended by a member ------ */

Test(chat_offers_turn, refused)
{
	is_at(OFFERED);
	visitor_say(bob, "/drop 1");
	dropped("bob does not want it");
}

Test(chat_offers_turn, taken_back)
{
	is_at(OFFERED);
	visitor_say(alice, "/drop 1");
	dropped("alice ended it");
}

Test(chat_offers_turn, reasons_are_made_harmless)
{
	char reason[201];

	is_at(BEGUN);
	visitor_say(alice, "/drop 1 a\u202eb\x9b"
			   "c");
	dropped("a\\u{202e}b\\x9bc");
	visitor_say(alice, "/offer bob 1 f");
	visitor_told(alice);
	visitor_told(bob);
	snprintf(reason, sizeof reason, "%0200d", 0);
	visitor_say(alice, "/drop 2 %s\u6f22", reason);
	told(bob, "dropped 2 %s\n", reason);
	told(alice, "dropped 2 %s\n", reason);
}
