/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/open_proxy.c
 * Holds: each kind of proxy is asked for the endpoint, alone and in chains, and the bytes behind
 * its answer are the stream's; names go to the proxy and no resolver here hears of them, unless
 * that was wanted or the proxy has no names; hosts on the no_proxy list and other kinds of
 * endpoints are dialled directly; service names become numbers; the PROXY header goes behind the
 * proxies; refusals, dead and unknown proxies, and time-outs name the proxy; addresses that may not
 * be dialled are not asked for; https proxies and the endpoint each get TLS of their own; a cancel
 * leaves nothing. */
#include "stream_sockets.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/stream/open.h>

#define SOCKS5_YES "\5\0\5\0\0\1\0\0\0\0\0\0"
#define HTTP_YES   "HTTP/1.1 200 OK\r\n\r\n"

/* Every name that is resolved here goes this way. */
static atomic_int names_resolved;

int getaddrinfo(const char *restrict node, const char *restrict service,
		const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (node && inet_addr(node) == INADDR_NONE)
		atomic_fetch_add(&names_resolved, 1);
	return real(node, service, hints, result);
}

static struct ev_loop *loop;
static struct stream_options options;
static struct endpoint endpoint;
static struct proxy_hop hops[3];
static struct stream_open_request request;
static struct tls_context *tls;
static struct stream *opened;
static struct stream_report report;
static struct failure why;
static unsigned calls;

/* Who listens: says its script at once to whoever comes. */
static int listener = -1, peer = -1;
static unsigned port;
static struct ev_io accepting;
static const char *script;
static size_t script_length;

static void on_accept(struct ev_loop *l, struct ev_io *io, int events)
{
	(void)events;
	ev_io_stop(l, io);
	peer = accept(listener, NULL, NULL);
	cr_assert_geq(peer, 0);
	sockets_give(peer, script, script_length);
}

static void set_up(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;

	loop = ev_loop_new(EVFLAG_AUTO);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(bind(listener, (struct sockaddr *)&address, length), 0);
	cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	cr_assert_eq(listen(listener, 5), 0);
	port = ntohs(address.sin_port);
	ev_io_init(&accepting, on_accept, listener, EV_READ);
	ev_io_start(loop, &accepting);
	options.timeout_ms = 10000;
	options.proxies = hops;
}

static void tear_down(void)
{
	struct failure ignored;

	ev_io_stop(loop, &accepting);
	stream_free(opened);
	if (tls)
		tls_load(&ignored)->context_free(tls);
	if (peer >= 0)
		close(peer);
	close(listener);
	ev_loop_destroy(loop);
}

TestSuite(open_proxy, .init = set_up, .fini = tear_down);

static void done(void *data, struct stream *stream, const struct stream_report *told,
		 const struct failure *reason)
{
	(void)data;
	calls++;
	opened = stream;
	report = *told;
	if (!stream)
		why = *reason;
	ev_break(loop, EVBREAK_ONE);
}

static void add_hop(enum proxy_kind kind, const char *host, unsigned hop_port)
{
	char service[8];

	snprintf(service, sizeof service, "%u", hop_port);
	cr_assert(endpoint_parse_pair(&hops[options.proxy_count].endpoint, host, service, &why),
		  "%s", why.text);
	hops[options.proxy_count++].kind = kind;
}

static void say(const char *bytes, size_t length)
{
	script = bytes;
	script_length = length;
}

static struct stream_opening *start(const char *text)
{
	cr_assert(endpoint_parse(&endpoint, text, false, &why), "%s", why.text);
	request.loop = loop;
	request.endpoint = &endpoint;
	request.options = &options;
	request.tls = &tls;
	request.done = done;
	return stream_open_start(&request);
}

static void run(const char *text)
{
	start(text);
	ev_run(loop, 0);
	cr_assert_eq(calls, 1);
}

/* What the proxy was told, NULs shown as '.'. */
static void assert_told(const char *expected)
{
	char got[600] = "";
	ssize_t n = recv(peer, got, sizeof got - 1, MSG_DONTWAIT);

	cr_assert_geq(n, 0);
	for (ssize_t i = 0; i < n; i++)
		got[i] = got[i] ? got[i] : '.';
	cr_assert_str_eq(got, expected);
}

