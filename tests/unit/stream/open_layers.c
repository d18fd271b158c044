/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/open_layers.c
 * Holds: which endpoint gets TLS; a bare connection has no other layer; throttle, tap and
 * preamble stand in that order and only when wanted; an accepted socket gets its options, and is
 * closed when they or TLS fail; TLS, and messages that somebody waits for, are not held back unless
 * the options say so. */
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/open_layers.h>

static struct failure why;
static struct address local, peer;

Test(open_layers, tls_by_option_or_scheme)
{
	struct stream_options options = { .tls = false };
	struct endpoint endpoint;

	cr_assert(endpoint_parse(&endpoint, "localhost:1", false, &why));
	cr_assert(!stream_uses_tls(&endpoint, &options));
	options.tls = true;
	cr_assert(stream_uses_tls(&endpoint, &options));
	options.tls = false;
	cr_assert(endpoint_parse(&endpoint, "tls://localhost:1", false, &why));
	cr_assert(stream_uses_tls(&endpoint, &options));
	cr_assert(endpoint_parse(&endpoint, "tcp://localhost:1", false, &why));
	cr_assert(!stream_uses_tls(&endpoint, &options));
}

static struct stream *accepted(int fd, const struct stream_options *options)
{
	return stream_accepted_over(layer_socket_new(fd, true), &local, &peer, options, NULL, &why);
}

Test(open_layers, a_bare_connection_is_its_socket)
{
	struct stream_options options = { .limit_up = 0 };
	struct stream *s;
	int pair[2];

	sockets_tcp_pair(pair);
	s = accepted(pair[0], &options);
	cr_assert_not_null(s);
	cr_assert_null(s->below);
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), pair[0]);
	stream_free(s);
	close(pair[1]);
}

Test(open_layers, layers_stand_in_their_order)
{
	static const char *const names[] = { "preamble", "tap", "throttle", "socket" };
	struct stream_options options = { .limit_down = 1000,
					  .preamble = "hi",
					  .preamble_length = 2 };
	struct stream *s, *at;
	char bytes[2];
	int pair[2];

	options.tap = tap_open(NULL, "/dev/null", &why);
	sockets_tcp_pair(pair);
	s = at = accepted(pair[0], &options);
	for (int i = 0; i < 4; i++, at = at->below)
		cr_assert_str_eq(at->ops->name, names[i]);
	cr_assert_null(at);
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	cr_assert_eq(recv(pair[1], bytes, 2, MSG_WAITALL), 2);
	cr_assert_arr_eq(bytes, "hi", 2);
	stream_free(s);
	cr_assert(tap_close(options.tap, &why));
	close(pair[1]);
}

Test(open_layers, directions_of_the_limits)
{
	struct stream_options options = { .limit_up = 1000 };
	struct stream *s;
	int pair[2];

	sockets_tcp_pair(pair);
	s = accepted(pair[0], &options);
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), -1);
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), pair[0]);
	stream_free(s);
	close(pair[1]);
}

static int socket_option(int fd, int level, int name)
{
	int value = -1;
	socklen_t length = sizeof value;

	cr_assert_eq(getsockopt(fd, level, name, &value, &length), 0);
	return value;
}

Test(open_layers, an_accepted_socket_gets_its_options)
{
	struct stream_options options = { .limit_up = 0 };
	struct stream *s;
	int pair[2];
	int before;

	cr_assert(sockopt_add(&options.net.sockopts, "SO_SNDBUF=9216", &why), "%s", why.text);
	sockets_unix_pair(pair);
	before = socket_option(pair[0], SOL_SOCKET, SO_SNDBUF);
	s = accepted(pair[0], &options);
	cr_assert_not_null(s, "%s", why.text);
	cr_assert_neq(socket_option(pair[0], SOL_SOCKET, SO_SNDBUF), before);
	stream_free(s);
	close(pair[1]);
	sockopt_list_free(&options.net.sockopts);
}

Test(open_layers, tls_is_not_held_back_unless_the_options_say_so)
{
	struct stream_options options = { .limit_up = 0 };
	int pair[2];

	sockets_tcp_pair(pair);
	open_layers_no_delay(pair[0], &options);
	cr_assert_eq(socket_option(pair[0], IPPROTO_TCP, TCP_NODELAY), 1);
	cr_assert(sockopt_add(&options.net.sockopts, "nodelay=off", &why), "%s", why.text);
	open_layers_no_delay(pair[1], &options);
	cr_assert_eq(socket_option(pair[1], IPPROTO_TCP, TCP_NODELAY), 0);
	sockopt_list_free(&options.net.sockopts);
	close(pair[0]);
	close(pair[1]);
}

Test(open_layers, accepted_messages_are_not_held_back)
{
	struct stream_options options = { .no_delay = true };
	struct stream *s;
	int pair[2];

	sockets_tcp_pair(pair);
	s = accepted(pair[0], &options);
	cr_assert_eq(socket_option(pair[0], IPPROTO_TCP, TCP_NODELAY), 1);
	stream_free(s);
	options.no_delay = false;
	s = accepted(pair[1], &options);
	cr_assert_eq(socket_option(pair[1], IPPROTO_TCP, TCP_NODELAY), 0);
	stream_free(s);
}

Test(open_layers, an_accepted_socket_stays_the_callers_when_its_options_fail)
{
	struct stream_options options = { .limit_up = 0 };
	struct stream *bottom;
	int pair[2];

	if (!sockopt_add(&options.net.sockopts, "TCP_QUICKACK=1", &why))
		cr_skip_test("no option here that is made at accept alone");
	sockets_unix_pair(pair);
	bottom = layer_socket_new(pair[0], true);
	cr_assert_null(stream_accepted_over(bottom, &local, &peer, &options, NULL, &why));
	cr_assert_eq(why.class, FAILURE_USAGE, "%s", why.text);
	cr_assert_eq(stream_raw_fd(bottom, STREAM_READ), pair[0]);
	stream_free(bottom);
	close(pair[1]);
	sockopt_list_free(&options.net.sockopts);
}
