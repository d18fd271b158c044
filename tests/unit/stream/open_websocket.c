/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/open_websocket.c
 * Holds: ws:// is asked for with path, query and Host (the port only where it is not 80), and opens
 * with what the options want; lines become messages where that is wanted; a server that is none, or
 * says nothing, fails in words of WebSocket; other endpoints get no layer. */
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/proto/websocket_handshake.h>
#include <sockutil/stream/open.h>
#include <sockutil/stream/open_layers.h>
#include <sockutil/stream/websocket.h>

static struct ev_loop *loop;
static struct stream_options options;
static struct endpoint endpoint;
static struct stream *opened;
static struct failure why;
static struct ev_io accepting, reading;
static int listener, peer = -1;
static char request[2048];
static const char *answer; /* NULL: a right one */
static unsigned calls;

static void send_right_answer(void)
{
	const char *key = strstr(request, "Sec-WebSocket-Key: ") + 19;
	char accept_key[WEBSOCKET_ACCEPT_MAX], text[300];
	int length = snprintf(text, sizeof text,
			      "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			      "Sec-WebSocket-Accept: %s\r\n\r\n\x82\x02hi",
			      websocket_accept(accept_key, key, 24));

	sockets_give(peer, text, (size_t)length);
}

static void on_readable(struct ev_loop *l, struct ev_io *io, int events)
{
	size_t length = strlen(request);
	ssize_t n = recv(io->fd, request + length, sizeof request - 1 - length, 0);

	(void)events;
	if (n <= 0) {
		ev_io_stop(l, io);
		return;
	}
	if (!strstr(request, "\r\n\r\n"))
		return;
	ev_io_stop(l, io);
	if (answer)
		sockets_give(peer, answer, strlen(answer));
	else
		send_right_answer();
}

static void on_accept(struct ev_loop *l, struct ev_io *io, int events)
{
	(void)events;
	ev_io_stop(l, io);
	peer = accept(listener, NULL, NULL);
	ev_io_init(&reading, on_readable, peer, EV_READ);
	ev_io_start(l, &reading);
}

static void set_up(void)
{
	loop = ev_loop_new(EVFLAG_AUTO);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	options.timeout_ms = 10000;
}

static void tear_down(void)
{
	stream_free(opened);
	if (peer >= 0)
		close(peer);
	close(listener);
	ev_loop_destroy(loop);
}

TestSuite(open_websocket, .init = set_up, .fini = tear_down);

static void done(void *data, struct stream *stream, const struct stream_report *report,
		 const struct failure *reason)
{
	(void)data;
	(void)report;
	calls++;
	opened = stream;
	if (!stream)
		why = *reason;
	ev_break(loop, EVBREAK_ONE);
}

/* Returns the port. */
static unsigned run(const char *scheme)
{
	const struct stream_open_request open_request = {
		.loop = loop,
		.endpoint = &endpoint,
		.options = &options,
		.done = done,
	};
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	char text[64];

	cr_assert_eq(bind(listener, (struct sockaddr *)&address, length), 0);
	cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	cr_assert_eq(listen(listener, 5), 0);
	ev_io_init(&accepting, on_accept, listener, EV_READ);
	ev_io_start(loop, &accepting);
	snprintf(text, sizeof text, "%s://127.0.0.1:%u/a?b=c", scheme, ntohs(address.sin_port));
	cr_assert(endpoint_parse(&endpoint, text, false, &why), "%s", why.text);
	stream_open_start(&open_request);
	ev_run(loop, 0);
	ev_io_stop(loop, &accepting);
	ev_io_stop(loop, &reading);
	cr_assert_eq(calls, 1);
	return ntohs(address.sin_port);
}

Test(open_websocket, opens_and_reads)
{
	const unsigned port = run("ws");
	char expected[64], bytes[8] = "";
	size_t n;

	cr_assert_not_null(opened, "%s", why.text);
	cr_assert_str_eq(opened->ops->name, "websocket");
	cr_assert_eq(strncmp(request, "GET /a?b=c HTTP/1.1\r\n", 21), 0);
	snprintf(expected, sizeof expected, "\r\nHost: 127.0.0.1:%u\r\n", port);
	cr_assert_not_null(strstr(request, expected), "%s", request);
	cr_assert_eq(stream_read(opened, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_str_eq(bytes, "hi");
}

Test(open_websocket, with_what_is_wanted)
{
	static const char *const headers[] = { "Origin: http://a.test", NULL };
	const struct websocket_options websocket = { .headers = headers };
	char bytes[8] = "";
	size_t n;

	options.websocket = &websocket;
	options.websocket_lines = true;
	run("ws");
	cr_assert_not_null(opened, "%s", why.text);
	cr_assert_str_eq(opened->ops->name, "websocket-lines");
	cr_assert_not_null(strstr(request, "\r\nOrigin: http://a.test\r\n"), "%s", request);
	cr_assert_null(strstr(request, "permessage-deflate"), "%s", request);
	cr_assert_eq(stream_read(opened, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_str_eq(bytes, "hi\n");
}

Test(open_websocket, a_server_that_is_none)
{
	answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
	run("ws");
	cr_assert_null(opened);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_not_null(strstr(why.text, "404"), "%s", why.text);
}

Test(open_websocket, a_silent_server)
{
	answer = "";
	options.timeout_ms = 50;
	run("ws");
	cr_assert_null(opened);
	cr_assert_eq(why.class, FAILURE_TIMEOUT);
	cr_assert_str_eq(why.text,
			 "the WebSocket handshake is not finished after 50ms (--timeout)");
}

Test(open_websocket, other_endpoints_get_none)
{
	struct stream below = { .ops = NULL };

	cr_assert(endpoint_parse(&endpoint, "tcp://127.0.0.1:1", false, &why));
	cr_assert_not(open_layers_is_websocket(&endpoint));
	cr_assert_eq(open_layers_websocket(&below, &endpoint, &options, &why), &below);
	cr_assert(endpoint_parse(&endpoint, "wss://127.0.0.1:1/", false, &why));
	cr_assert(open_layers_is_websocket(&endpoint));
	cr_assert(stream_uses_tls(&endpoint, &options));
}
