/* SPDX-License-Identifier: MIT */
/* A range of a file on its own exchange.
 * Holds: how a body is cut; the request is the whole's with Range and If-Range of our own, by ETag
 * before Last-Modified; bytes land in their place and nowhere else; several at once make the whole
 * file; a range that has all its bytes is there, however its body ends, unless it has more or
 * breaks the protocol; another representation, a final status, a full disk end it with their
 * failure; done comes once, from the loop, and the segment can be freed inside it and at any other
 * time, with nothing left open. Tries: segment_tries.c. */
#include "get_fetching.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- cutting --------------------------------------------------------------- */

enum { MIB = 1 << 20 };

static void assert_cut(uint64_t total, unsigned count, unsigned pieces, uint64_t length)
{
	uint64_t first_length = 1;

	cr_assert_eq(segment_cut(total, count, &first_length), pieces);
	cr_assert_eq(first_length, length);
	cr_assert(pieces == 1 || total - (pieces - 1) * first_length >= MIB);
}

Test(segment, a_body_is_cut_evenly)
{
	assert_cut(8 * MIB, 4, 4, 2 * MIB);
	assert_cut(8 * MIB, 1, 1, 8 * MIB);
	assert_cut(8 * MIB, 0, 1, 8 * MIB);
	assert_cut(1000ULL * MIB, 3, 3, 1000ULL * MIB / 3 / 4096 * 4096);
}

Test(segment, no_piece_is_below_a_mebibyte)
{
	assert_cut(8 * MIB, 100, 8, MIB);
	assert_cut(8 * MIB - 1, 8, 7, (8 * MIB - 1) / 7 / 4096 * 4096);
	assert_cut(4 * MIB + 1, 4, 4, MIB);
	assert_cut(2 * MIB - 1, 4, 1, 2 * MIB - 1);
	assert_cut(MIB, 4, 1, MIB);
	assert_cut(1, 4, 1, 1);
	assert_cut(0, 4, 1, 0);
}

Test(segment, the_longest_body_can_be_cut)
{
	assert_cut(UINT64_MAX, 2, 2, UINT64_MAX / 2 / 4096 * 4096);
	assert_cut(UINT64_MAX, UINT32_MAX, UINT32_MAX, UINT64_MAX / UINT32_MAX / 4096 * 4096);
}

/* --- one range --- */

Test(segment, lands_in_its_place)
{
	struct fetching f;

	fetching_prepare(&f, fetching_answer);
	cr_assert_eq(lseek(f.fd, 5, SEEK_SET), 5);
	fetching_run(&f);
	fetching_assert_all(&f);
	cr_assert_eq(lseek(f.fd, 0, SEEK_CUR), 5);
	cr_assert_str_eq(f.log, "");
	cr_assert_str_eq(answering_head(&f.server, 0),
			 "GET /file?x HTTP/1.1\r\nHost: example.org\r\nUser-Agent: test\r\n"
			 "Range: bytes=30000-59999\r\nIf-Range: \"v1\"\r\n\r\n");
	fetching_end(&f);
}