static void assert_next(const char *expected)
{
	char got[32] = "";
	size_t n;

	cr_assert_not_null(opened, "%s", why.text);
	cr_assert_eq(stream_read(opened, got, sizeof got - 1, &n, &why), IO_DONE);
	cr_assert_str_eq(got, expected);
}

static void assert_failed(enum failure_class class, const char *format)
{
	char text[300];

	snprintf(text, sizeof text, format, port);
	cr_assert_null(opened);
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(why.class, class, "%s", failure_name(why.class));
}

#define SAY(text) say(text, sizeof(text) - 1)

/* --- ways through ------------------------------------------------------------------ */

Test(open_proxy, names_go_to_the_proxy_and_to_nobody_else)
{
	add_hop(PROXY_SOCKS5, "127.0.0.1", port);
	SAY(SOCKS5_YES "banner");
	run("host.invalid:81");
	assert_next("banner");
	assert_told("\5\1.\5\1.\3\14host.invalid.Q");
	cr_assert_eq(names_resolved, 0);
	cr_assert(report.proxy_us >= report.dial.connected_us);
	cr_assert(report.open_us >= report.proxy_us);
}

Test(open_proxy, every_kind_that_takes_names_gets_them)
{
	static const struct {
		enum proxy_kind kind;
		const char *answer;
		size_t length;
		const char *told;
	} kinds[] = {
		{ PROXY_SOCKS5H, SOCKS5_YES "x", sizeof SOCKS5_YES,
		  "\5\1.\5\1.\3\14host.invalid.Q" },
		{ PROXY_SOCKS4A, "\0\132\0\0\0\0\0\0x", 9, "\4\1.Q...\1.host.invalid." },
		{ PROXY_HTTP, HTTP_YES "x", sizeof HTTP_YES,
		  "CONNECT host.invalid:81 HTTP/1.1\r\nHost: host.invalid:81\r\n"
		  "User-Agent: sockutil/" SOCKUTIL_VERSION "\r\n\r\n" },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		options.proxy_count = calls = 0;
		ev_io_start(loop, &accepting);
		add_hop(kinds[i].kind, "127.0.0.1", port);
		say(kinds[i].answer, kinds[i].length);
		run("host.invalid:81");
		assert_next("x");
		assert_told(kinds[i].told);
		stream_free(opened);
		opened = NULL;
		close(peer);
	}
	peer = -1;
	cr_assert_eq(names_resolved, 0);
}

Test(open_proxy, service_names_become_numbers)
{
	add_hop(PROXY_SOCKS5, "127.0.0.1", port);
	SAY(SOCKS5_YES);
	run("host.invalid:http");
	assert_told("\5\1.\5\1.\3\14host.invalid.P");
}

Test(open_proxy, a_chain_asks_each_for_the_next)
{
	add_hop(PROXY_HTTP, "127.0.0.1", port);
	add_hop(PROXY_SOCKS5, "second.invalid", 1080);
	add_hop(PROXY_SOCKS4A, "third.invalid", 9);
	hops[0].user = "me";
	hops[0].password = "pw";
	SAY(HTTP_YES SOCKS5_YES "\0\132\0\0\0\0\0\0banner");
	run("host.invalid:81");
	assert_next("banner");
	assert_told("CONNECT second.invalid:1080 HTTP/1.1\r\nHost: second.invalid:1080\r\n"
		    "User-Agent: sockutil/" SOCKUTIL_VERSION "\r\n"
		    "Proxy-Authorization: Basic bWU6cHc=\r\n\r\n"
		    "\5\1.\5\1.\3\15third.invalid.\11"
		    "\4\1.Q...\1.host.invalid.");
	cr_assert_eq(names_resolved, 0);
}

Test(open_proxy, addresses_need_no_resolver)
{
	add_hop(PROXY_SOCKS4, "127.0.0.1", port);
	SAY("\0\132\0\0\0\0\0\0");
	run("192.0.2.65:81");
	cr_assert_not_null(opened, "%s", why.text);
	assert_told("\4\1.Q\300.\2A.");
	cr_assert_eq(names_resolved, 0);
}

Test(open_proxy, resolved_here_where_that_is_wanted)
{
	add_hop(PROXY_SOCKS5, "127.0.0.1", port);
	options.proxy_dns_local = true;
	SAY(SOCKS5_YES);
	run("localhost:81");
	cr_assert_not_null(opened, "%s", why.text);
	assert_told("\5\1.\5\1.\1\177..\1.Q");
}

