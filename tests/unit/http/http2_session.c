/* SPDX-License-Identifier: MIT */
/* tests/unit/http/http2_session.c
 * Holds: heads go up in one form whatever they were sent as; interim heads are told, counted, and
 * 101 is none; trailers are dropped; what is malformed, too large or too many is refused with a
 * reason and the stream reset; bodies must have the length they announced; who reset what and who
 * did not act on a request is told apart; what is no HTTP/2 is said to be none. */
#include "http2_peer.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct peer peer;
static struct asker asker;

static void set_up(void)
{
	asker = (struct asker){ 0 };
	peer_open(&peer);
	asker_start(&asker, &peer);
	peer_run(&peer);
	peer_expect(&peer, NGHTTP2_HEADERS);
}

static void tear_down(void)
{
	if (asker.exchange)
		asker_free(&asker);
	buffer_free(&asker.log);
	peer_stop(&peer);
}

TestSuite(http2_session, .init = set_up, .fini = tear_down);

enum { END = NGHTTP2_FLAG_END_STREAM };

static void assert_log(const char *expected)
{
	cr_assert_str_eq(asker_log(&asker), expected);
}

static void assert_reset(uint32_t code)
{
	struct peer_frame f = peer_expect(&peer, NGHTTP2_RST_STREAM);

	cr_assert_eq(f.stream, 1);
	cr_assert_eq(peer_number(&f, 0), code);
}

/* --- heads ------------------------------------------------------------------------- */

Test(http2_session, a_head_goes_up_in_one_form)
{
	peer_head(&peer, 0, 1,
		  ":status: 200\ncontent-type: text/plain\nx-empty: \nx-two: a\nx-two: b\n");
	assert_log("head 200, chunked; content-type=text/plain; x-empty=; x-two=a; x-two=b\n");
	cr_assert(asker.framing.persistent);
	peer_data(&peer, END, 1, 5);
	assert_log("end after 5\n");
	cr_assert(asker.exchange->report.complete);
	cr_assert_eq(peer.connection->served, 1);
}

Test(http2_session, a_head_may_come_a_byte_at_a_time)
{
	struct buffer b = { 0 };

	peer_head_add(&b, 0, 1, ":status: 103\nlink: a\n");
	peer_head_add(&b, END, 1, ":status: 204\nx-one: a\n");
	for (size_t i = 0; i < b.length; i++)
		peer_bytes(&peer, buffer_bytes(&b) + i, 1);
	assert_log("interim 103\nhead 204, no body; x-one=a\nend after 0\n");
	buffer_free(&b);
}

/* The library gives fields out as they come, so that one head is told while the next is begun. */
Test(http2_session, an_interim_head_is_told_while_the_next_is_half_there)
{
	struct buffer b = { 0 };
	size_t first;

	peer_head_add(&b, 0, 1, ":status: 103\nlink: a\n");
	first = b.length;
	peer_head_add(&b, END, 1, ":status: 200\nx-one: a\nx-two: b\n");
	peer_bytes(&peer, buffer_bytes(&b), b.length - 7);
	assert_log("interim 103\n");
	cr_assert(first < b.length - 7);
	peer_bytes(&peer, buffer_bytes(&b) + b.length - 7, 7);
	assert_log("head 200, length 0; x-one=a; x-two=b\nend after 0\n");
	buffer_free(&b);
}

Test(http2_session, a_length_of_nothing_and_a_response_that_is_its_head)
{
	peer_head(&peer, END, 1, ":status: 200\n");
	assert_log("head 200, length 0\nend after 0\n");
	cr_assert_not(asker.framing.length_known);
}

Test(http2_session, interim_heads_come_first)
{
	peer_head(&peer, 0, 1, ":status: 100\n");
	peer_head(&peer, 0, 1, ":status: 103\nlink: </style.css>\n");
	assert_log("interim 100\ninterim 103\n");
	peer_head(&peer, END, 1, ":status: 200\ncontent-length: 0\n");
	assert_log("head 200, length 0; content-length=0\nend after 0\n");
}

