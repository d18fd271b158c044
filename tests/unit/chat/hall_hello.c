/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/hall_hello.c
 * Holds: a richer client comes in with one line, and is told who it is, the epoch, the newest id
 * and a token of its own; a room of its choice, or none said; another version, or a malformed
 * hello; a refused one may be sent again, ten times; with its token it takes its nick back from a
 * ghost, the room learns nothing, the ghost is told and dismissed, who ignored it still does and
 * whom it ignored as well, a coming that was not told yet is told once; into another room; the
 * token of another, of another run or a cut one takes nothing; when the ghost is gone the nick is
 * had as by anybody; what was said meanwhile is told, and when part of it is not kept, the room or
 * the host are new.
 */
#include "chat_hall_visited.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct visitor *hello(struct visited *v, const char *rest)
{
	struct visitor *visitor = visitor_arrive(v, NULL, false);

	visitor_told(visitor);
	visitor_say(visitor, "/hello %s", rest);
	return visitor;
}

static struct visitor *back(struct visited *v, const char *nick, const char *room, unsigned epoch,
			    unsigned id, const char *token)
{
	char text[200];

	snprintf(text, sizeof(text), "chat/1 %s %s %u %u %s", nick, room, epoch, id, token);
	return hello(v, text);
}

Test(chat_hall_hello, a_richer_client_comes_in)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *carol = visitor_plain(v, "carol");
	struct visitor *bob = hello(v, "chat/1 bob lobby");
	const char *told = visitor_told(bob);
	char expected[200];

	cr_assert(bob->member.rich);
	cr_assert_eq(strlen(bob->member.token), 32);
	snprintf(expected, sizeof(expected),
		 "welcome bob lobby 77 0 %s\nmembers lobby 2 carol bob\n", bob->member.token);
	cr_assert_str_eq(told, expected);
	cr_assert_str_eq(visitor_told(carol), "* bob joined\n");
	visitor_say(bob, "/topic tea");
	visitor_say(bob, "hi");
	told = visitor_told(hello(v, "chat/1 dave"));
	cr_assert_str_eq(told_word(told, 1), "dave");
	cr_assert_str_eq(told_word(told, 2), "lobby");
	cr_assert_str_eq(told_word(told, 4), "1");
	cr_assert(strstr(told, "\nmembers lobby 3 carol bob dave\ntopic 1000000 lobby bob tea\n"));
	visited_close(v);
}

Test(chat_hall_hello, a_room_of_its_choice)
{
	struct visited *v = visited_open(0, 10);

	cr_assert(strstr(visitor_told(hello(v, "chat/1 bob tea")), "members tea 1 bob\n"));
	cr_assert(strstr(visitor_told(hello(v, "chat/1 carol -")), "members lobby 1 carol\n"));
	cr_assert(strstr(visitor_told(hello(v, "chat/1 dave TEA")), "members tea 2 bob dave\n"));
	cr_assert_str_eq(visitor_told(hello(v, "chat/1 erin 1obby")),
			 "refused 1obby looks like the room lobby; /join lobby goes there\n");
	cr_assert_str_eq(visitor_told(hello(v, "chat/1 erin a/b")),
			 "refused the room's name: a name has letters, digits, - and _; not /\n");
	cr_assert_eq(v->hall->room_count, 2);
	visited_close(v);
}

Test(chat_hall_hello, another_version)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = hello(v, "chat/2 bob lobby");

	cr_assert_eq(bob->hearing, CHAT_HEARING_LEAVES);
	cr_assert_str_eq(visitor_told(bob), "bye out this host speaks chat/1 alone\n");
	cr_assert(!bob->member.arrived);
	visited_close(v);
}

Test(chat_hall_hello, a_refused_one_may_be_sent_again)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob;

	visitor_plain(v, "bob");
	bob = hello(v, "chat/1 bob lobby");
	cr_assert_str_eq(visitor_told(bob), "refused bob is here already\n");
	visitor_say(bob, "bob2");
	cr_assert_str_eq(visitor_told(bob), "refused /hello comes first\n");
	for (const char *const *text =
		     (const char *const[]){ "", " ", " bob lobby 77", " bob lobby 77 x y",
					    " bob lobby 77 1", NULL };
	     *text; text++) {
		visitor_say(bob, "/hello chat/1%s", *text);
		cr_assert_str_eq(visitor_told(bob),
				 "refused /hello chat/1 NICK ROOM [EPOCH ID TOKEN]\n");
	}
	visitor_say(bob, "/hello chat/1 bob2 lobby");
	cr_assert(bob->member.room);
	visitor_told(bob);
	visitor_say(bob, "/hello chat/1 bob3 lobby");
	cr_assert_str_eq(visitor_told(bob), "refused you are in already, as bob2\n");
	visited_close(v);
}

