/* SPDX-License-Identifier: MIT */
/*
 * Holds: a client that does not end is left after a while, one that talks on is read and dropped;
 * with a number of connections to serve every byte is acknowledged before the end, and a client
 * that resets instead of taking its answer decides the status.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/serve/echo.h>
#include <sockutil/serve/say.h>
#include <sockutil/serve/send_file.h>

static struct running r;

TestSuite(session_finish, .timeout = 30);

Test(session_finish, leaves_a_client_that_does_not_end)
{
	char out[100];
	int fd;

	running_prepare(&r, &say_handler, &say_daytime);
	running_start(&r);
	fd = running_dial(&r);
	cr_assert_eq(running_read(fd, out, sizeof out), 26);
	running_wait_log(&r, ": answered; received 0 B, sent 26 B, 2.0");
	close(fd);
	running_stop(&r);
}

Test(session_finish, drops_what_still_comes)
{
	static char noise[200000];
	char out[100];
	int fd;

	running_prepare(&r, &say_handler, &say_daytime);
	r.options.accept = 1;
	running_start(&r);
	fd = running_dial(&r);
	cr_assert_eq(send(fd, noise, sizeof noise, MSG_NOSIGNAL), sizeof noise);
	cr_assert_eq(running_read(fd, out, sizeof out), 26);
	close(fd);
	running_wait(&r);
	cr_assert_eq(r.result.status, 0);
	cr_assert(strstr(running_log(&r), ": answered; received 195 KiB, sent 26 B"), "%s",
		  running_log(&r));
}

Test(session_finish, is_not_done_before_the_client_has_everything)
{
	static char data[3000000];
	struct send_file_options options = { 0 };
	FILE *file;
	int fd;

	running_prepare(&r, &send_file_handler, &options);
	options.file = running_path(&r, "data");
	file = fopen(options.file, "w");
	cr_assert_eq(fwrite(data, 1, sizeof data, file), sizeof data);
	fclose(file);
	r.options.accept = 1;
	running_start(&r);
	fd = running_dial(&r);
	cr_assert_eq(running_read(fd, data, 1000), 1000);
	running_reset(fd);
	running_wait(&r);
	cr_assert(r.result.status == 55 || r.result.status == 56, "%d", r.result.status);
}
