/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/hall_commands.c
 * Holds: what is said reaches the others, cleaned, and its own sender when it is a richer client;
 * blanks alone are nothing, whatever blanks; //; /me; /msg to one alone, to nobody, to oneself, to
 * one who ignores the sender; /nick, the same, taken, looking like one's own; /who; /rooms; /help
 * for each kind of member; /quit with its reason, cleaned and cut; commands of clients and of
 * programs from plain members, and files; a mistyped command; /hello and /pong of who is in; ids.
 */
#include "chat_hall_visited.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void forget(struct visited *v)
{
	for (struct visitor *s = v->visitors; s; s = s->next)
		visitor_told(s);
}

Test(chat_hall_commands, texts)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_rich(v, "bob"), *carol = visitor_plain(v, "carol");

	forget(v);
	visitor_say(bob, " hi <carol> \x1b[31m\xff ");
	cr_assert_str_eq(visitor_told(bob),
			 "message 1 1000000 lobby bob  hi <carol> \\x1b[31m\\xff \n");
	cr_assert_str_eq(visitor_told(carol), "<bob>  hi <carol> \\x1b[31m\\xff \n");
	visitor_say(carol, "//me too");
	cr_assert_str_eq(visitor_told(bob), "message 2 1000000 lobby carol /me too\n");
	cr_assert_str_empty(visitor_told(carol));
	visitor_say(bob, "/me waves");
	cr_assert_str_eq(visitor_told(carol), "~ bob waves\n");
	cr_assert_str_eq(visitor_told(bob), "action 3 1000000 lobby bob waves\n");
	cr_assert_str_eq(buffer_text(&v->records), "* bob joined\n* carol joined\n"
						   "<bob>  hi <carol> \\x1b[31m\\xff \n"
						   "<carol> /me too\n~ bob waves\n");
	visited_close(v);
}

Test(chat_hall_commands, blanks_are_nothing)
{
	struct visited *v = visited_open(9, 10);
	struct visitor *bob = visitor_rich(v, "bob"), *carol = visitor_plain(v, "carol");

	forget(v);
	visitor_say(bob, "%s", "");
	visitor_say(bob, " \t ");
	visitor_say(bob, "\xc2\xa0\xe2\x80\x83\xe3\x80\x80 ");
	visitor_say(bob, "/me \xe3\x80\x80");
	visitor_say(bob, "/msg carol \xe3\x80\x80");
	cr_assert_str_empty(visitor_told(carol));
	cr_assert_str_empty(visitor_told(bob));
	cr_assert_eq(v->hall->last_id, 0);
	visitor_say(bob, "\xe2\x80\x8b");
	cr_assert_str_eq(visitor_told(carol), "<bob> \\u{200b}\n");
	visited_close(v);
}

Test(chat_hall_commands, to_one_alone)
{
	struct visited *v = visited_open(9, 10);
	struct visitor *bob = visitor_rich(v, "bob"), *carol = visitor_plain(v, "carol");
	struct visitor *dave = visitor_plain(v, "dave");

	visitor_say(dave, "/join tea");
	forget(v);
	buffer_free(&v->records);
	visitor_say(bob, "/msg DAVE psst \x07");
	cr_assert_str_eq(visitor_told(dave), "[bob] psst \\x07\n");
	cr_assert_str_eq(visitor_told(bob), "private 1000000 bob dave psst \\x07\n");
	cr_assert_str_empty(visitor_told(carol));
	visitor_say(dave, "/msg bob yes?");
	cr_assert_str_eq(visitor_told(bob), "private 1000000 dave bob yes?\n");
	cr_assert_str_empty(visitor_told(dave));
	visitor_say(dave, "/msg erin hi");
	cr_assert_str_eq(visitor_told(dave), "* nobody here is called erin\n");
	visitor_say(dave, "/msg dave hi");
	cr_assert_str_eq(visitor_told(dave), "* dave is you yourself\n");
	visitor_say(bob, "/ignore dave");
	visitor_told(bob);
	visitor_say(dave, "/msg bob hi");
	cr_assert_str_eq(visitor_told(dave), "* bob does not want to hear you\n");
	cr_assert_str_empty(visitor_told(bob));
	visitor_say(dave, "/msg bob");
	cr_assert_str_eq(visitor_told(dave), "* /msg NICK TEXT: TEXT is missing\n");
	cr_assert_eq(v->records.length, 0);
	cr_assert_eq(v->hall->last_id, 0);
	visited_close(v);
}

