/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/offers.c
 * Holds: an offer from one to the other and every line of its way; four being taken at a time of
 * either kind, the next in turn when one is over; numbers that are over or somebody else's mean
 * nothing; leaving, coming back, being put out, other rooms and nicks; ten minutes.
 */
#include "chat_offering.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

TestSuite(chat_offers, .init = offering_begin, .fini = offering_end);

/* ------ as it should be ------ */

Test(chat_offers, from_the_one_to_the_other)
{
	visitor_say(alice, "/offer bob 5000 report 1.pdf");
	told(alice, "offering 1 bob 5000 report 1.pdf\n");
	told(bob, "offered 1 alice 5000 report 1.pdf\n");
	visitor_say(bob, "/take 1");
	told(alice, "take 1\n");
	told(bob, "%s", "");
	data(3000);
	told(bob, "data 1 %s\n", zeros(3000));
	visitor_say(bob, "/taken 1 3000");
	told(alice, "taken 1 3000\n");
	data(2000);
	told(bob, "data 1 %s\n", zeros(2000));
	visitor_say(alice, "/done 1 %s", digest);
	told(bob, "done 1 %s\n", digest);
	visitor_say(bob, "/taken 1 5000");
	told(alice, "taken 1 5000\n");
	cr_assert_eq(under_way(), 1);
	visitor_say(bob, "/kept 1");
	told(alice, "kept 1\n");
	told(bob, "%s", "");
	told(carol, "%s", "");
	cr_assert_eq(under_way(), 0);
	visitor_say(alice, "/offer bob 0 g");
	told(alice, "offering 2 bob 0 g\n");
}

Test(chat_offers, an_empty_file)
{
	going(0);
	visitor_say(alice, "/done 1 %s", digest);
	told(bob, "done 1 %s\n", digest);
	visitor_say(bob, "/kept 1");
	told(alice, "kept 1\n");
	cr_assert_eq(under_way(), 0);
}

/* ------ whose turn it is ------ */

Test(chat_offers, four_are_taken_at_a_time)
{
	struct visitor *dave = visitor_rich(chat, "dave");

	for (int i = 0; i < 4; i++)
		offer(alice, bob, 1); /* 1 to 4 */
	offer(alice, carol, 1);       /* 5 */
	offer(alice, carol, 1);       /* 6 */
	offer(dave, carol, 1);        /* 7 */
	for (int i = 1; i <= 4; i++)
		visitor_say(bob, "/take %d", i);
	told(alice, "take 1\ntake 2\ntake 3\ntake 4\n");
	visitor_say(carol, "/take 6");
	visitor_say(carol, "/take 5");
	told(alice, "%s", "");
	visitor_say(carol, "/take 7");
	told(dave, "take 7\n");
	/* the elder one first */
	visitor_say(bob, "/drop 2");
	told(alice, "dropped 2 bob ended it\ntake 5\n");
	visitor_say(alice, "/data 1 %s", zeros(1));
	visitor_say(alice, "/done 1 %s", digest);
	told(alice, "%s", "");
	visitor_say(bob, "/kept 1");
	told(alice, "kept 1\ntake 6\n");
	visitor_say(alice, "/data 6 AA==");
	told(carol, "data 6 AA==\n");
}

Test(chat_offers, four_are_got_at_a_time)
{
	struct visitor *dave = visitor_rich(chat, "dave");

	for (int i = 0; i < 2; i++) {
		offer(alice, bob, 1); /* 1 3 */
		offer(carol, bob, 1); /* 2 4 */
	}
	offer(dave, bob, 1); /* 5 */
	for (int i = 1; i <= 5; i++)
		visitor_say(bob, "/take %d", i);
	told(alice, "take 1\ntake 3\n");
	told(carol, "take 2\ntake 4\n");
	told(dave, "%s", "");
	visitor_leave(carol, CHAT_LEAVING_LOST, "");
	cr_assert_eq(told_times(visitor_told(dave), "take 5\n"), 1);
	cr_assert_eq(under_way(), 3);
}

Test(chat_offers, what_waits_may_not_be_sent)
{
	for (int i = 1; i <= 4; i++) {
		offer(alice, carol, 1);
		visitor_say(carol, "/take %d", i);
	}
	offer(alice, bob, 1);
	visitor_say(bob, "/take 5");
	visitor_told(alice);
	visitor_say(alice, "/data 5 AA==");
	told(alice, "dropped 5 a line of alice was out of turn\n");
	told(bob, "dropped 5 a line of alice was out of turn\n");
	cr_assert_eq(under_way(), 4);
}

/* ------ what is over ------ */

Test(chat_offers, of_others_means_nothing)
{
	static const char *const lines[] = {
		"/take 1", "/data 1 AAAA", "/taken 1 1",      "/done 1 0",
		"/kept 1", "/drop 1 haha", "/take 4711",      "/data 4711 AAAA",
		"/take 0", "/drop 0",      "/drop 4711 haha",
	};

	is_at(BEGUN);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		visitor_say(carol, "%s", lines[i]);
	cr_assert(chat_offers_has(&alice->member, 1) && chat_offers_has(&bob->member, 1));
	cr_assert(!chat_offers_has(&carol->member, 1) && !chat_offers_has(&alice->member, 2));
	visitor_say(alice, "/data 2 AAAA");
	visitor_say(alice, "/drop 0 haha");
	told(alice, "%s", "");
	told(bob, "%s", "");
	told(carol, "%s", "");
	cr_assert_eq(under_way(), 1);
}

