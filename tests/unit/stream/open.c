/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/open.c
 * Holds: an open stack is handed over once, from the loop, with its report; the first bytes are
 * sent while it opens; a refusal, an unsupported scheme, a bad descriptor and TLS that cannot
 * start are told from the loop too; a given descriptor is used as it is; the time limit covers
 * every stage and names what was under way; a stack that was cancelled at any stage is never
 * reported and leaves no descriptor open; TLS is reported, its context kept and not made again,
 * and its bad options cost no connection; without TLS here that is told. */
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/open.h>
#include <sockutil/stream/watch.h>

static struct ev_loop *loop;
static struct stream_options options;
static struct endpoint endpoint;
static struct tls_context *tls;
static struct stream *opened;
static struct stream_report report;
static struct failure why;
static unsigned calls;
static int listener = -1;
static int first_free; /* the lowest free descriptor number before the test began */

static int lowest_free(void)
{
	int fd = dup(STDIN_FILENO);

	close(fd);
	return fd;
}

static void set_up(void)
{
	loop = ev_loop_new(EVFLAG_AUTO);
	ev_run(loop, EVRUN_NOWAIT);
	first_free = lowest_free();
}

static void tear_down(void)
{
	if (listener >= 0)
		close(listener);
	cr_assert_eq(lowest_free(), first_free, "a descriptor is left open");
	ev_loop_destroy(loop);
}

TestSuite(open, .init = set_up, .fini = tear_down);

static void done(void *data, struct stream *stream, const struct stream_report *told,
		 const struct failure *reason)
{
	cr_assert_eq(data, &calls);
	calls++;
	opened = stream;
	report = *told;
	if (!stream)
		why = *reason;
	ev_break(loop, EVBREAK_ONE);
}

static struct stream_opening *start(const char *text)
{
	const struct stream_open_request request = {
		.loop = loop,
		.endpoint = &endpoint,
		.options = &options,
		.tls = &tls,
		.done = done,
		.data = &calls,
	};
	struct stream_opening *opening;

	cr_assert(endpoint_parse(&endpoint, text, false, &why), "%s", why.text);
	opening = stream_open_start(&request);
	cr_assert_eq(calls, 0, "told before the start returned");
	return opening;
}

static void run(const char *text)
{
	start(text);
	ev_run(loop, 0);
	cr_assert_eq(calls, 1);
	ev_run(loop, EVRUN_NOWAIT);
	cr_assert_eq(calls, 1);
}

/* "127.0.0.1:PORT" of a new listener. */
static const char *listening(int backlog)
{
	static char text[40];
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(bind(listener, (struct sockaddr *)&address, length), 0);
	cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	cr_assert_eq(listen(listener, backlog), 0);
	snprintf(text, sizeof text, "127.0.0.1:%u", ntohs(address.sin_port));
	return text;
}

static void assert_failed(enum failure_class class, const char *text)
{
	cr_assert_null(opened);
	cr_assert_eq(why.class, class, "%s: %s", failure_name(why.class), why.text);
	cr_assert_str_eq(why.text, text);
}

Test(open, a_plain_connection)
{
	const char *where = listening(5);
	char text[ADDRESS_TEXT_MAX];
	char bytes[2];
	size_t n;
	int peer;

	run(where);
	cr_assert_not_null(opened, "%s", why.text);
	cr_assert_str_eq(address_text(text, &report.dial.peer), where);
	cr_assert_str_eq(address_host(text, &report.dial.local), "127.0.0.1");
	cr_assert_eq(report.dial.attempts, 1);
	cr_assert(report.dial.connected_us >= 0);
	cr_assert(report.open_us >= report.dial.connected_us);
	cr_assert_eq(report.tls_us, -1);
	cr_assert_null(report.tls.version);
	cr_assert(stream_raw_fd(opened, STREAM_READ) >= 0);
	peer = accept(listener, NULL, NULL);
	cr_assert_eq(stream_write(opened, "hi", 2, &n, &why), IO_DONE);
	cr_assert_eq(recv(peer, bytes, 2, MSG_WAITALL), 2);
	cr_assert_arr_eq(bytes, "hi", 2);
	stream_free(opened);
	close(peer);
}

Test(open, the_first_bytes_go_out_while_it_opens)
{
	char bytes[5];
	int peer;

	options.preamble = "HELO\n";
	options.preamble_length = 5;
	run(listening(5));
	cr_assert_not_null(opened);
	peer = accept(listener, NULL, NULL);
	cr_assert_eq(recv(peer, bytes, 5, MSG_WAITALL), 5);
	cr_assert_arr_eq(bytes, "HELO\n", 5);
	cr_assert_str_eq(opened->ops->name, "preamble");
	stream_free(opened);
	close(peer);
}

