/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/client_events.c
 * Holds: what says nothing to clients is ignored; before welcome only what a host says there is
 * borne; our nick, room, epoch, token and newest message are remembered as they change; names are
 * kept for completion; a word that is too long to be kept is none; pings are answered, monstrous
 * ones are not; what comes is cleaned; a goodbye has its status by its word. */
#include "chat_joined.h"

#include <criterion/criterion.h>
#include <string.h>

static struct joined j;

static void come_in(void)
{
	joined_prepare(&j);
	joined_start_in(&j);
}

static bool knows(const char *nick)
{
	const struct client_names *names = &j.client->names;

	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->names[i], nick) == 0)
			return true;
	return false;
}

Test(client_events, what_is_not_known_is_ignored)
{
	come_in();
	joined_say(&j, "whatever 1 2\nmessage x 2 lobby ann hi\n\n* plain\nnotice ok\n");
	cr_assert_str_eq(joined_see(&j), "* ok");
	cr_assert(joined_is_silent(&j));
	joined_free(&j);
}

Test(client_events, greetings_are_for_plain_members)
{
	joined_prepare(&j);
	joined_start(&j);
	joined_say(&j, "* Welcome. Your nick?\n\nnotice busy today\nping a\n");
	cr_assert_str_eq(joined_see(&j), "* busy today");
	cr_assert_str_eq(joined_hear(&j), "/hello chat/1 bob -");
	cr_assert_str_eq(joined_hear(&j), "/pong a");
	joined_say(&j, "welcome bob lobby 7 0 secret\n");
	cr_assert_str_eq(joined_see(&j), "* you are bob, in lobby");
	joined_free(&j);
}

Test(client_events, anything_else_before_welcome_is_no_chat)
{
	joined_prepare(&j);
	joined_start(&j);
	joined_say(&j, "220 mail.example.org ESMTP\n");
	cr_assert_eq(joined_end(&j), 8);
	cr_assert_str_eq(joined_log(&j),
			 "sockutil: it answered something else: no sockutil chat\n");
	joined_free(&j);
}

Test(client_events, who_we_are_is_remembered)
{
	come_in();
	cr_assert_str_eq(j.client->epoch, "7");
	cr_assert_str_eq(j.client->token, "secret");
	joined_say(&j, "message 5 1 lobby ann one\nmessage 4 1 lobby ann older\n"
		       "renamed 1 lobby bob bobby\nrenamed 1 lobby ann anna\n"
		       "joined 1 kitchen bobby\nmembers kitchen 2 bobby cy\n");
	cr_assert_eq(j.client->last_id, 5);
	cr_assert_str_eq(j.client->nick, "bobby");
	cr_assert_str_eq(j.client->room, "kitchen");
	joined_free(&j);
}

Test(client_events, names_are_kept)
{
	come_in();
	joined_say(&j, "members lobby 3 ann bob cy\n");
	cr_assert(knows("ann") && knows("cy") && !knows("bob"));
	joined_say(&j, "joined 1 lobby di\nleft 1 lobby ann\nlost 1 lobby cy\n"
		       "renamed 1 lobby di dora\nmessage 1 1 lobby ed hello\n");
	cr_assert(!knows("ann") && !knows("cy") && !knows("di") && knows("dora") && knows("ed"));
	joined_say(&j, "joined 1 kitchen bob\nmembers kitchen 1 bob\n");
	joined_free(&j);
}

Test(client_events, another_room_has_other_names)
{
	come_in();
	joined_say(&j, "members lobby 2 ann bob\nmembers kitchen 2 bob cy\n");
	cr_assert(!knows("ann") && knows("cy"));
	cr_assert_str_eq(j.client->room, "kitchen");
	joined_free(&j);
}

Test(client_events, a_name_that_is_too_long_is_none)
{
	static char line[300];

	joined_prepare(&j);
	joined_start(&j);
	memset(line, 'x', 200);
	memcpy(line, "welcome ", 8);
	strcat(line, " lobby 7 0 secret\n");
	joined_say(&j, line);
	cr_assert_eq(joined_end(&j), 8);
	cr_assert_str_eq(joined_log(&j), "sockutil: it gave us a name that is none\n");
	joined_free(&j);
}

Test(client_events, a_token_that_is_too_long_is_none)
{
	static char line[300] = "welcome bob lobby 7 0 ";

	joined_prepare(&j);
	joined_start(&j);
	memset(line + strlen(line), 'x', 100);
	strcat(line, "\n");
	joined_say(&j, line);
	cr_assert_str_eq(joined_see(&j), "* you are bob, in lobby");
	cr_assert_str_eq(j.client->token, "");
	joined_free(&j);
}

Test(client_events, a_monstrous_ping_is_not_answered)
{
	static char line[600];

	come_in();
	memset(line, 'x', 500);
	memcpy(line, "ping ", 5);
	strcat(line, "\nping ok\n");
	joined_say(&j, line);
	cr_assert_str_eq(joined_hear(&j), "/pong ok");
	joined_free(&j);
}

Test(client_events, what_comes_is_cleaned)
{
	come_in();
	joined_say(&j, "message 1 1 lobby ann \033[31m\u202ered\r\n");
	cr_assert_str_eq(joined_see(&j), "<ann> \\x1b[31m\\u{202e}red");
	joined_free(&j);
}

Test(client_events, our_words_come_back)
{
	come_in();
	joined_type(&j, "one\n/me two\n/msg ann three\n");
	cr_assert_eq(j.client->sent.unseen, 3);
	joined_say(&j, "message 1 1 lobby ann other\nmessage 2 1 lobby bob one\n");
	cr_assert_eq(j.client->sent.unseen, 2);
	joined_say(&j, "action 3 1 lobby bob two\nprivate 1 bob ann three\n");
	cr_assert_eq(j.client->sent.unseen, 0);
	joined_free(&j);
}

Test(client_events, what_we_said_before_is_no_echo)
{
	come_in();
	joined_say(&j, "message 9 1 lobby ann hello\n");
	joined_type(&j, "one\n");
	joined_say(&j, "message 8 1 kitchen bob said long ago\n");
	cr_assert_eq(j.client->sent.unseen, 1);
	joined_free(&j);
}

Test(client_events, a_goodbye_nobody_asked_for_is_not_ours)
{
	come_in();
	joined_say(&j, "bye quit\n");
	cr_assert_eq(joined_end(&j), 1);
	joined_free(&j);
}

Test(client_events, put_out)
{
	come_in();
	joined_say(&j, "bye out kicked by ann\n");
	joined_hang_up(&j);
	cr_assert_eq(joined_end(&j), 1);
	cr_assert_str_eq(joined_see(&j), "* goodbye: kicked by ann");
	cr_assert_str_eq(joined_log(&j), "sockutil: the host has put us out: kicked by ann\n");
	joined_free(&j);
}