Test(chat_offers, what_is_under_way_when_it_ends)
{
	is_at(BEGUN);
	visitor_say(bob, "/drop 1 no space left");
	dropped("no space left");
	data(3000);
	visitor_say(alice, "/done 1 %s", digest);
	visitor_say(alice, "/drop 1 well");
	told(alice, "%s", "");
	told(bob, "%s", "");
}

/* ------ leaving ------ */

Test(chat_offers, the_sender_leaves)
{
	is_at(BEGUN);
	visitor_leave(alice, CHAT_LEAVING_LEFT, "");
	cr_assert_eq(told_times(visitor_told(bob), "dropped 1 alice is gone\n"), 1);
	cr_assert_eq(told_times(visitor_told(alice), "dropped"), 0);
	cr_assert_eq(under_way(), 0);
}

Test(chat_offers, the_receiver_is_lost)
{
	is_at(DONE);
	visitor_leave(bob, CHAT_LEAVING_LOST, "");
	cr_assert_eq(told_times(visitor_told(alice), "dropped 1 bob is gone\n"), 1);
	cr_assert_eq(under_way(), 0);
}

Test(chat_offers, who_leaves_has_no_turn_any_more)
{
	for (int i = 1; i <= 4; i++) {
		offer(alice, bob, 1);
		visitor_say(bob, "/take %d", i);
	}
	offer(alice, carol, 1);
	visitor_say(carol, "/take 5");
	visitor_told(alice);
	visitor_leave(alice, CHAT_LEAVING_LEFT, "");
	told(alice, "%s", "");
	cr_assert_eq(told_times(visitor_told(carol), "dropped 5 alice is gone\n"), 1);
	cr_assert_eq(told_times(visitor_told(bob), "alice is gone\n"), 4);
	cr_assert_eq(under_way(), 0);
}

Test(chat_offers, put_out)
{
	struct visitor *boss = visitor_host(chat, "boss");

	is_at(BEGUN);
	visitor_say(boss, "/kick alice");
	cr_assert_eq(told_times(visitor_told(bob), "dropped 1 alice is gone\n"), 1);
	cr_assert_eq(under_way(), 0);
}

Test(chat_offers, its_nick_comes_back_on_another_connection)
{
	struct visitor *again = visitor_arrive(chat, NULL, false);

	is_at(BEGUN);
	visitor_say(again, "/hello chat/1 alice lobby %" PRIu64 " 0 %s", (uint64_t)77,
		    alice->member.token);
	cr_assert_eq(told_times(visitor_told(bob), "dropped 1 alice is gone\n"), 1);
	cr_assert_eq(under_way(), 0);
	cr_assert_null(again->member.given);
	visitor_told(again);
	visitor_say(again, "/offer bob 1 f");
	told(again, "offering 2 bob 1 f\n");
}

Test(chat_offers, other_rooms)
{
	visitor_say(bob, "/join cellar");
	visitor_told(alice);
	visitor_told(bob);
	visitor_say(alice, "/offer bob 1 f");
	told(alice, "offering 1 bob 1 f\n");
	told(bob, "offered 1 alice 1 f\n");
	visitor_say(alice, "/join attic");
	cr_assert_eq(under_way(), 1);
}

Test(chat_offers, another_nick)
{
	is_at(BEGUN);
	visitor_say(alice, "/nick alicia");
	visitor_told(alice);
	visitor_told(bob);
	data(3000);
	told(bob, "data 1 %s\n", zeros(3000));
}

/* ------ time ------ */

static const int64_t ten_minutes = 600000;

Test(chat_offers, nobody_takes_it)
{
	cr_assert_eq(chat_offers_tick(chat->hall, chat->now_ms), -1);
	visitor_say(alice, "/offer bob 1 f");
	cr_assert_eq(chat_offers_tick(chat->hall, chat->now_ms), ten_minutes);
	cr_assert_eq(visited_pass(chat, ten_minutes - 1), 1);
	visitor_told(alice);
	visitor_told(bob);
	visitor_told(carol);
	cr_assert_eq(visited_pass(chat, 1), -1);
	dropped("nobody took it in ten minutes");
}

Test(chat_offers, it_does_not_move)
{
	going(6000);
	visited_pass(chat, ten_minutes - 1);
	data(3000);
	visited_pass(chat, ten_minutes - 1);
	visitor_say(bob, "/taken 1 3000");
	cr_assert_eq(visited_pass(chat, ten_minutes - 1), 1);
	visitor_told(alice);
	visitor_told(bob);
	visitor_told(carol);
	visited_pass(chat, 1);
	dropped("it has not moved for ten minutes");
}

Test(chat_offers, who_waits_for_its_turn_has_time)
{
	for (int i = 1; i <= 4; i++) {
		offer(alice, bob, 4000);
		visitor_say(bob, "/take %d", i);
	}
	offer(alice, carol, 4000);
	visitor_say(carol, "/take 5");
	visited_pass(chat, ten_minutes - 1);
	data(3000);
	visitor_told(alice);
	visited_pass(chat, 1);
	cr_assert_eq(under_way(), 2);
	cr_assert_eq(told_times(visitor_told(alice), "take 5\n"), 1);
}

Test(chat_offers, the_oldest_first)
{
	offer(alice, bob, 1);
	visited_pass(chat, 1000);
	offer(alice, bob, 1);
	cr_assert_eq(visited_pass(chat, ten_minutes - 1000), 1000);
	cr_assert_eq(under_way(), 1);
	cr_assert_eq(told_times(visitor_told(bob), "dropped 1 "), 1);
	visited_pass(chat, 1000);
	cr_assert_eq(under_way(), 0);
}

Test(chat_offers, what_is_left_is_freed)
{
	is_at(DONE);
	offer(carol, bob, 1);
	cr_assert_eq(under_way(), 2);
	chat_offers_free(NULL);
}
