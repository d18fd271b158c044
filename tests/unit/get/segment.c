/* SPDX-License-Identifier: MIT */
/* A range of a file on its own exchange.
 * Holds: how a body is cut; the request is the whole's with Range and If-Range of our own, by ETag
 * before Last-Modified; bytes land in their place and nowhere else; several at once make the whole
 * file; what is cut short, reset, silent or busy is asked for again from where it is, with a wait
 * that is told; tries are counted in a row, anew from each that brought bytes; a connection at rest
 * that dies is no try; a range that has all its bytes is there, however its body ends, unless it
 * has more; another representation, a final status, a full disk, a dead host end it with their
 * failure; done comes once, from the loop, and the segment can be freed inside it and at any other
 * time. */
#include "http_answering.h"
#include "net_dialled.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/get/segment.h>

/* --- a file that is served ------------------------------------------------------------------ */

static char byte_at(uint64_t offset)
{
	return (char)((offset * 2654435761U) >> 13);
}

static bool send_bytes(int fd, uint64_t first, uint64_t length)
{
	char block[16 * 1024];

	while (length > 0) {
		size_t n = length < sizeof(block) ? (size_t)length : sizeof(block);

		for (size_t i = 0; i < n; i++)
			block[i] = byte_at(first + i);
		if (!answering_send(fd, block, n))
			return false;
		first += n;
		length -= n;
	}
	return true;
}

enum { TOTAL = 100000, FIRST = 30000, LAST = 59999, LENGTH = LAST - FIRST + 1 };

static bool send_head(int fd, const char *head, const char *fields)
{
	uint64_t first, last;

	cr_assert(answering_range(head, &first, &last));
	return answering_say(fd,
			     "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %llu-%llu/%d\r\n"
			     "ETag: \"v1\"\r\n%s\r\n",
			     (unsigned long long)first, (unsigned long long)last, TOTAL, fields);
}

/* The head of what was asked for and the first so many bytes of it; UINT64_MAX: all. */
static bool send_range(int fd, const char *head, uint64_t most)
{
	uint64_t first, last, length;
	char fields[64];

	cr_assert(answering_range(head, &first, &last));
	length = last - first + 1;
	snprintf(fields, sizeof(fields), "Content-Length: %llu\r\n", (unsigned long long)length);
	return send_head(fd, head, fields) && send_bytes(fd, first, length < most ? length : most);
}

/* --- a segment with its owner ----------------------------------------------------------------- */

struct fetching {
	struct answering server;
	struct ev_loop *loop;
	struct stream_options options;
	struct http_pool *pool;
	struct http_request whole;
	struct validator validator;
	struct segment_request request; /* to be changed before the start */
	struct segment *segment;
	bool free_inside;
	unsigned done;
	struct failure why;
	char log[1000]; /* of retrying */
	int fd;
};

static void on_done(void *data, struct segment *s, const struct failure *why)
{
	struct fetching *f = data;

	cr_assert_not_null(f->segment, "done before the start returned");
	cr_assert_eq(s, f->segment);
	f->done++;
	f->why = *why;
	if (f->free_inside) {
		segment_free(s);
		f->segment = NULL;
	}
	ev_break(f->loop, EVBREAK_ALL);
}

static void on_retrying(void *data, const struct failure *why, int64_t wait_ms)
{
	struct fetching *f = data;
	size_t length = strlen(f->log);

	snprintf(f->log + length, sizeof(f->log) - length, "%s; %lld\n", why->text,
		 (long long)wait_ms);
}

static int file_make(void)
{
	char name[] = "/tmp/segment.XXXXXX";
	int fd = mkstemp(name);

	cr_assert(fd >= 0);
	unlink(name);
	cr_assert_eq(ftruncate(fd, TOTAL), 0);
	return fd;
}

