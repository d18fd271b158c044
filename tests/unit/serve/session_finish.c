/* SPDX-License-Identifier: MIT */
/*
 * Holds: a client that does not end is left after a while, one that talks on is read and dropped;
 * with a number of connections to serve every byte is acknowledged before the end, and a client
 * that resets instead of taking its answer decides the status; a client that takes nothing is cut
 * where there is a limit, whether its bytes wait here or in the kernel.
 */
#include "serve_running.h"
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/sockopt.h>
#include <sockutil/serve/echo.h>
#include <sockutil/serve/say.h>
#include <sockutil/serve/send_file.h>
#include <sockutil/serve/session.h>

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

/* ------ a client that takes nothing ------ */

static const char bytes[8000000];
static size_t untaken; /* of them */

static void start_untaken(struct session *session)
{
	session_write(session, bytes, untaken);
	session_finish_within(session, "taken or not", 200);
}

static void ready_untaken(struct session *session, unsigned sides)
{
	(void)session;
	(void)sides;
}

static const struct handler untaken_handler = {
	.name = "untaken",
	.start = start_untaken,
	.ready = ready_untaken,
};

static void assert_cut(size_t length)
{
	static char got[sizeof bytes];
	const int small = 4096;
	int fd;

	untaken = length;
	running_prepare(&r, &untaken_handler, NULL);
	cr_assert(sockopt_add(&r.stream.net.sockopts, "SO_SNDBUF=200K", &r.why), "%s", r.why.text);
	running_start(&r);
	fd = running_dial(&r);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	running_wait_log(&r, ": taken or not; received 0 B, sent ");
	cr_assert_eq(running_read(fd, got, sizeof got), -1, "an end in order");
	close(fd);
	running_stop(&r);
	sockopt_list_free(&r.stream.net.sockopts);
}

Test(session_finish, cuts_who_takes_nothing_of_what_waits_here)
{
	assert_cut(sizeof bytes);
}

Test(session_finish, cuts_who_takes_nothing_of_what_the_kernel_has)
{
	if (!sockets_queue_known())
		cr_skip_test("the send queue is not told here");
	assert_cut(150000);
}