Test(segment, goes_by_time_where_there_is_no_etag)
{
	char text[100] = "";
	struct fetching f;

	fetching_prepare(&f, fetching_answer);
	f.validator.etag[0] = '\0';
	snprintf(f.validator.last_modified, sizeof(f.validator.last_modified),
		 "Sun, 06 Nov 1994 08:49:37 GMT");
	fetching_run(&f);
	fetching_assert_all(&f);
	answering_field(answering_head(&f.server, 0), "If-Range", text, sizeof(text));
	cr_assert_str_eq(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	fetching_end(&f);
}

Test(segment, can_be_freed_when_done)
{
	struct fetching f;

	fetching_prepare(&f, fetching_answer);
	f.free_inside = true;
	fetching_run(&f);
	cr_assert_eq(f.why.class, FAILURE_NONE);
	fetching_assert_bytes(f.fd, FETCHING_FIRST, FETCHING_LENGTH);
	fetching_end(&f);
}

static bool answer_chunked(const struct answering_request *r)
{
	return fetching_send_head(r, "Transfer-Encoding: chunked\r\n") &&
	       answering_say(r->fd, "%x\r\n", FETCHING_LENGTH - 1) &&
	       fetching_send_bytes(r->fd, FETCHING_FIRST, FETCHING_LENGTH - 1) &&
	       answering_say(r->fd, "\r\n1\r\n") && fetching_send_bytes(r->fd, FETCHING_LAST, 1) &&
	       answering_say(r->fd, "\r\n0\r\n\r\n");
}

Test(segment, may_come_in_chunks)
{
	struct fetching f;

	fetching_prepare(&f, answer_chunked);
	fetching_run(&f);
	fetching_assert_all(&f);
	fetching_end(&f);
}

/* --- many at once ---------------------------------------------------------- */

Test(segment, ten_make_the_whole_file)
{
	struct fetching f;

	fetching_prepare(&f, fetching_answer);
	f.request.done = fetching_one_done;
	for (uint64_t i = 0; i < 10; i++) {
		f.request.first = i * FETCHING_TOTAL / 10;
		f.request.last = (i + 1) * FETCHING_TOTAL / 10 - 1;
		cr_assert_not_null(segment_start(&f.request));
	}
	ev_run(f.loop, 0);
	cr_assert_eq(f.done, 10U);
	fetching_assert_bytes(f.fd, 0, FETCHING_TOTAL);
	fetching_end(&f);
}

/* --- how a body ends -------------------------------------------------------------------------- */

static bool answer_with_more(const struct answering_request *r)
{
	return fetching_send_head(r, "Transfer-Encoding: chunked\r\n") &&
	       answering_say(r->fd, "%x\r\n", FETCHING_LENGTH) &&
	       fetching_send_bytes(r->fd, FETCHING_FIRST, FETCHING_LENGTH) &&
	       answering_say(r->fd, "\r\n1\r\nx\r\n0\r\n\r\n");
}

Test(segment, refuses_more_than_it_asked_for)
{
	struct fetching f;

	fetching_prepare(&f, answer_with_more);
	fetching_run(&f);
	fetching_assert_failed(&f, FAILURE_PROTOCOL,
			       "the server sent more than the range that was asked for", 1);
	fetching_assert_bytes(f.fd, FETCHING_FIRST, FETCHING_LENGTH);
	fetching_end(&f);
}

/* The first in order, but short; then all. */
static bool answer_short(const struct answering_request *r)
{
	if (r->number > 0)
		return fetching_send_range(r, UINT64_MAX);
	return fetching_send_head(r, "Content-Length: 100\r\n") &&
	       fetching_send_bytes(r->fd, FETCHING_FIRST, 100);
}

Test(segment, asks_for_what_a_short_body_left_out)
{
	struct fetching f;

	fetching_prepare(&f, answer_short);
	fetching_run(&f);
	fetching_assert_all(&f);
	fetching_assert_asked(&f, 1, "bytes=30100-59999");
	cr_assert_str_eq(f.log, "the range ended 29900 bytes before it should (bytes 30000-59999); "
				"50\n");
	fetching_end(&f);
}

static bool answer_without_an_end(const struct answering_request *r)
{
	fetching_send_head(r, "Transfer-Encoding: chunked\r\n");
	answering_say(r->fd, "%x\r\n", FETCHING_LENGTH);
	fetching_send_bytes(r->fd, FETCHING_FIRST, FETCHING_LENGTH);
	return false;
}

Test(segment, is_there_when_its_bytes_are)
{
	struct fetching f;

	fetching_prepare(&f, answer_without_an_end);
	f.request.tries = 1;
	fetching_run(&f);
	fetching_assert_all(&f);
	fetching_end(&f);
}

static bool answer_with_garbage_behind(const struct answering_request *r)
{
	return fetching_send_head(r, "Transfer-Encoding: chunked\r\n") &&
	       answering_say(r->fd, "%x\r\n", FETCHING_LENGTH) &&
	       fetching_send_bytes(r->fd, FETCHING_FIRST, FETCHING_LENGTH) &&
	       answering_say(r->fd, "garbage\r\n");
}

Test(segment, does_not_trust_bytes_with_garbage_behind)
{
	struct fetching f;

	fetching_prepare(&f, answer_with_garbage_behind);
	fetching_run(&f);
	cr_assert_eq(f.why.class, FAILURE_PROTOCOL, "%s", f.why.text);
	cr_assert_eq(answering_requested(&f.server), 1U);
	fetching_end(&f);
}

/* --- what ends it --- */

static bool answer_another(const struct answering_request *r)
{
	if (r->number == 0)
		return fetching_send_range(r, 100) && false;
	return answering_say(r->fd, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew");
}

Test(segment, ends_when_the_file_has_changed)
{
	struct fetching f;

	fetching_prepare(&f, answer_another);
	fetching_run(&f);
	fetching_assert_failed(
		&f, FAILURE_RESUME,
		"the server sent the whole file for a range: it has changed, or the server "
		"does not serve ranges",
		2);
	fetching_assert_bytes(f.fd, FETCHING_FIRST, 100);
	fetching_end(&f);
}

static bool answer_no(const struct answering_request *r)
{
	return answering_say(r->fd, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
}

Test(segment, ends_with_a_final_status)
{
	struct fetching f;

	fetching_prepare(&f, answer_no);
	fetching_run(&f);
	fetching_assert_failed(&f, FAILURE_HTTP_STATUS, "HTTP status 404", 1);
	fetching_end(&f);
}

static bool answer_garbage(const struct answering_request *r)
{
	return answering_say(r->fd, "SSH-2.0-x\r\n") && false;
}

Test(segment, ends_when_the_peer_speaks_something_else)
{
	struct fetching f;

	fetching_prepare(&f, answer_garbage);
	fetching_run(&f);
	cr_assert_eq(f.why.class, FAILURE_PROTOCOL, "%s", f.why.text);
	cr_assert_eq(answering_requested(&f.server), 1U);
	fetching_end(&f);
}

Test(segment, ends_when_the_disk_is_full)
{
	struct fetching f;

	fetching_prepare(&f, fetching_answer);
	f.request.fd = open("/dev/full", O_WRONLY);
	fetching_run(&f);
	fetching_assert_failed(&f, FAILURE_OUTPUT, "writing at byte 30000: No space left on device",
			       1);
	close(f.request.fd);
	fetching_end(&f);
}

/* --- events, freeing --- */

static char traced[4000];

static void on_trace(void *data, bool sent, const char *bytes, size_t length)
{
	struct fetching *f = data;
	size_t end = strlen(traced);

	cr_assert_not_null(f->loop);
	snprintf(traced + end, sizeof(traced) - end, "%c%.*s", sent ? '>' : '<',
		 bytes ? (int)length : 0, bytes ? bytes : "");
}

Test(segment, can_be_traced)
{
	struct fetching f;

	fetching_prepare(&f, fetching_answer);
	f.request.trace = on_trace;
	fetching_run(&f);
	fetching_assert_all(&f);
	cr_assert_not_null(strstr(traced, ">GET /file?x HTTP/1.1\r\n"));
	cr_assert_not_null(strstr(traced, "<HTTP/1.1 206 Partial Content\r\n"));
	fetching_end(&f);
}

/* So far that the first request has come, then freed. */
static void free_when(struct fetching *f, bool (*reached)(struct fetching *f))
{
	fetching_start(f);
	while (!reached(f))
		ev_run(f->loop, EVRUN_NOWAIT);
	segment_free(f->segment);
	f->segment = NULL;
	for (int i = 0; i < 5; i++)
		ev_run(f->loop, EVRUN_NOWAIT);
	cr_assert_eq(f->done, 0U);
	fetching_end(f);
}

static bool reached_start(struct fetching *f)
{
	(void)f;
	return true;
}

static bool reached_server(struct fetching *f)
{
	return answering_requested(&f->server) > 0;
}

static bool reached_body(struct fetching *f)
{
	return segment_written(f->segment) == 100;
}

static bool reached_wait(struct fetching *f)
{
	return f->log[0] != '\0';
}

Test(segment, can_be_freed_before_it_has_a_connection)
{
	struct fetching f;

	fetching_prepare(&f, fetching_answer);
	free_when(&f, reached_start);
	segment_free(NULL);
}

static bool answer_never(const struct answering_request *r)
{
	answering_hold(r->fd);
	return false;
}

Test(segment, can_be_freed_before_an_answer)
{
	struct fetching f;

	fetching_prepare(&f, answer_never);
	free_when(&f, reached_server);
}

Test(segment, can_be_freed_inside_its_body)
{
	struct fetching f;

	fetching_prepare(&f, fetching_answer_second);
	free_when(&f, reached_body);
}

Test(segment, can_be_freed_while_it_waits)
{
	struct fetching f;

	fetching_prepare(&f, fetching_answer_busily);
	f.request.delay_ms = 60000;
	free_when(&f, reached_wait);
}
