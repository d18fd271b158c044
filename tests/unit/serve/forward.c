/* SPDX-License-Identifier: MIT */
/*
 * Holds: bytes and ends pass both ways and are counted; servers come in turn, each once for a
 * connection, the next when one fails; without any the client is reset and the reason said; a
 * server's reset is the client's; nothing is read before a server is there; a PROXY header has the
 * client's address; the end of the server waits for who is joined and cuts with a reset; a bad
 * certificate file is told before anything listens; the state is small.
 */
#include "net_dialled.h"
#include "serve_running.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/serve/forward.h>
#include <sockutil/serve/session.h>

enum { SERVERS = 3 };

static struct running r;
static struct endpoint endpoints[SERVERS];
static struct stream_options upstream;
static struct forward_options options;
static int listeners[SERVERS];

TestSuite(forward, .timeout = 30);

static void aim(size_t i, int listener)
{
	char text[40];

	listeners[i] = listener;
	snprintf(text, sizeof text, "127.0.0.1:%u", loopback_port(listener));
	cr_assert(endpoint_parse(&endpoints[i], text, false, &r.why));
}

/* Servers that listen, or (closed) are bound alone: refused. */
static void prepare(size_t count, const char *states)
{
	upstream = (struct stream_options){ .timeout_ms = 10000 };
	options = (struct forward_options){ .servers = endpoints,
					    .count = count,
					    .stream = &upstream };
	for (size_t i = 0; i < count; i++)
		aim(i, states[i] == 'l' ? loopback_listening("127.0.0.1", 0, 10)
					: loopback_bound("127.0.0.1", 0));
	running_prepare(&r, &forward_handler, &options);
}

static void stop(void)
{
	running_stop(&r);
	for (size_t i = 0; i < options.count; i++)
		close(listeners[i]);
}

