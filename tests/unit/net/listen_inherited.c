/* SPDX-License-Identifier: MIT */
/* Listening sockets that somebody else opened.
 * Holds: fd:N takes a listening socket, close-on-exec, its flags as they were, polled only when it
 * blocks; what is not open, no socket, of another type or not listening is usage, and stays open;
 * socket options are made on it; the same descriptor twice is usage. systemd: takes every socket
 * passed, or those of a name, makes them close-on-exec and non-blocking; without LISTEN_FDS, for
 * another process, and for an unknown name it is usage and says so; a descriptor without a name is
 * "unknown"; one that does not listen fails it all. */
#include "listen_support.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listening_socket(int type)
{
	struct address address;
	int fd = socket(AF_INET, type, 0);

	address_parse_ip("127.0.0.1", 0, &address);
	cr_assert_eq(bind(fd, &address.any, address.length), 0);
	if (type == SOCK_STREAM)
		cr_assert_eq(listen(fd, 8), 0);
	return fd;
}

static const char *text_of(int fd)
{
	static char text[32];

	snprintf(text, sizeof(text), "fd:%d", fd);
	return text;
}

static void assert_refused(struct listening *l, int fd, const char *format)
{
	char expected[200];

	cr_assert_not(listening_open(l, text_of(fd)));
	cr_assert_eq(l->why.class, FAILURE_USAGE);
	snprintf(expected, sizeof(expected), format, fd, fd);
	cr_assert_str_eq(l->why.text, expected);
	cr_assert_eq(l->count, 0);
}

Test(listen_inherited, a_blocking_socket_is_polled_and_stays_blocking)
{
	struct listening l;
	int fd = listening_socket(SOCK_STREAM);

	listening_prepare(&l);
	cr_assert(listening_open(&l, text_of(fd)), "%s", l.why.text);
	cr_assert_eq(l.count, 1);
	cr_assert_eq(l.listeners[0].fd, fd);
	cr_assert(l.listeners[0].polled);
	cr_assert_not(fcntl(fd, F_GETFL) & O_NONBLOCK);
	cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	cr_assert_neq(address_port(&l.listeners[0].address), 0);
	listening_close(&l);
}

Test(listen_inherited, a_nonblocking_socket_is_not_polled)
{
	struct listening l;
	int fd = listening_socket(SOCK_STREAM);

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	listening_prepare(&l);
	cr_assert(listening_open(&l, text_of(fd)), "%s", l.why.text);
	cr_assert_not(l.listeners[0].polled);
	listening_close(&l);
}

Test(listen_inherited, socket_options_are_made)
{
	struct listening l;
	int fd = listening_socket(SOCK_STREAM);
	int value = 0;
	socklen_t length = sizeof(value);

	listening_prepare(&l);
	cr_assert(sockopt_add(&l.net.sockopts, "SO_KEEPALIVE=on", &l.why));
	cr_assert(listening_open(&l, text_of(fd)), "%s", l.why.text);
	cr_assert_eq(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &length), 0);
	cr_assert_neq(value, 0);
	listening_close(&l);
}

Test(listen_inherited, what_does_not_listen_is_refused_and_stays_open)
{
	struct listening l;
	int file = open("/dev/null", O_RDONLY);
	int datagrams = listening_socket(SOCK_DGRAM);
	int fresh = socket(AF_INET, SOCK_STREAM, 0);

	listening_prepare(&l);
	assert_refused(&l, 987, "fd:%d: descriptor %d is not open");
	assert_refused(&l, file, "fd:%d: descriptor %d is not a socket");
	assert_refused(&l, datagrams, "fd:%d: descriptor %d is not a stream socket");
	assert_refused(&l, fresh, "fd:%d: descriptor %d is not a listening socket");
	l.options.type = SOCK_DGRAM;
	assert_refused(&l, fresh, "fd:%d: descriptor %d is not a datagram socket");
	cr_assert(listening_open(&l, text_of(datagrams)), "%s", l.why.text);
	cr_assert_eq(close(file), 0);
	cr_assert_eq(close(fresh), 0);
	listening_close(&l);
}

Test(listen_inherited, the_same_descriptor_twice_is_refused)
{
	struct listening l;
	char expected[64];
	int fd = listening_socket(SOCK_STREAM);

	listening_prepare(&l);
	cr_assert(listening_open(&l, text_of(fd)));
	cr_assert_not(listening_open(&l, text_of(fd)));
	snprintf(expected, sizeof(expected), "descriptor %d is given twice", fd);
	cr_assert_str_eq(l.why.text, expected);
	cr_assert_eq(l.why.class, FAILURE_USAGE);
	cr_assert(fcntl(fd, F_GETFD) >= 0);
	listening_close(&l);
}

/* Descriptors 3 and up are open in the runner: they are put aside while the passed ones are there.
 */
static int aside[3];

