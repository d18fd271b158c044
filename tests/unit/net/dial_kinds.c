/* SPDX-License-Identifier: MIT */
/* Dialling what is no Internet address.
 * Holds: Unix sockets, by path and abstract, their ways to fail, their full queues; a source path
 * is removed again; vsock; inherited descriptors are used as they are, and what is no connection is
 * said so; options that do not fit are refused; systemd: is for listening. */
#include "net_dialled.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/net/dial.h>
#include <sockutil/net/dial_socket.h>

static const char *at(const char *format, unsigned port)
{
	static char texts[4][200];
	static unsigned turn;
	char *text = texts[turn++ % 4];

	snprintf(text, sizeof(texts[0]), format, port);
	return text;
}

static void assert_failed(const struct dialled *d, enum failure_class class, const char *text)
{
	cr_assert_eq(d->fd, -1);
	cr_assert_str_eq(d->why.text, text);
	cr_assert_eq(d->why.class, class);
}

static const char *text_of(const struct address *address)
{
	static char text[ADDRESS_TEXT_MAX];

	return address_text(text, address);
}

/* A folder of the test's own, gone with what is in it. */
static char folder[64];

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/sockutil-dial-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/s", folder);
	unlink(path);
	cr_assert_eq(rmdir(folder), 0, "%s: something was left behind", folder);
}

static int unix_bound(const char *path, int type)
{
	const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	struct address address;

	cr_assert(address_unix(&address, path));
	cr_assert_eq(bind(fd, &address.any, address.length), 0);
	return fd;
}

Test(dial_kinds, unix_socket, .init = make_folder, .fini = remove_folder)
{
	struct dialled d = { .fd = -1 };
	char path[100], endpoint[120], expected[200];
	int server;

	snprintf(path, sizeof(path), "%s/s", folder);
	snprintf(endpoint, sizeof(endpoint), "unix:%s", path);
	dialled_run(&d, endpoint);
	snprintf(expected, sizeof(expected), "%s: no such socket", endpoint);
	assert_failed(&d, FAILURE_CONNECT, expected);
	dialled_end(&d);

	server = unix_bound(path, SOCK_STREAM);
	memset(&d, 0, sizeof(d));
	dialled_run(&d, endpoint);
	snprintf(expected, sizeof(expected), "%s: connection refused", endpoint);
	assert_failed(&d, FAILURE_CONNECT, expected);
	dialled_end(&d);

	listen(server, 5);
	memset(&d, 0, sizeof(d));
	dialled_run(&d, endpoint);
	cr_assert(d.fd >= 0, "%s", d.why.text);
	cr_assert_str_eq(text_of(&d.report.peer), endpoint);
	cr_assert_str_eq(text_of(&d.report.local), "unix:");
	dialled_end(&d);
	close(server);
}

Test(dial_kinds, unix_socket_of_datagrams, .init = make_folder, .fini = remove_folder)
{
	struct dialled d = { .fd = -1 };
	char path[100], endpoint[120], expected[200];
	int server;

	snprintf(path, sizeof(path), "%s/s", folder);
	snprintf(endpoint, sizeof(endpoint), "unix:%s", path);
	server = unix_bound(path, SOCK_DGRAM);
	dialled_run(&d, endpoint);
	snprintf(expected, sizeof(expected), "%s: not a stream socket", endpoint);
	assert_failed(&d, FAILURE_CONNECT, expected);
	dialled_end(&d);
	close(server);
}

/* unix(7): connect(2) says EAGAIN, and nothing says when there is room. */
Test(dial_kinds, unix_socket_whose_queue_is_full, .init = make_folder, .fini = remove_folder)
{
	struct dialled d = { .fd = -1 }, e = { .fd = -1 };
	struct failure why = { 0 };
	char path[100], endpoint[120], expected[200];
	int server, probe;
	struct address address;

	snprintf(path, sizeof(path), "%s/s", folder);
	snprintf(endpoint, sizeof(endpoint), "unix:%s", path);
	server = unix_bound(path, SOCK_STREAM);
	listen(server, 0);
	loopback_fill(server);
	cr_assert(address_unix(&address, path));
	probe = dial_socket_open(AF_UNIX, 0);
	if (connect(probe, &address.any, address.length) == 0 || errno != EAGAIN)
		cr_skip_test("a full queue is not EAGAIN here");
	close(probe);
	dialled_prepare(&d, endpoint);
	dialled_start(&d);
	dialled_pass(&d, 0.1);
	cr_assert_eq(d.calls, 0);
	dial_cancel(d.dial, &why);
	snprintf(expected, sizeof(expected), "%s: the server's queue is full", endpoint);
	cr_assert_str_eq(why.text, expected);
	cr_assert_eq(why.class, FAILURE_TIMEOUT);
	dialled_end(&d);

	dialled_prepare(&e, endpoint);
	dialled_start(&e);
	dialled_pass(&e, 0.05);
	cr_assert_eq(e.calls, 0);
	close(accept(server, NULL, NULL));
	dialled_wait(&e);
	cr_assert(e.fd >= 0, "%s", e.why.text);
	dialled_end(&e);
	close(server);
}

