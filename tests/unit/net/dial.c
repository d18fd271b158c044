/* SPDX-License-Identifier: MIT */
/* A connected socket to an endpoint.
 * Holds: done is called once, from the loop; the socket is non-blocking, close-on-exec and has its
 * options; the report tells addresses, times and attempts; each way to fail has its exact text and
 * class; a name's addresses are each named; a server that is silent on one address loses against
 * the other; a cancel closes all, calls nobody and tells what was under way; --source, --interface,
 * --mptcp, --fastopen; a socket never connects to itself; an address that may not be dialled is
 * not, and the others of its name are tried. Other kinds: dial_kinds.c; orders: dial_race.c. */
#include "net_dialled.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
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

Test(dial, connects_to_a_literal)
{
	const int server = loopback_listening("127.0.0.1", 0, 5);
	struct dialled d = { .fd = -1 };
	struct address own;

	dialled_run(&d, at("127.0.0.1:%u", loopback_port(server)));
	cr_assert(d.fd >= 0, "%s", d.why.text);
	cr_assert(fcntl(d.fd, F_GETFL) & O_NONBLOCK);
	cr_assert(fcntl(d.fd, F_GETFD) & FD_CLOEXEC);
	cr_assert_eq(d.report.attempts, 1U);
	cr_assert_eq(d.report.resolved_us, 0);
	cr_assert(d.report.connected_us >= 0);
	cr_assert(!d.report.inherited);
	cr_assert_str_eq(text_of(&d.report.peer), at("127.0.0.1:%u", loopback_port(server)));
	cr_assert(address_of_socket(d.fd, &own));
	cr_assert_str_eq(text_of(&d.report.local), at("127.0.0.1:%u", address_port(&own)));
	dialled_end(&d);
	close(server);
}

Test(dial, connects_to_ipv6_and_to_a_name)
{
	int fds[2];
	const unsigned port = loopback_both(fds);
	struct dialled d = { .fd = -1 }, e = { .fd = -1 };

	cr_assert_eq(listen(fds[0], 5), 0);
	dialled_run(&d, at("[::1]:%u", port));
	cr_assert_str_eq(text_of(&d.report.peer), at("[::1]:%u", port));
	dialled_end(&d);
	dialled_run(&e, at("localhost:%u", port));
	cr_assert_str_eq(text_of(&e.report.peer), at("[::1]:%u", port), "IPv6 is first");
	cr_assert(e.report.resolved_us >= 0);
	dialled_end(&e);
	close(fds[0]);
	close(fds[1]);
}

Test(dial, the_other_family_is_next_when_one_refuses)
{
	int fds[2];
	const unsigned port = loopback_both(fds);
	struct dialled d = { .fd = -1 };

	cr_assert_eq(listen(fds[1], 5), 0);
	dialled_run(&d, at("localhost:%u", port));
	cr_assert(d.fd >= 0, "%s", d.why.text);
	cr_assert_str_eq(text_of(&d.report.peer), at("127.0.0.1:%u", port));
	cr_assert_eq(d.report.attempts, 2U);
	cr_assert_str_eq(d.attempts_failed, "::1 connection refused\n");
	dialled_end(&d);
	close(fds[0]);
	close(fds[1]);
}

Test(dial, family_options)
{
	int fds[2];
	const unsigned port = loopback_both(fds);
	struct dialled d = { .options.family = AF_INET }, e = { .options.family = AF_INET6 },
		       f = { .options.family = AF_INET };

	listen(fds[0], 5);
	listen(fds[1], 5);
	dialled_run(&d, at("localhost:%u", port));
	cr_assert_str_eq(text_of(&d.report.peer), at("127.0.0.1:%u", port));
	dialled_end(&d);
	dialled_run(&e, at("localhost:%u", port));
	cr_assert_str_eq(text_of(&e.report.peer), at("[::1]:%u", port));
	dialled_end(&e);
	dialled_run(&f, at("[::1]:%u", port));
	assert_failed(&f, FAILURE_USAGE, "::1: not an IPv4 address");
	dialled_end(&f);
	close(fds[0]);
	close(fds[1]);
}