Test(http2_session, sixteen_interim_heads_are_enough)
{
	struct buffer b = { 0 };

	for (int i = 0; i < 16; i++)
		peer_head_add(&b, 0, 1, ":status: 103\n");
	peer_bytes(&peer, buffer_bytes(&b), b.length);
	cr_assert_eq(strlen(asker_log(&asker)), 16 * strlen("interim 103\n"));
	peer_head(&peer, 0, 1, ":status: 103\n");
	assert_log("interim 103\nfailed: protocol: more than 16 interim answers (1xx)\n");
	assert_reset(NGHTTP2_ENHANCE_YOUR_CALM);
	buffer_free(&b);
}

Test(http2_session, switching_protocols_is_none_of_this_protocol)
{
	peer_head(&peer, 0, 1, ":status: 101\n");
	assert_log("failed: protocol: the server broke HTTP/2: Invalid HTTP header field was "
		   "received\n");
	assert_reset(NGHTTP2_PROTOCOL_ERROR);
}

Test(http2_session, malformed_heads_are_refused)
{
	static const struct {
		const char *fields, *message;
	} malformed[] = {
		{ ":status: 20\n",
		  "the server broke HTTP/2: Invalid HTTP header field was received" },
		{ ":status: 200\n:status: 200\n",
		  "the server broke HTTP/2: Invalid HTTP header field was received" },
		{ "x-one: a\n:status: 200\n",
		  "the server broke HTTP/2: Invalid HTTP header field was received" },
		{ "x-one: a\n", "the server broke HTTP/2: Violation in HTTP messaging rule" },
		{ ":status: 099\n", NULL },
		{ ":status: 200\nX-One: a\n",
		  "the server broke HTTP/2: Invalid HTTP header field was received" },
		{ ":status: 200\nconnection: close\n",
		  "the server broke HTTP/2: Invalid HTTP header field was received" },
		{ ":status: 200\ntransfer-encoding: chunked\n",
		  "the server broke HTTP/2: Invalid HTTP header field was received" },
		{ ":status: 200\ncontent-length: -1\n",
		  "the server broke HTTP/2: Invalid HTTP header field was received" },
		{ ":status: 200\ncontent-length: 1\ncontent-length: 2\n",
		  "the server broke HTTP/2: Invalid HTTP header field was received" },
		{ ":status: 200\nx-one: a\rb\n", "the server sent a malformed field: x-one" },
		{ ":status: 200\nx-one: a\x01"
		  "b\n",
		  "the server sent a malformed field: x-one" },
		{ ":status: 200\nx one: a\n", "the server sent a malformed field: x one" },
	};

	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		struct asker one = { 0 };
		struct peer_frame f;

		asker_start(&one, &peer);
		peer_run(&peer);
		f = peer_expect(&peer, NGHTTP2_HEADERS);
		peer_head(&peer, 0, f.stream, malformed[i].fields);
		peer_expect(&peer, NGHTTP2_RST_STREAM);
		cr_assert_eq(one.why.class, FAILURE_PROTOCOL, "%zu: %s", i, one.why.text);
		if (malformed[i].message)
			cr_assert_str_eq(one.why.text, malformed[i].message);
		asker_free(&one);
	}
	cr_assert_eq(peer.connection->ops->room(peer.connection), 99);
}

/* A newline and a NUL in a value: not to be written as lines of a test's table. */
Test(http2_session, a_value_cannot_make_a_line)
{
	static const char newline[] = "\x88\0\005x-one\003a\nb", zero[] = "\x88\0\005x-one\003a\0b";

	peer_frame(&peer, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, newline,
		   sizeof(newline) - 1);
	assert_log("failed: protocol: the server sent a malformed field: x-one\n");
	asker_free(&asker);
	asker_start(&asker, &peer);
	peer_run(&peer);
	peer_frame(&peer, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 3, zero, sizeof(zero) - 1);
	assert_log("failed: protocol: the server sent a malformed field: x-one\n");
}

