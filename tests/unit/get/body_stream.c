/* SPDX-License-Identifier: MIT */
/* tests/unit/get/body_stream.c
 * Holds: pieces come one after the other, in reads of any size; each opening starts anew; a file at
 * its turn is the raw descriptor, for as many bytes as it has left, and what the kernel moved
 * counts; a file that became shorter or longer, before or while it is sent, or is none any more, is
 * a failure, and its last byte is not the end of a body that is not what was announced; a stream
 * waits as its descriptor does and is raw; a FIFO waits for its writer; every descriptor is closed.
 */
#include "get_folder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/get/body_parts.h>

static struct failure why;
static struct get_body *body;
static struct stream *s;
static unsigned descriptors;

static void begin(void)
{
	folder_begin();
	descriptors = folder_descriptors();
}

static void end(void)
{
	stream_free(s);
	get_body_free(body);
	cr_assert_eq(folder_descriptors(), descriptors);
	folder_end();
}

TestSuite(body_stream, .init = begin, .fini = end);

/* "text&FILE&end", opened. */
static void open_mixed(const char *file)
{
	char at[200];
	const char *pieces[] = { "text", at, "end" };

	folder_put("f", file);
	snprintf(at, sizeof at, "@%s", folder_path("f"));
	body = get_body_data(pieces, 3, &why);
	s = get_body_open(body, &why);
	cr_assert(s, "%s", why.text);
}

static void open_upload(const char *file)
{
	folder_put("f", file);
	body = get_body_upload(folder_path("f"), &why);
	s = get_body_open(body, &why);
	cr_assert(s, "%s", why.text);
}

static enum io get(size_t most, const char *expected)
{
	char bytes[100] = "";
	size_t n;
	enum io r = stream_read(s, bytes, most, &n, &why);

	cr_assert_eq(n, strlen(expected));
	cr_assert_str_eq(bytes, expected);
	return r;
}

static void fails(const char *rest)
{
	char text[300];

	cr_assert_eq(get(50, ""), IO_FAILED);
	snprintf(text, sizeof text, "%s: %s", folder_path("f"), rest);
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(why.class, FAILURE_INPUT);
}

Test(body_stream, pieces_come_one_after_the_other)
{
	open_mixed("file");
	cr_assert_eq(get(2, "te"), IO_DONE);
	cr_assert_eq(get(50, "xt&"), IO_DONE);
	cr_assert_eq(get(3, "fil"), IO_DONE);
	cr_assert_eq(get(50, "e"), IO_DONE);
	cr_assert_eq(get(50, "&end"), IO_DONE);
	cr_assert_eq(get(50, ""), IO_END);
	cr_assert_eq(get(50, ""), IO_END);
	cr_assert_eq(stream_want(s, STREAM_READ), 0);
}

Test(body_stream, each_opening_starts_anew)
{
	struct stream *first;

	open_upload("file");
	first = s;
	cr_assert_eq(get(2, "fi"), IO_DONE);
	s = get_body_open(body, &why);
	cr_assert_eq(get(50, "file"), IO_DONE);
	stream_free(s);
	s = first;
	cr_assert_eq(get(50, "le"), IO_DONE);
}

Test(body_stream, a_file_at_its_turn_is_raw)
{
	char bytes[10];
	int fd;

	open_mixed("file");
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
	cr_assert_eq(stream_raw_most(s, STREAM_READ), 0);
	cr_assert_eq(get(50, "text&"), IO_DONE);
	cr_assert_eq(get(1, "f"), IO_DONE);
	fd = stream_raw_fd(s, STREAM_READ);
	cr_assert_geq(fd, 0);
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), -1);
	cr_assert_eq(stream_raw_most(s, STREAM_READ), 3);
	cr_assert_eq(stream_raw_most(s, STREAM_WRITE), UINT64_MAX);
	cr_assert_eq(read(fd, bytes, 2), 2);
	stream_moved(s, STREAM_WRITE, 9);
	stream_moved(s, STREAM_READ, 2);
	cr_assert_eq(stream_raw_most(s, STREAM_READ), 1);
	cr_assert_eq(read(fd, bytes, 1), 1);
	stream_moved(s, STREAM_READ, 1);
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
	cr_assert_eq(get(50, "&end"), IO_DONE);
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
}

