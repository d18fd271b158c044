/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_stdio.c
 * Holds: two descriptors are one stream; flags of what was inherited never change, before, while
 * and after; a slow reader is waited for; a regular file and /dev/null are always ready; an end
 * of input is told again and again, a terminal's too; failures name the descriptor and have
 * their class, a gone reader its own; end closes the output, tells what close says, keeps number
 * 1 taken, and what is read is not touched by it; an output that was closed at start takes
 * nothing and says so; what may be spliced; kinds are told through a stack; a side that does not
 * exist. */
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/net/process.h>
#include <sockutil/stream/layer_crlf.h>
#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/layer_stdio.h>

static struct failure why;
static int in[2], out[2]; /* pipes: the stream reads in[0] and writes out[1] */
static struct stream *s;

static void over_pipes(void)
{
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(in), 0);
	cr_assert_eq(pipe(out), 0);
	s = layer_stdio_new(in[0], out[1], "standard input", "standard output");
}

static struct stream *over(int input, int output)
{
	return layer_stdio_new(input, output, "the input", "the output");
}

static int temporary(void)
{
	char path[] = "/tmp/layer_stdio_XXXXXX";
	int fd = mkstemp(path);

	cr_assert(fd >= 0);
	unlink(path);
	return fd;
}

static enum io write_byte(struct stream *stream)
{
	size_t n;

	return stream_write(stream, "x", 1, &n, &why);
}

static enum io read_byte(struct stream *stream)
{
	char byte;
	size_t n;

	return stream_read(stream, &byte, 1, &n, &why);
}

static bool blocking(int fd)
{
	return !(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

Test(layer_stdio, two_pipes_are_one_stream, .init = over_pipes)
{
	char bytes[8];
	size_t n;

	sockets_give(in[1], "abc", 3);
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_eq(n, 3);
	cr_assert_arr_eq(bytes, "abc", 3);
	cr_assert_eq(read_byte(s), IO_AGAIN);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_READ);
	cr_assert_eq(stream_write(s, "out", 3, &n, &why), IO_DONE);
	cr_assert_eq(n, 3);
	cr_assert_eq(stream_settle(s, &why), IO_DONE);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(sockets_drain(out[0], bytes, sizeof bytes), 3);
	cr_assert_arr_eq(bytes, "out", 3);
	close(in[1]);
	cr_assert_eq(read_byte(s), IO_END);
	cr_assert_eq(read_byte(s), IO_END);
	cr_assert(blocking(in[0]));
	stream_free(s);
	cr_assert_eq(fcntl(in[0], F_GETFD), -1);
}

Test(layer_stdio, a_slow_reader_is_waited_for_and_flags_never_change, .init = over_pipes)
{
	static char bytes[1 << 20];
	char *back = malloc(sizeof bytes);
	size_t written = 0, taken = 0, n;
	int reader = out[0], seen = dup(out[1]);

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7 >> 3);
	cr_assert_eq(fcntl(reader, F_SETFL, O_NONBLOCK), 0);
	while (written < sizeof bytes) {
		enum io r = stream_write(s, bytes + written, sizeof bytes - written, &n, &why);
		ssize_t got;

		cr_assert(blocking(seen));
		written += n;
		if (r == IO_DONE)
			continue;
		cr_assert_eq(r, IO_AGAIN);
		cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_WRITE);
		got = read(reader, back + taken, 10000);
		cr_assert(got > 0);
		taken += (size_t)got;
	}
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert(blocking(seen));
	close(seen);
	taken += sockets_drain(reader, back + taken, sizeof bytes - taken);
	cr_assert_eq(taken, sizeof bytes);
	cr_assert_eq(memcmp(bytes, back, sizeof bytes), 0);
	stream_free(s);
	free(back);
}

Test(layer_stdio, an_inherited_non_blocking_pipe_is_waited_for)
{
	static const char bytes[1 << 17];
	int pair[2];
	size_t n, total = 0;

	cr_assert_eq(pipe(pair), 0);
	cr_assert_eq(fcntl(pair[1], F_SETFL, O_NONBLOCK), 0);
	s = over(-1, pair[1]);
	while (stream_write(s, bytes, sizeof bytes, &n, &why) == IO_DONE)
		total += n;
	cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_WRITE);
	cr_assert_eq(stream_fd(s, STREAM_WRITE), pair[1]);
	cr_assert(!blocking(pair[1]));
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(sockets_drain(pair[0], NULL, 0), total);
	stream_free(s);
	close(pair[0]);
}

