/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_program.c
 * Holds: bytes go both ways; the end closes the program's input, once; who reads no more gets
 * everything taken and dropped, without waiting; splicing begins when 64 KiB went by, never on a
 * terminal or to the deaf; a terminal's EIO is its end, its end of input the end-of-file character,
 * twice in the middle of a line; on a raw one that is known to be lost; other errors are failures.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sockutil/stream/layer_program.h>

/* The program reads input[0] and writes output[1]; or it has the terminal. */
static int input[2], output[2], terminal = -1;
static struct stream *stream;
static struct failure why;

static void set_up(void)
{
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe2(input, O_NONBLOCK), 0);
	cr_assert_eq(pipe2(output, O_NONBLOCK), 0);
	stream = layer_program_new(input[1], output[0], false);
}

static void tear_down(void)
{
	stream_free(stream);
}

static void set_up_terminal(void)
{
	const int master = posix_openpt(O_RDWR | O_NOCTTY);
	struct termios settings;

	cr_assert_geq(master, 0);
	cr_assert_eq(grantpt(master), 0);
	cr_assert_eq(unlockpt(master), 0);
	cr_assert_eq(fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK), 0);
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK);
	cr_assert_geq(terminal, 0);
	tcgetattr(terminal, &settings);
	settings.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(terminal, TCSANOW, &settings);
	stream = layer_program_new(dup(master), master, true);
}

static enum io write_text(const char *text)
{
	size_t n;
	const enum io r = stream_write(stream, text, strlen(text), &n, &why);

	if (r == IO_DONE)
		cr_assert_eq(n, strlen(text));
	return r;
}

static enum io read_some(char *out, size_t size)
{
	size_t n;
	const enum io r = stream_read(stream, out, size - 1, &n, &why);

	out[n] = '\0';
	return r;
}

TestSuite(layer_program, .init = set_up, .fini = tear_down);
TestSuite(layer_program_terminal, .init = set_up_terminal, .fini = tear_down);

Test(layer_program, carries_bytes_both_ways)
{
	char got[32] = { 0 };

	cr_assert_eq(read_some(got, sizeof(got)), IO_AGAIN);
	cr_assert_eq(stream_want(stream, STREAM_READ), STREAM_WANT_READ);
	cr_assert_eq(write_text("in"), IO_DONE);
	cr_assert_eq(read(input[0], got, sizeof(got)), 2);
	cr_assert_eq(write(output[1], "out", 3), 3);
	cr_assert_eq(read_some(got, sizeof(got)), IO_DONE);
	cr_assert_str_eq(got, "out");
	close(output[1]);
	cr_assert_eq(read_some(got, sizeof(got)), IO_END);
	cr_assert_eq(read_some(got, sizeof(got)), IO_END);
	cr_assert_eq(stream_fd(stream, STREAM_READ), output[0]);
	cr_assert_eq(stream_fd(stream, STREAM_WRITE), input[1]);
}

Test(layer_program, the_end_closes_its_input)
{
	char byte;

	cr_assert_eq(stream_end(stream, &why), IO_DONE);
	cr_assert_eq(stream_end(stream, &why), IO_DONE);
	cr_assert_eq(read(input[0], &byte, 1), 0);
	cr_assert_eq(stream_fd(stream, STREAM_WRITE), -1);
	cr_assert_not(layer_program_lost_end(stream));
}

Test(layer_program, a_full_pipe_is_waited_for)
{
	static char block[1 << 20];
	size_t n;

	cr_assert_eq(stream_write(stream, block, sizeof(block), &n, &why), IO_DONE);
	cr_assert_lt(n, sizeof(block));
	cr_assert_eq(stream_write(stream, block, sizeof(block), &n, &why), IO_AGAIN);
	cr_assert_eq(stream_want(stream, STREAM_WRITE), STREAM_WANT_WRITE);
}

