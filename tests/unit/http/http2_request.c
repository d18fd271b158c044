/* SPDX-License-Identifier: MIT */
/* tests/unit/http/http2_request.c
 * Holds: a request is said in HTTP/2's words, names in lower case, nothing of HTTP/1's connections,
 * secrets never indexed; what may not be written is not; bodies go whole, at the server's pace and
 * at their own, and end where they end; a body that is shorter, longer or broken does not look
 * whole; a response may overtake its request. */
#include "http2_peer.h"
#include "relay_played.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct peer peer;
static struct asker asker;
static struct played body;

static void set_up(void)
{
	asker = (struct asker){ 0 };
	played_init(&body);
	body.then = IO_END;
	peer_open(&peer);
}

static void tear_down(void)
{
	if (asker.exchange)
		asker_free(&asker);
	buffer_free(&asker.log);
	peer_stop(&peer);
	played_free(&body);
}

TestSuite(http2_request, .init = set_up, .fini = tear_down);

enum { END = NGHTTP2_FLAG_END_STREAM };

static struct peer_frame ask(void)
{
	asker_start(&asker, &peer);
	peer_run(&peer);
	return peer_expect(&peer, NGHTTP2_HEADERS);
}

static void post(size_t length, int64_t announced)
{
	for (size_t i = 0; i < length; i++)
		cr_assert(buffer_add(&body.gives, &"abcdefg"[i % 7], 1));
	asker.request.method = "POST";
	asker.request.body = &body.stream;
	asker.request.body_length = announced;
}

/* DATA frames up to the end, or up to what is there; returns the bytes. */
static size_t data_came(bool *ended)
{
	struct peer_frame f;
	size_t total = 0;

	*ended = false;
	while (peer_next(&peer, &f)) {
		if (f.type != NGHTTP2_DATA)
			continue;
		cr_assert_not(*ended);
		for (size_t i = 0; i < f.length; i++)
			cr_assert_eq(f.payload[i], "abcdefg"[(total + i) % 7]);
		total += f.length;
		*ended = f.flags & END;
	}
	return total;
}

/* --- heads -------------------------------------------------------------------------- */

Test(http2_request, is_said_in_the_protocols_words)
{
	struct peer_frame f;

	asker.request.scheme = "https";
	asker.request.authority = "example.org:8443";
	asker.request.target = "/a?b=c";
	f = ask();
	cr_assert_eq(f.stream, 1);
	cr_assert(f.flags & END);
	cr_assert_str_eq(peer_fields(&peer), ":method: GET\n:scheme: https\n"
					     ":authority: example.org:8443\n:path: /a?b=c\n");
	cr_assert(asker.exchange->report.sent_us >= asker.exchange->report.started_us);
	cr_assert_eq(asker.exchange->report.request_bytes, 0);
}

Test(http2_request, names_are_lower_case_and_secrets_never_indexed)
{
	static const struct http_header headers[] = {
		{ "User-Agent", "Some/1.0" },
		{ "X-MiXed", "CaSe stays" },
		{ "Authorization", "Basic YTpi" },
		{ "Cookie", "a=b; c=d; a-long-one=0123456789012345678901234567890123456789" },
		{ "Proxy-Authorization", "x" },
		{ "X-Empty", "" },
	};

	asker.request.headers = headers;
	asker.request.header_count = sizeof(headers) / sizeof(headers[0]);
	ask();
	cr_assert_str_eq(peer_fields(&peer),
			 ":method: GET\n:scheme: http\n:authority: example.org\n:path: /\n"
			 "user-agent: Some/1.0\nx-mixed: CaSe stays\n!authorization: Basic YTpi\n"
			 "!cookie: a=b; c=d; a-long-one=0123456789012345678901234567890123456789\n"
			 "!proxy-authorization: x\nx-empty: \n");
}

Test(http2_request, nothing_of_http1_connections_is_said)
{
	static const struct http_header headers[] = {
		{ "Keep-Alive", "5" },       { "Upgrade", "websocket" }, { "TE", "gzip" },
		{ "Proxy-Connection", "x" }, { "Te", "trailers" },       { "HTTP2-Settings", "a" },
	};

	asker.request.headers = headers;
	asker.request.header_count = sizeof(headers) / sizeof(headers[0]);
	ask();
	cr_assert_str_eq(
		peer_fields(&peer),
		":method: GET\n:scheme: http\n:authority: example.org\n:path: /\nte: trailers\n");
}

