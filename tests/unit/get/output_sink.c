/* SPDX-License-Identifier: MIT */
/* tests/unit/get/output_sink.c
 * Holds: bytes go to the file's position and are counted, those that were moved past it too;
 * /dev/full, the size limit and a closed descriptor are failures that name the file; ending it
 * closes nothing; its descriptor is the raw one. Over another stream: everything passes, also its
 * waiting, its failures and its raw descriptor; a terminal gets text, whole or in pieces, and
 * nothing with a NUL or malformed UTF-8 in its first 2 KiB, of which nothing is written then; what
 * it did not take is looked at again. Standard output is one stream for all, and closing it says
 * what its close says. */
#include "get_folder.h"
#include "output_faults.h"
#include "relay_played.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sockutil/get/output_parts.h>
#include <sockutil/stream/layer_stdio.h>

static struct output_sink sink;
static struct played below;
static struct failure why;
static int fd;

static void over_file(void)
{
	folder_begin();
	fd = open(folder_path("f"), O_RDWR | O_CREAT, 0666);
	cr_assert(fd >= 0);
	output_sink_file(&sink, fd, 0, "the file");
}

static void over_played(void)
{
	played_init(&below);
	output_sink_over(&sink, &below.stream, false);
}

static void over_terminal(void)
{
	played_init(&below);
	output_sink_over(&sink, &below.stream, true);
}

static enum io put(const char *bytes, size_t length)
{
	size_t n;

	return stream_write(&sink.stream, bytes, length, &n, &why);
}

static void took(const char *text)
{
	cr_assert_str_eq(buffer_text(&below.took), text);
}

Test(output_sink, bytes_go_to_the_file, .init = over_file, .fini = folder_end)
{
	struct iovec two[] = { { "ab", 2 }, { "cde", 3 } };
	size_t n;

	cr_assert_eq(stream_writev(&sink.stream, two, 2, &n, &why), IO_DONE);
	cr_assert_eq(n, 5);
	cr_assert_eq(put("f", 1), IO_DONE);
	cr_assert_eq(sink.written, 6);
	cr_assert_str_eq(folder_get("f"), "abcdef");
	cr_assert_eq(stream_want(&sink.stream, STREAM_WRITE), 0);
}

Test(output_sink, what_the_kernel_moves_counts, .init = over_file, .fini = folder_end)
{
	output_sink_file(&sink, fd, 100, "the file");
	cr_assert_eq(stream_raw_fd(&sink.stream, STREAM_WRITE), fd);
	cr_assert_eq(stream_raw_fd(&sink.stream, STREAM_READ), -1);
	stream_moved(&sink.stream, STREAM_WRITE, 50);
	stream_moved(&sink.stream, STREAM_READ, 7);
	cr_assert_eq(sink.written, 150);
}

Test(output_sink, ending_closes_nothing, .init = over_file, .fini = folder_end)
{
	cr_assert_eq(stream_flush(&sink.stream, &why), IO_DONE);
	cr_assert_eq(stream_end(&sink.stream, &why), IO_DONE);
	cr_assert_eq(put("x", 1), IO_DONE);
	cr_assert_str_eq(folder_get("f"), "x");
}

Test(output_sink, a_full_disk)
{
	size_t n = 1;

	fd = open("/dev/full", O_WRONLY);
	output_sink_file(&sink, fd, 0, "the file");
	cr_assert_eq(stream_write(&sink.stream, "x", 1, &n, &why), IO_FAILED);
	cr_assert_eq(n, 0);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_eq(why.error, ENOSPC);
	cr_assert_str_eq(why.text, "the file: No space left on device");
	cr_assert_eq(sink.written, 0);
}

