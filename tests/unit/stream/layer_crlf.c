/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_crlf.c
 * Holds: every newline gets its CR, one that has it stays, also across two writes and two
 * pieces; the result is the same however little the layer below takes, and nothing is written
 * twice; a CR taken without its LF does not count as progress; long runs are whole; reading and
 * the splicing of the read side pass through; would-block and failures are passed on. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/stream/layer_crlf.h>

static struct played below;
static struct stream *s;
static struct failure why;

static void set_up(void)
{
	played_init(&below);
	s = layer_crlf_new(&below.stream);
}

static void tear_down(void)
{
	stream_free(s);
	played_free(&below);
}

TestSuite(layer_crlf, .init = set_up, .fini = tear_down);

static void write_all(const char *bytes, size_t length)
{
	while (length > 0) {
		size_t n;

		cr_assert_eq(stream_write(s, bytes, length, &n, &why), IO_DONE);
		cr_assert(n >= 1 && n <= length);
		bytes += n;
		length -= n;
	}
}

static void assert_becomes(const char *text, const char *expected)
{
	write_all(text, strlen(text));
	cr_assert_str_eq(buffer_text(&below.took), expected);
	buffer_take(&below.took, below.took.length);
}

Test(layer_crlf, newlines_get_their_cr)
{
	assert_becomes("a\nb\r\nc\n\n", "a\r\nb\r\nc\r\n\r\n");
	assert_becomes("\r", "\r");
	assert_becomes("\n", "\n");
	assert_becomes("\n", "\r\n");
	assert_becomes("\r\r\n", "\r\r\n");
	assert_becomes("\n\r", "\r\n\r");
	assert_becomes("x\n", "x\r\n");
}

Test(layer_crlf, pieces_are_one_text)
{
	const char *pieces[] = { "", "a\r", "", "\nb", "\n" };
	struct iovec v[5];
	int first = 0;

	for (int i = 0; i < 5; i++)
		v[i] = (struct iovec){ (void *)pieces[i], strlen(pieces[i]) };
	while (first < 5) {
		size_t n;

		cr_assert_eq(stream_writev(s, v + first, 5 - first, &n, &why), IO_DONE);
		for (; first < 5 && n >= v[first].iov_len; first++)
			n -= v[first].iov_len;
		if (first < 5) {
			v[first].iov_base = (char *)v[first].iov_base + n;
			v[first].iov_len -= n;
		}
	}
	cr_assert_str_eq(buffer_text(&below.took), "a\r\nb\r\n");
}

Test(layer_crlf, a_layer_that_takes_a_byte_at_a_time_gets_the_same)
{
	below.takes_at_once = 1;
	assert_becomes("\n\na\r\n\r\r\n\nb", "\r\n\r\na\r\n\r\r\n\r\nb");
}

Test(layer_crlf, a_cr_without_its_lf_is_no_progress)
{
	size_t n = 9;

	below.takes = 1;
	cr_assert_eq(stream_write(s, "\nx", 2, &n, &why), IO_AGAIN);
	cr_assert_eq(n, 0);
	below.takes = 1;
	cr_assert_eq(stream_write(s, "\nx", 2, &n, &why), IO_DONE);
	cr_assert_eq(n, 1);
	cr_assert_str_eq(buffer_text(&below.took), "\r\n");
}

Test(layer_crlf, long_runs_are_whole)
{
	enum { COUNT = 100000 };
	char *in = malloc(COUNT);
	const char *out;

	memset(in, '\n', COUNT);
	below.takes_at_once = 777;
	write_all(in, COUNT);
	cr_assert_eq(below.took.length, 2 * COUNT);
	out = buffer_bytes(&below.took);
	for (size_t i = 0; i < COUNT; i++)
		cr_assert(out[2 * i] == '\r' && out[2 * i + 1] == '\n');
	free(in);
}

Test(layer_crlf, reading_passes_through)
{
	char bytes[8];
	size_t n;

	buffer_add(&below.gives, "a\n", 2);
	cr_assert_eq(stream_read(s, bytes, 8, &n, &why), IO_DONE);
	cr_assert_eq(n, 2);
	cr_assert_eq(bytes[1], '\n');
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), -1);
}

Test(layer_crlf, what_below_says_is_passed_on)
{
	size_t n;

	below.takes = 0;
	cr_assert_eq(stream_write(s, "a", 1, &n, &why), IO_AGAIN);
	below.write_fails = true;
	cr_assert_eq(stream_write(s, "a", 1, &n, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "played loss");
	cr_assert_eq(stream_writev(s, NULL, 0, &n, &why), IO_DONE);
	cr_assert_eq(n, 0);
}