Test(http2_request, what_may_not_be_written_is_not)
{
	static const struct http_header bad[] = {
		{ "X-Value", "a\r\nInjected: b" },
		{ "X Name", "a" },
		{ "X-Blank", " a" },
		{ "", "a" },
		{ "X:Colon", "a" },
		{ ":path", "/other" },
		{ "Content-Length", "7" },
		{ "Host", "b" },
		{ "Connection", "close" },
		{ "Transfer-Encoding", "chunked" },
		{ "expect", "100-continue" },
	};
	char message[100];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		asker = (struct asker){
			.request = { .headers = &bad[i], .header_count = 1 },
		};
		asker_start(&asker, &peer);
		peer_run(&peer);
		snprintf(message, sizeof(message),
			 "failed: usage: the header \"%s\" cannot be sent\n", bad[i].name);
		cr_assert_str_eq(asker_log(&asker), message);
		asker_free(&asker);
	}
	cr_assert(peer_none(&peer, NGHTTP2_HEADERS));
}

Test(http2_request, request_lines_hold_no_blanks)
{
	static const struct {
		struct http_request request;
		const char *message;
	} bad[] = {
		{ { .method = "GE T" }, "failed: usage: \"GE T\" is no HTTP method\n" },
		{ { .method = "" }, "failed: usage: \"\" is no HTTP method\n" },
		{ { .target = "/a b" }, NULL },
		{ { .target = "/a\r\nb" }, NULL },
		{ { .target = "" }, NULL },
		{ { .target = "/\x7f" }, NULL },
		{ { .authority = "a\nb" }, NULL },
		{ { .authority = " a" }, NULL },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		asker = (struct asker){ .request = bad[i].request };
		asker_start(&asker, &peer);
		peer_run(&peer);
		cr_assert_str_eq(asker_log(&asker),
				 bad[i].message ? bad[i].message
						: "failed: usage: the request's target or host "
						  "cannot be sent\n");
		asker_free(&asker);
	}
	cr_assert(peer_none(&peer, NGHTTP2_HEADERS));
}

Test(http2_request, who_could_have_a_body_says_that_he_has_none)
{
	static const char *const methods[] = { "POST", "PUT", "PATCH" };
	struct peer_frame f;

	for (size_t i = 0; i < 3; i++) {
		asker = (struct asker){ .request.method = methods[i] };
		f = ask();
		cr_assert(f.flags & END);
		cr_assert(strstr(peer_fields(&peer), ":path: /\ncontent-length: 0\n"));
		asker_free(&asker);
	}
}

Test(http2_request, a_head_too_large_for_the_protocol_is_said_to_be)
{
	static char value[70001];
	const struct http_header header = { "X-Large", value };

	memset(value, 'v', sizeof(value) - 1);
	asker.request.headers = &header;
	asker.request.header_count = 1;
	asker_start(&asker, &peer);
	peer_run(&peer);
	cr_assert_str_eq(asker_log(&asker), "failed: other: the request cannot be sent by HTTP/2: "
					    "The length of the frame is invalid\n");
	asker_free(&asker);
	asker.request.header_count = 0;
	ask();
}

/* --- bodies --------------------------------------------------------------------------- */

Test(http2_request, a_body_follows_its_head)
{
	struct peer_frame f;
	bool ended;

	post(40000, 40000);
	f = ask();
	cr_assert_not(f.flags & END);
	cr_assert_str_eq(peer_fields(&peer),
			 ":method: POST\n:scheme: http\n:authority: example.org\n:path: /\n"
			 "content-length: 40000\n");
	cr_assert_eq(data_came(&ended), 40000);
	cr_assert(ended);
	cr_assert_eq(asker.exchange->report.request_bytes, 40000);
	cr_assert(asker.exchange->report.sent_us > 0);
	peer_head(&peer, END, 1, ":status: 201\n");
	cr_assert_str_eq(asker_log(&asker), "head 201, length 0\nend after 0\n");
}

Test(http2_request, a_body_of_unknown_length_ends_where_it_ends)
{
	bool ended;

	post(100, -1);
	ask();
	cr_assert_str_eq(peer_fields(&peer),
			 ":method: POST\n:scheme: http\n:authority: example.org\n:path: /\n");
	cr_assert_eq(data_came(&ended), 100);
	cr_assert(ended);
}

Test(http2_request, an_empty_body_is_one)
{
	bool ended;

	post(0, 0);
	ask();
	cr_assert(strstr(peer_fields(&peer), "content-length: 0\n"));
	cr_assert_eq(data_came(&ended), 0);
	cr_assert(ended);
}

