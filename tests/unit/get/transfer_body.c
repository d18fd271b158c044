/* SPDX-License-Identifier: MIT */
/* A body on its way to its file.
 * Holds: a checksum is one of the whole, also of a body that was cut and continued, and a wrong one
 * leaves nothing; a size over the limit is refused by what is announced and by what comes; an ETag
 * is kept for a 200 that is in place alone; a proposed name is taken when asked for; the server's
 * time with --newer; a coding is taken off; a FIFO is waited for without turning in circles; what
 * cannot be written fails. */
#include "get_transferring.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HELLO  "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 5\r\n\r\nhello"
#define TAGGED "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 12\r\n\r\n"
#define REST                                                                                       \
	"HTTP/1.1 206 Part\r\nETag: \"v1\"\r\nContent-Range: bytes 5-11/12\r\n"                    \
	"Content-Length: 7\r\n\r\n, world"
#define MD5_HELLO "5d41402abc4b2a76b9719d911017c592"
#define MD5_WORLD "e4d7f1b4ed2e42d15898f4b27b019da4" /* "hello, world" */

static void prepare(struct transferring *t, const char *first, enum reply_then then,
		    const char *second)
{
	const struct reply replies[] = { { first, then }, { second, REPLY_KEEP }, { 0 } };

	transferring_prepare(t, replies);
}

/* --- checksums ------------------------------------------------------------------- */

static void checked(struct transferring *t, const char *text)
{
	t->options.checksum = digest_find("md5", 3);
	t->options.checksum_text = text;
	transferring_run(t);
}

Test(transfer_body, a_checksum_is_one_of_the_whole)
{
	struct transferring t;

	prepare(&t, HELLO, REPLY_KEEP, NULL);
	checked(&t, MD5_HELLO);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello");
	transferring_end(&t);
	/* Cut, and continued in the same run. */
	prepare(&t, TAGGED "hello", REPLY_CLOSE, REST);
	checked(&t, MD5_WORLD);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello, world");
	transferring_end(&t);
}

Test(transfer_body, a_checksum_is_one_of_the_whole_in_another_run)
{
	struct transferring t;

	prepare(&t, TAGGED "hello", REPLY_CLOSE, REST);
	t.options.retries = 0;
	transferring_run(&t);
	t.options.continuing = true;
	checked(&t, MD5_WORLD);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello, world");
	transferring_end(&t);
}

Test(transfer_body, a_wrong_checksum_leaves_nothing)
{
	struct transferring t;

	prepare(&t, HELLO, REPLY_KEEP, NULL);
	transferring_make_file(&t, "out", "old");
	checked(&t, MD5_WORLD);
	transferring_assert_failed(&t, FAILURE_TRUNCATED,
				   "md5 is " MD5_HELLO ", not " MD5_WORLD " as --checksum says");
	transferring_assert_file(&t, "out", "old");
	transferring_assert_file(&t, "out.part", NULL);
	cr_assert_eq(answering_requested(&t.server), 1U);
	transferring_end(&t);
}

/* --- sizes ------------------------------------------------------------------------- */

static void over(const char *answer, const char *text)
{
	struct transferring t;

	prepare(&t, answer, REPLY_CLOSE, NULL);
	t.options.max_size = 4;
	transferring_run(&t);
	transferring_assert_failed(&t, FAILURE_SIZE, text);
	transferring_assert_file(&t, "out", NULL);
	t.options.max_size = 5;
	transferring_run(&t);
	transferring_assert_done(&t);
	transferring_end(&t);
}

Test(transfer_body, a_body_over_the_limit_is_refused)
{
	over(HELLO, "5 bytes are more than the 4 that --max-size allows");
	over("HTTP/1.1 200 OK\r\n\r\nhello", "more than the 4 bytes that --max-size allows");
	over("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	     "more than the 4 bytes that --max-size allows");
}

/* --- tags, names and times ------------------------------------------------------------- */

static void tag_is(const char *first, enum reply_then then, const char *second, const char *tag)
{
	struct transferring t;
	char etag[100];

	prepare(&t, first, then, second);
	snprintf(etag, sizeof(etag), "%s/etag", t.folder);
	t.options.etag_file = etag;
	transferring_run(&t);
	transferring_assert_file(&t, "etag", tag);
	transferring_end(&t);
}

Test(transfer_body, a_tag_is_kept_of_a_body_in_place)
{
	tag_is(HELLO, REPLY_KEEP, NULL, "\"v1\"");
	tag_is(TAGGED "hello", REPLY_CLOSE, REST, NULL);
	tag_is("HTTP/1.1 404 No\r\nETag: \"v1\"\r\nContent-Length: 0\r\n\r\n", REPLY_KEEP, NULL,
	       NULL);
	tag_is("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 9\r\n\r\n", REPLY_CLOSE, NULL,
	       NULL);
}

Test(transfer_body, a_proposed_name_is_taken_when_asked_for)
{
	struct transferring t;

	prepare(&t,
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
		"Content-Disposition: attachment; filename=\"../named\"\r\n\r\nhello",
		REPLY_KEEP, NULL);
	transferring_run(&t);
	transferring_assert_file(&t, "out", "hello");
	transferring_assert_file(&t, "named", NULL);
	t.output.naming = OUTPUT_DISPOSITION;
	t.output.directory = t.folder;
	transferring_run(&t);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "named", "hello");
	transferring_end(&t);
}

