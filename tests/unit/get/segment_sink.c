/* SPDX-License-Identifier: MIT */
/* A place in a file as a stream to write to.
 * Holds: bytes land at the offset and nowhere else, by writing and in the kernel, in turn; the
 * given descriptor keeps its position; two places of one file do not disturb each other; what is
 * left is said and one byte more is refused before anything of it is written; a failure names the
 * byte; a file that cannot be opened anew is written all the same. */
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/get/segment_parts.h>
#include <sockutil/relay/pump.h>
#include <sockutil/stream/layer_socket.h>

/* Twelve bytes, and the position at the third. */
static int file_make(void)
{
	char name[] = "/tmp/segment.XXXXXX";
	int fd = mkstemp(name);

	cr_assert(fd >= 0);
	unlink(name);
	cr_assert_eq(write(fd, "------------", 12), 12);
	cr_assert_eq(lseek(fd, 3, SEEK_SET), 3);
	return fd;
}

static void assert_file(int fd, const char *text)
{
	char bytes[64] = "";

	cr_assert_eq(lseek(fd, 0, SEEK_CUR), 3, "the position has moved");
	cr_assert(pread(fd, bytes, sizeof(bytes) - 1, 0) >= 0);
	cr_assert_str_eq(bytes, text);
}

static void put(struct segment_sink *sink, const char *text)
{
	struct failure why = { 0 };
	size_t n;

	cr_assert_eq(stream_write(&sink->stream, text, strlen(text), &n, &why), IO_DONE, "%s",
		     why.text);
	cr_assert_eq(n, strlen(text));
}

Test(segment_sink, writes_at_its_offset)
{
	struct segment_sink sink;
	int fd = file_make();

	segment_sink_init(&sink, fd, 4, 6);
	put(&sink, "ab");
	put(&sink, "c");
	cr_assert_eq(sink.offset, 7U);
	cr_assert_eq(sink.left, 3U);
	cr_assert_eq(stream_raw_most(&sink.stream, STREAM_WRITE), 3U);
	assert_file(fd, "----abc-----");
	segment_sink_close(&sink);
	close(fd);
}

Test(segment_sink, writes_without_a_description_of_its_own)
{
	struct segment_sink sink;
	int fd = file_make();

	segment_sink_init(&sink, fd, 4, 6);
	segment_sink_close(&sink);
	cr_assert_eq(stream_raw_fd(&sink.stream, STREAM_WRITE), -1);
	put(&sink, "ab");
	put(&sink, "c");
	assert_file(fd, "----abc-----");
	close(fd);
}

Test(segment_sink, two_places_of_a_file_are_apart)
{
	struct segment_sink one, two;
	int fd = file_make();

	segment_sink_init(&one, fd, 0, 6);
	segment_sink_init(&two, fd, 6, 6);
	put(&two, "de");
	put(&one, "ab");
	put(&two, "f");
	put(&one, "c");
	assert_file(fd, "abc---def---");
	segment_sink_close(&one);
	segment_sink_close(&two);
	close(fd);
}

Test(segment_sink, takes_one_piece_of_several)
{
	const struct iovec pieces[] = { { "", 0 }, { "ab", 2 }, { "cd", 2 } };
	struct failure why = { 0 };
	struct segment_sink sink;
	int fd = file_make();
	size_t n;

	segment_sink_init(&sink, fd, 0, 12);
	cr_assert_eq(stream_writev(&sink.stream, pieces, 3, &n, &why), IO_DONE);
	cr_assert_eq(n, 2U);
	assert_file(fd, "ab----------");
	segment_sink_close(&sink);
	close(fd);
}

Test(segment_sink, refuses_what_is_too_much)
{
	struct failure why = { 0 };
	struct segment_sink sink;
	int fd = file_make();
	size_t n;

	segment_sink_init(&sink, fd, 0, 3);
	cr_assert_eq(stream_write(&sink.stream, "abcd", 4, &n, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, "the server sent more than the range that was asked for");
	assert_file(fd, "------------");
	put(&sink, "abc");
	cr_assert_eq(stream_raw_most(&sink.stream, STREAM_WRITE), 0U);
	assert_file(fd, "abc---------");
	segment_sink_close(&sink);
	close(fd);
}

Test(segment_sink, names_the_byte_that_cannot_be_written)
{
	struct failure why = { 0 };
	struct segment_sink sink;
	int fd = open("/dev/full", O_WRONLY);
	size_t n;

	segment_sink_init(&sink, fd, 77, 3);
	cr_assert_eq(stream_write(&sink.stream, "abc", 3, &n, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "writing at byte 77: No space left on device");
	segment_sink_close(&sink);
	close(fd);
}

/* What is left bounds what the kernel moves; the byte behind it is met by a write. */
Test(segment_sink, takes_bytes_in_the_kernel_and_by_writing)
{
	struct segment_sink sink;
	struct stream *socket;
	struct pump pump;
	int fd = file_make();
	int pair[2];

	sockets_tcp_pair(pair);
	socket = layer_socket_new(pair[0], true);
	segment_sink_init(&sink, fd, 2, 6);
	pump_init(&pump, socket, &sink.stream);
	put(&sink, "a");
	sockets_give(pair[1], "bcd", 3);
	cr_assert(sockets_wait(pair[0], POLLIN));
	pump_run(&pump);
	cr_assert_eq(pump.state, PUMP_RUNNING);
	put(&sink, "e");
	assert_file(fd, "--abcde-----");
	sockets_give(pair[1], "fg", 2);
	cr_assert(sockets_wait(pair[0], POLLIN));
	pump_run(&pump);
	cr_assert_eq(pump.state, PUMP_FAILED);
	cr_assert_str_eq(pump.failure->text,
			 "the server sent more than the range that was asked for");
	cr_assert(pump.failed_at_to);
	assert_file(fd, stream_raw_fd(&sink.stream, STREAM_WRITE) >= 0 ? "--abcdef----"
								       : "--abcde-----");
	pump_free(&pump);
	segment_sink_close(&sink);
	stream_free(socket);
	close(pair[1]);
	close(fd);
}
