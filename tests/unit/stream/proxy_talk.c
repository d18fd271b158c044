/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/proxy_talk.c
 * Holds: a message goes out whole, in pieces where the layer below takes few, is flushed and said
 * once; while it waits, opening wishes for what writing below wishes; failures below and an end in
 * place of an answer are a proxy's, in words that go on a sentence. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/stream/proxy_talk.h>

static struct played below;
static struct stream_ops below_ops;
static struct proxy_talk talk;
static struct failure why;

static unsigned want(const struct stream *s, enum stream_side side)
{
	(void)s;
	return side == STREAM_READ ? STREAM_WANT_READ : STREAM_WANT_WRITE;
}

static int64_t wake_ms(const struct stream *s, enum stream_side side)
{
	(void)s;
	return side == STREAM_READ ? 7 : 9;
}

static void set_up(void)
{
	played_init(&below);
	below_ops = *below.stream.ops;
	below_ops.want = want;
	below_ops.wake_ms = wake_ms;
	below.stream.ops = &below_ops;
}

static void tear_down(void)
{
	proxy_talk_free(&talk);
	played_free(&below);
}

TestSuite(proxy_talk, .init = set_up, .fini = tear_down);

Test(proxy_talk, nothing_to_say)
{
	below.write_fails = true;
	cr_assert_eq(proxy_talk_send(&talk, &below.stream, &why), IO_DONE);
	cr_assert_eq(below.flushes, 0);
}

Test(proxy_talk, a_message_goes_out_once)
{
	char bytes[] = "hello";

	proxy_talk_say(&talk, bytes, 5);
	memset(bytes, 'x', sizeof bytes);
	below.takes = 2;
	cr_assert_eq(proxy_talk_send(&talk, &below.stream, &why), IO_AGAIN);
	cr_assert_eq(proxy_talk_want(&talk, &below.stream, STREAM_READ), STREAM_WANT_WRITE);
	cr_assert_eq(proxy_talk_wake_ms(&talk, &below.stream, STREAM_READ), 9);
	below.takes = SIZE_MAX;
	cr_assert_eq(proxy_talk_send(&talk, &below.stream, &why), IO_DONE);
	cr_assert_eq(proxy_talk_send(&talk, &below.stream, &why), IO_DONE);
	cr_assert_str_eq(buffer_text(&below.took), "hello");
	cr_assert_eq(below.flushes, 1);
	cr_assert_null(talk.bytes);
	cr_assert_eq(proxy_talk_want(&talk, &below.stream, STREAM_READ), STREAM_WANT_READ);
	cr_assert_eq(proxy_talk_wake_ms(&talk, &below.stream, STREAM_READ), 7);
	proxy_talk_say(&talk, "next", 4);
	cr_assert_eq(proxy_talk_send(&talk, &below.stream, &why), IO_DONE);
	cr_assert_str_eq(buffer_text(&below.took), "hellonext");
}

Test(proxy_talk, failures_below)
{
	char bytes[8];
	size_t n;

	proxy_talk_say(&talk, "hello", 5);
	below.write_fails = true;
	cr_assert_eq(proxy_talk_send(&talk, &below.stream, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROXY);
	cr_assert_str_eq(why.text, "failed: played loss");
	below.then = IO_FAILED;
	cr_assert_eq(proxy_talk_hear(&below.stream, bytes, 8, &n, false, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROXY);
	cr_assert_str_eq(why.text, "failed: played reset");
}

Test(proxy_talk, answers)
{
	char bytes[8];
	size_t n;

	cr_assert_eq(proxy_talk_hear(&below.stream, bytes, 8, &n, false, &why), IO_AGAIN);
	buffer_add(&below.gives, "abc", 3);
	cr_assert_eq(proxy_talk_hear(&below.stream, bytes, 2, &n, false, &why), IO_DONE);
	cr_assert_eq(n, 2);
	cr_assert_eq(proxy_talk_hear(&below.stream, bytes, 2, &n, true, &why), IO_DONE);
	below.then = IO_END;
	cr_assert_eq(proxy_talk_hear(&below.stream, bytes, 2, &n, true, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "closed the connection in the middle of its answer");
	cr_assert_eq(proxy_talk_hear(&below.stream, bytes, 2, &n, false, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "closed the connection instead of answering");
	cr_assert_eq(why.class, FAILURE_PROXY);
}
