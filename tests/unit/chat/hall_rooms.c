/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/hall_rooms.c
 * Holds: /join makes a room and leaves the other, each room hears of its own; a room goes with its
 * last member, with its topic, but the one where everybody starts keeps both, and nobody makes one
 * that looks like it, not even the first member of all; the same room again, one that looks like
 * another, a name that is none; a room written in another case; what is said stays in its room, one
 * line for all readers; who left from the middle or the end of a room is out of it; the topic, read
 * and set, none yet, too long; who ignores its setter is not told.
 */
#include "chat_hall_visited.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(chat_hall_rooms, join_moves)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_rich(v, "carol");
	struct visitor *dave = visitor_plain(v, "dave");

	visitor_told(bob);
	visitor_told(carol);
	visitor_say(bob, "/join tea");
	cr_assert_str_eq(visitor_told(bob), "* you are in tea\n* 1 here: bob\n");
	cr_assert_str_eq(visitor_told(carol), "left 1000000 lobby bob\n");
	cr_assert_str_eq(visitor_told(dave), "* bob left\n");
	visitor_say(bob, "/topic green");
	visitor_told(bob);
	visitor_say(carol, "/join tea");
	cr_assert_str_eq(visitor_told(carol), "joined 1000000 tea carol\n"
					      "members tea 2 bob carol\n"
					      "topic 1000000 tea bob green\n");
	cr_assert_str_eq(visitor_told(bob), "* carol joined\n");
	cr_assert_str_eq(visitor_told(dave), "* carol left\n");
	cr_assert_eq(v->hall->room_count, 2);
	visitor_say(bob, "/join lobby");
	visitor_say(carol, "/join lobby");
	cr_assert_eq(v->hall->room_count, 1);
	visitor_say(carol, "/join tea");
	visitor_told(carol);
	visitor_say(carol, "/topic");
	cr_assert_str_eq(visitor_told(carol), "topic 1000000 tea -\n");
	visited_close(v);
}

Test(chat_hall_rooms, where_everybody_starts_stays)
{
	struct visited *v = visited_open(5, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol;

	visitor_say(bob, "/topic green");
	visitor_say(bob, "is anybody here?");
	visitor_leave(bob, CHAT_LEAVING_LEFT, "");
	visited_pass(v, 60000);
	cr_assert_eq(v->hall->room_count, 1);
	carol = visitor_arrive(v, "192.0.2.1", false);
	visitor_told(carol);
	visitor_say(carol, "carol");
	cr_assert_str_eq(visitor_told(carol), "* you are carol, in lobby\n"
					      "* /help tells what you can say\n"
					      "* 1 here: carol\n"
					      "* bob set the topic: green\n"
					      "* earlier:\n"
					      "<bob> is anybody here?\n");
	visitor_say(carol, "/join tea");
	visitor_told(carol);
	visitor_say(carol, "/rooms");
	cr_assert_str_eq(visitor_told(carol), "* rooms: tea 1\n");
	visited_close(v);
}

Test(chat_hall_rooms, nobody_takes_where_everybody_starts)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *eve = visitor_arrive(v, NULL, false), *bob;

	visitor_say(eve, "/hello chat/1 eve l0bby");
	cr_assert(strstr(visitor_told(eve), "refused l0bby looks like the room lobby; "));
	visitor_say(eve, "/hello chat/1 eve LOBBY");
	cr_assert(strstr(visitor_told(eve), "welcome eve lobby "));
	bob = visitor_plain(v, "bob");
	cr_assert_eq(bob->member.room, eve->member.room);
	visited_close(v);
}