Test(layer_program, who_reads_no_more_gets_all_of_it)
{
	close(input[0]);
	for (int i = 0; i < 3; ++i)
		cr_assert_eq(write_text("nobody hears"), IO_DONE);
	cr_assert_eq(stream_want(stream, STREAM_WRITE), 0);
	cr_assert_eq(stream_end(stream, &why), IO_DONE);
	cr_assert_eq(write_text("after the end"), IO_DONE);
}

Test(layer_program, splicing_begins_with_many_bytes)
{
	cr_assert_eq(stream_raw_fd(stream, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(stream, STREAM_WRITE), -1);
	stream_moved(stream, STREAM_READ, 65536);
	cr_assert_eq(stream_raw_fd(stream, STREAM_READ), output[0]);
	cr_assert_eq(stream_raw_fd(stream, STREAM_WRITE), -1);
	stream_moved(stream, STREAM_WRITE, 65535);
	cr_assert_eq(stream_raw_fd(stream, STREAM_WRITE), -1);
	cr_assert_eq(write_text("x"), IO_DONE);
	cr_assert_eq(stream_raw_fd(stream, STREAM_WRITE), input[1]);
	close(input[0]);
	cr_assert_eq(write_text("x"), IO_DONE);
	cr_assert_eq(stream_raw_fd(stream, STREAM_WRITE), -1, "nobody reads");
}

Test(layer_program, other_errors_are_failures)
{
	char byte[2];

	stream_free(stream);
	stream = layer_program_new(open("/dev/null", O_RDONLY), open("/dev/null", O_WRONLY), false);
	cr_assert_eq(read_some(byte, sizeof(byte)), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_INPUT);
	cr_assert_str_eq(why.text, "output of the program: Bad file descriptor");
	cr_assert_eq(write_text("x"), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "input of the program: Bad file descriptor");
}

/* What the program reads from its terminal; an end of file is "". */
static const char *typed(void)
{
	static char text[64];
	const ssize_t n = read(terminal, text, sizeof(text) - 1);

	cr_assert_geq(n, 0, "%s", strerror(errno));
	text[n] = '\0';
	return text;
}

Test(layer_program_terminal, carries_bytes_and_ends_in_order)
{
	char got[32];

	cr_assert_eq(write_text("line\n"), IO_DONE);
	cr_assert_str_eq(typed(), "line\n");
	cr_assert_eq(write(terminal, "out", 3), 3);
	cr_assert_eq(read_some(got, sizeof(got)), IO_DONE);
	cr_assert_str_eq(got, "out");
	stream_moved(stream, STREAM_READ, 1 << 20);
	cr_assert_eq(stream_raw_fd(stream, STREAM_READ), -1);
	cr_assert_eq(stream_end(stream, &why), IO_DONE);
	cr_assert_str_eq(typed(), "");
	cr_assert_not(layer_program_lost_end(stream));
	close(terminal);
	cr_assert_eq(read_some(got, sizeof(got)), IO_END);
}

Test(layer_program_terminal, the_end_in_the_middle_of_a_line)
{
	cr_assert_eq(write_text("two\nbegun"), IO_DONE);
	cr_assert_eq(stream_end(stream, &why), IO_DONE);
	cr_assert_str_eq(typed(), "two\n");
	cr_assert_str_eq(typed(), "begun");
	cr_assert_str_eq(typed(), "");
	cr_assert_eq(stream_end(stream, &why), IO_DONE);
}

Test(layer_program_terminal, on_a_raw_one_the_end_is_lost)
{
	struct termios settings;

	tcgetattr(terminal, &settings);
	cfmakeraw(&settings);
	tcsetattr(terminal, TCSANOW, &settings);
	cr_assert_not(layer_program_lost_end(stream), "it has not ended yet");
	cr_assert_eq(stream_end(stream, &why), IO_DONE);
	cr_assert_str_eq(typed(), "\4");
	cr_assert(layer_program_lost_end(stream));
}
