/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/hall_tell.c
 * Holds: one gets an event in its own form; nothing where that form says nothing; sentences are
 * cleaned, and cut between characters; a bye has its word; an event of now has its member's room
 * and nick; a line is held by those who keep it alone; nothing is told or recorded once the host
 * has gone.
 */
#include "chat_hall_visited.h"

#include <criterion/criterion.h>
#include <string.h>

Test(chat_hall_tell, in_its_own_form)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_rich(v, "carol");
	const struct chat_event ping = { .kind = CHAT_PING, .word = chat_slice_of("x") };
	const struct chat_event private = { .kind = CHAT_PRIVATE,
					    .nick = chat_slice_of("bob"),
					    .other = chat_slice_of("carol"),
					    .text = chat_slice_of("psst") };

	visitor_told(bob);
	chat_hall_tell(v->hall, &bob->member, &ping);
	chat_hall_tell(v->hall, &carol->member, &ping);
	cr_assert_str_empty(visitor_told(bob));
	cr_assert_str_eq(visitor_told(carol), "ping x\n");
	chat_hall_tell(v->hall, &bob->member, &private);
	cr_assert_str_eq(visitor_told(bob), "[to carol] psst\n");
	visited_close(v);
}

Test(chat_hall_tell, sentences)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob"), *carol = visitor_rich(v, "carol");
	char text[2000];

	visitor_told(bob);
	chat_hall_say(v->hall, &bob->member, CHAT_NOTICE, "%s %d", "a\x1b\nb", 7);
	cr_assert_str_eq(visitor_told(bob), "* a\\x1b\\x0ab 7\n");
	chat_hall_say(v->hall, &carol->member, CHAT_REFUSED, "no");
	cr_assert_str_eq(visitor_told(carol), "refused no\n");
	chat_hall_bye(v->hall, &carol->member, "end", "it is late");
	cr_assert_str_eq(visitor_told(carol), "bye end it is late\n");
	cr_assert(carol->member.room);
	/* Of the last character two bytes would fit. */
	for (size_t before = 995; before < 1000; before++) {
		memset(text, 'x', before);
		memcpy(text + before, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 10);
		chat_hall_say(v->hall, &bob->member, CHAT_NOTICE, "%s", text);
		text[before + (1000 - before) / 3 * 3] = '\0';
		cr_assert_eq(strncmp(visitor_told(bob) + 2, text, strlen(text)), 0);
		chat_hall_say(v->hall, &bob->member, CHAT_NOTICE, "%s", text);
		cr_assert_eq(strlen(visitor_told(bob)), strlen(text) + 3);
	}
	visited_close(v);
}

Test(chat_hall_tell, events_and_lines)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob");
	const struct chat_event event = chat_hall_event(v->hall, CHAT_JOINED, &bob->member);
	struct chat_line *line = chat_hall_line(v->hall, &bob->member, &event, NULL);

	cr_assert(chat_slice_is(event.nick, "bob") && chat_slice_is(event.room, "lobby"));
	cr_assert_eq(event.time_ms, VISIT_TIME_MS);
	chat_hall_deliver(v->hall, &bob->member, line);
	cr_assert_eq(line->holders, 1);
	cr_assert_str_eq(visitor_told(bob), "* bob joined\n");
	buffer_free(&v->records);
	chat_hall_record(v->hall, &event);
	cr_assert_str_eq(buffer_text(&v->records), "* bob joined\n");
	buffer_free(&v->records);
	chat_hall_close(v->hall, "late");
	cr_assert_str_eq(visitor_told(bob), "* goodbye: late\n");
	chat_hall_deliver(v->hall, &bob->member, line);
	chat_hall_record(v->hall, &event);
	chat_hall_say(v->hall, &bob->member, CHAT_NOTICE, "x");
	cr_assert_str_empty(visitor_told(bob));
	cr_assert_eq(v->records.length, 0);
	chat_line_drop(line);
	visited_close(v);
}