Test(dial, refused)
{
	int fds[2];
	const unsigned port = loopback_both(fds);
	struct dialled d = { .fd = -1 }, e = { .fd = -1 }, f = { .options.family = AF_INET };

	dialled_run(&d, at("127.0.0.1:%u", port));
	assert_failed(&d, FAILURE_CONNECT, at("127.0.0.1:%u: connection refused", port));
	cr_assert_eq(d.why.error, ECONNREFUSED);
	cr_assert_str_eq(d.attempts_failed, "");
	dialled_end(&d);
	dialled_run(&e, at("localhost:%u", port));
	assert_failed(
		&e, FAILURE_CONNECT,
		at("localhost:%u: ::1: connection refused; 127.0.0.1: connection refused", port));
	cr_assert_str_eq(e.attempts_failed, "::1 connection refused\n");
	dialled_end(&e);
	dialled_run(&f, at("tls://localhost:%u", port));
	assert_failed(&f, FAILURE_CONNECT, at("localhost:%u: 127.0.0.1: connection refused", port));
	dialled_end(&f);
	close(fds[0]);
	close(fds[1]);
}

Test(dial, names_that_are_not_known)
{
	struct dialled d = { .fd = -1 }, e = { .fd = -1 };

	dialled_run(&d, "nobody.invalid:80");
	cr_assert_eq(d.why.class, FAILURE_NAME);
	cr_assert_eq(strncmp(d.why.text, "nobody.invalid: ", 16), 0);
	cr_assert_eq(d.report.resolved_us, -1);
	dialled_end(&d);
	dialled_run(&e, "localhost:htpp");
	assert_failed(&e, FAILURE_USAGE,
		      "\"htpp\" is not a known service; give the port as a number");
	dialled_end(&e);
}

/* Without an answer from ::1 the attempt delay runs out and 127.0.0.1 wins; the loser's socket
 * is closed. */
Test(dial, silence_on_one_address_does_not_stop_the_other)
{
	int fds[2];
	const unsigned port = loopback_both(fds);
	struct dialled d = { .fd = -1 };
	int before, after;

	listen(fds[0], 0);
	loopback_fill(fds[0]);
	listen(fds[1], 5);
	dialled_prepare(&d, at("localhost:%u", port));
	before = dup(0);
	dialled_start(&d);
	dialled_wait(&d);
	cr_assert_str_eq(text_of(&d.report.peer), at("127.0.0.1:%u", port));
	cr_assert_eq(d.report.attempts, 2U);
	cr_assert(d.report.connected_us - d.report.resolved_us >= 240000);
	close(d.fd);
	close(before);
	after = dup(0);
	cr_assert_eq(after, before, "a socket was left open");
	d.fd = -1;
	close(after);
	dialled_end(&d);
	close(fds[0]);
	close(fds[1]);
}

Test(dial, cancel_tells_what_was_under_way)
{
	int fds[2];
	const unsigned port = loopback_both(fds);
	struct dialled d = { .fd = -1 }, e = { .fd = -1 };
	struct failure why = { 0 };

	for (int i = 0; i < 2; i++) {
		listen(fds[i], 0);
		loopback_fill(fds[i]);
	}
	dialled_prepare(&d, at("127.0.0.1:%u", port));
	dialled_start(&d);
	dialled_pass(&d, 0.01);
	dial_cancel(d.dial, &why);
	cr_assert_eq(why.class, FAILURE_TIMEOUT);
	cr_assert_str_eq(why.text, at("127.0.0.1:%u: no answer", port));
	dialled_prepare(&e, at("localhost:%u", port));
	dialled_start(&e);
	dialled_pass(&e, 1.0);
	dial_cancel(e.dial, &why);
	cr_assert_str_eq(why.text, at("localhost:%u: no answer from ::1, 127.0.0.1", port));
	cr_assert_eq(ev_run(d.loop, EVRUN_NOWAIT) + ev_run(e.loop, EVRUN_NOWAIT), 0,
		     "nothing is left in the loops");
	cr_assert_eq(d.calls + e.calls, 0);
	dialled_end(&d);
	dialled_end(&e);
	close(fds[0]);
	close(fds[1]);
}

Test(dial, cancel_tells_of_failures_beside_it)
{
	int fds[2];
	const unsigned port = loopback_both(fds);
	struct dialled d = { .fd = -1 };
	struct failure why = { 0 };

	listen(fds[1], 0);
	loopback_fill(fds[1]);
	dialled_prepare(&d, at("localhost:%u", port));
	dialled_start(&d);
	dialled_pass(&d, 0.05);
	dial_cancel(d.dial, &why);
	cr_assert_str_eq(
		why.text,
		at("localhost:%u: no answer from 127.0.0.1; ::1: connection refused", port));
	dialled_end(&d);
	close(fds[0]);
	close(fds[1]);
}