Test(open, a_refusal)
{
	const char *where = listening(1);

	close(listener);
	listener = -1;
	run(where);
	cr_assert_null(opened);
	cr_assert_eq(why.class, FAILURE_CONNECT);
	cr_assert_eq(report.open_us, -1);
}

Test(open, schemes_of_other_commands)
{
	run("udp://localhost:1");
	assert_failed(FAILURE_USAGE, "udp:// is not supported by this command");
	calls = 0;
	run("dtls://localhost:1");
	assert_failed(FAILURE_USAGE, "dtls:// is not supported by this command");
}

Test(open, a_given_descriptor)
{
	char text[32];
	int pair[2];
	size_t n;

	sockets_tcp_pair(pair);
	snprintf(text, sizeof text, "fd:%d", pair[1]);
	run(text);
	cr_assert_not_null(opened, "%s", why.text);
	cr_assert_eq(stream_fd(opened, STREAM_READ), pair[1]);
	cr_assert_eq(stream_raw_fd(opened, STREAM_READ), -1);
	cr_assert_eq(report.dial.attempts, 0);
	cr_assert(report.dial.inherited);
	cr_assert_neq(address_port(&report.dial.peer), 0);
	cr_assert_eq(stream_write(opened, "x", 1, &n, &why), IO_DONE);
	stream_free(opened);
	close(pair[0]);
}

Test(open, a_descriptor_that_is_none)
{
	run("fd:999");
	assert_failed(FAILURE_USAGE, "fd:999: not open");
}

/* A listener whose queue is full: connecting is not answered. */
static const char *unanswering(int clients[4])
{
	const char *where = listening(0);
	struct sockaddr_storage address;
	socklen_t length = sizeof address;

	cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	for (int i = 0; i < 4; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(clients[i], (struct sockaddr *)&address, length);
	}
	cr_assert(sockets_wait(listener, POLLIN));
	return where;
}

static void close_clients(int clients[4])
{
	for (int i = 0; i < 4; i++)
		close(clients[i]);
}

Test(open, the_limit_covers_connecting)
{
	int clients[4];
	const char *where = unanswering(clients);
	char text[128];

	options.timeout_ms = 50;
	run(where);
	snprintf(text, sizeof text, "%s: no answer after 50ms (--timeout)", where);
	assert_failed(FAILURE_TIMEOUT, text);
	close_clients(clients);
}

/* "unix:PATH" of a new listener: what is not read there is soon too much. */
static const char *listening_unix(char folder[static 32])
{
	static char text[64];
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(folder, 32, "/tmp/open_XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(text, sizeof text, "unix:%s/socket", folder);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", text + 5);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	cr_assert_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	cr_assert_eq(listen(listener, 5), 0);
	return text;
}

static void remove_unix(const char *text, const char *folder)
{
	unlink(text + 5);
	rmdir(folder);
}

static char long_preamble[4 << 20];

Test(open, the_limit_covers_the_first_bytes)
{
	char folder[32];
	const char *where = listening_unix(folder);

	options.timeout_ms = 50;
	options.preamble = long_preamble;
	options.preamble_length = sizeof long_preamble;
	run(where);
	assert_failed(FAILURE_TIMEOUT,
		      "the peer does not take the first bytes after 50ms (--timeout)");
	remove_unix(where, folder);
}

Test(open, a_limit_that_was_kept_has_no_say_later)
{
	options.timeout_ms = 30000;
	run(listening(5));
	cr_assert_not_null(opened);
	stream_free(opened);
	/* Nothing is left in the loop. */
	cr_assert_eq(ev_run(loop, 0), 0);
	cr_assert_eq(calls, 1);
}

