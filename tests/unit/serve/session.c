/* SPDX-License-Identifier: MIT */
/*
 * Holds: idle time is each session's own and starts anew with its bytes; a reset is the session's
 * failure and, with a number of connections to serve, the server's status; counts and reasons are
 * right; a seat in the same process is served like a connection, and is not told of.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/serve/echo.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

static struct running r;

TestSuite(session, .timeout = 30);

Test(session, is_small)
{
	cr_assert_leq(sizeof(struct session), 640);
}

Test(session, idle_alone)
{
	char out[10];
	int idle, busy;

	running_prepare(&r, &echo_handler, NULL);
	r.options.idle_ms = 300;
	running_start(&r);
	idle = running_dial(&r);
	busy = running_dial(&r);
	for (int i = 0; i < 10; i++) {
		running_ask(busy, "x", out, sizeof out);
		usleep(50000);
	}
	cr_assert_leq(running_read(idle, out, 1), 0);
	running_ask(busy, "x", out, sizeof out);
	close(busy);
	close(idle);
	running_wait_log(
		&r, ": no byte came or went for 300ms (--idle-timeout); received 0 B, sent 0 B");
	running_stop(&r);
	cr_assert_eq(r.result.status, 0);
}

Test(session, a_reset_decides_when_it_is_the_one)
{
	char out[10];
	int fd;

	running_prepare(&r, &echo_handler, NULL);
	r.options.accept = 2;
	running_start(&r);
	fd = running_dial(&r);
	running_ask(fd, "x", out, sizeof out);
	running_reset(fd);
	running_wait_log(&r, "reset by peer");
	running_exchange(&r, "y", 1, out, sizeof out);
	running_wait(&r);
	cr_assert(r.result.status == 55 || r.result.status == 56);
}

Test(session, a_reset_among_many_is_only_said)
{
	char out[10];
	int fd;

	running_prepare(&r, &echo_handler, NULL);
	running_start(&r);
	fd = running_dial(&r);
	running_ask(fd, "x", out, sizeof out);
	running_reset(fd);
	running_wait_log(&r, "reset by peer");
	running_stop(&r);
	cr_assert_eq(r.result.status, 0);
}

static int seat_fd;

static void take_a_seat(void *data, struct server *server)
{
	int pair[2];

	(void)data;
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	seat_fd = pair[1];
	cr_assert_eq(write(seat_fd, "hello", 5), 5);
	session_seat(server, pair[0]);
}

Test(session, a_seat)
{
	struct handler handler = echo_handler;
	char out[10];

	handler.begin = take_a_seat;
	running_prepare(&r, &handler, NULL);
	r.options.idle_ms = 100;
	r.options.max_connections = 2;
	running_start(&r);
	cr_assert_eq(running_read(seat_fd, out, 5), 5);
	cr_assert_eq(memcmp(out, "hello", 5), 0);
	running_exchange(&r, "y", 1, out, sizeof out);
	usleep(200000);
	cr_assert_eq(write(seat_fd, "still", 5), 5);
	cr_assert_eq(running_read(seat_fd, out, 5), 5);
	close(seat_fd);
	running_stop(&r);
	cr_assert_eq(r.result.status, 0);
	cr_assert_null(strstr(running_log(&r), "unix"), "%s", running_log(&r));
	cr_assert_not_null(strstr(running_log(&r), "closed"));
}