Test(dial_kinds, unix_source_path_is_removed_again, .init = make_folder, .fini = remove_folder)
{
	struct dialled d = { .fd = -1 }, e = { .options.source = "127.0.0.1" };
	char path[100], source[100], endpoint[120], expected[200];
	struct address peer;
	int server, accepted;

	snprintf(path, sizeof(path), "%s/s", folder);
	snprintf(source, sizeof(source), "%s/client", folder);
	snprintf(endpoint, sizeof(endpoint), "unix:%s", path);
	server = unix_bound(path, SOCK_STREAM);
	listen(server, 5);
	d.options.source = source;
	dialled_run(&d, endpoint);
	cr_assert(d.fd >= 0, "%s", d.why.text);
	accepted = accept(server, NULL, NULL);
	cr_assert(address_of_peer(accepted, &peer));
	snprintf(expected, sizeof(expected), "unix:%s", source);
	cr_assert_str_eq(text_of(&peer), expected);
	cr_assert_neq(access(source, F_OK), 0);
	close(accepted);
	dialled_end(&d);
	dialled_run(&e, endpoint);
	snprintf(expected, sizeof(expected),
		 "%s: source 127.0.0.1: a Unix socket has no IP address", endpoint);
	assert_failed(&e, FAILURE_USAGE, expected);
	dialled_end(&e);
	close(server);
}

Test(dial_kinds, abstract_unix_socket)
{
	struct dialled d = { .fd = -1 };
	char name[60], endpoint[80];
	int server;

	if (!address_has_abstract())
		return;
	snprintf(name, sizeof(name), "@sockutil-dial-%ld", (long)getpid());
	snprintf(endpoint, sizeof(endpoint), "unix:%s", name);
	server = unix_bound(name, SOCK_STREAM);
	listen(server, 5);
	dialled_run(&d, endpoint);
	cr_assert(d.fd >= 0, "%s", d.why.text);
	cr_assert_str_eq(text_of(&d.report.peer), endpoint);
	dialled_end(&d);
	close(server);
}

Test(dial_kinds, inherited_socket_is_used_as_it_is)
{
	const int server = loopback_listening("127.0.0.1", 0, 5);
	struct dialled first = { .fd = -1 }, d = { .fd = -1 };
	int flags;

	dialled_run(&first, at("127.0.0.1:%u", loopback_port(server)));
	cr_assert_eq(fcntl(first.fd, F_SETFL, 0), 0);
	cr_assert_eq(fcntl(first.fd, F_SETFD, 0), 0);
	flags = fcntl(first.fd, F_GETFL);
	dialled_run(&d, at("fd:%u", (unsigned)first.fd));
	cr_assert_eq(d.fd, first.fd);
	cr_assert(d.report.inherited);
	cr_assert_eq(fcntl(d.fd, F_GETFL), flags);
	cr_assert_eq(fcntl(d.fd, F_GETFD), FD_CLOEXEC);
	cr_assert_str_eq(text_of(&d.report.peer), at("127.0.0.1:%u", loopback_port(server)));
	dialled_end(&d);
	dialled_end(&first);
	close(server);
}

static void assert_inherit_refused(int fd, const char *reason)
{
	struct dialled d = { .fd = -1 };
	char expected[200];

	dialled_run(&d, at("fd:%u", (unsigned)fd));
	snprintf(expected, sizeof(expected), "fd:%d: %s", fd, reason);
	assert_failed(&d, FAILURE_USAGE, expected);
	dialled_end(&d);
}

Test(dial_kinds, inherited_descriptor_that_is_no_connection)
{
	const int server = loopback_listening("127.0.0.1", 0, 5);
	const int alone = loopback_bound("127.0.0.1", 0);
	const int datagram = socket(AF_INET, SOCK_DGRAM, 0);
	const int file = open("/dev/null", O_RDONLY);

	assert_inherit_refused(server, "a listening socket");
	assert_inherit_refused(alone, "a socket that is not connected");
	assert_inherit_refused(datagram, "not a stream socket");
	assert_inherit_refused(file, "not a socket");
	close(file);
	assert_inherit_refused(INT_MAX, "not open");
	close(datagram);
	close(alone);
	close(server);
}

Test(dial_kinds, options_that_do_not_fit)
{
	static const struct {
		struct net_options options;
		const char *name;
	} rows[] = {
		{ .options.family = AF_INET, .name = "-4" },
		{ .options.family = AF_INET6, .name = "-6" },
		{ .options.interface = "lo", .name = "--interface" },
		{ .options.mptcp = true, .name = "--mptcp" },
		{ .options.fastopen = true, .name = "--fastopen" },
		{ .options.source = "127.0.0.1", .name = "--source" },
	};
	char expected[200];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dialled d = { .options = rows[i].options };

		dialled_run(&d, "fd:0");
		snprintf(expected, sizeof(expected),
			 "fd:0: %s does not go with this kind of endpoint", rows[i].name);
		assert_failed(&d, FAILURE_USAGE, expected);
		dialled_end(&d);
	}
}

Test(dial_kinds, systemd_is_for_listening)
{
	struct dialled d = { .fd = -1 };

	dialled_run(&d, "systemd:web");
	assert_failed(&d, FAILURE_USAGE, "systemd:web: only for listening");
	dialled_end(&d);
}

Test(dial_kinds, vsock_without_a_listener)
{
	struct dialled d = { .fd = -1 };

	if (!address_has_vsock())
		return;
	dialled_run(&d, "vsock:1:4294967000");
	cr_assert_eq(d.fd, -1);
	cr_assert_eq(d.why.class == FAILURE_TIMEOUT ? FAILURE_CONNECT : d.why.class,
		     FAILURE_CONNECT, "%s", d.why.text);
	cr_assert_eq(strncmp(d.why.text, "vsock:1:4294967000: ", 20), 0);
	dialled_end(&d);
}