static void give(int fd, const char *text)
{
	cr_assert_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void expect(int fd, const char *text)
{
	char got[200] = { 0 };

	cr_assert_eq(running_read(fd, got, strlen(text)), (ssize_t)strlen(text));
	cr_assert_str_eq(got, text);
}

Test(forward, passes_bytes_and_ends)
{
	int client, server;
	char byte;

	prepare(1, "l");
	running_start(&r);
	client = running_dial(&r);
	server = accept(listeners[0], NULL, NULL);
	give(client, "question");
	shutdown(client, SHUT_WR);
	expect(server, "question");
	cr_assert_eq(running_read(server, &byte, 1), 0);
	give(server, "late answer");
	close(server);
	expect(client, "late answer");
	cr_assert_eq(running_read(client, &byte, 1), 0);
	close(client);
	running_wait_log(&r, ": client ended; received 8 B, sent 11 B");
	stop();
	cr_assert_eq(r.result.status, 0);
}

Test(forward, takes_servers_in_turn)
{
	prepare(3, "lll");
	running_start(&r);
	for (int i = 0; i < 6; i++) {
		int client = running_dial(&r), server = accept(listeners[i % 3], NULL, NULL);

		cr_assert_geq(server, 0);
		close(server);
		close(client);
	}
	running_wait_log(&r, "closed");
	stop();
}

Test(forward, takes_the_next_when_one_fails)
{
	char text[200];
	int client, server;

	prepare(3, "ddl");
	running_start(&r);
	client = running_dial(&r);
	server = accept(listeners[2], NULL, NULL);
	give(server, "hello");
	expect(client, "hello");
	snprintf(text, sizeof text,
		 "upstream: 127.0.0.1:%d: connection refused; trying 127.0.0.1:%d",
		 endpoints[0].port, endpoints[1].port);
	running_wait_log(&r, text);
	snprintf(text, sizeof text,
		 "upstream: 127.0.0.1:%d: connection refused; trying 127.0.0.1:%d",
		 endpoints[1].port, endpoints[2].port);
	running_wait_log(&r, text);
	close(server);
	close(client);
	stop();
}

Test(forward, resets_a_client_that_nobody_takes)
{
	char text[200], byte;
	int client;

	prepare(2, "dd");
	r.options.accept = 1;
	running_start(&r);
	client = running_dial(&r);
	cr_assert_eq(running_read(client, &byte, 1), -1);
	cr_assert_eq(errno, ECONNRESET);
	close(client);
	snprintf(text, sizeof text,
		 ": upstream: 127.0.0.1:%d: connection refused; received 0 B, sent 0 B",
		 endpoints[1].port);
	running_wait_log(&r, text);
	running_wait(&r);
	cr_assert_eq(r.result.status, 7);
	close(listeners[0]);
	close(listeners[1]);
}

Test(forward, passes_a_reset_on)
{
	char text[200], byte;
	int client, server;

	prepare(1, "l");
	running_start(&r);
	client = running_dial(&r);
	server = accept(listeners[0], NULL, NULL);
	give(client, "x"); /* a reset before they are joined would be a server that cannot be had */
	expect(server, "x");
	give(server, "last words");
	running_reset(server);
	expect(client, "last words");
	cr_assert_eq(running_read(client, &byte, 1), -1);
	snprintf(text, sizeof text, ": upstream: 127.0.0.1:%d: connection reset by peer",
		 endpoints[0].port);
	running_wait_log(&r, text);
	close(client);

	client = running_dial(&r);
	server = accept(listeners[0], NULL, NULL);
	give(client, "x");
	expect(server, "x");
	running_reset(client);
	cr_assert_eq(running_read(server, &byte, 1), -1);
	close(server);
	stop();
}

Test(forward, says_who_the_client_is)
{
	char text[200];
	struct sockaddr_in me;
	socklen_t length = sizeof me;
	int client, server;

	prepare(1, "l");
	upstream.send_proxy = 1;
	running_start(&r);
	client = running_dial(&r);
	getsockname(client, (struct sockaddr *)&me, &length);
	server = accept(listeners[0], NULL, NULL);
	give(client, "hello");
	snprintf(text, sizeof text, "PROXY TCP4 127.0.0.1 127.0.0.1 %d %u\r\nhello",
		 ntohs(me.sin_port), r.port);
	expect(server, text);
	close(client);
	close(server);
	stop();
}

Test(forward, idle_time_is_a_connection_s_own)
{
	char byte;
	int client, server;

	prepare(1, "l");
	options.idle_ms = r.options.idle_ms = 100;
	running_start(&r);
	client = running_dial(&r);
	server = accept(listeners[0], NULL, NULL);
	cr_assert_eq(running_read(client, &byte, 1), -1);
	cr_assert_eq(running_read(server, &byte, 1), -1);
	running_wait_log(&r, ": no byte came or went for 100ms (--idle-timeout)");
	close(client);
	close(server);
	stop();
}

Test(forward, the_end_waits_and_then_cuts)
{
	char byte;
	int client, server;

	prepare(1, "l");
	r.options.grace_ms = 100;
	running_start(&r);
	client = running_dial(&r);
	server = accept(listeners[0], NULL, NULL);
	give(client, "x");
	expect(server, "x");
	stop();
	cr_assert_eq(r.result.signal, SIGTERM);
	cr_assert_eq(running_read(client, &byte, 1), -1);
	cr_assert_eq(running_read(server, &byte, 1), -1);
	close(client);
	close(server);
}

Test(forward, the_end_finds_a_search)
{
	char byte;
	int client;

	prepare(1, "l");
	close(listeners[0]);
	aim(0, loopback_listening("127.0.0.1", 0, 0));
	loopback_fill(listeners[0]);
	r.options.grace_ms = 100;
	running_start(&r);
	client = running_dial(&r);
	give(client, "nobody reads this yet");
	running_wait_log(&r, "connected from");
	stop();
	cr_assert_eq(running_read(client, &byte, 1), -1);
	close(client);
}

Test(forward, bad_certificates_are_told_before_it_listens)
{
	prepare(1, "l");
	upstream.tls = true;
	upstream.tls_options.ca = "/nonexistent/ca.pem";
	cr_assert_not(server_run(&r.options, &r.result, &r.why));
	cr_assert(strstr(r.why.text, "/nonexistent/ca.pem") || r.why.class == FAILURE_USAGE, "%s",
		  r.why.text);
	cr_assert_null(strstr(running_log(&r), "listening"));
	close(listeners[0]);
}

Test(forward, is_small)
{
	cr_assert_leq(forward_handler.state_size, 64);
}