Test(open_proxy, resolved_here_for_a_proxy_without_names)
{
	add_hop(PROXY_SOCKS4, "127.0.0.1", port);
	SAY("\0\132\0\0\0\0\0\0");
	run("localhost:81");
	cr_assert_not_null(opened, "%s", why.text);
	assert_told("\4\1.Q\177..\1.");
}

Test(open_proxy, exceptions_and_other_endpoints_are_dialled_directly)
{
	char text[40];

	add_hop(PROXY_SOCKS5, "127.0.0.1", 1);
	options.no_proxy = "10.0.0.0/8, 127.0.0.0/8";
	SAY("direct");
	snprintf(text, sizeof text, "127.0.0.1:%u", port);
	run(text);
	assert_next("direct");
	cr_assert_eq(report.proxy_us, -1);
	cr_assert(endpoint_parse(&endpoint, "unix:/x", false, &why));
	cr_assert_not(stream_uses_proxy(&endpoint, &options));
	cr_assert(endpoint_parse(&endpoint, "192.0.2.1:80", false, &why));
	cr_assert(stream_uses_proxy(&endpoint, &options));
	options.no_proxy = "192.0.2.1:81";
	cr_assert(stream_uses_proxy(&endpoint, &options));
	options.proxy_count = 0;
	cr_assert_not(stream_uses_proxy(&endpoint, &options));
}

Test(open_proxy, the_header_of_the_proxy_protocol_comes_behind)
{
	add_hop(PROXY_SOCKS5, "127.0.0.1", port);
	options.send_proxy = 1;
	options.preamble = "first";
	options.preamble_length = 5;
	SAY(SOCKS5_YES);
	run("192.0.2.65:81");
	cr_assert_not_null(opened, "%s", why.text);
	assert_told("\5\1.\5\1.\1\300.\2A.QPROXY UNKNOWN\r\nfirst");
}

/* --- failures ------------------------------------------------------------------------ */

Test(open_proxy, a_refusal_names_the_proxy)
{
	add_hop(PROXY_SOCKS5, "127.0.0.1", port);
	SAY("\5\0\5\5\0\1\0\0\0\0\0\0");
	run("host.invalid:81");
	assert_failed(FAILURE_PROXY, "the proxy 127.0.0.1:%u refused: connection refused");
	cr_assert_eq(why.error, ECONNREFUSED);
}

Test(open_proxy, a_refusal_in_a_chain_names_who_was_asked_for)
{
	add_hop(PROXY_SOCKS5, "127.0.0.1", port);
	add_hop(PROXY_HTTP, "second.invalid", 3128);
	SAY("\5\0\5\4\0\1\0\0\0\0\0\0");
	run("host.invalid:81");
	assert_failed(FAILURE_PROXY, "the proxy 127.0.0.1:%u, asked for second.invalid:3128, "
				     "refused: host unreachable");
}

Test(open_proxy, the_second_of_a_chain_refuses)
{
	add_hop(PROXY_SOCKS5, "127.0.0.1", port);
	add_hop(PROXY_HTTP, "second.invalid", 3128);
	SAY(SOCKS5_YES "HTTP/1.1 407 No\r\n\r\n");
	run("host.invalid:81");
	assert_failed(FAILURE_PROXY,
		      "the proxy second.invalid:3128 wants to know who asks (status 407); "
		      "--proxy-auth says it");
}

Test(open_proxy, nobody_listens_there)
{
	add_hop(PROXY_HTTP, "127.0.0.1", port);
	ev_io_stop(loop, &accepting);
	close(listener);
	listener = -1;
	run("host.invalid:81");
	assert_failed(FAILURE_PROXY, "the proxy 127.0.0.1:%u: connection refused");
	cr_assert_eq(why.error, ECONNREFUSED);
}

Test(open_proxy, its_name_is_not_known)
{
	add_hop(PROXY_HTTP, "proxy.invalid", 1);
	run("host.invalid:81");
	assert_failed(FAILURE_PROXY_NAME, "the proxy proxy.invalid: name not known");
	cr_assert_gt(names_resolved, 0);
}