Test(output_sink, a_limit_of_size, .init = over_file, .fini = folder_end)
{
	struct rlimit limit = { 4, 4 };
	size_t n;

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert_eq(stream_write(&sink.stream, "abcdef", 6, &n, &why), IO_DONE);
	cr_assert_eq(n, 4);
	cr_assert_eq(stream_write(&sink.stream, "ef", 2, &n, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "the file: File too large");
	cr_assert_eq(sink.written, 4);
}

Test(output_sink, after_the_file_was_taken_away, .init = over_file, .fini = folder_end)
{
	sink.fd = -1;
	cr_assert_eq(put("x", 1), IO_FAILED);
	cr_assert_str_eq(why.text, "the file: not open for writing");
	cr_assert_eq(stream_raw_fd(&sink.stream, STREAM_WRITE), -1);
}

Test(output_sink, over_another_all_passes, .init = over_played)
{
	cr_assert_eq(put("\0\xff", 2), IO_DONE);
	cr_assert_eq(sink.written, 2);
	below.takes = 3;
	cr_assert_eq(put("abcd", 4), IO_DONE);
	cr_assert_eq(sink.written, 5);
	cr_assert_eq(put("d", 1), IO_AGAIN);
	cr_assert_eq(sink.written, 5);
	cr_assert_eq(stream_end(&sink.stream, &why), IO_DONE);
	cr_assert_eq(below.ends, 0);
	cr_assert_eq(below.flushes, 1);
	cr_assert_eq(stream_raw_fd(&sink.stream, STREAM_WRITE), -1);
	below.write_fails = true;
	cr_assert_eq(put("x", 1), IO_FAILED);
	cr_assert_str_eq(why.text, "played loss");
	played_free(&below);
}

Test(output_sink, over_another_its_descriptor_is_the_raw_one)
{
	int null = open("/dev/null", O_WRONLY);
	struct stream *stdio = layer_stdio_new(-1, null, NULL, "null");

	output_sink_over(&sink, stdio, false);
	cr_assert_eq(stream_raw_fd(&sink.stream, STREAM_WRITE), null);
	output_sink_over(&sink, stdio, true);
	cr_assert_eq(stream_raw_fd(&sink.stream, STREAM_WRITE), -1);
	stream_free(stdio);
}

Test(output_sink, over_another_its_waiting_is_known)
{
	int ends[2];
	struct stream *stdio;

	cr_assert_eq(pipe(ends), 0);
	stdio = layer_stdio_new(-1, ends[1], NULL, "pipe");
	output_sink_over(&sink, stdio, false);
	cr_assert_eq(stream_want(&sink.stream, STREAM_WRITE), STREAM_WANT_WRITE);
	cr_assert_eq(stream_fd(&sink.stream, STREAM_WRITE), stream_fd(stdio, STREAM_WRITE));
	stream_free(stdio);
}

static const char refusal[] = "binary data; -o FILE saves it, -o - shows it anyway";

static void refused(const char *bytes, size_t length)
{
	over_terminal();
	cr_assert_eq(put(bytes, length), IO_FAILED, "%.*s", (int)length, bytes);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, refusal);
	cr_assert_eq(below.took.length, 0);
	cr_assert_eq(sink.written, 0);
	played_free(&below);
}

Test(output_sink, a_terminal_gets_no_binary)
{
	refused("\0", 1);
	refused("text\0", 5);
	refused("\xff\xd8\xff", 3);
	refused("\x1f\x8b\x08", 3);
	refused("Gr\xfc\xdf"
		"e",
		5);
	refused("\xc0\x80", 2);
	refused("\xed\xa0\x80", 3);
	refused("\xc3x", 2);
	refused("\xe2\x82x", 3);
	refused("\xf5", 1);
	refused("\x80", 1);
}

Test(output_sink, a_terminal_gets_text, .init = over_terminal)
{
	struct iovec two[] = { { "", 0 }, { "a\tb\r\n", 5 } };
	size_t n;

	cr_assert_eq(put("\x1b[1mGr\u00fc\u00dfe\u20ac\U0001f600", 18), IO_DONE);
	cr_assert_eq(stream_writev(&sink.stream, two, 2, &n, &why), IO_DONE);
	cr_assert_eq(n, 5);
	took("\x1b[1mGr\u00fc\u00dfe\u20ac\U0001f600a\tb\r\n");
	played_free(&below);
}

