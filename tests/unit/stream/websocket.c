/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/stream/websocket.c
 * Holds: a client's handshake in any pieces, with answers of 1xx in front and frames right behind;
 * what it refuses; a server's answer, its refusals with their status, early bytes, the path; what
 * was agreed on; bytes are changed here, so nothing is spliced; what it waits for.
 */
#include "stream_websocket.h"

#include <criterion/criterion.h>
#include <string.h>

static struct websocket_options options;

static void prepare(void)
{
	options = (struct websocket_options){ 0 };
	websocket_top = NULL;
	played_init(&websocket_below);
	websocket_why = (struct failure){ 0 };
}

TestSuite(websocket, .init = prepare, .fini = websocket_close_all);

static void connect_client(void)
{
	websocket_top = layer_websocket_connect(&websocket_below.stream, &options, "host:1",
						"/path", &websocket_why);
	cr_assert_not_null(websocket_top);
	websocket_layer = websocket_of(websocket_top);
}

static enum io open_once(void)
{
	return stream_open(websocket_top, &websocket_why);
}

/* The answer to the request that was sent. */
static void give_answer(const char *before, const char *fields)
{
	char accept[WEBSOCKET_ACCEPT_MAX];
	const char *key = strstr(buffer_text(&websocket_below.took), "Key: ") + 5;

	buffer_format(&websocket_below.gives,
		      "%sHTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		      "Sec-WebSocket-Accept: %s\r\n%s\r\n",
		      before, websocket_accept(accept, key, 24), fields);
}

Test(websocket, a_clients_handshake)
{
	enum io r;

	connect_client();
	websocket_below.takes_at_once = 10;
	websocket_below.at_most = 1;
	cr_assert_eq(open_once(), IO_AGAIN);
	cr_assert_not_null(strstr(buffer_text(&websocket_below.took),
				  "GET /path HTTP/1.1\r\nHost: host:1\r\n"));
	give_answer("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 100 Go on\r\n\r\n", "");
	websocket_gives_raw("\x81\x05Hello", 7);
	cr_assert_eq(open_once(), IO_DONE, "%s", websocket_why.text);
	cr_assert_eq(open_once(), IO_DONE);
	cr_assert_null(websocket_layer->opening);
	websocket_below.at_most = 0;
	cr_assert_str_eq(websocket_reads(&r), "Hello");
	cr_assert_str_eq(layer_websocket_subprotocol(websocket_top), "");
	cr_assert_str_eq(layer_websocket_path(websocket_top), "");
}

Test(websocket, frames_that_came_with_the_answer_are_pending)
{
	enum io r;

	connect_client();
	cr_assert_eq(open_once(), IO_AGAIN);
	cr_assert(!stream_pending(websocket_top));
	give_answer("", "");
	websocket_gives_raw("\x81\x05Hello", 7);
	cr_assert_eq(open_once(), IO_DONE);
	cr_assert(stream_pending(websocket_top));
	cr_assert_str_eq(websocket_reads(&r), "Hello");
	cr_assert(!stream_pending(websocket_top));
}

Test(websocket, a_handshake_that_waits)
{
	connect_client();
	websocket_below.takes = 5;
	cr_assert_eq(open_once(), IO_AGAIN);
	cr_assert_eq(websocket_layer->blocked[STREAM_READ], STREAM_WRITE);
	websocket_below.takes = SIZE_MAX;
	cr_assert_eq(open_once(), IO_AGAIN);
	cr_assert_eq(websocket_layer->blocked[STREAM_READ], STREAM_READ);
	cr_assert_eq(websocket_below.flushes, 1);
}

Test(websocket, a_subprotocol_is_told)
{
	options.subprotocol = "a, b";
	connect_client();
	open_once();
	give_answer("", "Sec-WebSocket-Protocol: b\r\n");
	cr_assert_eq(open_once(), IO_DONE);
	cr_assert_str_eq(layer_websocket_subprotocol(websocket_top), "b");
}

