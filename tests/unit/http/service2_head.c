/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/http/service2_head.c
 * Holds: a head has the form of one of HTTP/1, :authority as Host, whatever the order of
 * pseudo-fields; CONNECT by its authority; two names for one server are 400, as is all that
 * HTTP/1 would refuse; limits of lines, of the whole and of its fields are 414 and 431, and a head
 * beyond all measure is a reset; expectations; a body or none, and its length.
 */
#include "http2_asking.h"

#include <criterion/criterion.h>
#include <string.h>

static struct asking a;

static void set_up(void)
{
	asking_init(&a);
}

static void tear_down(void)
{
	asking_stop(&a);
}

TestSuite(service2_head, .init = set_up, .fini = tear_down);

static const char *told(const char *fields)
{
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, fields);
	return asking_log(&a);
}

static void assert_refused(const char *fields, const char *answer, const char *log)
{
	cr_assert_str_eq(told(fields), log);
	asking_expect_answer(&a, 1, answer);
	cr_assert_eq(a.requests, 0);
	cr_assert_eq(a.end, IO_AGAIN);
	/* The connection goes on. */
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 3, ASKING_GET);
	asking_expect_answer(&a, 3, "200 hello");
	asking_log(&a);
}

Test(service2_head, in_the_form_of_http1)
{
	cr_assert_str_eq(told(ASKING_GET "accept: */*\nx: y: z\n"),
			 "request GET /a\n host: a.example\n accept: */*\n x: y: z\n"
			 "received 0\nover 1 200 5\n");
}

Test(service2_head, pseudo_fields_in_any_order)
{
	cr_assert_str_eq(told(":authority: a.example:81\n:path: /b?c\n:scheme: https\n"
			      ":method: DELETE\nx: y\n"),
			 "request DELETE /b?c\n host: a.example:81\n x: y\n"
			 "received 0\nover 1 200 5\n");
}

Test(service2_head, host_in_place_of_authority)
{
	cr_assert_str_eq(told(":method: GET\n:scheme: http\n:path: /\nx: y\nhost: b.example\n"),
			 "request GET /\n x: y\n host: b.example\nreceived 0\nover 1 200 5\n");
}

Test(service2_head, host_that_says_the_same)
{
	cr_assert_str_eq(told(ASKING_GET "host: A.example\n"),
			 "request GET /a\n host: A.example\nreceived 0\nover 1 200 5\n");
}

Test(service2_head, host_that_says_something_else)
{
	assert_refused(ASKING_GET "host: b.example\n", "400 ",
		       "refused 400: Host and :authority differ\n");
}

Test(service2_head, connect)
{
	cr_assert_str_eq(told(":method: CONNECT\n:authority: a.example:443\n"),
			 "request CONNECT a.example:443\n host: a.example:443\n"
			 "received 0\nover 1 200 5\n");
}

Test(service2_head, targets_as_strict_as_in_http1)
{
	assert_refused(":method: GET\n:scheme: http\n:path: /a#b\n:authority: a\n", "400 ",
		       "refused 400: \"/a#b\": a fragment in the target\n");
}

Test(service2_head, hosts_as_strict_as_in_http1)
{
	assert_refused(":method: GET\n:scheme: http\n:path: /\n:authority: a@b\n", "400 ",
		       "refused 400: \"a@b\": names no host\n");
}

Test(service2_head, malformed_fields)
{
	assert_refused(ASKING_GET "x: a\x01z\n", "400 ",
		       "refused 400: a malformed field in the head\n");
}

Test(service2_head, a_target_that_is_too_long)
{
	static char fields[20000];

	memcpy(fields, ":method: GET\n:scheme: http\n:authority: a\n:path: /", 49);
	memset(fields + 49, 'x', 16384);
	memcpy(fields + 49 + 16384, "\n", 2);
	assert_refused(fields, "414 ",
		       "refused 414: the request line is longer than 16384 bytes\n");
}

static const char *repeated(const char *line, size_t length, int count)
{
	static char fields[200000];
	char *at = fields + strlen(ASKING_GET);

	memcpy(fields, ASKING_GET, strlen(ASKING_GET));
	for (int i = 0; i < count; i++, at += length)
		memcpy(at, line, length);
	*at = '\0';
	return fields;
}

Test(service2_head, too_many_fields)
{
	assert_refused(repeated("x: y\n", 5, 101), "431 ",
		       "refused 431: the head is longer than 65536 bytes or 100 fields\n");
}