Test(transfer_body, a_newer_file_has_the_servers_time)
{
	struct transferring t;
	struct stat status;

	prepare(&t,
		"HTTP/1.1 200 OK\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		"Content-Length: 5\r\n\r\nhello",
		REPLY_KEEP, NULL);
	transferring_run(&t);
	cr_assert_eq(stat(t.out, &status), 0);
	cr_assert_neq(status.st_mtime, 784111777);
	t.options.newer = true;
	transferring_run(&t);
	cr_assert_eq(stat(t.out, &status), 0);
	cr_assert_eq(status.st_mtime, 784111777);
	transferring_end(&t);
}

/* --- codings ------------------------------------------------------------------------------ */

static bool answer_deflated(const struct answering_request *r)
{
	/* A stored block (RFC 1951, 3.2.4). */
	static const char block[] = "\x01\x05\x00\xfa\xffhello";

	answering_say(r->fd, "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Encoding: deflate\r\n"
			     "Content-Length: 10\r\n\r\n");
	return answering_send(r->fd, block, 10);
}

Test(transfer_body, a_coding_is_taken_off_when_it_was_asked_for)
{
	const struct transfer_report *r;
	struct transferring t;

	transferring_prepare(&t, NULL);
	t.answer = answer_deflated;
	t.options.compressed = true;
	r = transferring_run(&t);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello");
	cr_assert(!r->total_known);
	cr_assert_eq(r->done, 5U);
	cr_assert_eq(r->transferred, 10U);
	cr_assert_not_null(strstr(transferring_field(&t, 0, "Accept-Encoding"), "deflate"));
	t.options.max_size = 4;
	transferring_run(&t);
	transferring_assert_failed(&t, FAILURE_SIZE,
				   "more than the 4 bytes that --max-size allows");
	transferring_end(&t);
}

Test(transfer_body, an_unknown_coding_is_refused)
{
	struct transferring t;

	prepare(&t, "HTTP/1.1 200 OK\r\nContent-Encoding: x\r\nContent-Length: 5\r\n\r\nhello",
		REPLY_KEEP, NULL);
	t.options.compressed = true;
	transferring_run(&t);
	cr_assert_eq(t.why.class, FAILURE_ENCODING);
	t.options.compressed = false;
	transferring_run(&t);
	transferring_assert_done(&t);
	transferring_end(&t);
}

/* --- where it goes --------------------------------------------------------------------------- */

/* Looks for the reader are 20 ms apart, all of them. */
Test(transfer_body, a_fifo_is_waited_for)
{
	struct transferring t;
	unsigned turns = 0;
	clock_t start;
	char text[10] = "";
	int fd;

	prepare(&t, HELLO, REPLY_KEEP, NULL);
	cr_assert_eq(mkfifo(t.out, 0600), 0);
	transferring_start(&t);
	while (answering_requested(&t.server) < 1)
		ev_run(t.loop, EVRUN_ONCE);
	start = clock();
	for (struct timespec now, end = { 0 };; turns++) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (!end.tv_sec)
			end = (struct timespec){ now.tv_sec + 1, now.tv_nsec };
		if (now.tv_sec > end.tv_sec ||
		    (now.tv_sec == end.tv_sec && now.tv_nsec > end.tv_nsec))
			break;
		ev_run(t.loop, EVRUN_ONCE);
	}
	cr_assert(turns < 100, "%u turns of the loop, %ld of the clock", turns,
		  (long)(clock() - start));
	fd = open(t.out, O_RDONLY | O_NONBLOCK);
	transferring_wait(&t);
	transferring_assert_done(&t);
	cr_assert_eq(read(fd, text, sizeof(text)), 5);
	cr_assert_str_eq(text, "hello");
	close(fd);
	transferring_end(&t);
}

Test(transfer_body, what_waits_for_a_reader_can_be_freed)
{
	struct transferring t;

	transferring_prepare(&t, NULL);
	t.answer = answer_deflated;
	t.options.compressed = true;
	cr_assert_eq(mkfifo(t.out, 0600), 0);
	transferring_start(&t);
	while (answering_requested(&t.server) < 1)
		ev_run(t.loop, EVRUN_ONCE);
	transferring_turns(&t);
	transferring_end(&t);
}

Test(transfer_body, what_cannot_be_written_fails_without_another_try)
{
	struct transferring t;

	prepare(&t, HELLO, REPLY_KEEP, NULL);
	t.output.file = "/dev/full";
	transferring_run(&t);
	cr_assert_str_eq(t.why.text, "/dev/full: No space left on device");
	cr_assert_eq(t.why.class, FAILURE_OUTPUT);
	cr_assert_eq(answering_requested(&t.server), 1U);
	transferring_end(&t);
}
