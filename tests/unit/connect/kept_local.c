/* SPDX-License-Identifier: MIT */
/* tests/unit/connect/kept_local.c
 * Holds: bytes pass both ways; the end of a connection flushes the output and leaves it open, and
 * stops the input until the next one; the input's end is seen, and stays; it can be looked for
 * between two connections, and what comes then is the next one's. */
#include "relay_played.h"

#include <criterion/criterion.h>

#include <sockutil/connect/kept_local.h>

static struct played below;
static struct stream *kept;
static struct failure why;

static void set_up(void)
{
	played_init(&below);
	kept = kept_local_new(&below.stream);
	buffer_add(&below.gives, "abcd", 4);
}

static void tear_down(void)
{
	stream_free(kept);
	played_free(&below);
}

TestSuite(kept_local, .init = set_up, .fini = tear_down);

Test(kept_local, bytes_pass)
{
	char bytes[8];
	size_t n;

	cr_assert_eq(stream_read(kept, bytes, 2, &n, &why), IO_DONE);
	cr_assert_eq(n, 2);
	cr_assert_eq(stream_write(kept, "out", 3, &n, &why), IO_DONE);
	cr_assert_str_eq(buffer_text(&below.took), "out");
	cr_assert_eq(stream_raw_fd(kept, STREAM_READ), -1);
}

Test(kept_local, the_end_of_a_connection)
{
	char bytes[8];
	size_t n;

	cr_assert_eq(stream_end(kept, &why), IO_DONE);
	cr_assert_eq(below.ends, 0);
	cr_assert_eq(below.flushes, 1);
	cr_assert_eq(stream_read(kept, bytes, 8, &n, &why), IO_AGAIN);
	cr_assert_eq(stream_want(kept, STREAM_READ), STREAM_WANT_TIME);
	cr_assert_eq(stream_wake_ms(kept, STREAM_READ), 1000);
	kept_local_resume(kept);
	cr_assert_eq(stream_read(kept, bytes, 8, &n, &why), IO_DONE);
	cr_assert_eq(n, 4);
	cr_assert_not(kept_local_ended(kept));
}

Test(kept_local, the_end_of_the_input)
{
	char bytes[8];
	size_t n;

	below.then = IO_END;
	cr_assert_eq(stream_read(kept, bytes, 8, &n, &why), IO_DONE);
	cr_assert_not(kept_local_ended(kept));
	cr_assert_eq(stream_read(kept, bytes, 8, &n, &why), IO_END);
	cr_assert(kept_local_ended(kept));
	cr_assert_eq(stream_end(kept, &why), IO_DONE);
	cr_assert_eq(stream_read(kept, bytes, 8, &n, &why), IO_END);
}

Test(kept_local, a_look_between_two_connections)
{
	char bytes[8];
	size_t n;

	cr_assert_eq(stream_end(kept, &why), IO_DONE);
	kept_local_look(kept);
	cr_assert_not(kept_local_ended(kept));
	cr_assert_not(stream_pending(kept));
	cr_assert_eq(stream_read(kept, bytes, 8, &n, &why), IO_AGAIN);
	kept_local_resume(kept);
	cr_assert(stream_pending(kept));
	cr_assert_eq(stream_read(kept, bytes, 3, &n, &why), IO_DONE);
	cr_assert_arr_eq(bytes, "abc", 3);
	cr_assert_eq(stream_read(kept, bytes, 8, &n, &why), IO_DONE);
	cr_assert_eq(bytes[0], 'd');
	cr_assert_not(stream_pending(kept));
	kept_local_look(kept);
	cr_assert_not(kept_local_ended(kept), "nothing is not the end");
	below.then = IO_END;
	kept_local_look(kept);
	cr_assert(kept_local_ended(kept));
}