Test(chat_hall_rooms, rooms_that_cannot_be_joined)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob");

	visitor_say(bob, "/join lobby");
	cr_assert_str_eq(visitor_told(bob), "* you are in lobby already\n");
	visitor_say(bob, "/join LOBBY");
	cr_assert_str_eq(visitor_told(bob), "* you are in lobby already\n");
	visitor_say(bob, "/join 1obby");
	cr_assert_str_eq(visitor_told(bob),
			 "* 1obby looks like the room lobby; /join lobby goes there\n");
	visitor_say(bob, "/join a<b");
	cr_assert_str_eq(visitor_told(bob),
			 "* the room's name: a name has letters, digits, - and _; not <\n");
	visitor_say(bob, "/join");
	cr_assert_str_eq(visitor_told(bob), "* /join ROOM: ROOM is missing\n");
	cr_assert_eq(v->hall->room_count, 1);
	visited_close(v);
}

Test(chat_hall_rooms, what_is_said_stays_in_its_room)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_plain(v, "carol");
	struct visitor *dave = visitor_rich(v, "dave"), *erin = visitor_plain(v, "erin");
	const struct chat_line *line;

	visitor_say(erin, "/join tea");
	for (struct visitor *s = v->visitors; s; s = s->next)
		visitor_told(s);
	v->deliveries = 0;
	visitor_say(bob, "hello");
	cr_assert_eq(v->deliveries, 2);
	cr_assert_str_empty(visitor_told(bob));
	cr_assert_str_empty(visitor_told(erin));
	cr_assert_str_eq(visitor_told(carol), "<bob> hello\n");
	cr_assert_str_eq(visitor_told(dave), "message 1 1000000 lobby bob hello\n");
	line = v->line;
	visitor_say(erin, "to nobody");
	cr_assert_eq(v->line, line);
	cr_assert_eq(v->hall->last_id, 2);
	visited_close(v);
}

Test(chat_hall_rooms, from_anywhere_in_a_room)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_plain(v, "carol");
	struct visitor *dave = visitor_plain(v, "dave"), *erin = visitor_plain(v, "erin");

	visitor_leave(carol, CHAT_LEAVING_LEFT, "");
	visitor_leave(erin, CHAT_LEAVING_LOST, "");
	visitor_plain(v, "frank");
	visitor_told(dave);
	visitor_say(dave, "/who");
	cr_assert_str_eq(visitor_told(dave), "* 3 here: bob, dave, frank\n");
	visitor_leave(bob, CHAT_LEAVING_LEFT, "");
	visitor_told(dave);
	visitor_say(dave, "/who");
	cr_assert_str_eq(visitor_told(dave), "* 2 here: dave, frank\n");
	visited_close(v);
}

Test(chat_hall_rooms, the_topic)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_rich(v, "carol");
	struct visitor *dave = visitor_plain(v, "dave");
	char text[CHAT_TOPIC_MAX + 2];

	visitor_told(bob);
	visitor_told(carol);
	visitor_say(bob, "/topic");
	cr_assert_str_eq(visitor_told(bob), "* no topic\n");
	visitor_say(dave, "/ignore bob");
	visitor_told(dave);
	visitor_say(bob, "/topic tea \x1b[2J at five");
	cr_assert_str_eq(visitor_told(bob), "* bob set the topic: tea \\x1b[2J at five\n");
	cr_assert_str_eq(visitor_told(carol), "topic 1000000 lobby bob tea \\x1b[2J at five\n");
	cr_assert_str_empty(visitor_told(dave));
	visited_pass(v, 5000);
	visitor_say(bob, "/nick robert");
	visitor_told(carol);
	visitor_say(carol, "/topic");
	cr_assert_str_eq(visitor_told(carol), "topic 1000000 lobby bob tea \\x1b[2J at five\n");
	visitor_told(bob);
	/* "é" does not fit in what is left. */
	memset(text, 'x', sizeof(text));
	memcpy(text + CHAT_TOPIC_MAX - 1, "\xc3\xa9", 3);
	visitor_say(carol, "/topic %s", text);
	text[CHAT_TOPIC_MAX - 1] = '\0';
	cr_assert_str_eq(v->hall->rooms->topic, text);
	cr_assert(strstr(visitor_told(carol),
			 "notice a topic has at most 1024 bytes; the rest was dropped\n"));
	cr_assert_eq(told_times(visitor_told(bob), "\n"), 1);
	visited_close(v);
}
