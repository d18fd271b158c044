/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/hall_news.c
 * Holds: a coming and a going are told at once, in order or lost, with why; five in a second are,
 * what comes then is told when the second is over, one by one when it is few, else counted; nobody
 * hears of himself, nor twice; who came and left untold was never there; when the next telling is
 * due; a late tick; another second, another five; each room by itself; all of it is in the log;
 * what waits goes with its room; who ignores somebody does not hear of him.
 */
#include "chat_hall_visited.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct visitor *numbered(struct visited *v, int number)
{
	char nick[20];

	snprintf(nick, sizeof(nick), "m-%d", number + 20);
	return visitor_plain(v, nick);
}

/* The five of this second have been told; bob is the one who reads. */
static struct visitor *busy_room(struct visited *v)
{
	struct visitor *bob = visitor_plain(v, "bob");

	for (int i = 1; i < CHAT_NEWS_TOLD; i++)
		numbered(v, i);
	cr_assert_eq(told_times(visitor_told(bob), " joined\n"), CHAT_NEWS_TOLD - 1);
	cr_assert_eq(v->hall->news, 0);
	return bob;
}

Test(chat_hall_news, at_once)
{
	struct visited *v = visited_open(0, 100);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_rich(v, "carol");
	struct visitor *dave = visitor_plain(v, "dave");

	cr_assert_str_eq(visitor_told(bob), "* carol joined\n* dave joined\n");
	cr_assert_str_eq(visitor_told(carol), "joined 1000000 lobby dave\n");
	visitor_leave(dave, CHAT_LEAVING_LEFT, "");
	cr_assert_str_eq(visitor_told(bob), "* dave left\n");
	cr_assert_str_eq(visitor_told(carol), "left 1000000 lobby dave\n");
	visited_pass(v, 1000);
	dave = visitor_plain(v, "dave");
	visitor_told(bob);
	visitor_told(carol);
	visitor_leave(dave, CHAT_LEAVING_LOST, "reset\nby peer");
	cr_assert_str_eq(visitor_told(bob), "* dave was lost (reset\\x0aby peer)\n");
	cr_assert_str_eq(visitor_told(carol), "lost 1001000 lobby dave reset\\x0aby peer\n");
	visitor_leave(dave, CHAT_LEAVING_LOST, "again");
	cr_assert_str_empty(visitor_told(bob));
	visited_close(v);
}

Test(chat_hall_news, few_are_told_one_by_one_later)
{
	struct visited *v = visited_open(0, 100);
	struct visitor *bob = busy_room(v), *six, *seven;

	six = numbered(v, 6);
	seven = numbered(v, 7);
	visitor_leave((struct visitor *)chat_hall_find(v->hall, chat_slice_of("m-21")),
		      CHAT_LEAVING_LOST, "reset");
	cr_assert_str_empty(visitor_told(bob));
	cr_assert_eq(visited_pass(v, 400), 600);
	cr_assert_str_empty(visitor_told(bob));
	visitor_told(six);
	visitor_told(seven);
	cr_assert_eq(visited_pass(v, 600), -1);
	cr_assert_str_eq(visitor_told(bob),
			 "* m-21 was lost (reset)\n* m-26 joined\n* m-27 joined\n");
	cr_assert_str_eq(visitor_told(six), "* m-21 was lost (reset)\n* m-27 joined\n");
	cr_assert_str_eq(visitor_told(seven), "* m-21 was lost (reset)\n* m-26 joined\n");
	/* These three count in the second that has begun. */
	numbered(v, 8);
	numbered(v, 9);
	cr_assert_str_eq(visitor_told(bob), "* m-28 joined\n* m-29 joined\n");
	numbered(v, 10);
	cr_assert_str_empty(visitor_told(bob));
	visited_close(v);
}