Test(layer_stdio, a_gone_reader_has_its_own_class, .init = over_pipes)
{
	close(out[0]);
	cr_assert_eq(write_byte(s), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_READER_GONE);
	cr_assert_eq(why.error, EPIPE);
	cr_assert_str_eq(why.text, "standard output: Broken pipe");
	stream_free(s);
}

Test(layer_stdio, a_full_disk_is_an_output_failure)
{
	s = layer_stdio_new(-1, open("/dev/full", O_WRONLY), NULL, "standard output");
	cr_assert_eq(write_byte(s), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "standard output: No space left on device");
	stream_free(s);
}

Test(layer_stdio, a_directory_is_an_input_failure)
{
	s = over(open("/tmp", O_RDONLY), -1);
	cr_assert_eq(read_byte(s), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_INPUT);
	cr_assert_str_eq(why.text, "the input: Is a directory");
	stream_free(s);
}

Test(layer_stdio, a_file_is_always_ready)
{
	int file = temporary();
	char bytes[8];
	size_t n;

	s = over(-1, file);
	cr_assert_eq(stream_want(s, STREAM_WRITE), 0);
	cr_assert_eq(stream_fd(s, STREAM_WRITE), file);
	cr_assert_eq(stream_write(s, "abc", 3, &n, &why), IO_DONE);
	cr_assert_eq(lseek(file, 0, SEEK_SET), 0);
	file = dup(file);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	stream_free(s);
	s = over(file, -1);
	cr_assert_eq(stream_want(s, STREAM_READ), 0);
	cr_assert_eq(stream_read(s, bytes, 8, &n, &why), IO_DONE);
	cr_assert_eq(n, 3);
	cr_assert_eq(read_byte(s), IO_END);
	stream_free(s);
}

Test(layer_stdio, a_side_that_is_not_there)
{
	s = over(-1, -1);
	cr_assert_eq(read_byte(s), IO_END);
	cr_assert_eq(stream_fd(s, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
	cr_assert_eq(stream_want(s, STREAM_READ), 0);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(layer_stdio_kind(s, STREAM_WRITE), STDIO_NONE);
	stream_free(s);
}

Test(layer_stdio, end_closes_the_output_and_nothing_is_written_after, .init = over_pipes)
{
	char byte;

	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(read(out[0], &byte, 1), 0);
	cr_assert_eq(fcntl(out[1], F_GETFD), -1);
	cr_assert_eq(write_byte(s), IO_FAILED);
	cr_assert_str_eq(why.text, "standard output: Bad file descriptor");
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), -1);
	sockets_give(in[1], "x", 1);
	cr_assert_eq(read_byte(s), IO_DONE);
	stream_free(s);
}

Test(layer_stdio, end_keeps_number_1_taken, .init = over_pipes)
{
	int saved = dup(STDOUT_FILENO);
	struct stat now, null;
	char byte;

	cr_assert_eq(dup2(out[1], STDOUT_FILENO), STDOUT_FILENO);
	close(out[1]);
	stream_free(s);
	s = layer_stdio_new(-1, STDOUT_FILENO, NULL, "standard output");
	cr_assert_eq(write_byte(s), IO_DONE);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(read(out[0], &byte, 1), 1);
	cr_assert_eq(read(out[0], &byte, 1), 0);
	cr_assert_eq(fstat(STDOUT_FILENO, &now), 0);
	cr_assert_eq(stat("/dev/null", &null), 0);
	cr_assert_eq(now.st_rdev, null.st_rdev);
	stream_free(s);
	cr_assert_eq(fcntl(STDOUT_FILENO, F_GETFD), 0);
	dup2(saved, STDOUT_FILENO);
}

Test(layer_stdio, a_standard_output_closed_at_start_takes_nothing)
{
	close(STDOUT_FILENO);
	process_start();
	s = layer_stdio_new(-1, STDOUT_FILENO, NULL, "standard output");
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), -1);
	cr_assert_eq(write_byte(s), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "standard output: Bad file descriptor");
	cr_assert_eq(stream_end(s, &why), IO_DONE, "an end without a byte loses nothing");
	stream_free(s);
}