static void assert_refuses(const char *answer, const char *text)
{
	connect_client();
	open_once();
	websocket_gives_raw(answer, strlen(answer));
	websocket_below.then = IO_END;
	cr_assert_eq(open_once(), IO_FAILED);
	cr_assert_eq(websocket_why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(websocket_why.text, text);
	stream_free(websocket_top);
	websocket_top = NULL;
	played_free(&websocket_below);
	played_init(&websocket_below);
}

Test(websocket, answers_that_are_none)
{
	assert_refuses("HTTP/1.1 403 Forbidden\r\n\r\n",
		       "no WebSocket there: the answer is 403 Forbidden");
	assert_refuses("HTTP/1.1 101 Switch",
		       "the server ended the connection in place of a WebSocket handshake");
	assert_refuses("", "the server ended the connection in place of a WebSocket handshake");
	assert_refuses("HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
		       "the answer does not prove that WebSocket was understood "
		       "(Sec-WebSocket-Accept)");
}

Test(websocket, what_is_no_http_fails)
{
	connect_client();
	open_once();
	websocket_gives_raw("SSH-2.0-x\r\n", 11);
	cr_assert_eq(open_once(), IO_FAILED);
	cr_assert_eq(websocket_why.class, FAILURE_PROTOCOL);
}

Test(websocket, headers_are_looked_at_first)
{
	static const char *const headers[] = { "Upgrade: x", NULL };

	options.headers = headers;
	cr_assert_null(layer_websocket_connect(&websocket_below.stream, &options, "x", "/",
					       &websocket_why));
	cr_assert_eq(websocket_why.class, FAILURE_USAGE);
}

/* ------ a server ------ */

static struct stream *accept_request(const char *text, const char *early, int *status)
{
	struct http_request_head request;
	struct http_head_scan scan = { 0 };

	cr_assert_eq(http_request_head_parse(&request, &scan, text, strlen(text), status,
					     &websocket_why),
		     IO_DONE);
	return layer_websocket_accept(&websocket_below.stream, &options, &request, early,
				      strlen(early), status, &websocket_why);
}

#define REQUEST                                                                                    \
	"GET /room/1?x=y HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"     \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"

Test(websocket, a_server_answers)
{
	enum io r;
	int status;

	options.subprotocol = "a, b";
	options.deflate = true;
	websocket_top =
		accept_request(REQUEST "Sec-WebSocket-Protocol: b\r\n"
				       "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
			       "\x81\x85", &status);
	cr_assert_not_null(websocket_top);
	websocket_layer = websocket_of(websocket_top);
	cr_assert_str_eq(layer_websocket_path(websocket_top), "/room/1");
	websocket_below.takes = 10;
	cr_assert_eq(open_once(), IO_AGAIN);
	websocket_below.takes = SIZE_MAX;
	cr_assert_eq(open_once(), IO_DONE);
	cr_assert_str_eq(buffer_text(&websocket_below.took),
			 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
			 "Connection: Upgrade\r\n"
			 "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
			 "Sec-WebSocket-Protocol: b\r\n"
			 "Sec-WebSocket-Extensions: permessage-deflate; "
			 "server_no_context_takeover; client_no_context_takeover\r\n\r\n");
	cr_assert_str_eq(layer_websocket_subprotocol(websocket_top), "b");
	websocket_gives_raw("\0\0\0\0Hello", 9);
	cr_assert_str_eq(websocket_reads(&r), "Hello");
}

Test(websocket, deflate_is_declined_where_it_is_not_wanted)
{
	int status;

	websocket_top = accept_request(
		REQUEST "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", "", &status);
	cr_assert_eq(open_once(), IO_DONE);
	cr_assert_null(strstr(buffer_text(&websocket_below.took), "Extensions"));
}

Test(websocket, requests_that_are_none)
{
	int status;

	cr_assert_null(accept_request("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "", &status));
	cr_assert_eq(status, 426);
	cr_assert_str_eq(websocket_why.text, "not a WebSocket request");
	cr_assert_null(accept_request(REQUEST "Content-Length: 3\r\n\r\n", "", &status));
	cr_assert_eq(status, 400);
	cr_assert_eq(websocket_why.class, FAILURE_PROTOCOL);
}

Test(websocket, nothing_is_spliced)
{
	prepare();
	websocket_open_server(&options, NULL);
	cr_assert_eq(stream_raw_fd(websocket_top, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(websocket_top, STREAM_WRITE), -1);
	cr_assert_eq(stream_find(websocket_top, "websocket"), websocket_top);
}

Test(websocket, the_libraries_are_there)
{
	cr_assert(layer_websocket_available(true, &websocket_why), "%s", websocket_why.text);
}
