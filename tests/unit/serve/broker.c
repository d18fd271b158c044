/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/serve/broker.c
 * Holds: all others get what one says, and nobody what was said before; a speaker alone is read and
 * dropped; who does not read is cut while another keeps up; without one the speaker waits, and goes
 * on when the slow one leaves. Rooms and whole messages: tests/program/test_serve_broker.py.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/serve/broker.h>

static struct running r;

static void set_up(void)
{
	running_prepare(&r, &broker_handler, NULL);
	running_start(&r);
}

static void tear_down(void)
{
	running_stop(&r);
}

TestSuite(broker, .init = set_up, .fini = tear_down, .timeout = 30);

/* Connected, and known to the server. */
static int member(void)
{
	const int fd = running_dial(&r);
	struct address own;
	char text[40];

	cr_assert(address_of_socket(fd, &own));
	snprintf(text, sizeof(text), ":%u", address_port(&own));
	running_wait_log(&r, text);
	return fd;
}

static void assert_gets(int fd, const char *text)
{
	char out[100];
	const size_t length = strlen(text);

	cr_assert_eq(running_read(fd, out, length), (ssize_t)length);
	cr_assert_eq(memcmp(out, text, length), 0);
}

Test(broker, all_others_get_it)
{
	const int a = member(), b = member(), c = member();
	int late;

	send(a, "from a", 6, 0);
	assert_gets(b, "from a");
	assert_gets(c, "from a");
	late = member();
	send(b, "from b", 6, 0);
	assert_gets(a, "from b");
	assert_gets(c, "from b");
	assert_gets(late, "from b");
	close(a);
	close(b);
	close(c);
	close(late);
}

Test(broker, a_speaker_alone)
{
	static char bytes[1 << 20];
	const int a = member();
	char byte;

	for (int i = 0; i < 8; i++)
		cr_assert_eq(send(a, bytes, sizeof(bytes), 0), sizeof(bytes));
	shutdown(a, SHUT_WR);
	cr_assert_eq(running_read(a, &byte, 1), 0);
	running_wait_log(&r, ": client ended; received 8 MiB, sent 0 B");
	close(a);
}

/* Sends until the kernel takes no more for a while; the bytes. */
static size_t send_until_held_up(int fd)
{
	static char bytes[65536];
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
	size_t total = 0;

	while (poll(&poll_fd, 1, 500) == 1) {
		const ssize_t n = send(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		cr_assert(n > 0);
		total += (size_t)n;
		cr_assert(total < 1u << 30);
	}
	return total;
}

Test(broker, a_speaker_waits_and_goes_on)
{
	const int a = member(), slow = member();
	char byte;

	cr_assert_gt(send_until_held_up(a), BROKER_QUEUE / 2);
	close(slow);
	/* All of it is taken now, and dropped: nobody is there. */
	shutdown(a, SHUT_WR);
	cr_assert_eq(running_read(a, &byte, 1), 0);
	close(a);
}

Test(broker, who_is_slow_is_cut)
{
	static char bytes[1 << 20];
	const int a = member(), slow = member(), b = member();

	for (int i = 0; i < 24; i++) {
		cr_assert_eq(send(a, bytes, sizeof(bytes), 0), sizeof(bytes));
		cr_assert_eq(running_read(b, bytes, sizeof(bytes)), sizeof(bytes));
	}
	running_wait_log(&r, ": too slow: 1 MiB of messages waits for it");
	close(a);
	close(b);
	close(slow);
}