static void pass(int count, const char *names)
{
	char text[32];

	for (int i = 0; i < 3; i++)
		aside[i] = fcntl(3 + i, F_DUPFD_CLOEXEC, 200);
	for (int i = 0; i < count; i++) {
		int fd = listening_socket(SOCK_STREAM);

		dup2(fd, 3 + i);
		close(fd);
	}
	snprintf(text, sizeof(text), "%ld", (long)getpid());
	setenv("LISTEN_PID", text, 1);
	snprintf(text, sizeof(text), "%d", count);
	setenv("LISTEN_FDS", text, 1);
	if (names)
		setenv("LISTEN_FDNAMES", names, 1);
	else
		unsetenv("LISTEN_FDNAMES");
}

static void unpass(void)
{
	for (int i = 0; i < 3; i++) {
		if (aside[i] >= 0)
			dup2(aside[i], 3 + i);
		close(aside[i]);
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

/* What was found while the sockets were passed; asserted when the runner has its descriptors back.
 */
struct found {
	bool opened;
	size_t count;
	int first, last;
	bool nonblocking, close_on_exec, polled;
	enum failure_class class;
	char text[500];
};

static struct found open_passed(int count, const char *names, const char *endpoint)
{
	struct listening l;
	struct found f = { 0 };

	listening_prepare(&l);
	pass(count, names);
	f.opened = listening_open(&l, endpoint);
	f.count = l.count;
	f.class = l.why.class;
	memcpy(f.text, l.why.text, sizeof(f.text));
	if (l.count) {
		f.first = l.listeners[0].fd;
		f.last = l.listeners[l.count - 1].fd;
		f.nonblocking = fcntl(f.first, F_GETFL) & O_NONBLOCK;
		f.close_on_exec = fcntl(f.first, F_GETFD) & FD_CLOEXEC;
		f.polled = l.listeners[0].polled;
	}
	listening_close(&l);
	unpass();
	return f;
}

Test(listen_inherited, systemd_takes_every_socket)
{
	struct found f = open_passed(3, NULL, "systemd:");

	cr_assert(f.opened, "%s", f.text);
	cr_assert_eq(f.count, 3);
	cr_assert_eq(f.first, 3);
	cr_assert_eq(f.last, 5);
	cr_assert(f.nonblocking);
	cr_assert(f.close_on_exec);
	cr_assert_not(f.polled);
}

Test(listen_inherited, systemd_takes_those_of_a_name)
{
	struct found f = open_passed(3, "web:admin:web", "systemd:web");

	cr_assert(f.opened, "%s", f.text);
	cr_assert_eq(f.count, 2);
	cr_assert_eq(f.first, 3);
	cr_assert_eq(f.last, 5);
	f = open_passed(3, "web:admin:web2", "systemd:admin");
	cr_assert_eq(f.count, 1);
	cr_assert_eq(f.first, 4);
}

Test(listen_inherited, a_beginning_of_a_name_is_not_the_name)
{
	struct found f = open_passed(2, "website:admin", "systemd:web");

	cr_assert_not(f.opened);
	cr_assert_str_eq(f.text, "systemd:web: no socket of this name was passed; "
				 "there are: website:admin");
	cr_assert_eq(f.class, FAILURE_USAGE);
}

Test(listen_inherited, without_names_all_are_unknown)
{
	struct found f = open_passed(1, NULL, "systemd:unknown");

	cr_assert(f.opened, "%s", f.text);
	cr_assert_eq(f.count, 1);
	f = open_passed(2, "web", "systemd:unknown");
	cr_assert_eq(f.count, 1);
	cr_assert_eq(f.first, 4);
	f = open_passed(1, NULL, "systemd:web");
	cr_assert_str_eq(f.text, "systemd:web: no socket of this name was passed; "
				 "there are: none with a name");
}

Test(listen_inherited, without_activation_it_says_so)
{
	static const char expected[] =
		"systemd:web: no socket was passed (LISTEN_PID, LISTEN_FDS): "
		"start it by a .socket unit or systemd-socket-activate";
	struct listening l;

	listening_prepare(&l);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	cr_assert_not(listening_open(&l, "systemd:web"));
	cr_assert_str_eq(l.why.text, expected);
	cr_assert_eq(l.why.class, FAILURE_USAGE);
	/* Passed to somebody else, who started us. */
	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "1", 1);
	cr_assert_not(listening_open(&l, "systemd:web"));
	cr_assert_str_eq(l.why.text, expected);
	setenv("LISTEN_PID", "x", 1);
	cr_assert_not(listening_open(&l, "systemd:web"));
	cr_assert_str_eq(l.why.text, expected);
}

Test(listen_inherited, more_announced_than_passed_fails_it_all)
{
	struct listening l;
	char pid[32];

	listening_prepare(&l);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "900", 1);
	setenv("LISTEN_FDNAMES", "a:b", 1);
	cr_assert_not(listening_open(&l, "systemd:unknown"));
	cr_assert_eq(l.why.class, FAILURE_USAGE);
	cr_assert_eq(l.count, 0);
}
