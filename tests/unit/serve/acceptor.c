/* SPDX-License-Identifier: MIT */
/*
 * Holds: without a place clients wait and are taken when one is free; refused ones are closed with
 * the reason and use up neither places nor --accept; after the last one to serve the listener is
 * closed at once; without descriptors it rests, says so once, and goes on.
 */
#include "serve_running.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sockutil/serve/echo.h>

static struct running r;

static void set_up(void)
{
	running_prepare(&r, &echo_handler, NULL);
}

TestSuite(acceptor, .init = set_up, .timeout = 30);

static bool answers(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;

	return poll(&p, 1, ms) == 1 && recv(fd, &byte, 1, 0) == 1;
}

Test(acceptor, leaves_who_finds_no_place_in_the_backlog)
{
	int a, b;

	r.options.max_connections = 1;
	running_start(&r);
	a = running_dial(&r);
	b = running_dial(&r);
	send(a, "a", 1, 0);
	send(b, "b", 1, 0);
	cr_assert(answers(a, 5000));
	cr_assert_not(answers(b, 200));
	close(a);
	cr_assert(answers(b, 5000));
	close(b);
	running_stop(&r);
}

Test(acceptor, closes_who_is_refused)
{
	const char *deny[] = { "127.0.0.1", NULL };
	char out[10];
	int fd;

	r.options.deny = deny;
	r.options.accept = 1;
	running_start(&r);
	for (int i = 0; i < 3; i++) {
		fd = running_dial(&r);
		cr_assert_leq(running_read(fd, out, 1), 0);
		close(fd);
	}
	running_wait_log(&r, ": denied by 127.0.0.1\n");
	running_stop(&r);
	cr_assert_eq(r.result.status, 0);
}

Test(acceptor, closes_who_is_one_too_many)
{
	char out[10];
	int a, b;

	r.options.max_per_address = 1;
	running_start(&r);
	a = running_dial(&r);
	send(a, "a", 1, 0);
	cr_assert(answers(a, 5000));
	b = running_dial(&r);
	cr_assert_leq(running_read(b, out, 1), 0);
	close(b);
	running_wait_log(&r, ": more than 1 at once from this address (--max-conns-per-ip)\n");
	close(a);
	running_wait_log(&r, "client ended");
	a = running_dial(&r);
	send(a, "a", 1, 0);
	cr_assert(answers(a, 5000));
	close(a);
	running_stop(&r);
}

Test(acceptor, closes_who_comes_too_fast)
{
	char out[10];
	int fd;

	r.options.rate = 1;
	running_start(&r);
	running_exchange(&r, "x", 1, out, sizeof out);
	fd = running_dial(&r);
	cr_assert_leq(running_read(fd, out, 1), 0);
	close(fd);
	running_wait_log(&r, ": more than 1 a second (--conn-rate)\n");
	running_stop(&r);
}

Test(acceptor, refuses_after_the_last_one)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd, late = socket(AF_INET, SOCK_STREAM, 0);

	r.options.accept = 1;
	running_start(&r);
	fd = running_dial(&r);
	send(fd, "x", 1, 0);
	cr_assert(answers(fd, 5000));
	to.sin_port = htons((uint16_t)r.port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(connect(late, (struct sockaddr *)&to, sizeof to), -1);
	cr_assert_eq(errno, ECONNREFUSED);
	close(late);
	close(fd);
	running_wait(&r);
	cr_assert_eq(r.result.status, 0);
}

Test(acceptor, rests_without_descriptors)
{
	struct rlimit limit;
	int held[10], waiting;
	const char *said;
	rlim_t before;

	running_start(&r);
	waiting = running_dial(&r);
	send(waiting, "x", 1, 0);
	cr_assert(answers(waiting, 5000));
	for (int i = 0; i < 10; i++)
		held[i] = socket(AF_INET, SOCK_STREAM, 0);
	getrlimit(RLIMIT_NOFILE, &limit);
	before = limit.rlim_cur;
	limit.rlim_cur = (rlim_t)held[9];
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	{
		struct sockaddr_in to = { .sin_family = AF_INET,
					  .sin_port = htons((uint16_t)r.port) };

		to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		cr_assert_eq(connect(held[0], (struct sockaddr *)&to, sizeof to), 0);
	}
	usleep(250000); /* no file can be looked into meanwhile */
	limit.rlim_cur = before;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	said = strstr(running_wait_log(&r, "connections wait"),
		      "connections wait until there is room again\n");
	cr_assert(said && !strstr(said + 1, "connections wait"), "once");
	send(held[0], "y", 1, 0);
	cr_assert(answers(held[0], 5000));
	for (int i = 0; i < 10; i++)
		close(held[i]);
	close(waiting);
	running_stop(&r);
}
