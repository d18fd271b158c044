/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/serve/gateway.c
 * Holds: what would serve everyone does not start, and says what to do; this machine, logins, rules
 * and clients proven by TLS are enough; the first byte chooses the protocol, and one that is not
 * served ends the connection; private targets are refused; a tunnel carries bytes. All else of it
 * is in tests/program/test_serve_gateway.py.
 */
#include "serve_running.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/serve/gateway.h>

struct gate {
	struct running r;
	struct gateway_options options;
};

static const struct login_list nobody;

static void prepare(struct gate *g, bool http, bool socks)
{
	g->options = (struct gateway_options){
		.logins = &nobody,
		.http = http,
		.socks = socks,
		.target = { .timeout_ms = 5000 },
	};
	running_prepare(&g->r, &gateway_handler, &g->options);
	g->options.server = &g->r.options;
}

static void starts(struct gate *g, const char *endpoint, bool expected)
{
	struct endpoint parsed;
	struct failure why = { 0 };
	void *data;

	cr_assert(endpoint_parse(&parsed, endpoint, true, &why), "%s", why.text);
	g->r.options.endpoints = &parsed;
	g->r.options.endpoint_count = 1;
	data = gateway_handler.prepare(&g->options, &why);
	cr_assert_eq(data != NULL, expected, "%s", endpoint);
	if (data)
		cr_assert(gateway_handler.release(data, &why));
	else
		cr_assert_eq(why.class, FAILURE_USAGE);
}

Test(gateway, an_open_proxy_does_not_start)
{
	struct gate g;
	struct login login = { "a", "b" };
	const struct login_list one = { &login, 1 };
	const char *rules[] = { "10.0.0.0/8", NULL };

	prepare(&g, true, true);
	starts(&g, "localhost:1080", true);
	starts(&g, "127.0.0.1:1080", true);
	starts(&g, "[::1]:1080", true);
	starts(&g, "unix:/tmp/x", true);
	starts(&g, "1080", false);
	starts(&g, "0.0.0.0:1080", false);
	starts(&g, "[::]:1080", false);
	starts(&g, "192.0.2.1:1080", false);
	starts(&g, "example.org:1080", false);
	starts(&g, "systemd:", false);
	g.options.logins = &one;
	starts(&g, "1080", true);
	g.options.logins = &nobody;
	g.r.options.allow = rules;
	starts(&g, "1080", true);
	g.r.options.allow = NULL;
	g.r.stream.tls = true;
	starts(&g, "1080", false);
	g.r.stream.tls_options.client_ca = "ca.pem";
	g.r.stream.tls_options.client_cert = TLS_CLIENT_CERT_OPTIONAL;
	starts(&g, "1080", false);
	g.r.stream.tls_options.client_cert = TLS_CLIENT_CERT_REQUIRED;
	starts(&g, "1080", true);
	g.r.stream.tls_options.client_ca = NULL;
	g.r.stream.tls_options.secret = "secret.txt";
	starts(&g, "1080", true);
	g.r.stream.tls = false;
	starts(&g, "1080", false);
}

Test(gateway, says_what_to_do)
{
	struct gate g;
	struct endpoint endpoint;
	struct failure why = { 0 };

	prepare(&g, true, true);
	cr_assert(endpoint_parse(&endpoint, "0.0.0.0:1080", true, &why));
	g.r.options.endpoints = &endpoint;
	g.r.options.endpoint_count = 1;
	cr_assert_null(gateway_handler.prepare(&g.options, &why));
	cr_assert_str_eq(why.text,
			 "--gateway on 0.0.0.0:1080 would serve everyone: give --gateway-auth "
			 "USER:PASSWORD or --allow CIDR, or listen on localhost");
}

static void says(bool http, bool socks, const char *said, size_t length, const char *answer,
		 size_t answer_length)
{
	struct gate g;
	char out[1000];
	size_t n;

	prepare(&g, http, socks);
	running_start(&g.r);
	n = running_exchange(&g.r, said, length, out, sizeof out);
	cr_assert_geq(n, answer_length);
	cr_assert_arr_eq(out, answer, answer_length);
	if (answer_length == 0)
		cr_assert_eq(n, 0);
	running_stop(&g.r);
}

Test(gateway, the_first_byte_chooses)
{
	says(true, true, "\5\1\0", 3, "\5\0", 2);
	says(false, true, "\5\1\0", 3, "\5\0", 2);
	says(true, false, "\5\1\0", 3, "HTTP/1.1 400 ", 13);
	says(true, true, "\4\1\0\1\177\0\0\1\0", 9, "\0\x5b\0\0\0\0\0\0", 8);
	says(true, true, "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n", 42, "HTTP/1.1 403 ",
	     13);
	says(false, true, "GET", 3, "", 0);
	says(true, true, "", 0, "", 0);
}

/* A listener of the test's own; *port is its port. */
static int target(unsigned *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof address;
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, length), 0);
	cr_assert_eq(listen(fd, 1), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

Test(gateway, carries_bytes)
{
	struct gate g;
	char request[] = "\5\1\0\5\1\0\1\177\0\0\1..hello", out[100];
	unsigned port;
	const int listener = target(&port);
	int client, peer;

	prepare(&g, false, true);
	g.options.allow_private = true;
	running_start(&g.r);
	request[11] = (char)(port >> 8);
	request[12] = (char)port;
	client = running_dial(&g.r);
	cr_assert_eq(send(client, request, sizeof request - 1, 0), sizeof request - 1);
	peer = accept(listener, NULL, NULL);
	cr_assert_eq(running_read(peer, out, 5), 5);
	cr_assert_arr_eq(out, "hello", 5);
	cr_assert_eq(send(peer, "answer", 6, 0), 6);
	close(peer);
	shutdown(client, SHUT_WR);
	cr_assert_eq(running_read(client, out, sizeof out), 18);
	cr_assert_arr_eq(out, "\5\0\5\0\0\1\177\0\0\1", 10);
	cr_assert_arr_eq(out + 12, "answer", 6);
	running_wait_log(&g.r, "both sides ended; received 18 B, sent 18 B");
	close(client);
	close(listener);
	running_stop(&g.r);
}