Test(chat_hall_commands, another_nick)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_rich(v, "carol");

	forget(v);
	visitor_say(bob, "/nick robert");
	cr_assert_str_eq(visitor_told(bob), "* bob is now robert\n");
	cr_assert_str_eq(visitor_told(carol), "renamed 1000000 lobby bob robert\n");
	cr_assert_str_eq(bob->member.nick, "robert");
	visitor_say(bob, "/nick ROBERT");
	cr_assert_str_eq(visitor_told(bob), "* robert is now ROBERT\n");
	visitor_say(bob, "/nick ROBERT");
	cr_assert_str_eq(visitor_told(bob), "* you are ROBERT already\n");
	visitor_say(bob, "/nick Carol");
	cr_assert_str_eq(visitor_told(bob), "* Carol looks like carol, who is here already\n");
	visitor_say(bob, "/nick carol");
	cr_assert_str_eq(visitor_told(bob), "* carol is here already\n");
	visitor_say(bob, "/nick you");
	cr_assert_str_eq(visitor_told(bob), "* you is no nick for a member\n");
	visitor_say(bob, "/nick [x]");
	cr_assert_str_eq(visitor_told(bob), "* a name has letters, digits, - and _; not [\n");
	visitor_told(carol);
	visitor_say(carol, "/nick bob");
	cr_assert_str_eq(visitor_told(carol), "renamed 1000000 lobby carol bob\n");
	visited_close(v);
}

Test(chat_hall_commands, who_and_rooms)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_rich(v, "carol");

	visitor_say(visitor_plain(v, "dave"), "/join tea");
	forget(v);
	visitor_say(bob, "/who");
	cr_assert_str_eq(visitor_told(bob), "* 2 here: bob, carol\n");
	visitor_say(carol, "/who");
	cr_assert_str_eq(visitor_told(carol), "members lobby 2 bob carol\n");
	visitor_say(bob, "/rooms");
	cr_assert_str_eq(visitor_told(bob), "* rooms: tea 1, lobby 2\n");
	visitor_say(carol, "/rooms");
	cr_assert_str_eq(visitor_told(carol), "notice rooms: tea 1, lobby 2\n");
	visited_close(v);
}

Test(chat_hall_commands, help)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_rich(v, "carol");
	struct visitor *dave = visitor_host(v, "dave");
	const char *told;

	forget(v);
	visitor_say(bob, "/help");
	cr_assert_str_eq(visitor_told(bob),
			 "* /nick NAME: another nick\n"
			 "* /me TEXT: what you do, in the third person\n"
			 "* /msg NICK TEXT: to one member alone\n"
			 "* /who: who is in the room\n"
			 "* /join ROOM: another room\n"
			 "* /rooms: the rooms, and how many are in each\n"
			 "* /topic [TEXT]: the room's topic, read or set\n"
			 "* /ignore [NICK]: nothing of that member reaches you; again: it does\n"
			 "* /help: this\n"
			 "* /quit [REASON]: leave\n"
			 "* // begins a text with a slash\n");
	visitor_say(carol, "/help");
	told = visitor_told(carol);
	cr_assert(strstr(told, "notice /send NICK FILE: offer a file\n"));
	cr_assert(!strstr(told, "/kick") && !strstr(told, "/hello") && !strstr(told, "/data"));
	visitor_say(dave, "/help");
	cr_assert(strstr(visitor_told(dave), "notice /kick NICK [REASON]: put out\n"));
	visited_close(v);
}

