/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/host_member.c
 * Holds: a line in pieces is one line; what comes behind /quit is not heard; who ends in order
 * is heard to its last byte (also of a command that is not whole), leaves once and gets what
 * waits; a reset loses the begun line and is told as a loss, without what is for who looks after
 * the host; who talks too fast is told once, heard more slowly, in order and without loss;
 * nobody hears of who had no nick; who is not let in is told why and its connection ends. Times:
 * tests/unit/chat/host_clock.c and tests/program/test_chat_host.py.
 */
#include "chat_hosted.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/chat/flood.h>

static void set_up(void)
{
	hosted_open(NULL);
}

static void tear_down(void)
{
	hosted_close();
}

TestSuite(host_member, .init = set_up, .fini = tear_down, .timeout = 60);

Test(host_member, a_line_in_pieces)
{
	struct hosted_peer *alice = hosted_plain("alice"), *bob = hosted_plain("bob");
	char bytes[2] = "";

	for (const char *at = "one by one\n"; *at; at++) {
		bytes[0] = *at;
		hosted_say(alice, bytes);
	}
	hosted_expect(bob, "<alice> one by one");
}

Test(host_member, behind_quit)
{
	struct hosted_peer *bob = hosted_plain("bob"), *alice = hosted_plain("alice");

	hosted_expect(bob, "* alice joined");
	hosted_say(alice, "/quit enough\nnever\n");
	hosted_expect(alice, "* goodbye");
	hosted_expect_closed(alice);
	hosted_expect(bob, "* alice left (enough)");
	hosted_plain("carol");
	hosted_expect(bob, "* carol joined");
}

Test(host_member, an_end_in_order)
{
	struct hosted_peer *bob = hosted_plain("bob"), *alice = hosted_plain("alice");

	hosted_expect(bob, "* alice joined");
	hosted_say(bob, "to alice\n");
	hosted_say(alice, "half a li");
	shutdown(hosted_fd(alice), SHUT_WR);
	hosted_skip_to(bob, "<alice> half a li");
	hosted_expect(bob, "* alice left");
	hosted_expect(alice, "<bob> to alice");
	hosted_expect_closed(alice);
	running_wait_log(&hosted_running, ": client ended;");
}

Test(host_member, an_end_in_a_command_of_telnet)
{
	struct hosted_peer *bob = hosted_plain("bob"), *alice = hosted_plain("alice");

	hosted_expect(bob, "* alice joined");
	hosted_say(alice, "half a li\xff\xfd");
	shutdown(hosted_fd(alice), SHUT_WR);
	hosted_expect(bob, "<alice> half a li\\xff\\xfd");
	hosted_expect(bob, "* alice left");
}

Test(host_member, a_reset)
{
	struct hosted_peer *bob = hosted_plain("bob"), *alice = hosted_plain("alice");

	hosted_expect(bob, "* alice joined");
	hosted_say(alice, "whole\nhalf a li");
	hosted_expect(bob, "<alice> whole");
	setsockopt(hosted_fd(alice), SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 },
		   sizeof(struct linger));
	/* Both sides of it: the descriptor stays the helper's. */
	connect(hosted_fd(alice), &(struct sockaddr){ .sa_family = AF_UNSPEC },
		sizeof(struct sockaddr));
	hosted_expect(bob, "* alice was lost (connection reset by peer)");
	hosted_plain("alice");
	hosted_expect(bob, "* alice joined");
}

Test(host_member, too_fast)
{
	struct hosted_peer *bob = hosted_plain("bob"), *alice = hosted_plain("alice");
	char text[400] = "", line[40];

	hosted_expect(bob, "* alice joined");
	for (int i = 0; i < CHAT_FLOOD_BURST + 4; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%d\n", i);
	hosted_say(alice, text);
	hosted_expect(alice, "* slowly: 5 lines a second are read of you");
	for (int i = 0; i < CHAT_FLOOD_BURST + 4; i++) {
		snprintf(line, sizeof line, "<alice> %d", i);
		hosted_expect(bob, line);
	}
	/* Not told again. */
	hosted_say(bob, "bob\n");
	hosted_expect(alice, "<bob> bob");
}

Test(host_member, without_a_nick)
{
	struct hosted_peer *bob = hosted_plain("bob"), *nameless = hosted_dial();

	hosted_expect(nameless, "* Welcome to this sockutil chat. Your nick?");
	hosted_say(nameless, "\n\r\n");
	shutdown(hosted_fd(nameless), SHUT_WR);
	hosted_expect_closed(nameless);
	hosted_plain("carol");
	hosted_expect(bob, "* carol joined");
}

Test(host_member, an_unknown_version)
{
	struct hosted_peer *other = hosted_dial();

	hosted_say(other, "/hello chat/9 alice lobby\n");
	hosted_skip_to(other, "bye out this host speaks chat/1 alone");
	hosted_expect_closed(other);
}
