/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/offers.c
 * Holds: an offer from one to the other and every line of its way; who may not offer what to whom,
 * ignored ones without being told; names made fit; eight of either kind, four between two; four
 * being taken at a time of either kind, the next in turn when one is over; the window; pieces and
 * acknowledgements that are too small, too large or malformed; every line out of turn ends that
 * offer alone and tells both; numbers that are over or somebody else's mean nothing; reasons are
 * made harmless; leaving, coming back, being put out; ten minutes.
 */
#include "chat_hall_visited.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/base64.h>
#include <sockutil/chat/offers.h>

static struct visited *chat;
static struct visitor *alice, *bob, *carol;

static void begin(void)
{
	chat = visited_open(0, 40);
	alice = visitor_rich(chat, "alice");
	bob = visitor_rich(chat, "bob");
	carol = visitor_rich(chat, "carol");
	visitor_told(alice);
	visitor_told(bob);
	visitor_told(carol);
}

/* Each offer is one that is given and one that is got. */
static size_t under_way(void)
{
	size_t count = chat_offers_count(chat_hall_offers(chat->hall));

	visited_assert_sane(chat);
	return count;
}

static void end(void)
{
	under_way();
	visited_close(chat);
}

TestSuite(chat_offers, .init = begin, .fini = end);

static const char digest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#define told(who, ...)                                                                             \
	do {                                                                                       \
		char expected_[8192];                                                              \
		const char *was_ = visitor_told(who);                                              \
		snprintf(expected_, sizeof expected_, __VA_ARGS__);                                \
		cr_assert_str_eq(was_, expected_, "was: %s", was_);                                \
	} while (0)

/* Base64 of so many bytes; valid until the next call. */
static const char *zeros(size_t count)
{
	static struct buffer text;
	static const char bytes[8192];

	buffer_free(&text);
	cr_assert(base64_add(&text, bytes, count));
	return buffer_text(&text);
}

static void offer(struct visitor *from, struct visitor *to, uint64_t size)
{
	visitor_say(from, "/offer %s %" PRIu64 " f", to->member.nick, size);
	visitor_told(from);
	visitor_told(to);
}

/* alice offers bob a file that he takes; its number is 1. */
static void going(uint64_t size)
{
	offer(alice, bob, size);
	visitor_say(bob, "/take 1");
	told(alice, "take 1\n");
}

static void data(size_t count)
{
	visitor_say(alice, "/data 1 %s", zeros(count));
}

/* Offer 1 is over, both know why, and carol nothing. */
static void dropped(const char *reason)
{
	told(alice, "dropped 1 %s\n", reason);
	told(bob, "dropped 1 %s\n", reason);
	told(carol, "%s", "");
	cr_assert_eq(under_way(), 0);
	cr_assert_null(alice->member.given);
	cr_assert_null(bob->member.got);
}

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

Test(chat_offers, names_are_made_fit)
{
	visitor_say(alice, "/offer bob 1 ../../etc/pass\u202ewd");
	told(alice, "offering 1 bob 1 pass_u{202e}wd\n");
	told(bob, "offered 1 alice 1 pass_u{202e}wd\n");
	visitor_say(alice, "/offer bob 1 .bashrc");
	told(alice, "dropped 0 that is no name for a file\n");
	told(bob, "%s", "");
}

/* ------ who may offer ------ */

Test(chat_offers, nobody_there)
{
	visitor_say(alice, "/offer dave 1 f");
	told(alice, "dropped 0 nobody of that name is here\n");
	visitor_say(alice, "/offer %0300d 1 f", 0);
	told(alice, "dropped 0 nobody of that name is here\n");
	visitor_say(alice, "/offer alice 1 f");
	told(alice, "dropped 0 that is you\n");
	cr_assert_eq(under_way(), 0);
}

Test(chat_offers, who_takes_none)
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

Test(chat_offers, a_plain_member_cannot)
{
	struct visitor *plain = visitor_plain(chat, "plain");

	visitor_told(bob);
	visitor_told(plain);
	visitor_say(plain, "/offer bob 1 f");
	told(bob, "%s", "");
	cr_assert_eq(under_way(), 0);
	cr_assert_null(plain->member.given);
}

Test(chat_offers, too_large)
{
	visitor_say(alice, "/offer bob 1048577 f");
	told(alice, "dropped 0 the host passes on at most 1 MiB\n");
	visitor_say(alice, "/offer bob 9223372036854775807 f");
	told(alice, "dropped 0 the host passes on at most 1 MiB\n");
	visitor_say(alice, "/offer bob 1048576 f");
	told(alice, "offering 1 bob 1048576 f\n");
}

Test(chat_offers, four_between_two_and_eight_in_all)
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

Test(chat_offers, eight_for_one)
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

/* ------ the window ------ */

Test(chat_offers, the_window)
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

Test(chat_offers, one_byte_over_the_window)
{
	going(200000);
	for (int i = 0; i < 21; i++)
		data(3000);
	visitor_told(bob);
	data(2537);
	dropped("a line of alice was out of turn");
}

Test(chat_offers, acknowledgements_in_steps)
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

enum turn { OFFERED, TAKEN, BEGUN, DONE };

/* 3000 of 6000 bytes are sent when it has begun. */
static void is_at(enum turn turn)
{
	offer(alice, bob, 6000);
	if (turn >= TAKEN)
		visitor_say(bob, "/take 1");
	if (turn >= BEGUN)
		data(3000);
	if (turn >= DONE) {
		data(3000);
		visitor_say(alice, "/done 1 %s", digest);
	}
	visitor_told(alice);
	visitor_told(bob);
}

#define OUT(name, turn, who, line)                                                                 \
	Test(chat_offers, name)                                                                    \
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

Test(chat_offers, too_large_a_piece)
{
	is_at(TAKEN);
	data(3001);
	dropped("a line of alice was out of turn");
}

Test(chat_offers, more_than_its_size)
{
	is_at(BEGUN);
	data(3000);
	visitor_told(bob);
	data(1);
	dropped("a line of alice was out of turn");
}

Test(chat_offers, a_digest_that_is_none)
{
	is_at(BEGUN);
	data(3000);
	visitor_told(bob);
	visitor_say(alice, "/done 1 %.63sX", digest);
	dropped("a line of alice was out of turn");
}

Test(chat_offers, a_last_piece_may_be_small)
{
	going(3001);
	data(3000);
	visitor_told(bob);
	data(1);
	told(bob, "data 1 AA==\n");
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

Test(chat_offers, refused)
{
	is_at(OFFERED);
	visitor_say(bob, "/drop 1");
	dropped("bob does not want it");
}

Test(chat_offers, taken_back)
{
	is_at(OFFERED);
	visitor_say(alice, "/drop 1");
	dropped("alice ended it");
}

Test(chat_offers, reasons_are_made_harmless)
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