Test(http2_session, blanks_around_a_value_are_taken_away)
{
	peer_head(&peer, END, 1, ":status: 200\nx-one: \t a b \t\nx-two:  \n");
	assert_log("head 200, length 0; x-one=a b; x-two=\nend after 0\n");
}

/* A field of 4000 bytes put into the table, and named again by a byte each (RFC 7541, 6.1): few
 * bytes that become many. */
static void expanding(struct buffer *block, int times)
{
	static const uint8_t first[] = { 0x40, 1, 'x', 0x7f, 0xa1, 0x1e };
	char value[4000];

	memset(value, 'v', sizeof(value));
	cr_assert(buffer_add(block, first, sizeof(first)) &&
		  buffer_add(block, value, sizeof(value)));
	for (int i = 1; i < times; i++)
		cr_assert(buffer_add(block, "\xbe", 1));
}

Test(http2_session, a_head_has_a_size)
{
	struct buffer block = { 0 };

	cr_assert(buffer_add(&block, "\x88", 1));
	expanding(&block, 66);
	peer_frame(&peer, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, buffer_bytes(&block),
		   block.length);
	assert_log("failed: protocol: the head of the answer is over 256 KiB\n");
	assert_reset(NGHTTP2_ENHANCE_YOUR_CALM);
	buffer_free(&block);
}

/* The library counts the frames that a head goes on in. */
Test(http2_session, a_head_does_not_go_on_for_ever)
{
	struct buffer fields = { 0 };
	static char value[16001];

	memset(value, 'v', sizeof(value) - 1);
	cr_assert(buffer_format(&fields, ":status: 200\n"));
	for (int i = 0; i < 12; i++)
		cr_assert(buffer_format(&fields, "x-large: %s\n", value));
	peer_head(&peer, 0, 1, buffer_text(&fields));
	assert_log("failed: protocol: the server broke HTTP/2: Too many CONTINUATION frames "
		   "following a HEADER frame\n");
	buffer_free(&fields);
}

Test(http2_session, a_head_has_a_number_of_fields)
{
	struct buffer fields = { 0 };

	cr_assert(buffer_format(&fields, ":status: 200\n"));
	for (int i = 0; i < 256; i++)
		cr_assert(buffer_format(&fields, "x: y\n"));
	peer_head(&peer, END, 1, buffer_text(&fields));
	cr_assert(strstr(asker_log(&asker), "end after 0"));
	asker_free(&asker);
	asker_start(&asker, &peer);
	peer_run(&peer);
	cr_assert(buffer_format(&fields, "x: y\n"));
	peer_head(&peer, END, 3, buffer_text(&fields));
	assert_log("failed: protocol: the head of the answer has over 256 fields\n");
	buffer_free(&fields);
}

/* --- bodies ------------------------------------------------------------------------ */

Test(http2_session, trailers_are_dropped)
{
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_data(&peer, 0, 1, 10);
	peer_head(&peer, END, 1, "x-digest: abc\n");
	assert_log("head 200, chunked\nend after 10\n");
}

Test(http2_session, trailers_have_a_size)
{
	struct buffer block = { 0 };

	expanding(&block, 66);
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_frame(&peer, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | END, 1, buffer_bytes(&block),
		   block.length);
	assert_log("head 200, chunked\n"
		   "cut: protocol: the trailer of the answer is over 256 KiB\n");
	buffer_free(&block);
}

Test(http2_session, malformed_trailers_are_refused)
{
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_head(&peer, END, 1, ":status: 200\n");
	assert_log(
		"head 200, chunked\n"
		"cut: protocol: the server broke HTTP/2: Invalid HTTP header field was received\n");
}

Test(http2_session, a_short_body_is_truncated)
{
	peer_head(&peer, 0, 1, ":status: 200\ncontent-length: 10\n");
	peer_data(&peer, END, 1, 9);
	assert_log("head 200, length 10; content-length=10\n"
		   "cut: truncated: cut short: 9 of 10 bytes came\n");
	cr_assert_eq(asker.body, 9);
	cr_assert_not(asker.exchange->report.complete);
	cr_assert_eq(peer.connection->served, 0);
}