Test(chat_hall_commands, quit)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_rich(v, "bob"), *carol = visitor_plain(v, "carol");
	struct visitor *dave = visitor_plain(v, "dave");
	char text[CHAT_REASON_MAX + 2];

	forget(v);
	buffer_free(&v->records);
	visitor_say(bob, "/quit tea\x1b time");
	cr_assert_eq(bob->hearing, CHAT_HEARING_LEAVES);
	cr_assert_str_eq(visitor_told(bob), "bye quit\n");
	cr_assert_str_eq(visitor_told(carol), "* bob left (tea\\x1b time)\n");
	cr_assert(!bob->member.arrived);
	cr_assert_str_empty(bob->dismissed);
	visitor_leave(bob, CHAT_LEAVING_LEFT, "once more");
	cr_assert_str_empty(visitor_told(carol));
	cr_assert_str_eq(buffer_text(&v->records), "* bob left (tea\\x1b time)\n");
	visitor_told(dave);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	visitor_say(dave, "/quit %s", text);
	cr_assert_eq(strlen(visitor_told(carol)), strlen("* dave left ()\n") + CHAT_REASON_MAX);
	cr_assert_str_eq(visitor_told(dave),
			 "* what others see of your text is longer than 512 bytes; the rest was "
			 "dropped\n* goodbye\n");
	visited_close(v);
}

Test(chat_hall_commands, what_is_not_for_a_plain_member)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob");

	visitor_say(bob, "/send carol x.txt");
	cr_assert_str_eq(visitor_told(bob),
			 "* /send is for clients that know how: join with sockutil chat\n");
	visitor_say(bob, "/clear");
	cr_assert_str_eq(visitor_told(bob),
			 "* /clear is for clients that know how: join with sockutil chat\n");
	for (const char *const *line =
		     (const char *const[]){ "/offer bob 1 x", "/take 1", "/drop 1", "/data 1 AA==",
					    "/taken 1 1", "/done 1 x", "/kept 1", NULL };
	     *line; line++) {
		visitor_say(bob, "%s", *line);
		cr_assert_str_eq(visitor_told(bob),
				 "* files go between clients that know how: "
				 "join with sockutil chat\n",
				 "%s", *line);
	}
	visitor_say(bob, "/kick bob");
	cr_assert_str_eq(visitor_told(bob), "* /kick is for who hosts the chat\n");
	visitor_say(bob, "/ban bob");
	cr_assert_str_eq(visitor_told(bob), "* /ban is for who hosts the chat\n");
	visitor_say(bob, "/hello chat/1 bob lobby");
	cr_assert_str_eq(visitor_told(bob), "* you are in already, as bob\n");
	visitor_say(bob, "/pong x");
	cr_assert_str_empty(visitor_told(bob));
	visitor_say(bob, "/mgs bob x");
	cr_assert_str_eq(visitor_told(bob), "* no command /mgs; /msg?\n");
	cr_assert_eq(bob->hearing, CHAT_HEARING_ON);
	visited_close(v);
}

/* An offer goes the whole way to the other one. */
Test(chat_hall_commands, files_of_richer_clients)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_rich(v, "bob"), *carol = visitor_rich(v, "carol");
	struct visitor *dave = visitor_plain(v, "dave");

	forget(v);
	visitor_say(bob, "/offer carol 3 a\\b.txt");
	cr_assert_str_eq(visitor_told(carol), "offered 1 bob 3 b.txt\n");
	visitor_told(bob);
	visitor_say(carol, "/take 1");
	cr_assert_str_eq(visitor_told(bob), "take 1\n");
	visitor_say(carol, "/quit");
	cr_assert(strstr(visitor_told(bob), "\ndropped 1 "));
	visitor_told(dave);
	visitor_say(bob, "/offer dave 3 a.txt");
	cr_assert_str_empty(visitor_told(dave));
	cr_assert_str_eq(told_word(visitor_told(bob), 0), "dropped");
	visited_close(v);
}
