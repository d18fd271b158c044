/* SPDX-License-Identifier: MIT */
/*
 * Holds: daytime is ctime with CR LF, once, then the end; quotes differ from one client to the next
 * and stay below 512 bytes; a client that goes on talking gets its answer whole.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sockutil/serve/say.h>

Test(say, daytime)
{
	struct running r;
	char out[600];
	struct tm when;

	running_prepare(&r, &say_handler, &say_daytime);
	running_start(&r);
	cr_assert_eq(running_exchange(&r, "", 0, out, sizeof out), 26);
	cr_assert_str_eq(out + 24, "\r\n");
	cr_assert_str_eq(strptime(out, "%a %b %d %H:%M:%S %Y", &when), "\r\n");
	running_wait_log(&r, ": answered; received 0 B, sent 26 B");
	running_stop(&r);
}

Test(say, a_quote_to_each)
{
	struct running r;
	char first[600], second[600];

	running_prepare(&r, &say_handler, &say_quote);
	running_start(&r);
	for (int i = 0; i < 12; i++) {
		size_t n = running_exchange(&r, "", 0, i % 2 ? first : second, 600);

		cr_assert(n > 10 && n < 512);
		cr_assert_str_neq(first, second);
	}
	running_stop(&r);
}

Test(say, is_whole_for_a_client_that_talks)
{
	static char noise[100000];
	struct running r;
	char out[600];

	running_prepare(&r, &say_handler, &say_daytime);
	running_start(&r);
	for (int i = 0; i < 10; i++) {
		int fd = running_dial(&r);

		send(fd, noise, sizeof noise, MSG_NOSIGNAL);
		usleep(3000);
		send(fd, noise, sizeof noise, MSG_NOSIGNAL);
		cr_assert_eq(running_read(fd, out, sizeof out), 26);
		close(fd);
	}
	running_stop(&r);
}