Test(layer_stdio, standard_input_is_not_closed)
{
	s = over(STDIN_FILENO, -1);
	stream_free(s);
	cr_assert(fcntl(STDIN_FILENO, F_GETFD) >= 0);
}

Test(layer_stdio, one_socket_for_both_is_half_closed)
{
	int pair[2];
	char byte;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	s = over(pair[0], pair[0]);
	cr_assert_eq(write_byte(s), IO_DONE);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(read(pair[1], &byte, 1), 1);
	cr_assert_eq(read(pair[1], &byte, 1), 0);
	sockets_give(pair[1], "x", 1);
	cr_assert_eq(read_byte(s), IO_DONE);
	stream_free(s);
	cr_assert_eq(fcntl(pair[0], F_GETFD), -1);
	close(pair[1]);
}

Test(layer_stdio, a_terminal_ends_once_and_for_all)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	int slave;
	char bytes[8];
	size_t n;

	cr_assert_eq(grantpt(master), 0);
	cr_assert_eq(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	s = over(slave, dup(slave));
	cr_assert_eq(layer_stdio_kind(s, STREAM_READ), STDIO_TERMINAL);
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), -1);
	cr_assert_eq(read_byte(s), IO_AGAIN);
	sockets_give(master, "hi\n\4", 4);
	cr_assert(sockets_wait(stream_fd(s, STREAM_READ), POLLIN));
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_eq(n, 3);
	cr_assert_eq(read_byte(s), IO_END);
	sockets_give(master, "more\n", 5);
	cr_assert_eq(read_byte(s), IO_END);
	cr_assert(blocking(slave));
	stream_free(s);
	close(master);
}

static void assert_raw(int fd, enum stream_side side, bool expected)
{
	s = side == STREAM_READ ? over(fd, -1) : over(-1, fd);
	cr_assert_eq(stream_raw_fd(s, side), expected ? stream_fd(s, side) : -1);
	stream_free(s);
}

Test(layer_stdio, what_may_be_spliced)
{
	int pair[2];

	assert_raw(temporary(), STREAM_READ, true);
	assert_raw(temporary(), STREAM_WRITE, true);
	assert_raw(open("/dev/null", O_RDWR), STREAM_READ, false);
	assert_raw(open("/dev/null", O_RDWR), STREAM_WRITE, true);
	assert_raw(open("/dev/zero", O_RDWR), STREAM_READ, false);
	cr_assert_eq(pipe(pair), 0);
	assert_raw(pair[1], STREAM_WRITE, true);
	close(pair[0]);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_raw(pair[0], STREAM_WRITE, false);
	assert_raw(pair[1], STREAM_READ, false);
}

/* Only once a byte has come is it sure that somebody has opened it for writing. */
Test(layer_stdio, a_pipe_that_has_begun_may_be_spliced)
{
	int pair[2];

	cr_assert_eq(pipe(pair), 0);
	s = over(pair[0], -1);
	sockets_give(pair[1], "x", 1);
	cr_assert_eq(read_byte(s), IO_DONE);
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), stream_fd(s, STREAM_READ));
	stream_free(s);
	close(pair[1]);
}

Test(layer_stdio, an_appending_file_is_written_not_spliced)
{
	int file = temporary();

	cr_assert_eq(fcntl(file, F_SETFL, O_APPEND), 0);
	assert_raw(file, STREAM_WRITE, false);
}

Test(layer_stdio, splice_failures_in_its_words, .init = over_pipes)
{
	struct stream *top = layer_crlf_new(s);

	cr_assert_eq(layer_stdio_kind(top, STREAM_READ), STDIO_PIPE);
	cr_assert_eq(layer_socket_failed(top, STREAM_WRITE, EAGAIN, &why), IO_AGAIN);
	cr_assert_eq(layer_socket_failed(top, STREAM_WRITE, EPIPE, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_READER_GONE);
	cr_assert_eq(layer_socket_failed(top, STREAM_READ, EIO, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_INPUT);
	cr_assert_str_eq(why.text, "standard input: Input/output error");
	stream_free(top);
	top = layer_crlf_new(NULL);
	cr_assert_eq(layer_stdio_kind(top, STREAM_READ), STDIO_NONE);
	cr_assert_eq(layer_stdio_failed(top, STREAM_READ, EIO, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "crlf: Input/output error");
	stream_free(top);
}
