/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/hall_history.c
 * Holds: who comes to a room is told the last so many messages and actions of it, oldest first,
 * behind a word that they are earlier ones; nothing when none are kept, or none were said; never
 * private ones; at most so many bytes a room, and all rooms together, where the one that keeps most
 * gives; kept names are those of the time; it goes with its room.
 */
#include "chat_hall_visited.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const char *told_on_coming(struct visited *v, const char *nick)
{
	static char told[4000];
	struct visitor *visitor = visitor_arrive(v, NULL, false);

	visitor_told(visitor);
	visitor_say(visitor, "%s", nick);
	snprintf(told, sizeof(told), "%s", strstr(visitor_told(visitor), "here: "));
	visitor_leave(visitor, CHAT_LEAVING_LEFT, "");
	return strchr(told, '\n') + 1;
}

Test(chat_hall_history, the_last_so_many)
{
	struct visited *v = visited_open(3, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_rich(v, "carol");

	cr_assert_str_empty(told_on_coming(v, "dave"));
	visitor_say(bob, "one");
	visitor_say(bob, "/msg carol private");
	visitor_say(carol, "/me two");
	cr_assert_str_eq(told_on_coming(v, "dave"), "* earlier:\n<bob> one\n~ carol two\n");
	visitor_say(bob, "/nick robert");
	visitor_say(bob, "three");
	visitor_say(bob, "four");
	cr_assert_str_eq(told_on_coming(v, "dave"),
			 "* earlier:\n~ carol two\n<robert> three\n<robert> four\n");
	visitor_leave(carol, CHAT_LEAVING_LEFT, "");
	visitor_say(bob, "/join tea");
	visitor_say(bob, "five");
	visitor_say(bob, "/join lobby");
	visitor_told(bob);
	visitor_say(bob, "/join tea");
	cr_assert_str_eq(visitor_told(bob), "* you are in tea\n* 1 here: robert\n");
	visited_close(v);
}

Test(chat_hall_history, a_richer_client_gets_it_as_it_was)
{
	struct visited *v = visited_open(3, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol;

	visitor_say(bob, "one");
	visited_pass(v, 5000);
	carol = visitor_arrive(v, NULL, false);
	visitor_say(carol, "/hello chat/1 carol lobby");
	cr_assert(strstr(visitor_told(carol),
			 "\nnotice earlier:\nmessage 1 1000000 lobby bob one\n"));
	visited_close(v);
}

Test(chat_hall_history, none_is_kept)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob");

	visitor_say(bob, "one");
	cr_assert_str_empty(told_on_coming(v, "dave"));
	cr_assert_eq(v->hall->kept, 0);
	cr_assert_null(v->hall->rooms->history.ring);
	visited_close(v);
}

/* One that is in the ring from before it grew, or that went round in it, comes in its turn. */
Test(chat_hall_history, many)
{
	struct visited *v = visited_open(100, 10);
	struct visitor *bob = visitor_plain(v, "bob");
	char expected[4000] = "* earlier:\n";
	size_t length = strlen(expected);

	for (int i = 0; i < 250; i++)
		visitor_say(bob, "%d", i);
	for (int i = 150; i < 250; i++)
		length += (size_t)snprintf(expected + length, sizeof(expected) - length,
					   "<bob> %d\n", i);
	cr_assert_str_eq(told_on_coming(v, "dave"), expected);
	visited_close(v);
}

static void say_long(struct visitor *visitor, int times)
{
	char text[CHAT_LINE_MAX];

	memset(text, 'x', sizeof(text));
	for (int i = 0; i < times; i++)
		visitor_say_bytes(visitor, text, sizeof(text), false);
}

Test(chat_hall_history, bounded_by_bytes)
{
	struct visited *v = visited_open(10000, 100);
	struct visitor *bob = visitor_plain(v, "bob");
	const struct chat_room *lobby = v->hall->rooms;
	char nick[20];

	say_long(bob, 600);
	cr_assert_gt(lobby->history.bytes, CHAT_HISTORY_ROOM - 10000);
	cr_assert_leq(lobby->history.bytes, CHAT_HISTORY_ROOM);
	cr_assert_eq(lobby->history.forgotten, 600 - lobby->history.count);
	visited_close(v);

	v = visited_open(10000, 100);
	bob = visitor_plain(v, "bob");
	lobby = v->hall->rooms;
	visitor_say(bob, "one");
	for (int i = 0; i < 18; i++) {
		struct visitor *eve;

		snprintf(nick, sizeof(nick), "eve-%d", i + 20);
		eve = visitor_plain(v, nick);
		visitor_say(eve, "/join %s", nick);
		say_long(eve, 520);
	}
	cr_assert_leq(v->hall->kept, CHAT_HISTORY_HALL);
	cr_assert_gt(v->hall->kept, CHAT_HISTORY_HALL - 10000);
	visitor_say(bob, "two");
	cr_assert_eq(lobby->history.count, 2);
	for (const struct chat_room *room = v->hall->rooms; room; room = room->next)
		cr_assert(room == lobby || room->history.bytes > 3 << 20);
	visited_close(v);
}
