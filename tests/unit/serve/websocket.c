/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/serve/websocket.c
 * Holds: the handler behind sees payload alone, also what came with the request; what is no
 * handshake is answered and ends; the row follows the handler behind; its prepare, begin, end and
 * release are called, and a failed prepare is told; a late request gets 408.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/serve/broker.h>
#include <sockutil/serve/echo.h>
#include <sockutil/serve/save.h>
#include <sockutil/serve/session.h>
#include <sockutil/serve/websocket.h>

#define REQUEST                                                                                    \
	"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"               \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
#define ANSWER                                                                                     \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"        \
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

static const struct websocket_options plain;
static struct websocket_serve_options options;
static const struct handler *inner[2];
static struct handler front;
static struct running r;

static void set_up(const struct handler *behind)
{
	options = (struct websocket_serve_options){ .inner = behind, .websocket = &plain };
	front = websocket_handler_for(behind, NULL);
	inner[0] = behind;
	running_prepare(&r, &front, &options);
	r.options.inner = inner;
}

TestSuite(serve_websocket, .timeout = 30);

Test(serve_websocket, the_handler_behind_sees_payload)
{
	static const char request[] = REQUEST "\x81\x85\0\0\0\0Hello";
	static const char close_frame[] = "\x88\x82\0\0\0\0\x03\xe8";
	char out[500];
	int fd;

	set_up(&echo_handler);
	running_start(&r);
	fd = running_dial(&r);
	send(fd, request, sizeof(request) - 1, 0);
	cr_assert_eq(running_read(fd, out, sizeof(ANSWER) - 1 + 7), sizeof(ANSWER) - 1 + 7);
	cr_assert_eq(memcmp(out, ANSWER "\x82\x05Hello", sizeof(ANSWER) - 1 + 7), 0);
	send(fd, close_frame, sizeof(close_frame) - 1, 0);
	cr_assert_eq(running_read(fd, out, sizeof(out)), 4);
	cr_assert_eq(memcmp(out, "\x88\x02\x03\xe8", 4), 0);
	close(fd);
	running_wait_log(&r, ": client ended; received 5 B, sent 5 B");
	running_stop(&r);
}

static void assert_answered(const char *request, const char *status, const char *reason)
{
	char out[1000];

	running_exchange(&r, request, strlen(request), out, sizeof(out));
	cr_assert_eq(strncmp(out, status, strlen(status)), 0, "%s", out);
	running_wait_log(&r, reason);
}

Test(serve_websocket, what_is_no_handshake)
{
	set_up(&echo_handler);
	running_start(&r);
	assert_answered("GET / HTTP/1.1\r\nHost: x\r\n\r\n",
			"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n"
			"Sec-WebSocket-Version: 13\r\nConnection: close, Upgrade\r\n",
			": no WebSocket request: answered 426;");
	assert_answered("hello\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n",
			": malformed request: answered 400;");
	assert_answered("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
			"Origin: http://evil.example\r\n\r\n",
			"HTTP/1.1 403 Forbidden\r\n",
			": a page of another origin (--ws-origin allows it): answered 403;");
	assert_answered("", "", ": client ended before its request;");
	running_stop(&r);
}

Test(serve_websocket, a_late_request)
{
	char out[1000];
	int fd;

	set_up(&echo_handler);
	r.options.handshake_ms = 50;
	running_start(&r);
	fd = running_dial(&r);
	send(fd, "GET", 3, 0);
	cr_assert(running_read(fd, out, sizeof(out)) > 0);
	cr_assert_eq(strncmp(out, "HTTP/1.1 408 Request Timeout\r\n", 30), 0);
	running_wait_log(&r, ": no WebSocket handshake within 50ms (--handshake-timeout);");
	close(fd);
	running_stop(&r);
}

/* ------ the row ------ */

static unsigned begun, ended, released;

static void *made(const void *handler_options, struct failure *why)
{
	if (handler_options)
		return &begun;
	fail(why, FAILURE_USAGE, "nothing to prepare with");
	return NULL;
}

static void begin(void *data, struct server *server)
{
	(void)server;
	begun += data == &begun;
}

static void start(struct session *session)
{
	session_say_last(session, "hi", session_data(session) == &begun ? 2 : 0, "done");
}

static void end(void *data)
{
	ended += data == &begun;
}

static bool release(void *data, struct failure *why)
{
	(void)why;
	released += data == &begun;
	return true;
}

static const struct handler counted = {
	.name = "counted",
	.descriptors = 7,
	.prepare = made,
	.begin = begin,
	.start = start,
	.end = end,
	.release = release,
};

Test(serve_websocket, the_row_is_that_of_the_handler_behind)
{
	const struct handler echo = websocket_handler_for(&echo_handler, NULL);
	const struct handler broker = websocket_handler_for(&broker_handler, NULL);
	const struct handler seven = websocket_handler_for(&counted, NULL);

	cr_assert(!echo.one_process && broker.one_process);
	cr_assert_eq(seven.descriptors, 7);
	cr_assert_str_eq(seven.name, "counted");
}

Test(serve_websocket, its_calls_reach_the_handler_behind)
{
	char out[300];
	int fd;

	set_up(&counted);
	options.inner_options = &options;
	running_start(&r);
	fd = running_dial(&r);
	send(fd, REQUEST, strlen(REQUEST), 0);
	cr_assert_eq(running_read(fd, out, sizeof(ANSWER) - 1 + 8), sizeof(ANSWER) - 1 + 8);
	cr_assert_eq(memcmp(out + sizeof(ANSWER) - 1, "\x82\x02hi\x88\x02\x03\xe8", 8), 0);
	close(fd);
	running_stop(&r);
	cr_assert(begun == 1 && ended == 1 && released == 1);
}

Test(serve_websocket, a_handler_that_cannot_be)
{
	set_up(&counted);
	cr_assert(!server_run(&r.options, &r.result, &r.why));
	cr_assert_eq(r.why.class, FAILURE_USAGE);
	cr_assert_str_eq(r.why.text, "nothing to prepare with");
	cr_assert_eq(released, 0);
}