Test(output_sink, a_character_may_come_in_pieces, .init = over_terminal)
{
	static const char text[] = "\u00fc\u20ac\U0001f600.";

	for (size_t i = 0; i < strlen(text); i++)
		cr_assert_eq(put(text + i, 1), IO_DONE, "%zu", i);
	took(text);
	cr_assert_eq(sink.written, strlen(text));
	played_free(&below);
}

Test(output_sink, a_character_that_goes_on_wrongly, .init = over_terminal)
{
	cr_assert_eq(put("a\xe2\x82", 3), IO_DONE);
	cr_assert_eq(put("b", 1), IO_FAILED);
	cr_assert_str_eq(why.text, refusal);
	played_free(&below);
}

Test(output_sink, what_was_not_taken_is_looked_at_again, .init = over_terminal)
{
	below.takes = 2;
	cr_assert_eq(put("\u20ac!", 4), IO_DONE);
	cr_assert_eq(sink.written, 2);
	cr_assert_eq(put("\xac!", 2), IO_AGAIN);
	below.takes = SIZE_MAX;
	cr_assert_eq(put("\xac!", 2), IO_DONE);
	took("\u20ac!");
	played_free(&below);
}

Test(output_sink, after_two_kilobytes_anything_goes, .init = over_terminal)
{
	char text[OUTPUT_CHECKED + 1];
	size_t written = 0, n;

	memset(text, 'x', sizeof text);
	text[OUTPUT_CHECKED] = '\0';
	while (written < sizeof text) {
		cr_assert_eq(
			stream_write(&sink.stream, text + written, sizeof text - written, &n, &why),
			IO_DONE);
		written += n;
	}
	cr_assert_eq(put("\xff", 1), IO_DONE);
	cr_assert_eq(sink.written, sizeof text + 1);
	played_free(&below);
}

Test(output_sink, up_to_two_kilobytes_it_is_looked_at, .init = over_terminal)
{
	char text[OUTPUT_CHECKED];

	memset(text, 'x', sizeof text);
	cr_assert_eq(put(text, sizeof text - 1), IO_DONE);
	cr_assert_eq(put("\0", 1), IO_FAILED);
	played_free(&below);
}

static void to(int descriptor)
{
	cr_assert_geq(dup2(descriptor, STDOUT_FILENO), 0);
	close(descriptor);
}

Test(output_sink, standard_output_is_one_for_all)
{
	int ends[2];
	size_t n;
	char got[4] = "";

	cr_assert_eq(pipe(ends), 0);
	to(ends[1]);
	cr_assert_eq(output_stdout(), output_stdout());
	cr_assert_eq(stream_write(output_stdout(), "abc", 3, &n, &why), IO_DONE);
	cr_assert_eq(read(ends[0], got, 3), 3);
	cr_assert_str_eq(got, "abc");
	cr_assert(output_stdout_close(&why));
	/* The reader sees the end, and the number stays taken. */
	cr_assert_eq(read(ends[0], got, 3), 0);
	cr_assert_geq(fcntl(STDOUT_FILENO, F_GETFD), 0);
	cr_assert(output_stdout_close(&why));
}

Test(output_sink, what_nobody_used_is_not_closed)
{
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	to(ends[1]);
	cr_assert(output_stdout_close(&why));
	cr_assert_eq(write(STDOUT_FILENO, "x", 1), 1);
}

Test(output_sink, what_closing_says_is_a_failure)
{
	to(open("/dev/null", O_WRONLY));
	cr_assert(output_stdout());
	output_faults.close = EDQUOT;
	cr_assert_not(output_stdout_close(&why));
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "standard output: Disk quota exceeded");
}