Test(body_stream, a_single_file_is_raw_from_the_start)
{
	open_upload("file");
	cr_assert_geq(stream_raw_fd(s, STREAM_READ), 0);
	cr_assert_eq(stream_raw_most(s, STREAM_READ), 4);
}

Test(body_stream, an_empty_file_is_nothing)
{
	open_mixed("");
	cr_assert_eq(get(50, "text&"), IO_DONE);
	cr_assert_eq(get(50, "&end"), IO_DONE);
	cr_assert_eq(get(50, ""), IO_END);
	stream_free(s);
	get_body_free(body);
	open_upload("");
	cr_assert_eq(get(50, ""), IO_END);
}

Test(body_stream, a_file_that_has_another_size_is_not_begun)
{
	open_mixed("file");
	cr_assert_eq(get(50, "text&"), IO_DONE);
	folder_put("f", "longer");
	fails("has 6 bytes now, it had 4 when its size was taken");
}

Test(body_stream, a_file_that_became_longer)
{
	open_upload("file");
	cr_assert_eq(get(2, "fi"), IO_DONE);
	folder_put("f", "files");
	cr_assert_eq(get(50, "le"), IO_DONE);
	fails("has 5 bytes now, it had 4 when its size was taken");
}

Test(body_stream, a_file_that_became_shorter)
{
	open_upload("file");
	cr_assert_eq(get(2, "fi"), IO_DONE);
	folder_put("f", "fi");
	fails("has 2 bytes now, it had 4 when its size was taken");
}

Test(body_stream, a_file_that_is_none_any_more)
{
	open_mixed("file");
	cr_assert_eq(get(50, "text&"), IO_DONE);
	unlink(folder_path("f"));
	fails("No such file or directory");
	cr_assert_eq(mkfifo(folder_path("f"), 0666), 0);
	fails("is no regular file any more");
}

Test(body_stream, a_stream_waits_as_its_descriptor_does)
{
	int ends[2], was = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	body = get_body_upload("-", &why);
	s = get_body_open(body, &why);
	cr_assert(s);
	cr_assert_eq(get(50, ""), IO_AGAIN);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_READ);
	cr_assert_geq(stream_fd(s, STREAM_READ), 0);
	cr_assert_eq(write(ends[1], "abc", 3), 3);
	cr_assert_eq(get(2, "ab"), IO_DONE);
	cr_assert_geq(stream_raw_fd(s, STREAM_READ), 0);
	cr_assert_eq(stream_raw_most(s, STREAM_READ), UINT64_MAX);
	stream_moved(s, STREAM_READ, 1);
	cr_assert_eq(get(50, "c"), IO_DONE);
	close(ends[1]);
	cr_assert_eq(get(50, ""), IO_END);
	dup2(was, STDIN_FILENO);
	close(was);
}

Test(body_stream, a_fifo_waits_for_its_writer)
{
	int writer;

	cr_assert_eq(mkfifo(folder_path("f"), 0666), 0);
	body = get_body_upload(folder_path("f"), &why);
	s = get_body_open(body, &why);
	cr_assert_eq(get(50, ""), IO_AGAIN);
	writer = open(folder_path("f"), O_WRONLY | O_NONBLOCK);
	cr_assert_eq(write(writer, "abc", 3), 3);
	close(writer);
	cr_assert_eq(get(50, "abc"), IO_DONE);
	cr_assert_eq(get(50, ""), IO_END);
}

Test(body_stream, a_fifo_that_has_gone)
{
	cr_assert_eq(mkfifo(folder_path("f"), 0666), 0);
	body = get_body_upload(folder_path("f"), &why);
	unlink(folder_path("f"));
	cr_assert_eq(get_body_open(body, &why), NULL);
	cr_assert_eq(why.class, FAILURE_INPUT);
}