static void fetching_prepare(struct fetching *f, answering_function *answer)
{
	static const struct http_header headers[] = { { "User-Agent", "test" },
						      { "range", "bytes=0-" },
						      { "IF-RANGE", "x" } };

	*f = (struct fetching){ .fd = file_make() };
	answering_start(&f->server, answer, f);
	f->loop = ev_loop_new(EVFLAG_AUTO);
	f->pool = http_pool_new(f->loop, &f->options, HTTP_VERSION_ANY);
	f->whole = (struct http_request){
		.method = "GET",
		.scheme = "http",
		.authority = "example.org",
		.target = "/file?x",
		.headers = headers,
		.header_count = 3,
	};
	f->validator = (struct validator){ .etag = "\"v1\"", .total = TOTAL };
	f->request = (struct segment_request){
		.loop = f->loop,
		.pool = f->pool,
		.origin = &f->server.origin,
		.request = &f->whole,
		.validator = &f->validator,
		.first = FIRST,
		.last = LAST,
		.fd = f->fd,
		.tries = 3,
		.delay_ms = 1,
		.done = on_done,
		.retrying = on_retrying,
		.data = f,
	};
}

static void fetching_start(struct fetching *f)
{
	f->segment = segment_start(&f->request);
}

static void fetching_run(struct fetching *f)
{
	fetching_start(f);
	ev_run(f->loop, 0);
	cr_assert_eq(f->done, 1U);
}

/* How many descriptors there are of the file. */
static int count_open(int fd)
{
	struct stat file, other;
	int count = 0;

	cr_assert_eq(fstat(fd, &file), 0);
	for (int i = 0; i < 1024; i++)
		count += fstat(i, &other) == 0 && other.st_dev == file.st_dev &&
			 other.st_ino == file.st_ino;
	return count;
}

static void fetching_end(struct fetching *f)
{
	segment_free(f->segment);
	cr_assert_eq(count_open(f->fd), 1);
	http_pool_free(f->pool);
	answering_stop(&f->server);
	ev_loop_destroy(f->loop);
	close(f->fd);
}

/* The bytes from first on are the served ones, all others of the file are still zero. */
static void assert_in_place(int fd, uint64_t first, uint64_t length)
{
	char *bytes = calloc(1, TOTAL + 1);
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_eq(st.st_size, TOTAL);
	cr_assert_eq(pread(fd, bytes, TOTAL + 1, 0), TOTAL);
	for (uint64_t i = 0; i < TOTAL; i++) {
		bool inside = i >= first && i < first + length;

		cr_assert_eq(bytes[i], inside ? byte_at(i) : 0, "at byte %llu",
			     (unsigned long long)i);
	}
	free(bytes);
}

static void assert_fetched(struct fetching *f)
{
	cr_assert_eq(f->why.class, FAILURE_NONE, "%s", f->why.text);
	cr_assert_eq(segment_written(f->segment), (uint64_t)LENGTH);
	assert_in_place(f->fd, FIRST, LENGTH);
}

static void assert_failed(struct fetching *f, enum failure_class class, const char *text,
			  unsigned requests)
{
	cr_assert_str_eq(f->why.text, text);
	cr_assert_eq(f->why.class, class);
	cr_assert_eq(answering_requested(&f->server), requests);
}

static void assert_asked(struct fetching *f, unsigned request, const char *range)
{
	char text[100] = "";

	cr_assert_not_null(answering_head(&f->server, request));
	answering_field(answering_head(&f->server, request), "Range", text, sizeof(text));
	cr_assert_str_eq(text, range);
}

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

static bool answer_well(struct answering *server, int fd, unsigned connection, unsigned request,
			const char *head)
{
	(void)server;
	(void)connection;
	(void)request;
	return send_range(fd, head, UINT64_MAX);
}

