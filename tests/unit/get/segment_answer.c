/* SPDX-License-Identifier: MIT */
/* What the head of an answer to a range request is worth.
 * Holds: 206 with exactly the range, the total and the validator asked for is taken, the validator
 * may be left out; another range, total, ETag or Last-Modified, a coding, a second or malformed
 * Content-Range is no use; a strong ETag decides alone; the whole file, 416, and other statuses
 * below 400 are FAILURE_RESUME, 4xx and 5xx FAILURE_HTTP_STATUS; the busy ones are worth another
 * try, not before Retry-After and not when that is unreasonably long; a body announced longer than
 * the range breaks the protocol, a shorter one shows at its end. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/get/segment_parts.h>

static struct validator validator;
static struct segment_answer answer;

/* The range 100-199 of 1000 bytes with ETag "v1". */
static void judge(const char *text)
{
	struct http_head_scan scan = { 0 };
	struct http_framing framing;
	struct failure why = { 0 };
	struct http_head head;

	cr_assert_eq(http_head_parse(&head, &scan, text, strlen(text), &why), IO_DONE, "%s",
		     why.text);
	cr_assert(http_framing_of_response(&framing, &head, false, &why), "%s", why.text);
	segment_judge(&answer, &head, &framing, &validator, 100, 199, 1000000000);
}

static void by_etag(void)
{
	validator = (struct validator){ .etag = "\"v1\"", .last_modified = "Tue", .total = 1000 };
}

static void by_time(void)
{
	validator = (struct validator){
		.last_modified = "Sun, 06 Nov 1994 08:49:37 GMT",
		.total = 1000,
	};
}

static void assert_taken(void)
{
	cr_assert_eq(answer.verdict, SEGMENT_TAKE, "%s", answer.why.text);
	cr_assert_eq(answer.why.class, FAILURE_NONE);
}

static void assert_refused(enum failure_class class, const char *text)
{
	cr_assert_str_eq(answer.why.text, text);
	cr_assert_eq(answer.why.class, class);
	cr_assert_eq(answer.verdict, SEGMENT_GIVE_UP);
}

static void assert_again(const char *text, int64_t wait_ms)
{
	cr_assert_str_eq(answer.why.text, text);
	cr_assert_eq(answer.why.class, FAILURE_HTTP_STATUS);
	cr_assert_eq(answer.verdict, SEGMENT_AGAIN);
	cr_assert_eq(answer.wait_ms, wait_ms);
}

#define PARTIAL "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 100-199/1000\r\n"

Test(segment_answer, what_was_asked_for_is_taken, .init = by_etag)
{
	judge(PARTIAL "Content-Length: 100\r\n\r\n");
	assert_taken();
	judge(PARTIAL "ETag: \"v1\"\r\nTransfer-Encoding: chunked\r\n\r\n");
	assert_taken();
	judge(PARTIAL "Content-Encoding: Identity\r\nContent-Length: 100\r\n\r\n");
	assert_taken();
}

Test(segment_answer, a_shorter_body_shows_at_its_end, .init = by_etag)
{
	judge(PARTIAL "Content-Length: 99\r\n\r\n");
	assert_taken();
}

Test(segment_answer, a_longer_body_breaks_the_protocol, .init = by_etag)
{
	judge(PARTIAL "Content-Length: 101\r\n\r\n");
	assert_refused(FAILURE_PROTOCOL, "the server announced 101 bytes for a range of 100");
}

Test(segment_answer, another_range_is_refused, .init = by_etag)
{
	judge("HTTP/1.1 206 OK\r\nContent-Range: bytes 101-199/1000\r\n\r\n");
	assert_refused(FAILURE_RESUME, "the server sent bytes 101-199, asked for were 100-199");
	judge("HTTP/1.1 206 OK\r\nContent-Range: bytes 100-198/1000\r\n\r\n");
	assert_refused(FAILURE_RESUME, "the server sent bytes 100-198, asked for were 100-199");
	judge("HTTP/1.1 206 OK\r\nContent-Range: bytes 0-999/1000\r\n\r\n");
	assert_refused(FAILURE_RESUME, "the server sent bytes 0-999, asked for were 100-199");
}

Test(segment_answer, another_total_is_refused, .init = by_etag)
{
	judge("HTTP/1.1 206 OK\r\nContent-Range: bytes 100-199/1001\r\n\r\n");
	assert_refused(FAILURE_RESUME, "the file is 1001 bytes long now, it was 1000");
	judge("HTTP/1.1 206 OK\r\nContent-Range: bytes 100-199/*\r\n\r\n");
	assert_refused(FAILURE_RESUME, "the server does not say how long the file is");
}

