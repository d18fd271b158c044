/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/websocket_handshake.c
 * Holds: key and accept as in the RFC; what a request says, and which headers are nobody's to give;
 * an answer is held to the key, to what was offered and to its status; a request is held to every
 * line of RFC 6455 4.2.1, with the status to answer; the first of the client's subprotocols that is
 * spoken; what an answer says.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/websocket_handshake.h>

#define KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static struct failure why;
static struct buffer text;
static struct websocket_agreement agreed;

static void set_up(void)
{
	why = (struct failure){ 0 };
	text = (struct buffer){ 0 };
}

static void tear_down(void)
{
	buffer_free(&text);
}

TestSuite(websocket_handshake, .init = set_up, .fini = tear_down);

Test(websocket_handshake, key_and_accept_of_the_rfc)
{
	char key[WEBSOCKET_KEY_MAX], accept[WEBSOCKET_ACCEPT_MAX];

	cr_assert_str_eq(websocket_key(key, (const uint8_t *)"the sample nonce"), KEY);
	cr_assert_str_eq(websocket_accept(accept, KEY, strlen(KEY)), ACCEPT);
}

/* ------ subprotocols ------ */

Test(websocket_handshake, lists_of_subprotocols)
{
	cr_assert(websocket_subprotocols_check("a", &why));
	cr_assert(websocket_subprotocols_check("v1.chat , b", &why));
	cr_assert(!websocket_subprotocols_check("a, a", &why));
	cr_assert_str_eq(why.text, "a, a: not a list of subprotocols (a, b)");
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert(!websocket_subprotocols_check("a b", &why));
	cr_assert(!websocket_subprotocols_check("a/b", &why));
	cr_assert(!websocket_subprotocols_check(" , ", &why));
	cr_assert_str_eq(why.text, "a list of subprotocols names at least one");
}

/* ------ a client ------ */

static const char *const headers[] = { "X-Token: abc", "host: other.example", NULL };
static struct websocket_request asked = {
	.authority = "example.org:8080",
	.target = "/chat?x=1",
	.key = KEY,
};

Test(websocket_handshake, a_request)
{
	cr_assert(websocket_request_add(&text, &asked, &why));
	cr_assert_str_eq(buffer_text(&text), "GET /chat?x=1 HTTP/1.1\r\nHost: example.org:8080\r\n"
					     "Upgrade: websocket\r\nConnection: Upgrade\r\n"
					     "Sec-WebSocket-Key: " KEY "\r\n"
					     "Sec-WebSocket-Version: 13\r\n\r\n");
}

Test(websocket_handshake, a_request_with_everything)
{
	asked.headers = headers;
	asked.offer = (struct websocket_offer){ "a, b", true };
	cr_assert(websocket_request_add(&text, &asked, &why));
	cr_assert_str_eq(buffer_text(&text),
			 "GET /chat?x=1 HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			 "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n"
			 "Sec-WebSocket-Protocol: a, b\r\n"
			 "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
			 "X-Token: abc\r\nhost: other.example\r\n\r\n");
}

static void assert_header_refused(const char *line, const char *message)
{
	const char *const list[] = { line, NULL };

	asked.headers = list;
	cr_assert(!websocket_request_add(&text, &asked, &why), "%s", line);
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, message);
	cr_assert_eq(text.length, 0);
}

Test(websocket_handshake, headers_that_cannot_be_given)
{
	assert_header_refused("none", "none: not a header; write it as 'Name: value'");
	assert_header_refused("a b: c", "a b: c: not a header; write it as 'Name: value'");
	assert_header_refused("A: b\r\nC: d",
			      "A: b\r\nC: d: not a header; write it as 'Name: value'");
	assert_header_refused("connection: close",
			      "connection: close: belongs to the handshake itself");
	assert_header_refused("Sec-WebSocket-Key: x",
			      "Sec-WebSocket-Key: x: belongs to the handshake itself");
	assert_header_refused("Content-Length: 5",
			      "Content-Length: 5: belongs to the handshake itself");
}

static bool answered(const char *answer)
{
	struct http_head head;
	struct http_head_scan scan = { 0 };

	cr_assert_eq(http_head_parse(&head, &scan, answer, strlen(answer), &why), IO_DONE);
	return websocket_answer_check(&agreed, &asked, &head, &why);
}

#define RIGHT                                                                                      \
	"HTTP/1.1 101 Yes\r\nupgrade: WebSocket\r\nConnection: keep-alive, UPGRADE\r\n"            \
	"Sec-WebSocket-Accept: " ACCEPT "\r\n"

Test(websocket_handshake, a_right_answer)
{
	cr_assert(answered(RIGHT "\r\n"), "%s", why.text);
	cr_assert_str_eq(agreed.subprotocol, "");
	cr_assert(!agreed.deflate.agreed);
	asked.offer = (struct websocket_offer){ "a, b", true };
	cr_assert(answered(RIGHT "Sec-WebSocket-Protocol: b\r\n"
				 "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"));
	cr_assert_str_eq(agreed.subprotocol, "b");
	cr_assert(agreed.deflate.agreed);
}

static void assert_answer_refused(const char *answer, const char *message)
{
	cr_assert(!answered(answer), "%s", answer);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
}

