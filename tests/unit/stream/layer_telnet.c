/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_telnet.c
 * Holds: commands are taken out and answered at once; answers that do not go out wait and are
 * waited for; a peer that only asks is not read any further once it does not take its answers; data
 * is escaped whole, also when the layer below takes half of an escape; nothing is spliced past the
 * layer. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/stream/layer_telnet.h>

static struct played below;
static struct stream_ops below_ops;
static struct failure why;
static struct stream *s;

static unsigned want(const struct stream *stream, enum stream_side side)
{
	(void)stream;
	return side == STREAM_READ ? STREAM_WANT_READ : STREAM_WANT_WRITE;
}

static void set_up(void)
{
	played_init(&below);
	below_ops = *below.stream.ops;
	below_ops.want = want;
	below.stream.ops = &below_ops;
	s = layer_telnet_new(&below.stream);
}

static void tear_down(void)
{
	s->ops->free(s);
	played_free(&below);
}

TestSuite(layer_telnet, .init = set_up, .fini = tear_down);

static const char *took(void)
{
	return buffer_text(&below.took);
}

Test(layer_telnet, takes_commands_out_and_answers)
{
	char bytes[100];
	size_t n;

	buffer_add(&below.gives, "\xff\xfd\x18login: \xff\xfb\x01", 13);
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_eq(n, 7);
	cr_assert_eq(memcmp(bytes, "login: ", 7), 0);
	cr_assert_str_eq(took(), "\xff\xfc\x18\xff\xfe\x01");
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_AGAIN);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_READ);
	below.then = IO_END;
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_END);
}

Test(layer_telnet, only_commands_are_no_data)
{
	char bytes[100];
	size_t n;

	buffer_add(&below.gives, "\xff\xfd\x18", 3);
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_AGAIN);
	cr_assert_eq(n, 0);
	cr_assert_str_eq(took(), "\xff\xfc\x18");
}

Test(layer_telnet, answers_wait_and_are_waited_for)
{
	char bytes[100];
	size_t n;

	below.takes = 1;
	buffer_add(&below.gives, "\xff\xfd\x18x", 4);
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_READ | STREAM_WANT_WRITE);
	cr_assert_eq(stream_write(s, "data", 4, &n, &why), IO_AGAIN);
	below.takes = SIZE_MAX;
	cr_assert_eq(stream_write(s, "data", 4, &n, &why), IO_DONE);
	cr_assert_eq(n, 4);
	cr_assert_str_eq(took(), "\xff\xfc\x18"
				 "data");
}

Test(layer_telnet, a_peer_that_only_asks)
{
	char bytes[4096];
	size_t n;

	below.takes = 0;
	for (int i = 0; i < 20000; i++)
		buffer_add(&below.gives, "\xff\xfd\x18", 3);
	for (int i = 0; i < 100; i++)
		cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_AGAIN);
	cr_assert_gt(below.gives.length, 60000 - 6 * 4096, "%zu", below.gives.length);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_WRITE);
	below.takes = SIZE_MAX;
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_AGAIN);
	cr_assert_eq(below.gives.length, 0);
	cr_assert_eq(below.took.length, 60000);
}

Test(layer_telnet, half_of_an_escape)
{
	size_t n;

	below.takes = 2;
	cr_assert_eq(stream_write(s,
				  "a\xff"
				  "b",
				  3, &n, &why),
		     IO_DONE);
	cr_assert_eq(n, 2);
	cr_assert_eq(stream_flush(s, &why), IO_AGAIN);
	cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_WRITE);
	below.takes = SIZE_MAX;
	cr_assert_eq(stream_write(s, "b", 1, &n, &why), IO_DONE);
	cr_assert_str_eq(took(), "a\xff\xff"
				 "b");
}

Test(layer_telnet, nothing_is_answered_behind_our_end)
{
	char bytes[100];
	size_t n;

	cr_assert_eq(stream_end(s, &why), IO_DONE);
	below.write_fails = true;
	buffer_add(&below.gives, "\xff\xfd\x18login: ", 10);
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_eq(n, 7);
	cr_assert_eq(below.took.length, 0);
}

Test(layer_telnet, ends_behind_what_waits)
{
	size_t n;

	below.takes = 2;
	stream_write(s, "a\xff", 2, &n, &why);
	cr_assert_eq(stream_end(s, &why), IO_AGAIN);
	cr_assert_eq(below.ends, 0);
	below.takes = SIZE_MAX;
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(below.ends, 1);
	cr_assert_str_eq(took(), "a\xff\xff");
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), -1);
}
