/* SPDX-License-Identifier: MIT */
/* get_fetching.c - one segment of a file that a server of the test has. */
#include "get_fetching.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char fetching_byte(uint64_t offset)
{
	return (char)((offset * 2654435761U) >> 13);
}

bool fetching_send_bytes(int fd, uint64_t first, uint64_t length)
{
	char block[16 * 1024];

	while (length > 0) {
		size_t n = length < sizeof(block) ? (size_t)length : sizeof(block);

		for (size_t i = 0; i < n; i++)
			block[i] = fetching_byte(first + i);
		if (!answering_send(fd, block, n))
			return false;
		first += n;
		length -= n;
	}
	return true;
}

bool fetching_send_head(const struct answering_request *r, const char *fields)
{
	uint64_t first, last;

	cr_assert(answering_range(r->head, &first, &last));
	return answering_say(r->fd,
			     "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %llu-%llu/%d\r\n"
			     "ETag: \"v1\"\r\n%s\r\n",
			     (unsigned long long)first, (unsigned long long)last, FETCHING_TOTAL,
			     fields);
}

bool fetching_send_range(const struct answering_request *r, uint64_t most)
{
	uint64_t first, last, length;
	char fields[64];

	cr_assert(answering_range(r->head, &first, &last));
	length = last - first + 1;
	snprintf(fields, sizeof(fields), "Content-Length: %llu\r\n", (unsigned long long)length);
	return fetching_send_head(r, fields) &&
	       fetching_send_bytes(r->fd, first, length < most ? length : most);
}

/* --- a segment with its owner --- */

void fetching_done(void *data, struct segment *s, const struct failure *why)
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

void fetching_one_done(void *data, struct segment *s, const struct failure *why)
{
	struct fetching *f = data;

	segment_free(s);
	cr_assert_eq(why->class, FAILURE_NONE, "%s", why->text);
	if (++f->done == 10)
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
	cr_assert_eq(ftruncate(fd, FETCHING_TOTAL), 0);
	return fd;
}

void fetching_prepare(struct fetching *f, answering_function *answer)
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
	f->validator = (struct validator){ .etag = "\"v1\"", .total = FETCHING_TOTAL };
	f->request = (struct segment_request){
		.loop = f->loop,
		.pool = f->pool,
		.origin = &f->server.origin,
		.request = &f->whole,
		.validator = &f->validator,
		.first = FETCHING_FIRST,
		.last = FETCHING_LAST,
		.fd = f->fd,
		.tries = 3,
		.delay_ms = 1,
		.done = fetching_done,
		.retrying = on_retrying,
		.data = f,
	};
}

void fetching_start(struct fetching *f)
{
	f->segment = segment_start(&f->request);
}

void fetching_run(struct fetching *f)
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

void fetching_end(struct fetching *f)
{
	segment_free(f->segment);
	cr_assert_eq(count_open(f->fd), 1);
	http_pool_free(f->pool);
	answering_stop(&f->server);
	ev_loop_destroy(f->loop);
	close(f->fd);
}

void fetching_assert_bytes(int fd, uint64_t first, uint64_t length)
{
	char *bytes = calloc(1, FETCHING_TOTAL + 1);
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_eq(st.st_size, FETCHING_TOTAL);
	cr_assert_eq(pread(fd, bytes, FETCHING_TOTAL + 1, 0), FETCHING_TOTAL);
	for (uint64_t i = 0; i < FETCHING_TOTAL; i++) {
		bool inside = i >= first && i < first + length;

		cr_assert_eq(bytes[i], inside ? fetching_byte(i) : 0, "at byte %llu",
			     (unsigned long long)i);
	}
	free(bytes);
}

void fetching_assert_all(struct fetching *f)
{
	cr_assert_eq(f->why.class, FAILURE_NONE, "%s", f->why.text);
	cr_assert_eq(segment_written(f->segment), (uint64_t)FETCHING_LENGTH);
	fetching_assert_bytes(f->fd, FETCHING_FIRST, FETCHING_LENGTH);
}

void fetching_assert_failed(struct fetching *f, enum failure_class class, const char *text,
			    unsigned requests)
{
	cr_assert_str_eq(f->why.text, text);
	cr_assert_eq(f->why.class, class);
	cr_assert_eq(answering_requested(&f->server), requests);
}

void fetching_assert_asked(struct fetching *f, unsigned request, const char *range)
{
	char text[100] = "";

	cr_assert_not_null(answering_head(&f->server, request));
	answering_field(answering_head(&f->server, request), "Range", text, sizeof(text));
	cr_assert_str_eq(text, range);
}

/* --- answers --- */

bool fetching_answer(const struct answering_request *r)
{
	return fetching_send_range(r, UINT64_MAX);
}

bool fetching_answer_busily(const struct answering_request *r)
{
	if (r->number < 2)
		return answering_say(r->fd, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
	return fetching_send_range(r, UINT64_MAX);
}

bool fetching_answer_second(const struct answering_request *r)
{
	if (r->number > 0)
		return fetching_send_range(r, UINT64_MAX);
	fetching_send_range(r, 100);
	answering_hold(r->fd);
	return false;
}
