/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/hall.c
 * Holds: what a member needs of memory; a line that was cut is said to be; a text that grows when
 * it is cleaned is bounded, between characters, and its sender told; no line forges another,
 * whatever is in it; members are found by what looks like their nick; leaving twice is leaving
 * once, before a nick it is nobody's business; when the host goes all are told, those without a
 * nick too, and nobody hears of the others going; what is heard then means nothing; when the next
 * tick is wanted; settings; a hall is freed with all who are in it.
 */
#include "chat_hall_visited.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/chat/offers.h>

Test(chat_hall, what_a_member_needs)
{
	/* The rest are its names: a nick, twice its keys. */
	cr_assert_leq(sizeof(struct chat_member) + sizeof(struct chat_nick_names), 400);
}

Test(chat_hall, long_texts)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_plain(v, "carol");
	char text[CHAT_LINE_MAX];
	const char *told;

	visitor_told(bob);
	memset(text, 'x', sizeof(text));
	visitor_say_bytes(bob, text, sizeof(text), true);
	cr_assert_str_eq(visitor_told(bob),
			 "* your line was longer than 4096 bytes; the rest was dropped\n");
	cr_assert_eq(strlen(visitor_told(carol)), strlen("<bob> \n") + sizeof(text));
	memset(text, '\x1b', sizeof(text));
	visitor_say_bytes(bob, text, sizeof(text), false);
	cr_assert_str_eq(visitor_told(bob), "* what others see of your text is longer than 8192 "
					    "bytes; the rest was dropped\n");
	told = visitor_told(carol);
	cr_assert_eq(strlen(told), strlen("<bob> \n") + CHAT_SAID_MAX);
	cr_assert_eq(told_times(told, "\\x1b"), CHAT_SAID_MAX / 4);
	/* Of the three bytes of the last character two would fit. */
	memcpy(text + 2047, "xx\xe2\x82\xac", 5);
	visitor_say_bytes(bob, text, 2052, false);
	cr_assert_eq(strlen(visitor_told(carol)), strlen("<bob> \n") + CHAT_SAID_MAX - 2);
	visited_close(v);
}

/* Whatever is said comes out as one line that begins with who said it. */
Test(chat_hall, nothing_forges_a_line)
{
	static const char *const texts[] = {
		"a\rb",
		"a\n<carol> b",
		"* server",
		"<carol> b",
		"\xe2\x80\xa8<carol> b",
		"\xe2\x80\xae olleh",
		"\x1b[2J",
		"\x9b",
		"/me x\n* carol joined",
		"\xc2\x85* x",
	};
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_plain(v, "carol");
	struct visitor *dave = visitor_rich(v, "dave");

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const char *told;

		visitor_told(carol);
		visitor_told(dave);
		visitor_say_bytes(bob, texts[i], strlen(texts[i]), false);
		told = visitor_told(carol);
		cr_assert_eq(told_times(told, "\n"), 1, "%s", told);
		cr_assert(!strncmp(told, "<bob> ", 6) || !strncmp(told, "~ bob ", 6), "%s", told);
		cr_assert(!strpbrk(told, "\r\x1b\x9b"), "%s", told);
		cr_assert(!strstr(told, "\xe2\x80") && !strstr(told, "\xc2\x85"), "%s", told);
		told = visitor_told(dave);
		cr_assert_eq(told_times(told, "\n"), 1, "%s", told);
		cr_assert_str_eq(told_word(told, 4), "bob");
	}
	visited_close(v);
}

Test(chat_hall, finding)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob");

	cr_assert_eq(chat_hall_find(v->hall, chat_slice_of("B0B")), &bob->member);
	cr_assert_null(chat_hall_find(v->hall, chat_slice_of("carol")));
	cr_assert_null(chat_hall_find(v->hall, chat_slice_of("b b")));
	cr_assert_null(chat_hall_find(v->hall, chat_slice_of("")));
	cr_assert_eq(chat_hall_settings(v->hall)->epoch, 77);
	cr_assert_eq(chat_offers_count(chat_hall_offers(v->hall)), 0);
	visited_close(v);
}

