/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/hall_ignore.c
 * Holds: nothing of one who is ignored comes through (talk, /me, coming, going, another nick), what
 * others say does; again ends it; the list; it follows another nick, and does not fall on who takes
 * the old one; it survives going and coming back, and another nick after that; what was said before
 * is not told either; oneself, nobody of that name, a name that is none; 32 at most; the other way
 * round nothing is ignored; who is gone can be heard again.
 */
#include "chat_hall_visited.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(chat_hall_ignore, nothing_comes_through)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *eve = visitor_plain(v, "eve");
	struct visitor *carol = visitor_plain(v, "carol");

	visitor_told(bob);
	visitor_say(bob, "/ignore EVE");
	cr_assert_str_eq(visitor_told(bob), "* nothing of eve reaches you from now on\n");
	cr_assert(chat_hall_ignores(&bob->member, &eve->member));
	cr_assert(!chat_hall_ignores(&eve->member, &bob->member));
	cr_assert(!chat_hall_ignores(&bob->member, &carol->member));
	visitor_say(eve, "hi");
	visitor_say(eve, "/me waves");
	visitor_say(eve, "/join tea");
	visitor_say(eve, "/join lobby");
	visitor_say(eve, "/nick adam");
	visitor_say(eve, "/topic me");
	cr_assert_str_empty(visitor_told(bob));
	visitor_say(carol, "hello");
	cr_assert_str_eq(visitor_told(bob), "<carol> hello\n");
	visitor_told(eve);
	visitor_say(bob, "hi carol");
	cr_assert_str_eq(visitor_told(eve), "<bob> hi carol\n");
	visitor_say(bob, "/ignore");
	cr_assert_str_eq(visitor_told(bob), "* you ignore adam\n");
	visitor_say(bob, "/ignore adam");
	cr_assert_str_eq(visitor_told(bob), "* you hear adam again\n");
	cr_assert_null(bob->member.ignored);
	visitor_say(bob, "/ignore");
	cr_assert_str_eq(visitor_told(bob), "* you ignore nobody\n");
	visitor_say(eve, "there");
	cr_assert_str_eq(visitor_told(bob), "<adam> there\n");
	visited_close(v);
}

Test(chat_hall_ignore, it_is_who_that_counts)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *eve = visitor_plain(v, "eve"), *other;

	visitor_say(bob, "/ignore eve");
	visitor_say(eve, "/nick adam");
	other = visitor_plain(v, "eve");
	visitor_told(bob);
	visitor_say(other, "I am another one");
	cr_assert_str_eq(visitor_told(bob), "<eve> I am another one\n");
	visitor_say(eve, "and I the same");
	cr_assert_str_empty(visitor_told(bob));
	visitor_leave(eve, CHAT_LEAVING_LOST, "");
	eve = visitor_plain(v, "Adam");
	visitor_say(eve, "back");
	visitor_say(eve, "/nick snake");
	visitor_say(eve, "still");
	cr_assert_str_empty(visitor_told(bob));
	visitor_leave(eve, CHAT_LEAVING_LOST, "");
	visitor_say(bob, "/ignore adam");
	cr_assert_str_eq(visitor_told(bob), "* nobody here is called adam\n");
	visitor_say(bob, "/ignore snake");
	cr_assert_str_eq(visitor_told(bob), "* you hear snake again\n");
	visited_close(v);
}

Test(chat_hall_ignore, what_was_said_before)
{
	struct visited *v = visited_open(10, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *eve = visitor_plain(v, "eve");
	struct visitor *carol = visitor_plain(v, "carol");

	visitor_say(eve, "/join tea");
	visitor_say(carol, "/join tea");
	visitor_say(bob, "/ignore eve");
	visitor_say(eve, "one");
	visitor_told(bob);
	visitor_say(bob, "/join tea");
	cr_assert_str_eq(visitor_told(bob), "* you are in tea\n* 3 here: eve, carol, bob\n");
	visitor_say(bob, "/join lobby");
	visitor_say(carol, "two");
	visitor_leave(eve, CHAT_LEAVING_LEFT, "");
	visitor_told(bob);
	visitor_say(bob, "/join tea");
	cr_assert_str_eq(visitor_told(bob), "* you are in tea\n* 2 here: carol, bob\n"
					    "* earlier:\n<carol> two\n");
	visited_close(v);
}

Test(chat_hall_ignore, who_cannot_be)
{
	struct visited *v = visited_open(0, 50);
	struct visitor *bob = visitor_plain(v, "bob");
	char nick[20];

	visitor_say(bob, "/ignore bob");
	cr_assert_str_eq(visitor_told(bob), "* that is you yourself\n");
	visitor_say(bob, "/ignore eve");
	cr_assert_str_eq(visitor_told(bob), "* nobody here is called eve\n");
	visitor_say(bob, "/ignore <eve>");
	cr_assert_str_eq(visitor_told(bob), "* a name has letters, digits, - and _; not <\n");
	for (int i = 0; i < CHAT_IGNORED_MAX; i++) {
		snprintf(nick, sizeof(nick), "eve-%02d", i + 20);
		visitor_plain(v, nick);
		visitor_say(bob, "/ignore %s", nick);
	}
	visitor_plain(v, "eve");
	visitor_told(bob);
	visitor_say(bob, "/ignore eve");
	cr_assert_str_eq(visitor_told(bob),
			 "* you ignore 32 already; /ignore NICK ends it for one of them\n");
	visitor_say(bob, "/ignore eve-30");
	cr_assert_str_eq(visitor_told(bob), "* you hear eve-30 again\n");
	visitor_say(bob, "/ignore eve");
	cr_assert_str_eq(visitor_told(bob), "* nothing of eve reaches you from now on\n");
	visited_close(v);
}
