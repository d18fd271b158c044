/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/client.c
 * Holds: over is told once, from the loop; the end of input leaves in order, and only a goodbye
 * makes it 0; leaving from outside drops what waits, says so, and does not wait long; before we are
 * in there is nobody to leave; who is freed in the middle says /quit if it can; a log that cannot
 * be opened is known at once; a chosen nick that is refused is the end, another gets a number. */
#include "chat_joined.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/base/clock.h>

static struct joined j;

static void come_in(void)
{
	joined_prepare(&j);
	joined_start_in(&j);
}

static void end_input(void)
{
	close(j.input);
	j.input = -1;
	joined_turn(&j);
}

Test(chat_client, the_end_of_input_leaves_in_order)
{
	come_in();
	joined_type(&j, "one");
	end_input();
	cr_assert_str_eq(joined_hear(&j), "one");
	cr_assert_str_eq(joined_hear(&j), "/quit");
	joined_say(&j, "message 1 1 lobby bob one\n");
	cr_assert(!j.over);
	joined_say(&j, "bye quit\n");
	cr_assert(!j.over);
	joined_hang_up(&j);
	cr_assert_eq(joined_end(&j), 0);
	cr_assert_str_eq(joined_log(&j), "");
	joined_free(&j);
}

Test(chat_client, the_end_of_input_before_we_are_in)
{
	joined_prepare(&j);
	joined_start(&j);
	joined_type(&j, "one\n");
	end_input();
	cr_assert_str_eq(joined_hear(&j), "/hello chat/1 bob -");
	cr_assert(joined_is_silent(&j));
	joined_say(&j, "welcome bob lobby 7 0 secret\n");
	cr_assert_str_eq(joined_hear(&j), "one");
	cr_assert_str_eq(joined_hear(&j), "/quit");
	joined_free(&j);
}

Test(chat_client, leaving_from_outside)
{
	come_in();
	chat_client_leave(j.client, "ended by a signal");
	cr_assert_str_eq(joined_hear(&j), "/quit ended by a signal");
	joined_say(&j, "bye quit\n");
	joined_hang_up(&j);
	cr_assert_eq(joined_end(&j), 0);
	joined_free(&j);
}

Test(chat_client, leaving_from_outside_drops_what_waits)
{
	come_in();
	for (int i = 0; i < 20; i++)
		joined_type(&j, i < 19 ? "x\n" : "last\n");
	chat_client_leave(j.client, "");
	for (int i = 0; i < 15; i++)
		cr_assert_str_eq(joined_hear(&j), "x");
	cr_assert_str_eq(joined_hear(&j), "/quit");
	for (int i = 0; i < 4; i++)
		cr_assert_str_eq(joined_see(&j), "* not delivered: x");
	cr_assert_str_eq(joined_see(&j), "* not delivered: last");
	joined_say(&j, "bye quit\n");
	joined_hang_up(&j);
	cr_assert_eq(joined_end(&j), 55);
	joined_free(&j);
}

Test(chat_client, leaving_does_not_wait_for_long)
{
	int64_t begun;

	come_in();
	begun = clock_ms();
	chat_client_leave(j.client, "");
	cr_assert_eq(joined_end(&j), 28);
	cr_assert_geq(clock_ms() - begun, 1900);
	cr_assert_str_eq(joined_log(&j), "sockutil: the host did not say goodbye within 2.00s\n");
	joined_free(&j);
}

Test(chat_client, a_signal_is_more_urgent_than_the_end_of_input)
{
	int64_t begun;

	come_in();
	end_input();
	cr_assert_str_eq(joined_hear(&j), "/quit");
	begun = clock_ms();
	chat_client_leave(j.client, "");
	cr_assert_eq(joined_end(&j), 28);
	cr_assert_leq(clock_ms() - begun, 15000);
	joined_free(&j);
}

Test(chat_client, leaving_before_we_are_in)
{
	joined_prepare(&j);
	joined_start(&j);
	joined_type(&j, "one\n");
	chat_client_leave(j.client, "");
	chat_client_leave(j.client, "");
	cr_assert(!j.over, "over must come from the loop");
	cr_assert_eq(joined_end(&j), 1);
	cr_assert_str_eq(joined_see(&j), "* not delivered: one");
	joined_free(&j);
}

Test(chat_client, who_is_freed_says_quit_if_it_can)
{
	char said[64] = "";
	struct failure why = { 0 };

	come_in();
	cr_assert(chat_client_free(j.client, &why));
	cr_assert_eq(recv(j.host, said, sizeof said - 1, 0), 6);
	cr_assert_str_eq(said, "/quit\n");
	cr_assert_eq(recv(j.host, said, sizeof said, 0), 0);
}

Test(chat_client, a_log_that_cannot_be_opened)
{
	struct failure why = { 0 };
	int pair[2];

	joined_prepare(&j);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	j.options.fd = pair[0];
	j.options.log = "/nowhere/at/all";
	cr_assert(chat_client_new(&j.options, &why) == NULL);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert(strstr(why.text, "/nowhere/at/all"));
	/* It was to be taken over, whatever comes of it. */
	cr_assert_eq(recv(pair[1], &why, 1, 0), 0);
}