Test(chat_hall_hello, ten_times)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = hello(v, "chat/1 you lobby");

	for (int i = 1; i < CHAT_REFUSALS_MAX; i++)
		visitor_say(bob, "/hello chat/1 you lobby");
	cr_assert_eq(bob->hearing, CHAT_HEARING_LEAVES);
	cr_assert(strstr(visitor_told(bob), "\nbye out so many nicks, and none that can be had\n"));
	visited_close(v);
}

Test(chat_hall_hello, takes_its_nick_back)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *carol = visitor_plain(v, "carol"), *ghost = visitor_rich(v, "bob"), *bob;
	char token[CHAT_TOKEN_MAX];

	visitor_say(carol, "/ignore bob");
	visitor_say(ghost, "/ignore carol");
	visitor_told(carol);
	visitor_told(ghost);
	memcpy(token, ghost->member.token, sizeof(token));
	bob = back(v, "bob", "lobby", 77, 0, token);
	cr_assert_eq(bob->hearing, CHAT_HEARING_ON);
	cr_assert_str_eq(visitor_told(ghost),
			 "bye out your nick has come back on another connection\n");
	cr_assert_str_eq(ghost->dismissed, "its own new connection took its place");
	cr_assert_str_eq(bob->member.nick, "bob");
	cr_assert_str_neq(bob->member.token, token);
	cr_assert(strstr(visitor_told(bob), "\nmembers lobby 2 carol bob\n"));
	cr_assert_str_empty(visitor_told(carol));
	cr_assert_eq(chat_hall_count(v->hall), 2);
	visitor_say(bob, "psst");
	cr_assert_str_empty(visitor_told(carol));
	visitor_told(bob);
	visitor_say(carol, "psst");
	cr_assert_str_empty(visitor_told(bob));
	visitor_leave(ghost, CHAT_LEAVING_LOST, "reset");
	cr_assert_str_empty(visitor_told(carol));
	visited_close(v);
}

/* Its spelling is the one it had. */
Test(chat_hall_hello, takes_it_back_whatever_case_it_writes)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *ghost = visitor_rich(v, "Bob");
	struct visitor *bob = back(v, "bob", "lobby", 77, 0, ghost->member.token);

	cr_assert_str_eq(bob->member.nick, "Bob");
	visited_close(v);
}

Test(chat_hall_hello, takes_it_back_when_the_chat_is_full_and_nobody_else_is_there)
{
	struct visited *v = visited_open(5, 1);
	struct visitor *ghost = visitor_rich(v, "bob"), *bob;

	visitor_say(ghost, "one");
	bob = back(v, "bob", "lobby", 77, 0, ghost->member.token);
	cr_assert(strstr(visitor_told(bob), "notice while you were away:\n"
					    "message 1 1000000 lobby bob one\n"));
	cr_assert_eq(chat_hall_count(v->hall), 1);
	visited_close(v);
}

Test(chat_hall_hello, a_coming_that_waits_is_told_once)
{
	struct visited *v = visited_open(0, 20);
	struct visitor *carol = visitor_plain(v, "carol"), *ghost;
	const char *told;

	for (int i = 0; i < CHAT_NEWS_TOLD; i++)
		visitor_plain(v, (const char *const[]){ "d1", "e2", "f3", "g4", "h5" }[i]);
	ghost = visitor_rich(v, "bob");
	cr_assert(ghost->member.untold);
	visitor_told(carol);
	cr_assert(back(v, "bob", "lobby", 77, 0, ghost->member.token)->member.untold);
	cr_assert_str_empty(visitor_told(carol));
	visited_pass(v, CHAT_NEWS_MS);
	told = visitor_told(carol);
	cr_assert_eq(told_times(told, "* bob joined\n"), 1, "%s", told);
	visited_close(v);
}

Test(chat_hall_hello, into_another_room)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *carol = visitor_plain(v, "carol"), *ghost = visitor_rich(v, "bob");
	struct visitor *dave = visitor_plain(v, "dave"), *bob;

	visitor_say(dave, "/join tea");
	visitor_told(dave);
	visitor_told(carol);
	bob = back(v, "bob", "tea", 77, 0, ghost->member.token);
	cr_assert_str_eq(visitor_told(carol), "* bob left\n");
	cr_assert_str_eq(visitor_told(dave), "* bob joined\n");
	cr_assert(strstr(visitor_told(bob), "\nmembers tea 2 dave bob\n"));
	visited_close(v);
}

