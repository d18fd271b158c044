/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/host_send.c
 * Holds: a member that does not read is put out, told why behind what it had got, and the room is
 * told once; where lines are dropped instead it stays and learns how many it has not got, none is
 * lost without being counted; the others get everything at once.
 */
#include "chat_hosted.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum {
	TALKERS = 6,
	EACH = 19, /* with the nick a whole burst */
	LENGTH = 3900,
};

static struct chat_host_options options = {
	.max_members = 20,
	.room = "lobby",
};

static struct hosted_peer *slow, *alice, *talkers[TALKERS];

/* Little fits between the queue and its reader. */
static void set_up(enum chat_slow way)
{
	options.slow = way;
	hosted_open_narrow(&options);
	slow = hosted_plain("slow");
	alice = hosted_plain("alice");
}

static void tear_down(void)
{
	hosted_close();
}

static void set_up_kick(void)
{
	set_up(CHAT_SLOW_KICK);
}

static void set_up_drop(void)
{
	set_up(CHAT_SLOW_DROP);
}

TestSuite(host_send, .timeout = 60);

/* Everybody says what may be said at once, to that one alone. */
static void talk_to_slow(void)
{
	static char text[LENGTH + 40];
	char nick[20];

	for (int i = 0; i < TALKERS; i++) {
		snprintf(nick, sizeof nick, "talker%d", i);
		talkers[i] = hosted_plain(nick);
		for (int k = 0; k < EACH; k++) {
			snprintf(text, sizeof text, "/msg slow %02d %*d\n", k, LENGTH, i);
			hosted_say(talkers[i], text);
		}
	}
}

Test(host_send, put_out, .init = set_up_kick, .fini = tear_down)
{
	const char *line;
	char last[200] = "";

	talk_to_slow();
	hosted_skip_to(alice, "* slow was lost (too slow)");
	hosted_plain("carol");
	hosted_skip_to(alice, "* carol joined");
	while (strncmp(line = hosted_line(slow), "* goodbye", 9) != 0) {
		if (line[0] == '[')
			cr_assert_eq(strlen(line), sizeof("[talker0] 00 ") - 1 + LENGTH);
		snprintf(last, sizeof last, "%.100s", line);
	}
	cr_assert_eq(last[0], '[', "%s", last);
	cr_assert_str_eq(line, "* goodbye: you read too slowly");
	hosted_expect_closed(slow);
	running_wait_log(&hosted_running, ": put out: it read too slowly;");
}

/* Lines of the talkers, and those that were dropped. */
static void count_lines(int *got, int *dropped)
{
	const char *line;
	int missing;

	while (strcmp(line = hosted_line(slow), "[alice] the last") != 0) {
		*got += strncmp(line, "[talker", 7) == 0 || strncmp(line, "* talker", 8) == 0;
		if (sscanf(line, "* %d line", &missing) == 1 && strstr(line, " dropped: "))
			*dropped += missing;
	}
}

Test(host_send, lines_are_dropped, .init = set_up_drop, .fini = tear_down)
{
	int got = 0, dropped = 0;

	talk_to_slow();
	/* The talkers have been heard. */
	for (int i = 0; i < TALKERS; i++) {
		hosted_say(talkers[i], "/msg alice done\n");
		hosted_skip_to_end(alice, "] done");
	}
	hosted_say(alice, "/msg slow the last\n");
	count_lines(&got, &dropped);
	cr_assert_gt(dropped, 0);
	cr_assert_gt(got, 0);
	/* Comings are told one by one or together, as time has it. */
	cr_assert_geq(got + dropped, TALKERS * EACH);
	cr_assert_leq(got + dropped, TALKERS * EACH + TALKERS);
	hosted_say(slow, "here\n");
	hosted_skip_to(alice, "<slow> here");
}