Test(segment_answer, a_content_range_must_be_one_and_valid, .init = by_etag)
{
	const char *text = "the server answered 206 without one valid Content-Range";

	judge("HTTP/1.1 206 OK\r\nContent-Type: multipart/byteranges; boundary=x\r\n\r\n");
	assert_refused(FAILURE_RESUME, text);
	judge("HTTP/1.1 206 OK\r\nContent-Range: bytes 100-199\r\n\r\n");
	assert_refused(FAILURE_RESUME, text);
	judge("HTTP/1.1 206 OK\r\nContent-Range: bytes */1000\r\n\r\n");
	assert_refused(FAILURE_RESUME, text);
	judge(PARTIAL "Content-Range: bytes 100-199/1000\r\n\r\n");
	assert_refused(FAILURE_RESUME, text);
}

Test(segment_answer, another_etag_is_refused, .init = by_etag)
{
	const char *text = "the file has changed: its ETag is another one";

	judge(PARTIAL "ETag: \"v2\"\r\n\r\n");
	assert_refused(FAILURE_RESUME, text);
	judge(PARTIAL "ETag: W/\"v1\"\r\n\r\n");
	assert_refused(FAILURE_RESUME, text);
	judge(PARTIAL "ETag: \"v1\"\r\nETag: \"v2\"\r\n\r\n");
	assert_refused(FAILURE_RESUME, text);
}

Test(segment_answer, a_strong_etag_decides_alone, .init = by_etag)
{
	judge(PARTIAL "ETag: \"v1\"\r\nLast-Modified: Wed\r\n\r\n");
	assert_taken();
}

Test(segment_answer, without_an_etag_the_time_decides, .init = by_time)
{
	judge(PARTIAL "ETag: \"v2\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
	assert_taken();
	judge(PARTIAL "\r\n");
	assert_taken();
	judge(PARTIAL "Last-Modified: Sun, 06 Nov 1994 08:49:38 GMT\r\n\r\n");
	assert_refused(FAILURE_RESUME, "the file has changed: its Last-Modified differs");
}

Test(segment_answer, a_coding_is_refused, .init = by_etag)
{
	judge(PARTIAL "Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n");
	assert_refused(FAILURE_RESUME, "the server sent the range with a content encoding");
}

Test(segment_answer, what_is_no_range_is_refused, .init = by_etag)
{
	judge("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
	assert_refused(FAILURE_RESUME, "the server sent the whole file for a range: it has "
				       "changed, or the server does not serve ranges");
	judge("HTTP/1.1 416 No\r\nContent-Range: bytes */50\r\nContent-Length: 0\r\n\r\n");
	assert_refused(FAILURE_RESUME, "the server has no such range (status 416): the file has "
				       "changed");
	judge("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
	assert_refused(FAILURE_RESUME, "status 302 instead of a range");
	judge("HTTP/1.1 204 Nothing\r\n\r\n");
	assert_refused(FAILURE_RESUME, "status 204 instead of a range");
}

Test(segment_answer, failures_are_final, .init = by_etag)
{
	judge("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	assert_refused(FAILURE_HTTP_STATUS, "HTTP status 404");
	judge("HTTP/1.1 501 No\r\nContent-Length: 0\r\n\r\n");
	assert_refused(FAILURE_HTTP_STATUS, "HTTP status 501");
}

Test(segment_answer, a_busy_server_is_asked_again, .init = by_etag)
{
	static const int statuses[] = { 408, 429, 500, 502, 503, 504 };

	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
		char head[80], text[80];

		snprintf(head, sizeof(head), "HTTP/1.1 %d Busy\r\nContent-Length: 0\r\n\r\n",
			 statuses[i]);
		snprintf(text, sizeof(text), "HTTP status %d", statuses[i]);
		judge(head);
		assert_again(text, -1);
	}
}

Test(segment_answer, a_server_says_how_long_to_wait, .init = by_etag)
{
	judge("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n");
	assert_again("HTTP status 503", 7000);
	judge("HTTP/1.1 429 Slower\r\nRetry-After: Sun, 09 Sep 2001 01:46:50 GMT\r\n\r\n");
	assert_again("HTTP status 429", 10000);
	judge("HTTP/1.1 503 Busy\r\nRetry-After: soon\r\n\r\n");
	assert_again("HTTP status 503", -1);
	judge("HTTP/1.1 503 Busy\r\nRetry-After: 600\r\n\r\n");
	assert_again("HTTP status 503", 600000);
	judge("HTTP/1.1 503 Busy\r\nRetry-After: 601\r\n\r\n");
	assert_refused(FAILURE_HTTP_STATUS, "HTTP status 503");
}