/* The room that cannot be had takes nothing from the ghost. */
Test(chat_hall_hello, into_a_room_that_cannot_be)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *ghost = visitor_rich(v, "bob");
	struct visitor *bob = back(v, "bob", "1obby", 77, 0, ghost->member.token);

	cr_assert_str_eq(visitor_told(bob),
			 "refused 1obby looks like the room lobby; /join lobby goes there\n");
	cr_assert(ghost->member.room && !bob->member.room);
	cr_assert_str_empty(visitor_told(ghost));
	visited_close(v);
}

Test(chat_hall_hello, other_tokens_take_nothing)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_rich(v, "bob"), *carol = visitor_rich(v, "carol");
	char token[CHAT_TOKEN_MAX];

	visitor_plain(v, "dave");
	memcpy(token, bob->member.token, sizeof(token));
	cr_assert_str_eq(visitor_told(back(v, "bob", "lobby", 77, 0, carol->member.token)),
			 "refused bob is here already\n");
	cr_assert_str_eq(visitor_told(back(v, "bob", "lobby", 78, 0, token)),
			 "refused bob is here already\n");
	cr_assert_str_eq(visitor_told(back(v, "dave", "lobby", 77, 0, token)),
			 "refused dave is here already\n");
	token[CHAT_TOKEN_MAX - 2] = '\0';
	cr_assert_str_eq(visitor_told(back(v, "bob", "lobby", 77, 0, token)),
			 "refused bob is here already\n");
	cr_assert_str_empty(bob->dismissed);
	visited_close(v);
}

Test(chat_hall_hello, what_was_said_meanwhile)
{
	struct visited *v = visited_open(3, 10);
	struct visitor *carol = visitor_plain(v, "carol"), *bob = visitor_rich(v, "bob");
	char token[CHAT_TOKEN_MAX];
	const char *told;

	memcpy(token, bob->member.token, sizeof(token));
	visitor_say(carol, "one");
	visitor_leave(bob, CHAT_LEAVING_LOST, "");
	visitor_say(carol, "two");
	visitor_say(carol, "/me three");
	bob = back(v, "bob", "lobby", 77, 1, token);
	told = visitor_told(bob);
	cr_assert(strstr(told, "\nmembers lobby 2 carol bob\n"
			       "notice while you were away:\n"
			       "message 2 1000000 lobby carol two\n"
			       "action 3 1000000 lobby carol three\n"),
		  "%s", told);
	visitor_leave(bob, CHAT_LEAVING_LOST, "");
	visitor_say(carol, "four");
	bob = back(v, "bob", "lobby", 77, 4, token);
	cr_assert_eq(told_times(visitor_told(bob), "\n"), 2);
	visitor_leave(bob, CHAT_LEAVING_LOST, "");
	visitor_say(carol, "five");
	/* 2 is gone. */
	bob = back(v, "bob", "lobby", 77, 1, token);
	told = visitor_told(bob);
	cr_assert(strstr(told,
			 "carol bob\nnotice part of what was said meanwhile is no longer kept\n"
			 "notice while you were away:\n"
			 "action 3 1000000 lobby carol three\n"),
		  "%s", told);
	cr_assert(strstr(told, "message 5 1000000 lobby carol five\n"));
	visited_close(v);
}

Test(chat_hall_hello, a_host_or_a_room_that_is_new)
{
	struct visited *v = visited_open(3, 10);
	struct visitor *carol = visitor_plain(v, "carol"), *bob;
	const char *told;

	visitor_say(carol, "one");
	bob = back(v, "bob", "lobby", 76, 9, "a");
	told = visitor_told(bob);
	cr_assert(strstr(told,
			 "\nnotice the host was started anew; what was said before is not kept\n"
			 "notice earlier:\n"
			 "message 1 1000000 lobby carol one\n"),
		  "%s", told);
	visitor_leave(bob, CHAT_LEAVING_LOST, "");
	bob = back(v, "bob", "tea", 77, 0, "a");
	told = visitor_told(bob);
	cr_assert(strstr(told, "\nnotice the room was made anew meanwhile; what was said before is "
			       "not kept\n"),
		  "%s", told);
	visitor_leave(bob, CHAT_LEAVING_LOST, "");
	bob = back(v, "bob", "tea", 77, 1, "a");
	cr_assert_eq(told_times(visitor_told(bob), "\n"), 2);
	/* A number nobody was told is not believed in: nothing was said behind it. */
	visitor_leave(bob, CHAT_LEAVING_LOST, "");
	bob = back(v, "bob", "lobby", 77, 4000000000U, "a");
	cr_assert_eq(told_times(visitor_told(bob), "\n"), 2);
	visited_close(v);
}
