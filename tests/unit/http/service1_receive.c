/* SPDX-License-Identifier: MIT */
/* What clients of HTTP/1 send.
 * Holds: heads and bodies may be cut at every byte; bodies by length and in chunks; a callee that
 * takes less lets the client wait; 100-continue is said when the body is wanted, and only then;
 * other expectations are 417; an answer before the body lets it be dropped up to a bound, behind
 * which the connection ends; what is no request is answered and closed; a client that ends half-way
 * is a failure; bytes read before the start come first. */
#include "http_serving.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELLO                                                                                      \
	"HTTP/1.1 200 OK\r\n"                                                                      \
	"X-A: b\r\n"                                                                               \
	"Content-Length: 5\r\n"                                                                    \
	"\r\nhello"
#define HELLO_LAST                                                                                 \
	"HTTP/1.1 200 OK\r\n"                                                                      \
	"X-A: b\r\n"                                                                               \
	"Content-Length: 5\r\n"                                                                    \
	"Connection: close\r\n"                                                                    \
	"\r\nhello"

static struct serving s;

static void assert_starts(const char *text, const char *start)
{
	cr_assert_eq(strncmp(text, start, strlen(start)), 0, "%s", text);
}

static void start(void)
{
	serving_prepare(&s);
	serving_start(&s, NULL, NULL);
	cr_assert_eq(s.result, IO_AGAIN);
	cr_assert_eq(s.service->wait, STREAM_READ);
}

Test(service1_receive, takes_requests_cut_at_every_byte)
{
	static const char text[] =
		"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
		"PUT /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		"2;x=y\r\nde\r\n1\r\nf\r\n0\r\nT: u\r\n\r\n"
		"GET /c HTTP/1.1\r\nHost: a\r\n\r\n";

	for (size_t cut = 1; cut < sizeof text - 1; cut++) {
		char first[sizeof text];

		snprintf(first, sizeof first, "%.*s", (int)cut, text);
		start();
		serving_say(&s, first);
		serving_say(&s, text + cut);
		cr_assert_str_eq(serving_sent(&s), HELLO HELLO HELLO);
		cr_assert_str_eq(buffer_text(&s.body), "abcdef");
		cr_assert_eq(s.result, IO_AGAIN);
		serving_free(&s);
	}
}

Test(service1_receive, takes_a_byte_at_a_time)
{
	start();
	s.client.at_most = 1;
	for (const char *c = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
			     "3\r\nabc\r\n0\r\n\r\n";
	     *c; c++) {
		const char one[] = { *c, '\0' };

		serving_say(&s, one);
	}
	cr_assert_str_eq(serving_heard(&s), "request PUT / with a body\n"
					    "body 1 of 1\nbody 1 of 1\nbody 1 of 1\n"
					    "received\nover 200, 5 bytes\n");
	cr_assert_str_eq(serving_sent(&s), HELLO);
	serving_free(&s);
}

