/* SPDX-License-Identifier: MIT */
/* The next connection of a listening socket.
 * Holds: connections come one by one, non-blocking and close-on-exec, with their peer; then
 * IO_AGAIN; one that was reset while it waited is taken or skipped, never a failure; without
 * descriptors left it is IO_FAILED with EMFILE, and the connection is there once there is one; a
 * broken listener is IO_FAILED; a polled one that blocks never makes the caller wait and keeps its
 * flags; a Unix client is unnamed. */
#include "listen_support.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void until_ready(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	cr_assert_eq(poll(&ready, 1, 10000), 1);
}

Test(accept, connections_come_one_by_one)
{
	struct listening l;
	struct address peer, own;
	char text[ADDRESS_TEXT_MAX], other[ADDRESS_TEXT_MAX];
	int clients[3], fd = -1;

	listening_prepare(&l);
	cr_assert(listening_open(&l, "127.0.0.1:0"));
	cr_assert_eq(accept_one(&l.listeners[0], &fd, &peer, &l.why), IO_AGAIN);
	for (int i = 0; i < 3; i++)
		clients[i] = listening_connect(&l.listeners[0]);
	for (int i = 0; i < 3; i++) {
		until_ready(l.listeners[0].fd);
		cr_assert_eq(accept_one(&l.listeners[0], &fd, &peer, &l.why), IO_DONE);
		cr_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
		cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		cr_assert(address_of_socket(clients[i], &own));
		cr_assert_str_eq(address_text(text, &peer), address_text(other, &own));
		close(fd);
	}
	cr_assert_eq(accept_one(&l.listeners[0], &fd, &peer, &l.why), IO_AGAIN);
	for (int i = 0; i < 3; i++)
		close(clients[i]);
	listening_close(&l);
}

Test(accept, a_connection_reset_while_it_waits_is_no_failure)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	struct listening l;
	struct address peer;
	int client, fd = -1;
	enum io result;

	listening_prepare(&l);
	cr_assert(listening_open(&l, "127.0.0.1:0"));
	client = listening_connect(&l.listeners[0]);
	setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(client);
	result = accept_one(&l.listeners[0], &fd, &peer, &l.why);
	cr_assert(result == IO_DONE || result == IO_AGAIN);
	if (result == IO_DONE)
		close(fd);
	cr_assert_eq(accept_one(&l.listeners[0], &fd, &peer, &l.why), IO_AGAIN);
	listening_close(&l);
}

Test(accept, without_descriptors_it_fails_and_goes_on_later)
{
	struct listening l;
	struct address peer;
	struct rlimit before, none;
	int client, fd = -1;
	enum io result, later;

	listening_prepare(&l);
	cr_assert(listening_open(&l, "127.0.0.1:0"));
	client = listening_connect(&l.listeners[0]);
	until_ready(l.listeners[0].fd);
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	result = accept_one(&l.listeners[0], &fd, &peer, &l.why);
	setrlimit(RLIMIT_NOFILE, &before);
	later = accept_one(&l.listeners[0], &fd, &peer, &l.why);
	cr_assert_eq(result, IO_FAILED);
	cr_assert_eq(l.why.error, EMFILE);
	cr_assert_str_eq(l.why.text, "cannot accept a connection until others end "
				     "(raise ulimit -n): Too many open files");
	cr_assert_eq(later, IO_DONE);
	close(fd);
	close(client);
	listening_close(&l);
}

Test(accept, a_broken_listener_fails)
{
	struct listener listener = { .fd = -1 };
	struct failure why = { 0 };
	struct address peer;
	int fd = -1;

	cr_assert_eq(accept_one(&listener, &fd, &peer, &why), IO_FAILED);
	cr_assert_eq(why.error, EBADF);
	cr_assert_str_eq(why.text, "cannot accept a connection: Bad file descriptor");
	listener.fd = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(accept_one(&listener, &fd, &peer, &why), IO_FAILED);
	cr_assert_eq(why.error, EINVAL);
	close(listener.fd);
}

/* accept(2) says EOPNOTSUPP for each try, which on a listener would befall a connection: bounded.
 */
Test(accept, a_socket_of_another_type_does_not_loop)
{
	struct listener listener = { .fd = socket(AF_INET, SOCK_DGRAM, 0) };
	struct failure why = { 0 };
	struct address peer;
	int fd = -1;

	cr_assert_eq(accept_one(&listener, &fd, &peer, &why), IO_AGAIN);
	close(listener.fd);
}

Test(accept, a_polled_listener_never_waits_and_keeps_its_flags)
{
	struct listening l;
	struct address peer;
	int client, fd = -1;
	char text[32];
	int shared;

	listening_prepare(&l);
	cr_assert(listening_open(&l, "127.0.0.1:0"));
	shared = dup(l.listeners[0].fd);
	fcntl(shared, F_SETFL, fcntl(shared, F_GETFL) & ~O_NONBLOCK);
	snprintf(text, sizeof(text), "fd:%d", shared);
	cr_assert(listening_open(&l, text), "%s", l.why.text);
	cr_assert(l.listeners[1].polled);
	cr_assert_eq(accept_one(&l.listeners[1], &fd, &peer, &l.why), IO_AGAIN);
	client = listening_connect(&l.listeners[1]);
	until_ready(shared);
	cr_assert_eq(accept_one(&l.listeners[1], &fd, &peer, &l.why), IO_DONE);
	cr_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
	cr_assert_not(fcntl(shared, F_GETFL) & O_NONBLOCK);
	close(fd);
	close(client);
	listening_close(&l);
}

Test(accept, a_unix_client_is_unnamed)
{
	struct listening l;
	struct address peer;
	char text[ADDRESS_TEXT_MAX];
	int client, fd = -1;

	listening_folder();
	listening_prepare(&l);
	cr_assert(listening_open(&l, listening_endpoint("s")));
	client = listening_connect(&l.listeners[0]);
	cr_assert_eq(accept_one(&l.listeners[0], &fd, &peer, &l.why), IO_DONE);
	cr_assert_str_eq(address_text(text, &peer), "unix:");
	close(fd);
	close(client);
	listening_close(&l);
	listening_remove_folder();
}
