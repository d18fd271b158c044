/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/client_open.c
 * Holds: a chosen nick that is refused is the end, another gets a number; a lost connection is told
 * and opened again, with who we were; what was on its way then is told once it is known that the
 * host has not heard it, and not before; what was typed meanwhile waits for that; failures that no
 * other try can help end it, others after as many as are allowed. */
#include "chat_joined.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct joined j;
static struct endpoint endpoint;
static int listener;
static char folder[] = "/tmp/sockutil-test-XXXXXX";

/* On its way to a socket of the test's own, again and again. */
static void set_out(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct failure why = { 0 };
	char text[64];

	cr_assert(mkdtemp(folder));
	snprintf(text, sizeof text, "unix:%s/chat", folder);
	cr_assert(endpoint_parse(&endpoint, text, false, &why));
	snprintf(address.sun_path, sizeof address.sun_path, "%s", text + 5);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	cr_assert_eq(listen(listener, 4), 0);
	joined_prepare(&j);
	j.options.endpoint = &endpoint;
	j.options.reconnect = true;
	joined_start(&j);
	joined_accept(&j, listener);
}

static void clear_away(void)
{
	joined_free(&j);
	close(listener);
	unlink(endpoint.path);
	rmdir(folder);
}

static void come_in(const char *hello, const char *welcome)
{
	cr_assert_str_eq(joined_hear(&j), hello);
	joined_say(&j, welcome);
}

/* In, and one line is on its way when the connection is lost. */
static void lose_with_a_line(void)
{
	set_out();
	come_in("/hello chat/1 bob -", "welcome bob lobby 7 3 secret\n");
	cr_assert_str_eq(joined_see(&j), "* you are bob, in lobby");
	joined_type(&j, "on its way\n");
	cr_assert_str_eq(joined_hear(&j), "on its way");
	joined_hang_up(&j);
	cr_assert(strstr(joined_see(&j), "* connection lost (the host closed the connection "
					 "without goodbye); trying again in "));
	joined_accept(&j, listener);
}

Test(client_open, a_chosen_nick_that_is_refused)
{
	joined_prepare(&j);
	joined_start(&j);
	joined_say(&j, "refused bob is here already\n");
	cr_assert_eq(joined_end(&j), 1);
	cr_assert_str_eq(joined_log(&j), "sockutil: bob is here already\n");
	joined_free(&j);
}

Test(client_open, another_nick_gets_a_number)
{
	joined_prepare(&j);
	j.options.nick = "абвгдежзиклмнопрстуфхцчш";
	j.options.nick_chosen = false;
	j.options.room = "kitchen";
	joined_start(&j);
	cr_assert_str_eq(joined_hear(&j), "/hello chat/1 абвгдежзиклмнопрстуфхцчш kitchen");
	joined_say(&j, "refused it is here already\n");
	/* 24 characters have no room for one more. */
	cr_assert_str_eq(joined_hear(&j), "/hello chat/1 абвгдежзиклмнопрстуфхцч2 kitchen");
	joined_say(&j, "welcome абвгдежзиклмнопрстуфхцч2 kitchen 7 0 secret\n");
	cr_assert_str_eq(joined_see(&j), "* you are абвгдежзиклмнопрстуфхцч2, in kitchen");
	joined_free(&j);
}

Test(client_open, a_loss_is_told_and_followed_by_a_return)
{
	lose_with_a_line();
	come_in("/hello chat/1 bob lobby 7 3 secret", "welcome bob lobby 7 3 other\n");
	cr_assert_str_eq(joined_see(&j), "* you are bob, in lobby");
	cr_assert_str_eq(joined_see(&j), "* not delivered: on its way");
	cr_assert_str_eq(j.client->token, "other");
	clear_away();
}

Test(client_open, what_was_heard_shows_in_what_was_missed)
{
	lose_with_a_line();
	joined_type(&j, "next\n");
	come_in("/hello chat/1 bob lobby 7 3 secret", "welcome bob lobby 7 5 other\n");
	cr_assert_str_eq(joined_see(&j), "* you are bob, in lobby");
	cr_assert(joined_is_silent(&j));
	joined_say(&j, "message 4 1 lobby bob on its way\n");
	cr_assert_str_eq(joined_see(&j), "<bob> on its way");
	cr_assert(joined_is_silent(&j));
	joined_say(&j, "message 5 1 lobby ann yes\n");
	cr_assert_str_eq(joined_see(&j), "<ann> yes");
	cr_assert_str_eq(joined_hear(&j), "next");
	cr_assert(joined_is_silent(&j));
	clear_away();
}

Test(client_open, what_was_missed_and_is_not_ours_leaves_no_doubt)
{
	lose_with_a_line();
	come_in("/hello chat/1 bob lobby 7 3 secret", "welcome bob lobby 7 4 other\n");
	cr_assert_str_eq(joined_see(&j), "* you are bob, in lobby");
	joined_say(&j, "message 4 1 lobby ann hello\n");
	cr_assert_str_eq(joined_see(&j), "<ann> hello");
	cr_assert_str_eq(joined_see(&j), "* not delivered: on its way");
	clear_away();
}

Test(client_open, another_run_of_the_host_has_heard_nothing)
{
	lose_with_a_line();
	come_in("/hello chat/1 bob lobby 7 3 secret", "welcome bob lobby 8 9 other\n");
	cr_assert_str_eq(joined_see(&j), "* you are bob, in lobby");
	cr_assert_str_eq(joined_see(&j), "* not delivered: on its way");
	cr_assert_eq(j.client->last_id, 9);
	clear_away();
}

Test(client_open, what_no_other_try_can_help_ends_it)
{
	lose_with_a_line();
	joined_say(&j, "HTTP/1.1 400 Bad Request\n");
	cr_assert_eq(joined_end(&j), 8);
	cr_assert_str_eq(joined_see(&j), "* not delivered: on its way");
	clear_away();
}

Test(client_open, as_many_tries_as_are_allowed)
{
	set_out();
	come_in("/hello chat/1 bob -", "welcome bob lobby 7 3 secret\n");
	cr_assert_str_eq(joined_see(&j), "* you are bob, in lobby");
	j.options.retries = 2;
	unlink(endpoint.path);
	joined_hang_up(&j);
	cr_assert_eq(joined_end(&j), 7);
	cr_assert(strstr(joined_see(&j), "* connection lost ("));
	cr_assert(strstr(joined_see(&j), "* not connected ("));
	cr_assert(joined_is_silent(&j));
	cr_assert(strstr(joined_log(&j), endpoint.path));
	clear_away();
}