Test(service1_receive, lets_the_client_wait_for_the_callee)
{
	start();
	s.takes = 2;
	serving_say(&s, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde");
	cr_assert_eq(s.result, IO_AGAIN);
	cr_assert_eq(s.service->wait, 0);
	for (int i = 0; i < 2; i++) {
		http_service_resume(s.open);
		serving_run(&s, 0);
	}
	cr_assert_str_eq(serving_heard(&s), "request PUT / with a body\n"
					    "body 2 of 5\nbody 2 of 3\nbody 1 of 1\n"
					    "received\nover 200, 5 bytes\n");
	cr_assert_str_eq(buffer_text(&s.body), "abcde");
	serving_free(&s);
}

Test(service1_receive, says_continue_to_who_waits_for_it)
{
	start();
	serving_say(&s, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
			"Expect: 100-Continue\r\n\r\n");
	cr_assert_str_eq(serving_sent(&s), "HTTP/1.1 100 Continue\r\n\r\n");
	serving_say(&s, "ab");
	cr_assert_str_eq(serving_sent(&s), HELLO);
	cr_assert_eq(s.result, IO_AGAIN);
	serving_free(&s);
}

Test(service1_receive, closes_when_the_body_is_not_wanted)
{
	start();
	s.when = SERVING_AT_HEAD;
	serving_say(&s, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
			"Expect: 100-continue\r\n\r\n");
	cr_assert_str_eq(serving_sent(&s), HELLO_LAST);
	cr_assert_eq(s.result, IO_DONE);
	cr_assert_not(s.service->complete);
	serving_free(&s);
}

Test(service1_receive, ignores_expectations_of_http_1_0)
{
	start();
	serving_say(&s, "PUT / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nab");
	cr_assert_str_eq(serving_sent(&s), HELLO_LAST);
	serving_free(&s);
}

Test(service1_receive, refuses_other_expectations)
{
	start();
	serving_say(&s, "GET / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n");
	cr_assert_str_eq(serving_heard(&s),
			 "refused 417: the request expects more than 100-continue\n");
	cr_assert_eq(s.result, IO_DONE);
	cr_assert(strstr(serving_sent(&s), "HTTP/1.1 417 Expectation Failed\r\n"));
	serving_free(&s);
}

Test(service1_receive, drops_a_body_that_came_too_late)
{
	start();
	s.when = SERVING_AT_HEAD;
	serving_say(&s, "PUT /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
	cr_assert_str_eq(serving_sent(&s), HELLO);
	cr_assert_eq(s.service->wait, STREAM_READ);
	serving_say(&s, "cdGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
	cr_assert_str_eq(serving_heard(&s), "request PUT /1 with a body\nover 200, 5 bytes\n"
					    "request GET /2\nover 200, 5 bytes\n");
	cr_assert_eq(s.body.length, 0);
	serving_free(&s);
}

Test(service1_receive, does_not_drop_more_than_a_connection_is_worth)
{
	char head[200];

	start();
	s.when = SERVING_AT_HEAD;
	snprintf(head, sizeof head, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n",
		 HTTP_SERVICE_DROP_MAX + 1);
	serving_say(&s, head);
	cr_assert_str_eq(serving_sent(&s), HELLO_LAST);
	cr_assert_eq(s.result, IO_DONE);
	serving_free(&s);
}

Test(service1_receive, does_not_drop_chunks_for_ever)
{
	char chunk[8 + 0x1000];

	start();
	s.when = SERVING_AT_HEAD;
	serving_say(&s, "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
	memset(chunk, 'x', sizeof chunk);
	memcpy(chunk, "1000\r\n", 6);
	memcpy(chunk + sizeof chunk - 2, "\r\n", 2);
	for (int i = 0; i < HTTP_SERVICE_DROP_MAX / 0x1000; i++) {
		buffer_add(&s.client.gives, chunk, sizeof chunk);
		serving_run(&s, STREAM_READ);
		cr_assert_eq(s.result, IO_AGAIN);
	}
	buffer_add(&s.client.gives, chunk, sizeof chunk);
	serving_run(&s, STREAM_READ);
	cr_assert_eq(s.result, IO_DONE);
	serving_free(&s);
}

Test(service1_receive, stops_asking_once_it_was_answered_half_way)
{
	start();
	s.when = SERVING_AT_BODY;
	serving_say(&s, "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
			"1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
	cr_assert_str_eq(serving_heard(&s),
			 "request PUT / with a body\nbody 1 of 1\nover 200, 5 bytes\n");
	cr_assert_str_eq(serving_sent(&s), HELLO);
	cr_assert_eq(s.result, IO_AGAIN);
	serving_free(&s);
}

/* --- what is no request ---------------------------------------------------------- */

static void assert_refused(const char *text, int status)
{
	char line[40];

	start();
	serving_say(&s, text);
	cr_assert_eq(s.result, IO_DONE, "%s", text);
	snprintf(line, sizeof line, "refused %d: ", status);
	cr_assert(strstr(serving_heard(&s), line), "%s", text);
	snprintf(line, sizeof line, "HTTP/1.1 %d ", status);
	cr_assert_eq(strncmp(serving_sent(&s), line, strlen(line)), 0, "%s", text);
	cr_assert_not(s.service->complete);
	serving_free(&s);
}

Test(service1_receive, refuses_what_others_could_read_in_another_way)
{
	assert_refused("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
		       "Transfer-Encoding: chunked\r\n\r\n",
		       400);
	assert_refused("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
		       "Content-Length: 2\r\n\r\n",
		       400);
	assert_refused("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501);
	assert_refused("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400);
	assert_refused("GET / HTTP/1.1\nHost: a\n\n", 400);
	assert_refused("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400);
	assert_refused("GET / HTTP/1.1\r\n\r\n", 400);
	assert_refused("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505);
}

Test(service1_receive, refuses_heads_without_an_end)
{
	char *text = malloc(100001);

	memset(text, 'a', 100000);
	text[100000] = '\0';
	memcpy(text, "GET /", 5);
	assert_refused(text, 414);
	memcpy(text, "GET / HTTP/1.1\r\nHost: a\r\nX: ", 28);
	assert_refused(text, 431);
	free(text);
}

Test(service1_receive, answers_once_for_a_bad_body)
{
	start();
	serving_say(&s, "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
	cr_assert_eq(s.result, IO_DONE);
	cr_assert_eq(
		strncmp(serving_heard(&s), "request PUT / with a body\nover 400, 0 bytes: ", 44),
		0);
	cr_assert_str_eq(serving_sent(&s), "HTTP/1.1 400 Bad Request\r\n"
					   "Content-Type: text/plain; charset=utf-8\r\n"
					   "X-Content-Type-Options: nosniff\r\n"
					   "Content-Length: 16\r\n"
					   "Connection: close\r\n"
					   "\r\n400 Bad Request\n");
	serving_free(&s);
}

Test(service1_receive, serves_nothing_behind_what_it_refused)
{
	start();
	serving_say(&s, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
			"GET /2 HTTP/1.1\r\n\r\n"
			"GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
	cr_assert_eq(s.result, IO_DONE);
	assert_starts(serving_heard(&s),
		      "request GET /1\nreceived\nover 200, 5 bytes\nrefused 400: ");
	serving_free(&s);
}

/* --- ends ------------------------------------------------------------------------ */

Test(service1_receive, an_end_between_requests_is_in_order)
{
	start();
	serving_say(&s, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	serving_end(&s);
	cr_assert_eq(s.result, IO_DONE);
	cr_assert_str_eq(s.service->reason, "client ended");
	serving_free(&s);
}

Test(service1_receive, an_end_behind_a_request_lets_it_be_answered)
{
	start();
	s.client.then = IO_END;
	serving_say(&s, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	cr_assert_str_eq(serving_sent(&s), HELLO);
	serving_run(&s, STREAM_READ);
	cr_assert_eq(s.result, IO_DONE);
	serving_free(&s);
}

Test(service1_receive, an_end_inside_a_head_or_body_is_a_failure)
{
	start();
	serving_say(&s, "GET / HTT");
	serving_end(&s);
	cr_assert_eq(s.result, IO_FAILED);
	cr_assert_eq(s.why.class, FAILURE_RECEIVE);
	cr_assert_str_eq(s.why.text, "the client ended in the middle of a request");
	serving_free(&s);

	start();
	serving_say(&s, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na");
	serving_end(&s);
	cr_assert_eq(s.result, IO_FAILED);
	cr_assert_eq(s.why.class, FAILURE_TRUNCATED);
	cr_assert_str_eq(serving_heard(&s),
			 "request PUT / with a body\nbody 1 of 1\n"
			 "over 0, 0 bytes: the client ended in the middle of a request's body\n");
	serving_free(&s);
}

Test(service1_receive, a_reset_ends_the_request)
{
	start();
	serving_say(&s, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na");
	serving_reset(&s);
	cr_assert_eq(s.result, IO_FAILED);
	cr_assert_str_eq(serving_heard(&s), "request PUT / with a body\nbody 1 of 1\n"
					    "over 0, 0 bytes: played reset\n");
	serving_free(&s);
}

Test(service1_receive, begins_with_what_was_read_before)
{
	serving_prepare(&s);
	buffer_add(&s.client.gives, "a\r\n\r\n", 5);
	serving_start(&s, NULL, "GET /early HTTP/1.1\r\nHost: ");
	cr_assert_str_eq(serving_heard(&s), "request GET /early\nreceived\nover 200, 5 bytes\n");
	cr_assert_eq(s.service->received, 32);
	serving_free(&s);
}

Test(service1_receive, holds_no_memory_between_requests)
{
	start();
	serving_say(&s, "GET / HT");
	serving_say(&s, "TP/1.1\r\nHost: a\r\n\r\n");
	cr_assert_eq(s.block.out_length, 0);
	cr_assert_str_eq(serving_sent(&s), HELLO);
	{
		const char *bytes;

		cr_assert_eq(http_service_unread(s.service, &bytes), 0);
	}
	serving_free(&s);
}
