/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/client_typed.c
 * Holds: texts and commands go out as they are; what is wrong, for programs, or too long is told
 * and goes nowhere; /help is done here; no more than fifteen go out at once; no more than sixteen
 * are on the way unheard; when many wait the screen is held; /quit goes behind what was typed, and
 * nothing behind it. */
#include "chat_joined.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/clock.h>

static struct joined j;

static void come_in(void)
{
	joined_prepare(&j);
	joined_start_in(&j);
}

Test(client_typed, goes_out_as_it_is)
{
	come_in();
	joined_type(&j, "hello  there \n//slash\n\n \t\n/me waves\n/who\n");
	cr_assert_str_eq(joined_hear(&j), "hello  there ");
	cr_assert_str_eq(joined_hear(&j), "//slash");
	cr_assert_str_eq(joined_hear(&j), "/me waves");
	cr_assert_str_eq(joined_hear(&j), "/who");
	cr_assert(joined_is_silent(&j));
	joined_free(&j);
}

Test(client_typed, what_is_wrong_is_told)
{
	come_in();
	joined_type(&j, "/mgs\n/msg ann\n/pong x\n/data\n");
	cr_assert_str_eq(joined_see(&j), "* no command /mgs; /msg?");
	cr_assert_str_eq(joined_see(&j), "* /msg NICK TEXT: TEXT is missing");
	cr_assert_str_eq(joined_see(&j), "* that command is for programs");
	cr_assert_str_eq(joined_see(&j), "* that command is for programs");
	cr_assert(joined_is_silent(&j));
	joined_free(&j);
}

Test(client_typed, files_are_told_of_in_turn)
{
	come_in();
	joined_type(&j, "first\n/send ann /nowhere/at/all\n/accept ann\nlast\n");
	cr_assert_str_eq(joined_hear(&j), "first");
	cr_assert_str_eq(joined_hear(&j), "last");
	cr_assert(strstr(joined_see(&j), "/nowhere/at/all"));
	cr_assert(strstr(joined_see(&j), "ann"));
	joined_free(&j);
}

Test(client_typed, help_is_done_here)
{
	come_in();
	joined_type(&j, "/help\n");
	cr_assert_str_eq(joined_see(&j), "* /nick NAME: another nick");
	joined_free(&j);
}

Test(client_typed, a_line_too_long_goes_nowhere)
{
	static char line[3 * 4096 + 8];

	come_in();
	memset(line, 'x', sizeof line - 1);
	line[3 * 4096] = '\0';
	strcat(line, "\nok\n");
	joined_type(&j, line);
	cr_assert_str_eq(joined_see(&j), "* not sent: that line is longer than 4096 bytes");
	cr_assert_str_eq(joined_hear(&j), "ok");
	cr_assert(joined_is_silent(&j));
	joined_free(&j);
}

static int count_heard(void)
{
	int count = 0;

	joined_is_silent(&j);
	for (const char *at = j.heard; (at = strchr(at, '\n')); at++)
		count++;
	return count;
}

Test(client_typed, many_lines_go_out_one_by_one)
{
	char line[16];
	int64_t begun;

	come_in();
	for (int i = 0; i < 18; i++)
		joined_type(&j, "x\n");
	begun = clock_ms();
	cr_assert_geq(count_heard(), 15);
	for (int i = 1; i <= 18; i++) {
		cr_assert_str_eq(joined_hear(&j), "x");
		snprintf(line, sizeof line, "message %d 1", i);
		joined_say(&j, line);
		joined_say(&j, " lobby bob x\n");
	}
	cr_assert_geq(clock_ms() - begun, 400);
	joined_free(&j);
}

Test(client_typed, many_unheard_hold_up_the_next)
{
	int64_t begun;

	come_in();
	for (int i = 0; i < 17; i++)
		joined_type(&j, "x\n");
	for (int i = 0; i < 16; i++)
		cr_assert_str_eq(joined_hear(&j), "x");
	begun = clock_ms();
	/* A host that confirms nothing gets one now and then. */
	cr_assert_str_eq(joined_hear(&j), "x");
	cr_assert_geq(clock_ms() - begun, 1000);
	joined_free(&j);
}

Test(client_typed, many_that_wait_hold_the_screen)
{
	come_in();
	for (int i = 0; i < 2 * CLIENT_TYPED_MAX; i++)
		joined_type(&j, "x\n");
	cr_assert(j.client->held);
	cr_assert_eq(j.client->typed.count, (size_t)CLIENT_TYPED_MAX);
	joined_free(&j);
}

Test(client_typed, quit_goes_last)
{
	come_in();
	joined_type(&j, "one\n/quit had to go\ntwo\n");
	cr_assert_str_eq(joined_hear(&j), "one");
	cr_assert_str_eq(joined_hear(&j), "/quit had to go");
	joined_say(&j, "message 1 1 lobby bob one\nbye quit\n");
	joined_hang_up(&j);
	cr_assert_eq(joined_end(&j), 0);
	joined_free(&j);
}
