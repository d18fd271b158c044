/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/client_carry.c
 * Holds: a line may come in pieces, several in one; a line over the limit ends it (8); a last line
 * without end counts; the host's end without goodbye is 56, or 55 when something was not heard; a
 * ping is answered; a host that never reads is not read without limit; a screen that is behind
 * holds up the host, and goes on when it has caught up. */
#include "chat_joined.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct joined j;

static void come_in(void)
{
	joined_prepare(&j);
	joined_start_in(&j);
}

Test(client_carry, lines_in_pieces_and_together)
{
	come_in();
	joined_say(&j, "notice o");
	cr_assert(joined_is_silent(&j));
	joined_say(&j, "ne\r\nnotice two\nnotice th");
	cr_assert_str_eq(joined_see(&j), "* one");
	cr_assert_str_eq(joined_see(&j), "* two");
	joined_say(&j, "ree\n");
	cr_assert_str_eq(joined_see(&j), "* three");
	joined_free(&j);
}

Test(client_carry, a_line_over_the_limit_ends_it)
{
	static char line[CLIENT_LINE_MAX + 2];

	come_in();
	memset(line, 'x', sizeof line - 1);
	joined_say(&j, line);
	cr_assert_eq(joined_end(&j), 8);
	cr_assert_str_eq(joined_log(&j), "sockutil: a line is longer than 65536 bytes\n");
	joined_free(&j);
}

Test(client_carry, a_line_at_the_limit_does_not)
{
	static char line[CLIENT_LINE_MAX + 1];

	come_in();
	memset(line, 'x', sizeof line - 1);
	memcpy(line, "notice ", 7);
	joined_say(&j, line);
	joined_say(&j, "\n");
	cr_assert_eq(strlen(joined_see(&j)), CLIENT_LINE_MAX - 5);
	joined_free(&j);
}

Test(client_carry, the_last_line_may_lack_its_end)
{
	come_in();
	joined_say(&j, "bye end over");
	joined_hang_up(&j);
	cr_assert_eq(joined_end(&j), 0);
	cr_assert_str_eq(joined_see(&j), "* goodbye: over");
	joined_free(&j);
}

Test(client_carry, an_end_without_goodbye)
{
	come_in();
	joined_hang_up(&j);
	cr_assert_eq(joined_end(&j), 56);
	cr_assert_str_eq(joined_log(&j),
			 "sockutil: the host closed the connection without goodbye\n");
	joined_free(&j);
}

Test(client_carry, an_end_with_words_unheard)
{
	come_in();
	joined_type(&j, "hello\n");
	cr_assert_str_eq(joined_hear(&j), "hello");
	joined_hang_up(&j);
	cr_assert_eq(joined_end(&j), 55);
	cr_assert_str_eq(joined_see(&j), "* not delivered: hello");
	joined_free(&j);
}

Test(client_carry, who_hangs_up_before_welcome_is_no_chat)
{
	joined_prepare(&j);
	joined_start(&j);
	cr_assert_str_eq(joined_hear(&j), "/hello chat/1 bob -");
	joined_hang_up(&j);
	cr_assert_eq(joined_end(&j), 8);
	cr_assert_str_eq(joined_log(&j), "sockutil: it closed the connection: no sockutil chat\n");
	joined_free(&j);
}

/* Gives as much as the client takes; whether it stopped taking. */
static bool pour(const char *line, size_t most)
{
	const size_t length = strlen(line);
	int refused = 0;

	for (size_t given = 0; given < most && refused < 20;) {
		if (send(j.host, line, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length) {
			given += length;
			refused = 0;
		} else {
			refused++;
			joined_turn(&j);
		}
	}
	return refused == 20;
}

Test(client_carry, a_host_that_only_asks_is_not_answered_without_limit)
{
	static char ping[300];

	come_in();
	memset(ping, 'x', 255);
	memcpy(ping, "ping ", 5);
	strcat(ping, "\n");
	cr_assert(pour(ping, 64 << 20));
	cr_assert_leq(j.client->out.length, CLIENT_OUT_MAX + (1 << 18));
	joined_free(&j);
}

Test(client_carry, a_screen_that_is_behind_holds_up_the_host)
{
	static char line[4100];
	char rest[65536];

	come_in();
	memset(line, 'x', 4096);
	memcpy(line, "notice ", 7);
	strcat(line, "\n");
	cr_assert(pour(line, 64 << 20));
	cr_assert(j.client->choked);
	while (j.client->choked) {
		cr_assert_gt(read(j.output, rest, sizeof rest), 0);
		joined_turn(&j);
	}
	while (read(j.output, rest, sizeof rest) > 0)
		joined_turn(&j);
	joined_free(&j);
}