Test(segment, lands_in_its_place)
{
	struct fetching f;

	fetching_prepare(&f, answer_well);
	cr_assert_eq(lseek(f.fd, 5, SEEK_SET), 5);
	fetching_run(&f);
	assert_fetched(&f);
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

	fetching_prepare(&f, answer_well);
	f.validator.etag[0] = '\0';
	snprintf(f.validator.last_modified, sizeof(f.validator.last_modified),
		 "Sun, 06 Nov 1994 08:49:37 GMT");
	fetching_run(&f);
	assert_fetched(&f);
	answering_field(answering_head(&f.server, 0), "If-Range", text, sizeof(text));
	cr_assert_str_eq(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	fetching_end(&f);
}

Test(segment, can_be_freed_when_done)
{
	struct fetching f;

	fetching_prepare(&f, answer_well);
	f.free_inside = true;
	fetching_run(&f);
	cr_assert_eq(f.why.class, FAILURE_NONE);
	assert_in_place(f.fd, FIRST, LENGTH);
	fetching_end(&f);
}

static bool answer_chunked(struct answering *server, int fd, unsigned connection, unsigned request,
			   const char *head)
{
	(void)server;
	(void)connection;
	(void)request;
	return send_head(fd, head, "Transfer-Encoding: chunked\r\n") &&
	       answering_say(fd, "%x\r\n", LENGTH - 1) && send_bytes(fd, FIRST, LENGTH - 1) &&
	       answering_say(fd, "\r\n1\r\n") && send_bytes(fd, LAST, 1) &&
	       answering_say(fd, "\r\n0\r\n\r\n");
}

Test(segment, may_come_in_chunks)
{
	struct fetching f;

	fetching_prepare(&f, answer_chunked);
	fetching_run(&f);
	assert_fetched(&f);
	fetching_end(&f);
}

/* --- many at once ---------------------------------------------------------- */

static void one_of_many_done(void *data, struct segment *s, const struct failure *why)
{
	struct fetching *f = data;

	segment_free(s);
	cr_assert_eq(why->class, FAILURE_NONE, "%s", why->text);
	if (++f->done == 10)
		ev_break(f->loop, EVBREAK_ALL);
}

Test(segment, ten_make_the_whole_file)
{
	struct fetching f;

	fetching_prepare(&f, answer_well);
	f.request.done = one_of_many_done;
	for (uint64_t i = 0; i < 10; i++) {
		f.request.first = i * TOTAL / 10;
		f.request.last = (i + 1) * TOTAL / 10 - 1;
		cr_assert_not_null(segment_start(&f.request));
	}
	ev_run(f.loop, 0);
	cr_assert_eq(f.done, 10U);
	assert_in_place(f.fd, 0, TOTAL);
	fetching_end(&f);
}

/* --- tries ------------------------------------------------------------------------------------ */

/* The first request gets a third of it, the second a reset after nothing, the third all. */
static bool answer_in_parts(struct answering *server, int fd, unsigned connection, unsigned request,
			    const char *head)
{
	(void)server;
	(void)connection;
	if (request == 0) {
		send_range(fd, head, 10000);
	} else if (request == 1) {
		answering_reset(fd);
	} else {
		send_range(fd, head, UINT64_MAX);
	}
	return false;
}

Test(segment, goes_on_where_it_was)
{
	struct fetching f;

	fetching_prepare(&f, answer_in_parts);
	fetching_run(&f);
	assert_fetched(&f);
	cr_assert_eq(answering_requested(&f.server), 3U);
	assert_asked(&f, 1, "bytes=40000-59999");
	assert_asked(&f, 2, "bytes=40000-59999");
	cr_assert_eq(strncmp(f.log, "cut short: 10000 of 30000 bytes came; 1\n", 40), 0, "%s",
		     f.log);
	fetching_end(&f);
}

static bool answer_bytewise(struct answering *server, int fd, unsigned connection, unsigned request,
			    const char *head)
{
	(void)server;
	(void)connection;
	(void)request;
	send_range(fd, head, 1);
	return false;
}

Test(segment, every_byte_counts_the_tries_anew)
{
	struct fetching f;

	fetching_prepare(&f, answer_bytewise);
	f.request.tries = 2;
	f.request.last = FIRST + 9;
	fetching_run(&f);
	cr_assert_eq(f.why.class, FAILURE_NONE, "%s", f.why.text);
	cr_assert_eq(answering_requested(&f.server), 10U);
	assert_in_place(f.fd, FIRST, 10);
	fetching_end(&f);
}

Test(segment, of_one_try_ends_with_its_failure)
{
	struct fetching f;

	fetching_prepare(&f, answer_bytewise);
	f.request.tries = 1;
	fetching_run(&f);
	assert_failed(&f, FAILURE_TRUNCATED, "cut short: 1 of 30000 bytes came", 1);
	cr_assert_eq(segment_written(f.segment), 1U);
	cr_assert_str_eq(f.log, "");
	fetching_end(&f);
}

static bool answer_busily(struct answering *server, int fd, unsigned connection, unsigned request,
			  const char *head)
{
	(void)server;
	(void)connection;
	if (request < 2)
		return answering_say(fd, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
	return send_range(fd, head, UINT64_MAX);
}

Test(segment, asks_a_busy_server_again)
{
	struct fetching f;

	fetching_prepare(&f, answer_busily);
	fetching_run(&f);
	assert_fetched(&f);
	cr_assert_str_eq(f.log, "HTTP status 503; 1\nHTTP status 503; 1\n");
	fetching_end(&f);
}

Test(segment, gives_up_on_a_server_that_stays_busy)
{
	struct fetching f;

	fetching_prepare(&f, answer_busily);
	f.request.tries = 2;
	fetching_run(&f);
	assert_failed(&f, FAILURE_HTTP_STATUS, "HTTP status 503", 2);
	fetching_end(&f);
}

static bool answer_later(struct answering *server, int fd, unsigned connection, unsigned request,
			 const char *head)
{
	(void)server;
	(void)connection;
	if (request > 0)
		return send_range(fd, head, UINT64_MAX);
	return answering_say(fd,
			     "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
}

Test(segment, waits_as_long_as_it_is_told)
{
	struct fetching f;

	fetching_prepare(&f, answer_later);
	fetching_run(&f);
	assert_fetched(&f);
	cr_assert_str_eq(f.log, "HTTP status 429; 1000\n");
	fetching_end(&f);
}

Test(segment, waits_longer_each_time_by_itself)
{
	long long first = 0, second = 0;
	struct fetching f;

	fetching_prepare(&f, answer_busily);
	f.request.delay_ms = 0;
	fetching_start(&f);
	while (strchr(f.log, '\n') == strrchr(f.log, '\n'))
		ev_run(f.loop, EVRUN_ONCE);
	cr_assert_eq(
		sscanf(f.log, "HTTP status 503; %lld\nHTTP status 503; %lld\n", &first, &second), 2,
		"%s", f.log);
	cr_assert(first >= 750 && first <= 1000, "%lld", first);
	cr_assert(second >= 1500 && second <= 2000, "%lld", second);
	cr_assert_eq(f.done, 0U);
	fetching_end(&f);
}

Test(segment, waits_as_at_first_after_a_byte)
{
	long long first = 0, second = 0;
	struct fetching f;

	fetching_prepare(&f, answer_bytewise);
	f.request.delay_ms = 0;
	fetching_start(&f);
	while (strchr(f.log, '\n') == strrchr(f.log, '\n'))
		ev_run(f.loop, EVRUN_ONCE);
	cr_assert_eq(sscanf(f.log,
			    "cut short: 1 of 30000 bytes came; %lld\n"
			    "cut short: 1 of 29999 bytes came; %lld\n",
			    &first, &second),
		     2, "%s", f.log);
	cr_assert(first >= 750 && first <= 1000, "%lld", first);
	cr_assert(second >= 750 && second <= 1000, "%lld", second);
	fetching_end(&f);
}

/* The first is never answered. */
static bool answer_the_second(struct answering *server, int fd, unsigned connection,
			      unsigned request, const char *head)
{
	(void)server;
	(void)connection;
	if (request > 0)
		return send_range(fd, head, UINT64_MAX);
	send_range(fd, head, 100);
	answering_hold(fd);
	return false;
}

Test(segment, leaves_a_silent_server)
{
	struct fetching f;

	fetching_prepare(&f, answer_the_second);
	f.request.idle_ms = 300;
	f.request.tries = 20;
	fetching_run(&f);
	assert_fetched(&f);
	assert_asked(&f, 1, "bytes=30100-59999");
	cr_assert_eq(strncmp(f.log, "no byte came for 300ms (--idle-timeout); 1\n", 43), 0, "%s",
		     f.log);
	fetching_end(&f);
}

/* The second request finds the connection closed. */
static bool answer_once_a_connection(struct answering *server, int fd, unsigned connection,
				     unsigned request, const char *head)
{
	(void)server;
	(void)connection;
	if (request == 1)
		return false;
	return send_range(fd, head, UINT64_MAX);
}

Test(segment, does_not_count_a_connection_that_has_died_at_rest)
{
	struct fetching f;

	fetching_prepare(&f, answer_once_a_connection);
	f.request.tries = 1;
	fetching_run(&f);
	segment_free(f.segment);
	f.done = 0;
	fetching_run(&f);
	assert_fetched(&f);
	cr_assert_eq(answering_requested(&f.server), 3U);
	cr_assert_eq(answering_connected(&f.server), 2U);
	cr_assert_str_eq(f.log, "");
	fetching_end(&f);
}

/* Ten connections are left at rest, all used once; from then on each dies when it is asked. */
static bool answer_ten(struct answering *server, int fd, unsigned connection, unsigned request,
		       const char *head)
{
	while (answering_requested(server) < 10)
		usleep(1000);
	return (request < 10 || connection >= 10) && send_range(fd, head, UINT64_MAX);
}

Test(segment, takes_a_new_connection_after_one_that_has_died_at_rest)
{
	struct fetching f;

	fetching_prepare(&f, answer_ten);
	f.request.done = one_of_many_done;
	f.request.tries = 1;
	for (unsigned i = 0; i < 10; i++)
		segment_start(&f.request);
	ev_run(f.loop, 0);
	cr_assert_eq(answering_connected(&f.server), 10U);
	f.request.done = on_done;
	f.done = 0;
	fetching_run(&f);
	assert_fetched(&f);
	cr_assert_eq(answering_requested(&f.server), 12U);
	cr_assert_eq(answering_connected(&f.server), 11U);
	fetching_end(&f);
}

static bool answer_nothing(struct answering *server, int fd, unsigned connection, unsigned request,
			   const char *head)
{
	(void)server;
	(void)fd;
	(void)connection;
	(void)request;
	(void)head;
	return false;
}

Test(segment, tries_again_where_no_answer_came)
{
	struct fetching f;

	fetching_prepare(&f, answer_nothing);
	fetching_run(&f);
	assert_failed(&f, FAILURE_PROTOCOL, "the server closed the connection without an answer",
		      3);
	fetching_end(&f);
}

Test(segment, tries_a_host_again_that_refuses)
{
	int listener = loopback_bound("127.0.0.1", 0);
	char text[64], expected[1100];
	struct failure why = { 0 };
	struct http_origin origin;
	struct fetching f;

	fetching_prepare(&f, answer_nothing);
	origin = f.server.origin;
	origin.port = (int)loopback_port(listener);
	snprintf(text, sizeof(text), "127.0.0.1:%d", origin.port);
	cr_assert(endpoint_parse(&origin.endpoint, text, false, &why));
	f.request.origin = &origin;
	fetching_run(&f);
	cr_assert_eq(f.why.class, FAILURE_CONNECT, "%s", f.why.text);
	snprintf(expected, sizeof(expected), "%s; 1\n%s; 1\n", f.why.text, f.why.text);
	cr_assert_str_eq(f.log, expected);
	close(listener);
	fetching_end(&f);
}

/* --- how a body ends -------------------------------------------------------------------------- */

static bool answer_with_more(struct answering *server, int fd, unsigned connection,
			     unsigned request, const char *head)
{
	(void)server;
	(void)connection;
	(void)request;
	return send_head(fd, head, "Transfer-Encoding: chunked\r\n") &&
	       answering_say(fd, "%x\r\n", LENGTH) && send_bytes(fd, FIRST, LENGTH) &&
	       answering_say(fd, "\r\n1\r\nx\r\n0\r\n\r\n");
}

Test(segment, refuses_more_than_it_asked_for)
{
	struct fetching f;

	fetching_prepare(&f, answer_with_more);
	fetching_run(&f);
	assert_failed(&f, FAILURE_PROTOCOL,
		      "the server sent more than the range that was asked for", 1);
	assert_in_place(f.fd, FIRST, LENGTH);
	fetching_end(&f);
}

/* The first in order, but short; then all. */
static bool answer_short(struct answering *server, int fd, unsigned connection, unsigned request,
			 const char *head)
{
	(void)server;
	(void)connection;
	if (request > 0)
		return send_range(fd, head, UINT64_MAX);
	return send_head(fd, head, "Content-Length: 100\r\n") && send_bytes(fd, FIRST, 100);
}

Test(segment, asks_for_what_a_short_body_left_out)
{
	struct fetching f;

	fetching_prepare(&f, answer_short);
	fetching_run(&f);
	assert_fetched(&f);
	assert_asked(&f, 1, "bytes=30100-59999");
	cr_assert_str_eq(f.log, "the range ended 29900 bytes before it should (bytes 30000-59999); "
				"1\n");
	fetching_end(&f);
}

static bool answer_without_an_end(struct answering *server, int fd, unsigned connection,
				  unsigned request, const char *head)
{
	(void)server;
	(void)connection;
	(void)request;
	send_head(fd, head, "Transfer-Encoding: chunked\r\n");
	answering_say(fd, "%x\r\n", LENGTH);
	send_bytes(fd, FIRST, LENGTH);
	return false;
}

Test(segment, is_there_when_its_bytes_are)
{
	struct fetching f;

	fetching_prepare(&f, answer_without_an_end);
	f.request.tries = 1;
	fetching_run(&f);
	assert_fetched(&f);
	fetching_end(&f);
}

static bool answer_with_garbage_behind(struct answering *server, int fd, unsigned connection,
				       unsigned request, const char *head)
{
	(void)server;
	(void)connection;
	(void)request;
	return send_head(fd, head, "Transfer-Encoding: chunked\r\n") &&
	       answering_say(fd, "%x\r\n", LENGTH) && send_bytes(fd, FIRST, LENGTH) &&
	       answering_say(fd, "garbage\r\n");
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

static bool answer_another(struct answering *server, int fd, unsigned connection, unsigned request,
			   const char *head)
{
	(void)server;
	(void)connection;
	(void)head;
	if (request == 0)
		return send_range(fd, head, 100) && false;
	return answering_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew");
}

Test(segment, ends_when_the_file_has_changed)
{
	struct fetching f;

	fetching_prepare(&f, answer_another);
	fetching_run(&f);
	assert_failed(&f, FAILURE_RESUME,
		      "the server sent the whole file for a range: it has changed, or the server "
		      "does not serve ranges",
		      2);
	assert_in_place(f.fd, FIRST, 100);
	fetching_end(&f);
}

static bool answer_no(struct answering *server, int fd, unsigned connection, unsigned request,
		      const char *head)
{
	(void)server;
	(void)connection;
	(void)request;
	(void)head;
	return answering_say(fd, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
}

Test(segment, ends_with_a_final_status)
{
	struct fetching f;

	fetching_prepare(&f, answer_no);
	fetching_run(&f);
	assert_failed(&f, FAILURE_HTTP_STATUS, "HTTP status 404", 1);
	fetching_end(&f);
}

static bool answer_garbage(struct answering *server, int fd, unsigned connection, unsigned request,
			   const char *head)
{
	(void)server;
	(void)connection;
	(void)request;
	(void)head;
	return answering_say(fd, "SSH-2.0-x\r\n") && false;
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

	fetching_prepare(&f, answer_well);
	f.request.fd = open("/dev/full", O_WRONLY);
	fetching_run(&f);
	assert_failed(&f, FAILURE_OUTPUT, "writing at byte 30000: No space left on device", 1);
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

	fetching_prepare(&f, answer_well);
	f.request.trace = on_trace;
	fetching_run(&f);
	assert_fetched(&f);
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

	fetching_prepare(&f, answer_well);
	free_when(&f, reached_start);
	segment_free(NULL);
}

static bool answer_never(struct answering *server, int fd, unsigned connection, unsigned request,
			 const char *head)
{
	(void)server;
	(void)connection;
	(void)request;
	(void)head;
	answering_hold(fd);
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

	fetching_prepare(&f, answer_the_second);
	free_when(&f, reached_body);
}

Test(segment, can_be_freed_while_it_waits)
{
	struct fetching f;

	fetching_prepare(&f, answer_busily);
	f.request.delay_ms = 60000;
	free_when(&f, reached_wait);
}
