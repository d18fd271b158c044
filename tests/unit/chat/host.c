/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/host.c
 * Holds: members talk, each in its own form; a turn's lines for one member leave together; many
 * members get everything that was said while others were being told; the hall's own times are kept;
 * the end of the server is told to all, members and nameless ones, and they end in order; a log
 * that cannot be written is a failure before anything listens. The rest of what members see:
 * tests/program/test_chat_host.py.
 */
#include "chat_hosted.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void set_up(void)
{
	hosted_open(NULL);
}

static void tear_down(void)
{
	hosted_close();
}

TestSuite(host, .timeout = 60);

Test(host, members_talk, .init = set_up, .fini = tear_down)
{
	struct hosted_peer *alice = hosted_plain("alice"), *bob = hosted_rich("bob");

	hosted_expect(alice, "* bob joined");
	hosted_say(alice, "hello\r\n\n//slash\n");
	hosted_expect_end(bob, " lobby alice hello");
	hosted_expect_end(bob, " lobby alice /slash");
	hosted_say(bob, "hi\n");
	hosted_expect_end(bob, " lobby bob hi");
	hosted_expect(alice, "<bob> hi");
}

Test(host, many_members, .init = set_up, .fini = tear_down)
{
	enum { MEMBERS = 60, LINES = 3 };
	struct hosted_peer *members[MEMBERS];
	char text[64];

	for (int i = 0; i < MEMBERS; i++) {
		snprintf(text, sizeof text, "m%d", i);
		members[i] = hosted_plain(text);
	}
	for (int k = 0; k < LINES; k++)
		for (int i = 0; i < 10; i++) {
			snprintf(text, sizeof text, "%d of %d\n", k, i);
			hosted_say(members[i], text);
		}
	for (int k = 0; k < LINES; k++) {
		snprintf(text, sizeof text, "<m3> %d of 3", k);
		for (int i = 10; i < MEMBERS; i++)
			hosted_skip_to(members[i], text);
	}
}

Test(host, many_who_come_are_told_together, .init = set_up, .fini = tear_down)
{
	struct hosted_peer *alice = hosted_plain("alice");
	char text[64];

	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof text, "m%d", i);
		hosted_plain(text);
	}
	/* Nothing else happens: the hall asked for the time. */
	hosted_skip_to_end(alice, " came");
}

Test(host, the_end_is_told, .init = set_up)
{
	struct hosted_peer *alice = hosted_plain("alice"), *bob = hosted_rich("bob"),
			   *nameless = hosted_dial();

	hosted_expect(nameless, "* Welcome to this sockutil chat. Your nick?");
	hosted_stop();
	hosted_skip_to(alice, "* goodbye: the host ends the chat");
	hosted_expect_closed(alice);
	hosted_skip_to(bob, "bye end the host ends the chat");
	hosted_expect_closed(bob);
	hosted_expect(nameless, "* goodbye: the host ends the chat");
	hosted_expect_closed(nameless);
	hosted_wait();
	cr_assert_eq(hosted_running.result.status, 0);
	cr_assert_eq(hosted_running.result.signal, 0);
}

Test(host, a_log_that_cannot_be_written)
{
	const struct chat_host_options options = {
		.max_members = 2,
		.room = "lobby",
		.log = "/nowhere/chat.log",
	};
	struct failure why = { 0 };

	cr_assert_eq(chat_host_handler.prepare(&options, &why), NULL);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert(strstr(why.text, "/nowhere/chat.log"), "%s", why.text);
}