Test(http2_session, a_length_with_blanks_counts_as_well)
{
	peer_head(&peer, 0, 1, ":status: 200\ncontent-length:  10\n");
	peer_data(&peer, END, 1, 9);
	assert_log("head 200, length 10; content-length=10\n"
		   "cut: truncated: cut short: 9 of 10 bytes came\n");
	asker_free(&asker);
	asker_start(&asker, &peer);
	peer_run(&peer);
	peer_head(&peer, 0, 3, ":status: 200\ncontent-length:  10\n");
	peer_data(&peer, END, 3, 11);
	assert_log("head 200, length 10; content-length=10\n"
		   "cut: protocol: the server sent more than the 10 bytes announced\n");
}

Test(http2_session, a_long_body_breaks_the_protocol)
{
	peer_head(&peer, 0, 1, ":status: 200\ncontent-length: 10\n");
	peer_data(&peer, 0, 1, 10);
	peer_data(&peer, END, 1, 1);
	assert_log("head 200, length 10; content-length=10\n"
		   "cut: protocol: the server sent more than the 10 bytes announced\n");
	cr_assert_eq(asker.body, 10);
	assert_reset(NGHTTP2_PROTOCOL_ERROR);
}

Test(http2_session, a_whole_body_whose_end_comes_later_is_waited_for)
{
	peer_head(&peer, 0, 1, ":status: 200\ncontent-length: 10\n");
	peer_data(&peer, 0, 1, 10);
	cr_assert_eq(asker.end, IO_AGAIN);
	peer_data(&peer, END, 1, 0);
	assert_log("head 200, length 10; content-length=10\nend after 10\n");
}

Test(http2_session, data_before_a_head_breaks_the_protocol)
{
	peer_data(&peer, END, 1, 10);
	cr_assert_eq(asker.why.class, FAILURE_PROTOCOL);
	cr_assert_not(asker.exchange->report.complete);
}

Test(http2_session, head_has_no_body_whatever_it_announces)
{
	asker_free(&asker);
	asker = (struct asker){ .request.method = "HEAD" };
	asker_start(&asker, &peer);
	peer_run(&peer);
	peer_head(&peer, END, 3, ":status: 200\ncontent-length: 1000\n");
	assert_log("head 200, no body 1000; content-length=1000\nend after 0\n");
	cr_assert(asker.exchange->report.complete);
	asker_free(&asker);
	asker_start(&asker, &peer);
	peer_run(&peer);
	peer_head(&peer, 0, 5, ":status: 200\ncontent-length: 1000\n");
	peer_data(&peer, END, 5, 1000);
	assert_log("head 200, no body 1000; content-length=1000\n"
		   "cut: protocol: the server sent a body where none belongs\n");
	cr_assert_eq(asker.body, 0);
}

/* --- resets ------------------------------------------------------------------------ */

Test(http2_session, a_reset_before_the_head_is_told_with_its_name)
{
	peer_reset(&peer, 1, NGHTTP2_INTERNAL_ERROR);
	assert_log("failed: receive: the server reset the request (INTERNAL_ERROR)\n");
	cr_assert_not(asker.exchange->report.any_response);
	asker_free(&asker);
	asker_start(&asker, &peer);
	peer_run(&peer);
	peer_reset(&peer, 3, NGHTTP2_HTTP_1_1_REQUIRED);
	assert_log("failed: receive: the server answers this by HTTP/1.1 alone "
		   "(HTTP_1_1_REQUIRED)\n");
}

Test(http2_session, a_refused_stream_may_be_asked_again)
{
	peer_reset(&peer, 1, NGHTTP2_REFUSED_STREAM);
	assert_log("failed: receive: the server refused the request without acting on it "
		   "(REFUSED_STREAM)\n");
	cr_assert_not(asker.exchange->report.any_response);
	cr_assert_eq(asker.exchange->report.first_byte_us, -1);
	cr_assert(asker.exchange->report.ended_us > 0);
}