/* The server's window is 65535 bytes until it says more. */
Test(http2_request, a_body_goes_at_the_servers_pace)
{
	bool ended;

	post(200000, 200000);
	ask();
	cr_assert_eq(data_came(&ended), 65535);
	cr_assert_not(ended);
	cr_assert_eq(asker.exchange->report.sent_us, -1);
	peer_window(&peer, 0, 1 << 20);
	peer_window(&peer, 1, 1000);
	/* data_came() counts letters from the start of a word */
	cr_assert_eq(asker.exchange->report.request_bytes, 66535);
	peer_window(&peer, 1, 1 << 20);
	cr_assert_eq(asker.exchange->report.request_bytes, 200000);
	cr_assert(asker.exchange->report.sent_us > 0);
}

/* --- bodies that come later --------------------------------------------------------------- */

Test(http2_request, a_body_goes_at_its_own_pace)
{
	bool ended;

	post(7, 21);
	body.then = IO_AGAIN;
	ask();
	cr_assert_eq(data_came(&ended), 7);
	cr_assert_not(ended);
	peer_run(&peer);
	cr_assert_eq(data_came(&ended), 0);
	cr_assert(buffer_add(&body.gives, "abcdefg", 7));
	peer_run(&peer);
	cr_assert_eq(data_came(&ended), 7);
	cr_assert_not(ended);
	cr_assert(buffer_add(&body.gives, "abcdefg", 7));
	body.then = IO_END;
	peer_run(&peer);
	cr_assert_eq(data_came(&ended), 7);
	cr_assert(ended);
}

Test(http2_request, two_bodies_do_not_wait_for_each_other)
{
	struct asker second = { .request = { .method = "POST", .body_length = -1 } };
	struct played other;
	bool ended;

	played_init(&other);
	second.request.body = &other.stream;
	asker_start(&second, &peer);
	peer_run(&peer);
	peer_expect(&peer, NGHTTP2_HEADERS);
	post(70, 70);
	ask();
	cr_assert_eq(data_came(&ended), 70);
	cr_assert(ended);
	asker_free(&second);
	played_free(&other);
}

/* --- bodies that are not what was said --------------------------------------------------- */

static void assert_refused(const char *message)
{
	struct peer_frame f;
	bool ended = false;

	cr_assert_str_eq(asker_log(&asker), message);
	while (peer_next(&peer, &f) && f.type != NGHTTP2_RST_STREAM)
		ended |= f.flags & END;
	cr_assert_not(ended);
	cr_assert_eq(f.type, NGHTTP2_RST_STREAM);
	cr_assert_eq(peer_number(&f, 0), NGHTTP2_CANCEL);
}

Test(http2_request, a_short_body_does_not_look_whole)
{
	post(20000, 20001);
	ask();
	assert_refused("failed: input: the body ended after 20000 of the 20001 bytes announced\n");
}

Test(http2_request, a_long_body_does_not_look_whole)
{
	post(20001, 20000);
	ask();
	assert_refused("failed: input: the body has more than the 20000 bytes announced\n");
}

Test(http2_request, a_broken_body_does_not_look_whole)
{
	post(7, -1);
	body.then = IO_FAILED;
	ask();
	assert_refused("failed: receive: played reset\n");
}

Test(http2_request, a_body_may_break_after_the_head_of_the_response)
{
	post(7, -1);
	body.then = IO_AGAIN;
	ask();
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_data(&peer, 0, 1, 5);
	body.then = IO_FAILED;
	peer_run(&peer);
	assert_refused("head 200, chunked\ncut: receive: played reset\n");
	cr_assert_eq(asker.body, 5);
}

/* RFC 9113, 8.1: the whole answer, and then no more of the question is wanted. */
Test(http2_request, a_response_may_overtake_its_request)
{
	post(7, -1);
	body.then = IO_AGAIN;
	ask();
	peer_head(&peer, 0, 1, ":status: 413\n");
	peer_data(&peer, END, 1, 5);
	peer_reset(&peer, 1, NGHTTP2_NO_ERROR);
	cr_assert_str_eq(asker_log(&asker), "head 413, chunked\nend after 5\n");
	cr_assert(asker.exchange->report.complete);
	cr_assert(buffer_add(&body.gives, "abcdefg", 7));
	peer_run(&peer);
	cr_assert(peer_none(&peer, NGHTTP2_RST_STREAM));
	cr_assert_eq(body.gives.length, 7);
}

Test(http2_request, who_has_the_response_may_drop_the_rest_of_the_request)
{
	bool ended;

	post(7, -1);
	body.then = IO_AGAIN;
	ask();
	cr_assert_eq(data_came(&ended), 7);
	peer_head(&peer, END, 1, ":status: 413\n");
	cr_assert_str_eq(asker_log(&asker), "head 413, length 0\nend after 0\n");
	asker_free(&asker);
	peer_run(&peer);
	cr_assert_not(peer_none(&peer, NGHTTP2_RST_STREAM));
	asker = (struct asker){ 0 };
	ask();
}