Test(chat_hall, leaving)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_arrive(v, NULL, false);

	visitor_leave(carol, CHAT_LEAVING_LOST, "reset");
	cr_assert_str_empty(visitor_told(bob));
	carol = visitor_plain(v, "carol");
	visitor_told(bob);
	visitor_leave(carol, CHAT_LEAVING_LOST, "");
	visitor_leave(carol, CHAT_LEAVING_LEFT, "");
	cr_assert_str_eq(visitor_told(bob), "* carol was lost\n");
	cr_assert_eq(chat_hall_count(v->hall), 1);
	visitor_say(carol, "boo");
	cr_assert_eq(carol->hearing, CHAT_HEARING_LEAVES);
	cr_assert_str_empty(visitor_told(bob));
	visited_close(v);
}

Test(chat_hall, the_host_goes)
{
	struct visited *v = visited_open(5, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_rich(v, "carol");
	struct visitor *dave = visitor_arrive(v, NULL, false);

	for (struct visitor *s = v->visitors; s; s = s->next)
		visitor_told(s);
	buffer_free(&v->records);
	chat_hall_close(v->hall, "the host ends the chat");
	cr_assert_str_eq(visitor_told(bob), "* goodbye: the host ends the chat\n");
	cr_assert_str_eq(visitor_told(carol), "bye end the host ends the chat\n");
	cr_assert_str_eq(visitor_told(dave), "* goodbye: the host ends the chat\n");
	visitor_say(bob, "wait");
	cr_assert_eq(bob->hearing, CHAT_HEARING_LEAVES);
	visitor_leave(bob, CHAT_LEAVING_LEFT, "");
	cr_assert_eq(visited_pass(v, 1000), -1);
	cr_assert_str_empty(visitor_told(carol));
	cr_assert_eq(v->records.length, 0);
	visited_close(v);
}

/* The room has not been told that the last ones came, and never will be. */
Test(chat_hall, the_host_goes_while_many_come)
{
	struct visited *v = visited_open(0, 20);

	for (int i = 0; i <= CHAT_NEWS_TOLD; i++)
		visitor_plain(v, (const char *const[]){ "d1", "e2", "f3", "g4", "h5", "j6" }[i]);
	visitor_plain(v, "k7");
	cr_assert(v->visitors->member.untold);
	chat_hall_close(v->hall, "late");
	visitor_leave(v->visitors, CHAT_LEAVING_LEFT, "");
	visited_close(v);
}

Test(chat_hall, when_the_next_tick_is_wanted)
{
	struct visited *v = visited_open(0, 20);
	struct visitor *bob = visitor_rich(v, "bob"), *carol = visitor_rich(v, "carol");

	cr_assert_eq(visited_pass(v, 1000), -1);
	visitor_told(carol);
	visitor_say(bob, "/offer carol 3 x");
	cr_assert_eq(visited_pass(v, 0), CHAT_OFFER_WAITS_MS);
	for (int i = 0; i <= CHAT_NEWS_TOLD; i++)
		visitor_plain(v, (const char *const[]){ "d1", "e2", "f3", "g4", "h5", "j6" }[i]);
	cr_assert_eq(visited_pass(v, 0), CHAT_NEWS_MS);
	cr_assert_eq(visited_pass(v, 1000), CHAT_OFFER_WAITS_MS - 1000);
	cr_assert_eq(visited_pass(v, CHAT_OFFER_WAITS_MS), -1);
	cr_assert_eq(told_times(visitor_told(carol), "\ndropped 1 "), 1);
	visited_close(v);
}

Test(chat_hall, is_freed_with_all_who_are_in_it)
{
	struct visited *v = visited_open(5, 10);
	struct visitor *bob = visitor_rich(v, "bob"), *carol = visitor_rich(v, "carol");

	visitor_say(bob, "/ignore carol");
	visitor_say(bob, "/topic x");
	visitor_say(carol, "hi");
	visitor_say(carol, "/offer bob 1 x");
	visitor_arrive(v, NULL, false);
	visited_close(v);
	chat_hall_free(NULL);
	(void)bob;
}