Test(dial, cancel_at_once)
{
	static const char *const endpoints[] = { "nobody.invalid:80", "127.0.0.1:9", "unix:/x",
						 "fd:0", "systemd:" };
	struct failure why = { 0 };

	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
		struct dialled d = { .fd = -1 };

		dialled_prepare(&d, endpoints[i]);
		dialled_start(&d);
		dial_cancel(d.dial, i == 0 ? &why : NULL);
		cr_assert_eq(ev_run(d.loop, 0), 0);
		cr_assert_eq(d.calls, 0);
		dialled_end(&d);
	}
	cr_assert_str_eq(why.text, "nobody.invalid: name not resolved yet");
	cr_assert_eq(why.class, FAILURE_TIMEOUT);
}

Test(dial, socket_options_are_set)
{
	const int server = loopback_listening("127.0.0.1", 0, 5);
	struct dialled d = { .fd = -1 };
	struct failure why = { 0 };
	int value = 0;
	socklen_t length = sizeof(value);

	cr_assert(sockopt_add(&d.options.sockopts, "SO_KEEPALIVE=1", &why), "%s", why.text);
	dialled_run(&d, at("127.0.0.1:%u", loopback_port(server)));
	cr_assert_eq(getsockopt(d.fd, SOL_SOCKET, SO_KEEPALIVE, &value, &length), 0);
	cr_assert_eq(value, 1);
	dialled_end(&d);
	sockopt_list_free(&d.options.sockopts);
	close(server);
}

Test(dial, source_address)
{
	const int server = loopback_listening("127.0.0.1", 0, 5);
	const int reserved = loopback_bound("127.0.0.1", 0);
	const unsigned port = loopback_port(server), source = loopback_port(reserved);
	struct dialled d = { .options.source = "127.0.0.1" }, e = { .fd = -1 };
	char text[40];

	dialled_run(&d, at("127.0.0.1:%u", port));
	cr_assert(d.fd >= 0, "%s", d.why.text);
	dialled_end(&d);
	close(reserved);
	snprintf(text, sizeof(text), ":%u", source);
	e.options.source = text;
	dialled_run(&e, at("127.0.0.1:%u", port));
	cr_assert(e.fd >= 0, "%s", e.why.text);
	cr_assert_str_eq(text_of(&e.report.local), at("127.0.0.1:%u", source));
	dialled_end(&e);
	close(server);
}

Test(dial, source_address_that_will_not_do)
{
	int fds[2];
	const unsigned port = loopback_both(fds);
	struct dialled d = { .options.source = "203.0.113.1" }, e = { .fd = -1 },
		       f = { .options.source = "127.0.0.1" }, g = { .options.source = "me" };
	char text[40];

	dialled_run(&d, at("127.0.0.1:%u", port));
	assert_failed(
		&d, FAILURE_LOCAL_ADDRESS,
		at("127.0.0.1:%u: source 203.0.113.1 is not an address of this machine", port));
	dialled_end(&d);
	cr_assert_eq(listen(fds[1], 5), 0);
	snprintf(text, sizeof(text), "127.0.0.1:%u", port);
	e.options.source = text;
	dialled_run(&e, at("127.0.0.1:%u", 9));
	assert_failed(&e, FAILURE_LOCAL_ADDRESS,
		      at("127.0.0.1:9: source 127.0.0.1:%u is in use", port));
	dialled_end(&e);
	dialled_run(&f, at("[::1]:%u", port));
	assert_failed(&f, FAILURE_LOCAL_ADDRESS, at("[::1]:%u: source is IPv4", port));
	dialled_end(&f);
	dialled_run(&g, at("127.0.0.1:%u", port));
	assert_failed(&g, FAILURE_USAGE,
		      at("127.0.0.1:%u: source \"me\": not an address of this machine: ADDR, "
			 "ADDR:PORT, [V6]:PORT or :PORT",
			 port));
	dialled_end(&g);
	close(fds[0]);
	close(fds[1]);
}

/* The reason of the family that could be tried is the class of all. */
Test(dial, source_of_one_family_and_a_name_of_both)
{
	int fds[2];
	const unsigned port = loopback_both(fds);
	struct dialled d = { .options.source = "127.0.0.1" };

	dialled_run(&d, at("localhost:%u", port));
	assert_failed(&d, FAILURE_CONNECT,
		      at("localhost:%u: ::1: source is IPv4; 127.0.0.1: connection refused", port));
	dialled_end(&d);
	close(fds[0]);
	close(fds[1]);
}

