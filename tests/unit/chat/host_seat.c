/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/host_seat.c
 * Holds: the seat is begun once, in the loop, with its own end of a connection; who sits there is a
 * member that hosts; it is not held to a pace; its end ends the chat, and all are told; the seat is
 * ended when the loop has ended.
 */
#include "chat_hosted.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/chat/flood.h>

static struct {
	int fd, begun, ended;
	bool loop;
} sitting;

static void sit_down(void *data, struct ev_loop *loop, int fd)
{
	cr_assert_eq(data, &sitting);
	sitting.fd = fd;
	sitting.loop = loop != NULL;
	sitting.begun++;
}

static void stand_up(void *data)
{
	cr_assert_eq(data, &sitting);
	sitting.ended++;
}

static const struct chat_seat seat = {
	.begin = sit_down,
	.end = stand_up,
	.data = &sitting,
};

static const struct chat_host_options options = {
	.max_members = 10,
	.room = "lobby",
	.seat = &seat,
};

static void say(const char *text)
{
	cr_assert_eq(send(sitting.fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void set_up(void)
{
	hosted_open(&options);
	hosted_dial(); /* and served: the seat has begun */
	running_wait_log(&hosted_running, "connected from");
	cr_assert_eq(sitting.begun, 1);
	cr_assert(sitting.loop);
	say("/hello chat/1 hostess lobby\n");
}

static void tear_down(void)
{
	hosted_wait();
	cr_assert_eq(sitting.begun, 1);
	cr_assert_eq(sitting.ended, 1);
	cr_assert_eq(hosted_running.result.status, 0);
}

TestSuite(host_seat, .init = set_up, .fini = tear_down, .timeout = 60);

/* Until the seat has entered somebody else would not find it. */
static struct hosted_peer *guest(const char *nick)
{
	running_wait_log(&hosted_running, "hostess joined lobby\n");
	return hosted_plain(nick);
}

Test(host_seat, it_is_a_member_that_hosts)
{
	struct hosted_peer *alice = guest("alice"), *bob = guest("bob");

	cr_assert(fcntl(sitting.fd, F_GETFD) & FD_CLOEXEC);
	cr_assert(fcntl(sitting.fd, F_GETFL) & O_NONBLOCK);
	hosted_expect(alice, "* bob joined");
	say("welcome\n/kick bob loud\n");
	hosted_expect(alice, "<hostess> welcome");
	hosted_expect(alice, "* bob left (kicked by hostess: loud)");
	hosted_skip_to(bob, "* goodbye: kicked by hostess: loud");
	hosted_expect_closed(bob);
	running_wait_log(&hosted_running, "put out: kicked by hostess\n");
	close(sitting.fd);
}

Test(host_seat, it_is_not_held_to_a_pace)
{
	struct hosted_peer *alice = guest("alice");
	char text[2000] = "", line[40];

	for (int i = 0; i < CHAT_FLOOD_BURST * 5; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%d\n", i);
	say(text);
	for (int i = 0; i < CHAT_FLOOD_BURST * 5; i++) {
		snprintf(line, sizeof line, "<hostess> %d", i);
		hosted_expect(alice, line);
	}
	close(sitting.fd);
}

Test(host_seat, its_end_is_the_end)
{
	struct hosted_peer *alice = guest("alice");

	say("/quit that is all\n");
	hosted_skip_to(alice, "* goodbye: the host ends the chat");
	hosted_expect_closed(alice);
	running_wait_log(&hosted_running, "hostess left lobby: that is all\n");
	close(sitting.fd);
}

Test(host_seat, it_closes_at_once)
{
	struct hosted_peer *alice = guest("alice");

	close(sitting.fd);
	hosted_skip_to(alice, "* goodbye: the host ends the chat");
	hosted_expect_closed(alice);
}