Test(http2_session, a_reset_in_the_body_cuts_it_short)
{
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_data(&peer, 0, 1, 100);
	peer_reset(&peer, 1, NGHTTP2_CANCEL);
	assert_log("head 200, chunked\ncut: truncated: the server cut its answer short (CANCEL)\n");
	cr_assert_eq(asker.body, 100);
	cr_assert(asker.exchange->report.any_response);
	cr_assert(peer_none(&peer, NGHTTP2_RST_STREAM));
}

Test(http2_session, a_reset_after_the_end_changes_nothing)
{
	struct buffer b = { 0 };

	peer_head_add(&b, 0, 1, ":status: 200\n");
	peer_frame_add(&b, NGHTTP2_DATA, END, 1, "xx", 2);
	peer_frame_add(&b, NGHTTP2_RST_STREAM, 0, 1, "\0\0\0\0", 4);
	peer_bytes(&peer, buffer_bytes(&b), b.length);
	assert_log("head 200, chunked\nend after 2\n");
	buffer_free(&b);
}

Test(http2_session, going_away_ends_what_was_not_acted_on)
{
	struct asker second = { 0 };

	asker_start(&second, &peer);
	peer_run(&peer);
	peer_goaway(&peer, 1, NGHTTP2_NO_ERROR);
	cr_assert_str_eq(asker_log(&second), "failed: receive: the server closed the connection "
					     "without acting on the request (NO_ERROR)\n");
	cr_assert_not(second.exchange->report.any_response);
	cr_assert_eq(peer.connection->ops->room(peer.connection), 0);
	peer_head(&peer, END, 1, ":status: 200\n");
	assert_log("head 200, length 0\nend after 0\n");
	cr_assert_not(peer.connection->ops->finished(peer.connection));
	asker_free(&second);
	asker_free(&asker);
	cr_assert(peer.connection->ops->finished(peer.connection));
}

/* --- connections --------------------------------------------------------------------- */

Test(http2_session, pushes_are_refused)
{
	peer_frame(&peer, NGHTTP2_PUSH_PROMISE, NGHTTP2_FLAG_END_HEADERS, 1, "\0\0\0\2\x82", 5);
	cr_assert_eq(asker.why.class, FAILURE_PROTOCOL);
	assert_log("failed: protocol: the server broke HTTP/2 (PROTOCOL_ERROR): PUSH_PROMISE: push "
		   "disabled\n");
	peer_expect(&peer, NGHTTP2_GOAWAY);
}

Test(http2_session, broken_header_compression_breaks_the_connection)
{
	peer_frame(&peer, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, "\xff\xff\xff\xff\xff", 5);
	cr_assert_eq(asker.why.class, FAILURE_PROTOCOL);
	cr_assert(strstr(asker.why.text, "the server broke HTTP/2 (COMPRESSION_ERROR)"));
	peer_expect(&peer, NGHTTP2_GOAWAY);
	asker_free(&asker);
	cr_assert(peer.connection->ops->finished(peer.connection));
}

/* With a second one under way the first cannot stop the reading. */
Test(http2_session, a_window_is_not_to_be_overrun)
{
	struct asker second = { 0 };

	asker_start(&second, &peer);
	asker.idle = true;
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_data(&peer, 0, 1, 1 << 20);
	cr_assert(peer_none(&peer, NGHTTP2_RST_STREAM));
	peer_data(&peer, 0, 1, 1);
	assert_reset(NGHTTP2_FLOW_CONTROL_ERROR);
	asker_read(&asker);
	cr_assert(asker.body <= (1 << 20) + 1);
	assert_log("head 200, chunked\n"
		   "cut: protocol: the server broke HTTP/2 (FLOW_CONTROL_ERROR)\n");
	asker_free(&second);
}

Test(http2_session, what_is_no_http2_is_said_to_be_none)
{
	static const char answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

	asker_free(&asker);
	peer_stop(&peer);
	peer_start(&peer);
	asker_start(&asker, &peer);
	peer_run(&peer);
	peer_bytes(&peer, answer, sizeof(answer) - 1);
	assert_log("failed: protocol: the server does not speak HTTP/2\n");
	cr_assert_not(asker.exchange->report.any_response);
}