static void run_briefly(void)
{
	for (int i = 0; i < 5; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

Test(open, cancelled_at_once)
{
	stream_open_cancel(start(listening(5)));
	run_briefly();
	cr_assert_eq(calls, 0);
	stream_open_cancel(NULL);
}

Test(open, cancelled_while_connecting)
{
	struct stream_opening *opening;
	int clients[4];

	options.timeout_ms = 60000;
	opening = start(unanswering(clients));
	run_briefly();
	stream_open_cancel(opening);
	run_briefly();
	cr_assert_eq(calls, 0);
	close_clients(clients);
}

Test(open, cancelled_while_it_speaks)
{
	char folder[32];
	const char *where = listening_unix(folder);
	struct stream_opening *opening;
	int peer;

	options.preamble = long_preamble;
	options.preamble_length = sizeof long_preamble;
	opening = start(where);
	run_briefly();
	peer = accept(listener, NULL, NULL);
	stream_open_cancel(opening);
	run_briefly();
	cr_assert_eq(calls, 0);
	close(peer);
	remove_unix(where, folder);
}

/* --- TLS: either it can be loaded here, or its absence is told ------------- */

struct server {
	struct ev_io accepting;
	struct tls_context *context;
	struct stream *stream;
	struct stream_watch watch;
	struct stream_options options;
};

static void server_ready(void *data, unsigned sides)
{
	struct server *server = data;
	struct failure failed = { 0 };
	enum io r = stream_open(server->stream, &failed);

	(void)sides;
	cr_assert_neq(r, IO_FAILED, "%s", failed.text);
	if (r == IO_AGAIN)
		stream_watch_for(&server->watch, STREAM_READ);
}

static void server_accept(struct ev_loop *l, struct ev_io *io, int events)
{
	struct server *server = io->data;
	struct failure failed = { 0 };
	struct address peer;
	int fd = accept(io->fd, NULL, NULL);

	(void)events;
	cr_assert_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	cr_assert(address_of_peer(fd, &peer));
	ev_io_stop(l, io);
	server->stream = stream_accepted_over(layer_socket_new(fd, true), NULL, &peer,
					      &server->options, server->context, &failed);
	cr_assert_not_null(server->stream, "%s", failed.text);
	stream_watch_init(&server->watch, l, server->stream, server_ready, server);
	server_ready(server, 0);
}

static void serve(struct server *server, const struct tls_api *api, const char **where)
{
	const struct tls_options plain = { .cert = NULL };

	*server = (struct server){ .context = api->server(&plain, &why) };
	cr_assert_not_null(server->context, "%s", why.text);
	*where = listening(5);
	ev_io_init(&server->accepting, server_accept, listener, EV_READ);
	server->accepting.data = server;
	ev_io_start(loop, &server->accepting);
}

Test(open, tls_is_shaken_or_its_absence_told)
{
	struct failure absent = { 0 };
	const struct tls_api *api = tls_load(&absent);
	struct tls_context *kept;
	struct server server;
	const char *where;
	char scheme[64];

	options.tls_options.insecure = true;
	if (!api) {
		run("tls://127.0.0.1:1");
		assert_failed(FAILURE_USAGE, absent.text);
		return;
	}
	options.preamble = "hi";
	options.preamble_length = 2;
	serve(&server, api, &where);
	snprintf(scheme, sizeof scheme, "tls://%s", where);
	run(scheme);
	cr_assert_not_null(opened, "%s", why.text);
	cr_assert(report.tls_us >= report.dial.connected_us);
	cr_assert(report.open_us >= report.tls_us);
	cr_assert_str_eq(report.tls.version, "TLSv1.3");
	cr_assert_str_eq(opened->ops->name, "preamble");
	cr_assert_str_eq(opened->below->ops->name, "tls");
	stream_free(opened);
	stream_watch_stop(&server.watch);
	stream_free(server.stream);
	close(listener);
	/* The next try uses the context as it is: what it was made from may be gone. */
	kept = tls;
	calls = 0;
	options.tls_options.ca = "/nowhere";
	run(scheme);
	cr_assert_eq(why.class, FAILURE_CONNECT, "%s", why.text);
	cr_assert_eq(tls, kept);
	api->context_free(tls);
	api->context_free(server.context);
	listener = -1;
}

Test(open, the_limit_covers_the_handshake)
{
	const struct tls_api *api = tls_load(&why);

	if (!api)
		cr_skip_test("no TLS here");
	options.tls = true;
	options.tls_options.insecure = true;
	options.timeout_ms = 300;
	run(listening(5));
	assert_failed(FAILURE_TIMEOUT, "the TLS handshake is not finished after 300ms (--timeout)");
	api->context_free(tls);
}

Test(open, bad_tls_options_are_told_before_anyone_is_called)
{
	const struct tls_api *api = tls_load(&why);
	struct pollfd p;

	if (!api)
		cr_skip_test("no TLS here");
	options.tls = true;
	options.tls_options.ca = "/nowhere";
	run(listening(5));
	cr_assert_null(opened);
	cr_assert_null(tls);
	p = (struct pollfd){ .fd = listener, .events = POLLIN };
	cr_assert_eq(poll(&p, 1, 0), 0);
}