Test(service2_head, the_most_fields)
{
	/* Host is the hundredth. */
	told(repeated("x: y\n", 5, 99));
	asking_expect_answer(&a, 1, "200 hello");
}

static const char *large_field(size_t length)
{
	static char line[20000];

	memset(line, 'x', sizeof line);
	memcpy(line, "x: ", 3);
	line[length - 1] = '\n';
	return line;
}

Test(service2_head, a_head_that_is_too_long)
{
	assert_refused(repeated(large_field(10000), 10000, 7), "431 ",
		       "refused 431: the head is longer than 65536 bytes or 100 fields\n");
}

Test(service2_head, a_head_beyond_all_measure)
{
	struct peer_frame f;

	cr_assert_str_eq(told(repeated(large_field(10000), 10000, 14)), "");
	/* The library, or its limit on frames, ends it before us where it has one. */
	f = peer_expect(&a.ears, a.end == IO_AGAIN ? NGHTTP2_RST_STREAM : NGHTTP2_GOAWAY);
	cr_assert(f.length >= 4);
	cr_assert_eq(a.requests, 0);
}

/* --- what the library refuses for us ------------------------------------------------ */

static void assert_reset(const char *fields)
{
	struct peer_frame f;

	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, fields);
	f = peer_expect(&a.ears, NGHTTP2_RST_STREAM);
	cr_assert_eq(f.stream, 1);
	cr_assert_eq(peer_number(&f, 0), NGHTTP2_PROTOCOL_ERROR);
	cr_assert_eq(a.requests, 0);
	asking_log(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 3, ASKING_GET);
	asking_expect_answer(&a, 3, "200 hello");
	asking_log(&a);
}

Test(service2_head, upper_case_names)
{
	assert_reset(ASKING_GET "Accept: x\n");
}

Test(service2_head, fields_of_the_connection)
{
	assert_reset(ASKING_GET "connection: close\n");
}

Test(service2_head, transfer_codings)
{
	assert_reset(ASKING_PUT "transfer-encoding: chunked\n");
}

Test(service2_head, te_that_is_not_trailers)
{
	assert_reset(ASKING_GET "te: gzip\n");
}

Test(service2_head, pseudo_fields_behind_others)
{
	assert_reset(":method: GET\n:scheme: http\n:path: /\nx: y\n:authority: a\n");
}

Test(service2_head, pseudo_fields_that_are_missing)
{
	assert_reset(":method: GET\n:scheme: http\n:authority: a\n");
}

Test(service2_head, pseudo_fields_twice)
{
	assert_reset(ASKING_GET ":path: /b\n");
}

Test(service2_head, pseudo_fields_of_answers)
{
	assert_reset(ASKING_GET ":status: 200\n");
}

Test(service2_head, two_lengths)
{
	assert_reset(ASKING_PUT "content-length: 1\ncontent-length: 2\n");
}

Test(service2_head, no_name_of_a_server)
{
	assert_reset(":method: GET\n:scheme: http\n:path: /\n");
}

Test(service2_head, a_length_without_a_body)
{
	assert_reset(ASKING_PUT "content-length: 1\n");
}

/* --- bodies ------------------------------------------------------------------------- */

static uint64_t length_told;
static bool body_told;

static void look(struct asking *asking, const char *event)
{
	if (!strcmp(event, "request")) {
		length_told = asking->last->body_length;
		body_told = asking->last->has_body;
	}
}

Test(service2_head, whether_a_body_follows)
{
	a.inside = look;
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	cr_assert(!body_told && length_told == 0);
	asking_head(&a, 0, 3, ASKING_PUT);
	cr_assert(body_told && length_told == HTTP_SERVICE_UNKNOWN);
	asking_head(&a, 0, 5, ASKING_PUT "content-length: 7\n");
	cr_assert(body_told && length_told == 7);
}

Test(service2_head, who_waits_for_permission_gets_it)
{
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT "expect: 100-continue\n");
	peer_expect(&a.ears, NGHTTP2_HEADERS);
	cr_assert_str_eq(peer_fields(&a.ears), ":status: 100\n");
	asking_data(&a, NGHTTP2_FLAG_END_STREAM, 1, 3);
	asking_expect_answer(&a, 1, "200 hello");
}

Test(service2_head, who_waits_for_permission_is_refused)
{
	a.at_once = true;
	a.answer.status = 403;
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT "expect: 100-continue\n");
	asking_expect_answer(&a, 1, "403 hello");
}

Test(service2_head, other_expectations)
{
	assert_refused(ASKING_GET "expect: miracles\n", "417 ",
		       "refused 417: the request expects more than 100-continue\n");
}
