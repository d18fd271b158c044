/* SPDX-License-Identifier: MIT */
/*
 * Holds: sessions that said their last word are asked together and gone when their clients have
 * ended; one that has not is watched and gone when it does; the end of the server while some are on
 * the list; many at once.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/serve/lingering.h>
#include <sockutil/serve/say.h>

static struct running r;

static void set_up(void)
{
	running_prepare(&r, &say_handler, &say_daytime);
}

TestSuite(lingering, .init = set_up, .timeout = 30);

Test(lingering, ends_with_the_client)
{
	char out[100];
	int fd;

	running_start(&r);
	fd = running_dial(&r);
	cr_assert_eq(running_read(fd, out, sizeof out), 26);
	usleep(50000);
	cr_assert_null(strstr(running_log(&r), "closed"));
	send(fd, "late", 4, MSG_NOSIGNAL);
	close(fd);
	running_wait_log(&r, ": answered; received 4 B, sent 26 B");
	running_stop(&r);
}

Test(lingering, many_at_once)
{
	enum { CLIENTS = 90 };
	char out[100];
	int fds[CLIENTS];

	running_start(&r);
	for (int i = 0; i < CLIENTS; i++)
		fds[i] = running_dial(&r);
	for (int i = 0; i < CLIENTS; i++)
		cr_assert_eq(running_read(fds[i], out, sizeof out), 26);
	for (int i = 0; i < CLIENTS; i++)
		close(fds[i]);
	running_stop(&r);
	cr_assert_eq(r.result.status, 0);
	cr_assert_eq(r.result.signal, 0);
}

Test(lingering, ends_with_the_server)
{
	int fd;

	r.options.grace_ms = 0;
	running_start(&r);
	fd = running_dial(&r);
	running_wait_log(&r, "connected");
	running_stop(&r);
	close(fd);
}