Test(websocket_handshake, wrong_answers)
{
	assert_answer_refused("HTTP/1.1 404 Not Found\r\n\r\n",
			      "no WebSocket there: the answer is 404 Not Found");
	assert_answer_refused("HTTP/1.1 200\r\n\r\n", "no WebSocket there: the answer is 200");
	assert_answer_refused("HTTP/1.1 101 Yes\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
			      "the answer is 101 for something else");
	assert_answer_refused("HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\n\r\n",
			      "the answer is 101 for something else");
	assert_answer_refused("HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
			      "Sec-WebSocket-Accept: " KEY "\r\n\r\n",
			      "the answer does not prove that WebSocket was understood "
			      "(Sec-WebSocket-Accept)");
	assert_answer_refused(RIGHT "Sec-WebSocket-Protocol: b\r\n\r\n",
			      "the server chose a subprotocol not offered: b");
	asked.offer.subprotocols = "a, b";
	assert_answer_refused(RIGHT "Sec-WebSocket-Protocol: a, b\r\n\r\n",
			      "the server chose a subprotocol not offered: a, b");
	assert_answer_refused(RIGHT
			      "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n\r\n",
			      "the server chose a subprotocol not offered: a");
	assert_answer_refused(RIGHT "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
			      "the server agrees to an extension that was not offered: "
			      "permessage-deflate");
}

/* ------ a server ------ */

static struct http_request_head request;
static int status;

static bool requested(const char *bytes, const char *spoken)
{
	struct http_head_scan scan = { 0 };
	const struct websocket_offer offer = { spoken, true };

	status = 0;
	cr_assert_eq(http_request_head_parse(&request, &scan, bytes, strlen(bytes), &status, &why),
		     IO_DONE);
	return websocket_request_check(&agreed, &offer, &request, &status, &why);
}

#define FIELDS                                                                                     \
	"Host: x\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " KEY                                \
	"\r\nSec-WebSocket-Version: 13\r\n"
#define ASKS "GET / HTTP/1.1\r\n" FIELDS "Upgrade: websocket\r\n"

Test(websocket_handshake, a_right_request_and_its_answer)
{
	cr_assert(requested(ASKS "\r\n", NULL), "%s", why.text);
	cr_assert(websocket_request_asks(&request));
	cr_assert(websocket_answer_add(&text, &agreed, &request));
	cr_assert_str_eq(buffer_text(&text),
			 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
			 "Connection: Upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n\r\n");
	cr_assert(requested(ASKS "Content-Length: 0\r\n\r\n", NULL));
}

Test(websocket_handshake, the_clients_first_choice)
{
	cr_assert(requested(ASKS "Sec-WebSocket-Protocol: x, B\r\nSec-WebSocket-Protocol: b, a\r\n"
				 "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
			    "a, b"));
	cr_assert_str_eq(agreed.subprotocol, "b");
	cr_assert(websocket_answer_add(&text, &agreed, &request));
	cr_assert_not_null(strstr(buffer_text(&text),
				  "\r\nSec-WebSocket-Protocol: b\r\n"
				  "Sec-WebSocket-Extensions: permessage-deflate; "));
	cr_assert(requested(ASKS "Sec-WebSocket-Protocol: x\r\n\r\n", "a, b"));
	cr_assert_str_eq(agreed.subprotocol, "");
}

static void assert_request_refused(const char *bytes, int answer, const char *message)
{
	cr_assert(!requested(bytes, "a"), "%s", bytes);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
	cr_assert_eq(status, answer);
}

Test(websocket_handshake, wrong_requests)
{
	assert_request_refused("GET / HTTP/1.1\r\n" FIELDS "\r\n", 426, "not a WebSocket request");
	assert_request_refused("HEAD / HTTP/1.1\r\n" FIELDS "Upgrade: websocket\r\n\r\n", 400,
			       "WebSocket is opened by GET /PATH HTTP/1.1");
	assert_request_refused("GET / HTTP/1.0\r\n" FIELDS "Upgrade: websocket\r\n\r\n", 400,
			       "WebSocket is opened by GET /PATH HTTP/1.1");
	assert_request_refused("GET http://x/ HTTP/1.1\r\n" FIELDS "Upgrade: websocket\r\n\r\n",
			       400, "WebSocket is opened by GET /PATH HTTP/1.1");
	assert_request_refused("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n", 400,
			       "Connection: Upgrade is missing");
	assert_request_refused("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
			       "Connection: upgrade\r\nSec-WebSocket-Version: 8\r\n\r\n",
			       426, "not version 13 of WebSocket");
	assert_request_refused(ASKS "Sec-WebSocket-Version: 13\r\n\r\n", 426,
			       "not version 13 of WebSocket");
	assert_request_refused(ASKS "Sec-WebSocket-Key: " KEY "\r\n\r\n", 400,
			       "Sec-WebSocket-Key is missing or malformed");
	assert_request_refused("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
			       "Connection: upgrade\r\nSec-WebSocket-Version: 13\r\n"
			       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=A\r\n\r\n",
			       400, "Sec-WebSocket-Key is missing or malformed");
	assert_request_refused(ASKS "Content-Length: 1\r\n\r\n", 400,
			       "a WebSocket request has no body");
	assert_request_refused(ASKS "Transfer-Encoding: chunked\r\n\r\n", 400,
			       "a WebSocket request has no body");
	assert_request_refused(ASKS "Sec-WebSocket-Protocol: a b\r\n\r\n", 400,
			       "Sec-WebSocket-Protocol is malformed");
	assert_request_refused(ASKS "Sec-WebSocket-Extensions: a;;b\r\n\r\n", 400,
			       "Sec-WebSocket-Extensions is malformed");
}
