/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/hall_enter.c
 * Holds: a plain member is greeted, gives its nick alone or with /nick, blanks around it do not
 * count, and is told who it is, who is there and the topic; a nick is refused with its reason
 * (form, reserved, there already, looking like one that is there) and asked again ten times; empty
 * lines and /pong are not answers; what is said before the nick is not done; /quit works without a
 * nick; a full chat says so, and lets who hosts it in; a nick that went is free; a thousand come
 * in.
 */
#include "chat_hall_visited.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(chat_hall_enter, a_plain_member_comes_in)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_arrive(v, "192.0.2.1", false), *carol;

	cr_assert_str_eq(visitor_told(bob), "* Welcome to this sockutil chat. Your nick?\n");
	cr_assert_eq(chat_hall_count(v->hall), 0);
	visitor_say(bob, "  bob\t ");
	cr_assert_eq(bob->hearing, CHAT_HEARING_ON);
	cr_assert_str_eq(visitor_told(bob), "* you are bob, in lobby\n"
					    "* /help tells what you can say\n"
					    "* 1 here: bob\n");
	cr_assert_str_eq(bob->member.nick, "bob");
	cr_assert_str_empty(bob->member.token);
	cr_assert_eq(chat_hall_count(v->hall), 1);
	visitor_say(bob, "/topic tea");
	visitor_told(bob);
	carol = visitor_arrive(v, "192.0.2.2", false);
	visitor_told(carol);
	visitor_say(carol, "/nick carol");
	cr_assert_str_eq(visitor_told(carol), "* you are carol, in lobby\n"
					      "* /help tells what you can say\n"
					      "* 2 here: bob, carol\n"
					      "* bob set the topic: tea\n");
	cr_assert_str_eq(visitor_told(bob), "* carol joined\n");
	visited_close(v);
}

Test(chat_hall_enter, a_nick_is_refused_with_its_reason)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_arrive(v, NULL, false);

	visitor_plain(v, "Ivan");
	visitor_told(bob);
	visitor_say(bob, "a b");
	cr_assert_str_eq(visitor_told(bob), "* a name has letters, digits, - and _; not a blank. "
					    "Another nick?\n");
	visitor_say(bob, "\x1b[2J");
	cr_assert_str_eq(visitor_told(bob), "* a name has letters, digits, - and _; not \\x1b. "
					    "Another nick?\n");
	visitor_say(bob, "r00t");
	cr_assert(!bob->member.room);
	cr_assert_str_eq(visitor_told(bob), "* r00t is no nick for a member. Another nick?\n");
	visitor_say(bob, "Ivan");
	cr_assert_str_eq(visitor_told(bob), "* Ivan is here already. Another nick?\n");
	visitor_say(bob, "lvan");
	cr_assert_str_eq(visitor_told(bob),
			 "* lvan looks like Ivan, who is here already. Another nick?\n");
	visitor_say(bob, "iVAN");
	cr_assert_str_eq(visitor_told(bob),
			 "* iVAN looks like Ivan, who is here already. Another nick?\n");
	visitor_say(bob, "bob");
	cr_assert(bob->member.room);
	visited_close(v);
}

Test(chat_hall_enter, what_comes_before_the_nick)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_arrive(v, NULL, false), *carol = visitor_plain(v, "carol");

	visitor_told(bob);
	visitor_say(bob, "%s", "");
	visitor_say(bob, "  ");
	visitor_say(bob, "/pong x");
	cr_assert_str_empty(visitor_told(bob));
	cr_assert_eq(bob->member.refusals, 0);
	visitor_say(bob, "/msg carol hi");
	cr_assert_str_eq(visitor_told(bob), "* first a nick, then /msg. Another nick?\n");
	visitor_say(bob, "/mgs carol hi");
	cr_assert_str_eq(visitor_told(bob), "* no command /mgs; /msg?. Another nick?\n");
	visitor_say_bytes(bob, "b\0b", 3, true);
	cr_assert_str_eq(visitor_told(bob), "* a name has letters, digits, - and _; not \\x00. "
					    "Another nick?\n");
	cr_assert_str_empty(visitor_told(carol));
	visitor_say(bob, "/quit I never was");
	cr_assert_eq(bob->hearing, CHAT_HEARING_LEAVES);
	cr_assert_str_eq(visitor_told(bob), "* goodbye\n");
	cr_assert_str_empty(visitor_told(carol));
	visitor_say(bob, "bob");
	cr_assert_eq(bob->hearing, CHAT_HEARING_LEAVES);
	cr_assert_str_empty(visitor_told(bob));
	visited_close(v);
}

Test(chat_hall_enter, asked_ten_times)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_arrive(v, NULL, false);

	for (int i = 1; i < CHAT_REFUSALS_MAX; i++) {
		visitor_say(bob, "a b");
		cr_assert_eq(bob->hearing, CHAT_HEARING_ON);
	}
	visitor_told(bob);
	visitor_say(bob, "a b");
	cr_assert_eq(bob->hearing, CHAT_HEARING_LEAVES);
	cr_assert_str_eq(visitor_told(bob),
			 "* a name has letters, digits, - and _; not a blank. Another nick?\n"
			 "* goodbye: so many nicks, and none that can be had\n");
	cr_assert(!bob->member.arrived);
	cr_assert_str_empty(bob->dismissed);
	visitor_leave(bob, CHAT_LEAVING_LOST, "again");
	visited_close(v);
}

Test(chat_hall_enter, a_full_chat)
{
	struct visited *v = visited_open(0, 2);
	struct visitor *bob = visitor_plain(v, "bob"), *dave;

	visitor_plain(v, "carol");
	dave = visitor_arrive(v, NULL, false);
	visitor_told(dave);
	visitor_say(dave, "carol");
	cr_assert_eq(dave->hearing, CHAT_HEARING_ON);
	visitor_told(dave);
	visitor_say(dave, "dave");
	cr_assert_eq(dave->hearing, CHAT_HEARING_LEAVES);
	cr_assert_str_eq(visitor_told(dave), "* goodbye: the chat is full (2 members)\n");
	visitor_host(v, "erin");
	cr_assert_eq(chat_hall_count(v->hall), 3);
	visitor_leave(bob, CHAT_LEAVING_LEFT, "");
	visitor_leave((struct visitor *)chat_hall_find(v->hall, chat_slice_of("carol")),
		      CHAT_LEAVING_LEFT, "");
	visitor_plain(v, "bob");
	cr_assert_eq(chat_hall_count(v->hall), 2);
	visited_close(v);
}

/* Each was searched for among all who were there: nothing here depends on speed, but with a walk
 * over all of them it would be felt. */
Test(chat_hall_enter, a_thousand_come_in)
{
	struct visited *v = visited_open(0, 1000);
	char nick[CHAT_NICK_MAX];

	for (int i = 0; i < 1000; i++) {
		struct visitor *visitor = visitor_arrive(v, NULL, false);
		const struct chat_lines_line line = { .bytes = nick };
		struct chat_lines_line said = line;

		snprintf(nick, sizeof(nick), "member-%d", i);
		said.length = strlen(nick);
		cr_assert_eq(chat_hall_hear(v->hall, &visitor->member, &said, v->now_ms, v->now_ms),
			     CHAT_HEARING_ON);
		buffer_free(&visitor->told);
	}
	visited_assert_sane(v);
	cr_assert_eq(chat_hall_count(v->hall), 1000);
	visited_close(v);
}