Test(chat_hall_news, many_are_counted)
{
	struct visited *v = visited_open(0, 100);
	struct visitor *bob = busy_room(v), *carol;

	visited_pass(v, 1000);
	carol = visitor_rich(v, "carol");
	for (int i = 0; i < 4; i++)
		numbered(v, 10 + i);
	visitor_told(bob);
	visitor_told(carol);
	for (int i = 0; i < 37; i++)
		numbered(v, 20 + i);
	for (int i = 0; i < 4; i++) {
		visitor_leave(v->visitors, CHAT_LEAVING_LEFT, "");
		numbered(v, 70 + i);
	}
	cr_assert_str_empty(visitor_told(bob));
	cr_assert_str_empty(visitor_told(carol));
	visited_pass(v, 1000);
	cr_assert_str_eq(visitor_told(bob), "* 37 came\n");
	cr_assert_str_eq(visitor_told(carol), "notice 37 came\n");
	for (struct visitor *s = v->visitors; s; s = s->next)
		if (s->member.room && s != bob && s != carol)
			visitor_leave(s, CHAT_LEAVING_LEFT, "");
	cr_assert_eq(told_times(visitor_told(bob), "\n"), CHAT_NEWS_TOLD);
	numbered(v, 80);
	visited_pass(v, 1000);
	cr_assert_str_eq(visitor_told(bob), "* 1 came, 40 left\n");
	cr_assert_eq(told_times(buffer_text(&v->records), "* bob joined\n"), 1);
	cr_assert_eq(told_times(buffer_text(&v->records), "joined\n"), 1 + 4 + 1 + 4 + 37 + 4 + 1);
	visited_close(v);
}

Test(chat_hall_news, who_came_and_left_untold)
{
	struct visited *v = visited_open(0, 100);
	struct visitor *bob = busy_room(v);

	for (int i = 0; i < 20; i++)
		visitor_leave(numbered(v, 10), CHAT_LEAVING_LOST, "");
	cr_assert_eq(v->hall->news, 0);
	cr_assert_eq(visited_pass(v, 1000), -1);
	cr_assert_str_empty(visitor_told(bob));
	/* One that moves on was not there either. */
	visitor_told(bob);
	for (int i = 0; i <= CHAT_NEWS_TOLD; i++)
		numbered(v, 40 + i);
	visitor_say(v->visitors, "/join tea");
	visitor_told(bob);
	visited_pass(v, 1000);
	cr_assert_str_empty(visitor_told(bob));
	visited_close(v);
}

/* Whatever comes after the second is over finds what waited told. */
Test(chat_hall_news, a_late_tick)
{
	struct visited *v = visited_open(0, 100);
	struct visitor *bob = busy_room(v);

	numbered(v, 6);
	v->now_ms += 1500;
	numbered(v, 7);
	cr_assert_str_eq(visitor_told(bob), "* m-26 joined\n* m-27 joined\n");
	visited_close(v);
}

Test(chat_hall_news, each_room_by_itself)
{
	struct visited *v = visited_open(0, 100);
	struct visitor *bob = busy_room(v), *carol = visitor_plain(v, "carol"), *dave;

	visitor_say(carol, "/join tea");
	dave = visitor_plain(v, "dave");
	visitor_told(carol);
	visitor_say(dave, "/join tea");
	cr_assert_str_eq(visitor_told(carol), "* dave joined\n");
	cr_assert_str_empty(visitor_told(bob));
	visited_pass(v, 1000);
	cr_assert_str_empty(visitor_told(bob));
	visited_close(v);
}

Test(chat_hall_news, what_waits_goes_with_its_room)
{
	struct visited *v = visited_open(0, 100);
	struct visitor *bob = busy_room(v);

	numbered(v, 6);
	for (struct visitor *s = v->visitors; s; s = s->next)
		if (s->member.room && s != bob)
			visitor_leave(s, CHAT_LEAVING_LEFT, "x");
	cr_assert_eq(v->hall->news, 1);
	visitor_say(bob, "/join tea");
	cr_assert_eq(v->hall->news, 0);
	visitor_told(bob);
	visited_pass(v, 1000);
	cr_assert_str_empty(visitor_told(bob));
	visited_close(v);
}

Test(chat_hall_news, of_one_who_is_ignored)
{
	struct visited *v = visited_open(0, 100);
	struct visitor *bob = busy_room(v), *eve = visitor_plain(v, "eve");

	visitor_say(bob, "/ignore eve");
	visitor_leave((struct visitor *)chat_hall_find(v->hall, chat_slice_of("m-21")),
		      CHAT_LEAVING_LEFT, "");
	visitor_told(bob);
	visited_pass(v, 1000);
	cr_assert_str_eq(visitor_told(bob), "* m-21 left\n");
	for (int i = 0; i < 3; i++)
		numbered(v, 30 + i);
	visitor_leave(eve, CHAT_LEAVING_LEFT, "bye, bob");
	visitor_told(bob);
	visited_pass(v, 1000);
	cr_assert_str_empty(visitor_told(bob));
	visited_close(v);
}