/* Bound to the very port it connects to, TCP opens both ends at once: a connection to nobody. */
Test(dial, never_connects_to_itself)
{
	const int reserved = loopback_bound("127.0.0.1", 0);
	const unsigned port = loopback_port(reserved);
	struct dialled d = { .fd = -1 };
	char source[40];

	close(reserved);
	snprintf(source, sizeof(source), "127.0.0.1:%u", port);
	d.options.source = source;
	dialled_run(&d, at("127.0.0.1:%u", port));
	assert_failed(&d, FAILURE_CONNECT, at("127.0.0.1:%u: connection refused", port));
	dialled_end(&d);
}

Test(dial, unknown_interface)
{
	struct dialled d = { .options.interface = "nowhere0" };

	dialled_run(&d, "127.0.0.1:9");
	cr_assert_eq(d.fd, -1);
	cr_assert(d.why.class == FAILURE_LOCAL_ADDRESS || d.why.class == FAILURE_USAGE);
	cr_assert_not_null(strstr(d.why.text, "nowhere0"), "%s", d.why.text);
	dialled_end(&d);
}

Test(dial, multipath_tcp_where_there_is_any)
{
	const int server = loopback_listening("127.0.0.1", 0, 5);
	struct dialled d = { .options.mptcp = true };

	dialled_run(&d, at("127.0.0.1:%u", loopback_port(server)));
	if (d.fd < 0)
		assert_failed(&d, FAILURE_USAGE,
			      at("127.0.0.1:%u: this system has no multipath TCP",
				 loopback_port(server)));
	dialled_end(&d);
	close(server);
}

Test(dial, fast_open_where_there_is_any)
{
	const int server = loopback_listening("127.0.0.1", 0, 5);
	const int probe = dial_socket_open(AF_INET, 0);
	const bool possible = dial_socket_fastopen(probe);
	struct dialled d = { .options.fastopen = true };

	close(probe);
	dialled_run(&d, at("127.0.0.1:%u", loopback_port(server)));
	cr_assert_eq(d.fd >= 0, possible, "%s", d.why.text);
	if (!possible)
		assert_failed(&d, FAILURE_USAGE,
			      at("127.0.0.1:%u: this system has no TCP fast open",
				 loopback_port(server)));
	dialled_end(&d);
	close(server);
}

Test(dial, no_descriptors_left)
{
	struct rlimit limit = { .rlim_cur = 0, .rlim_max = 0 };
	struct dialled d = { .fd = -1 };

	dialled_prepare(&d, "127.0.0.1:9");
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 3;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	dialled_start(&d);
	dialled_wait(&d);
	limit.rlim_cur = limit.rlim_max;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_failed(&d, FAILURE_OTHER, "127.0.0.1:9: too many open files");
	dialled_end(&d);
}

static bool no_loopback_v6(void *data, const struct address *address)
{
	(void)data;
	return address->any.sa_family != AF_INET6;
}

static bool nothing(void *data, const struct address *address)
{
	(void)data;
	(void)address;
	return false;
}

static void run_permitting(struct dialled *d, const char *endpoint,
			   bool (*permits)(void *data, const struct address *address))
{
	struct dial_request request;

	dialled_prepare(d, endpoint);
	request = dialled_request(d);
	request.permits = permits;
	d->dial = dial_start(&request);
	dialled_wait(d);
}

Test(dial, an_address_that_is_not_permitted_is_not_dialled)
{
	const int server = loopback_listening("127.0.0.1", 0, 5);
	const char *where = at("127.0.0.1:%u", loopback_port(server));
	struct dialled d = { .fd = -1 };

	run_permitting(&d, where, nothing);
	assert_failed(&d, FAILURE_CONNECT,
		      at("127.0.0.1:%u: not permitted", loopback_port(server)));
	cr_assert_eq(d.why.error, EACCES);
	cr_assert_eq(d.report.attempts, 0U);
	dialled_end(&d);
	close(server);
}

Test(dial, the_other_addresses_of_a_name_are_tried)
{
	int servers[2];
	const unsigned port = loopback_both(servers);
	struct dialled d = { .fd = -1 };

	cr_assert_eq(listen(servers[1], 5), 0);
	run_permitting(&d, at("localhost:%u", port), no_loopback_v6);
	cr_assert(d.fd >= 0, "%s", d.why.text);
	cr_assert_str_eq(text_of(&d.report.peer), at("127.0.0.1:%u", port));
	cr_assert_str_eq(d.attempts_failed, "::1 not permitted\n");
	dialled_end(&d);
	close(servers[0]);
	close(servers[1]);
}