Test(open_proxy, the_hosts_name_is_not_known_here)
{
	add_hop(PROXY_SOCKS4, "127.0.0.1", port);
	SAY("");
	run("host.invalid:81");
	assert_failed(FAILURE_NAME, "host.invalid: name not known");
}

Test(open_proxy, what_its_kind_cannot_ask_for)
{
	add_hop(PROXY_SOCKS4, "127.0.0.1", port);
	SAY("");
	run("[2001:db8::1]:81");
	assert_failed(FAILURE_PROXY,
		      "the proxy 127.0.0.1:%u cannot be asked for 2001:db8::1: SOCKS 4 has IPv4 "
		      "addresses alone; socks5:// has all");
}

Test(open_proxy, a_proxy_that_does_not_answer)
{
	add_hop(PROXY_SOCKS5, "127.0.0.1", port);
	options.timeout_ms = 50;
	SAY("\5\0\5\0\0");
	run("host.invalid:81");
	assert_failed(FAILURE_TIMEOUT,
		      "the proxy 127.0.0.1:%u has not answered after 50ms (--timeout)");
}

static bool nothing_private(void *data, const struct address *address)
{
	(void)data;
	return address->any.sa_family != AF_INET || ntohl(address->v4.sin_addr.s_addr) >> 24 != 192;
}

Test(open_proxy, what_may_not_be_dialled_is_not_asked_for)
{
	add_hop(PROXY_SOCKS5, "127.0.0.1", port);
	request.permits = nothing_private;
	SAY("\5\0");
	run("192.0.2.65:81");
	assert_failed(FAILURE_CONNECT, "192.0.2.65: not permitted");
	cr_assert_eq(why.error, EACCES);
	assert_told("");
}

static bool nothing_at_all(void *data, const struct address *address)
{
	(void)data;
	(void)address;
	return false;
}

Test(open_proxy, nor_when_it_is_resolved_here)
{
	add_hop(PROXY_SOCKS5, "127.0.0.1", port);
	options.proxy_dns_local = true;
	request.permits = nothing_at_all;
	SAY("");
	run("localhost:81");
	assert_failed(FAILURE_CONNECT, "localhost: not permitted");
}

Test(open_proxy, cancelled_at_every_stage)
{
	static const char *const scripts[] = { "", "\5\0", "\5\0\5" };
	static const size_t lengths[] = { 0, 2, 3 };
	struct stream_opening *opening;

	add_hop(PROXY_SOCKS5, "127.0.0.1", port);
	for (size_t i = 0; i < 3; i++) {
		ev_io_start(loop, &accepting);
		say(scripts[i], lengths[i]);
		opening = start("host.invalid:81");
		for (int turn = 0; turn < 10; turn++)
			ev_run(loop, EVRUN_NOWAIT);
		stream_open_cancel(opening);
		close(peer);
	}
	hops[0].kind = PROXY_SOCKS4;
	ev_io_start(loop, &accepting);
	SAY("");
	opening = start("host.invalid:81");
	stream_open_cancel(opening);
	ev_run(loop, EVRUN_NOWAIT);
	if (peer >= 0)
		close(peer);
	peer = -1;
	cr_assert_eq(calls, 0);
}

Test(open_proxy, tls_with_a_proxy_that_does_not_speak_it)
{
	struct failure absent = { 0 };

	add_hop(PROXY_HTTPS, "127.0.0.1", port);
	SAY("HTTP/1.1 400 Bad Request\r\n\r\n");
	run("host.invalid:81");
	cr_assert_null(opened);
	if (!tls_load(&absent)) {
		cr_assert_str_eq(why.text, absent.text);
		return;
	}
	cr_assert(why.class == FAILURE_TLS || why.class == FAILURE_PROXY, "%s", why.text);
	cr_assert(strncmp(why.text, "the proxy 127.0.0.1:", 20) == 0, "%s", why.text);
}

Test(open_proxy, tls_with_a_proxy_that_is_silent)
{
	struct failure absent = { 0 };

	add_hop(PROXY_HTTPS, "127.0.0.1", port);
	options.timeout_ms = 200;
	SAY("");
	run("host.invalid:81");
	if (tls_load(&absent))
		assert_failed(FAILURE_TIMEOUT, "the TLS handshake with the proxy 127.0.0.1:%u is "
					       "not finished after 200ms (--timeout)");
}
