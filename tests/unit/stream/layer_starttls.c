/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_starttls.c
 * Holds: the dialogue is had while the stack opens, in pieces however they come and go, and only
 * once; while it waits to speak, opening wishes for what writing wishes; an end and a refusal are
 * failures; afterwards everything passes. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/stream/layer_starttls.h>

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
	s = layer_starttls_new(&below.stream, STARTTLS_SMTP, "example.org");
}

static void tear_down(void)
{
	s->ops->free(s);
	played_free(&below);
}

TestSuite(layer_starttls, .init = set_up, .fini = tear_down);

static void says(const char *text)
{
	buffer_add(&below.gives, text, strlen(text));
}

Test(layer_starttls, has_its_dialogue)
{
	char bytes[10];
	size_t n;

	below.at_most = 1;
	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_READ);
	says("220 hi\r\n");
	below.takes = 3;
	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_WRITE);
	below.takes = SIZE_MAX;
	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	cr_assert_str_eq(buffer_text(&below.took), "EHLO localhost\r\n");
	says("250-x\r\n250 STARTTLS\r\n");
	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	says("220 go\r\n");
	cr_assert_eq(stream_open(s, &why), IO_DONE, "%s", why.text);
	cr_assert_str_eq(buffer_text(&below.took), "EHLO localhost\r\nSTARTTLS\r\n");
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	says("data");
	below.at_most = 0;
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_eq(n, 4);
}

Test(layer_starttls, an_end)
{
	says("220 hi\r\n");
	below.then = IO_END;
	cr_assert_eq(stream_open(s, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_TLS);
	cr_assert_str_eq(why.text, "the server ended the connection before TLS");
}

Test(layer_starttls, a_refusal)
{
	says("220 hi\r\n250 STARTTLS\r\n454 no\r\n");
	cr_assert_eq(stream_open(s, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_TLS);
	cr_assert_str_eq(why.text, "the server refuses TLS: to STARTTLS it says \"454 no\"");
}

Test(layer_starttls, speaks_first_where_the_protocol_does)
{
	struct stream *l = layer_starttls_new(&below.stream, STARTTLS_POSTGRES, "h");

	cr_assert_eq(stream_open(l, &why), IO_AGAIN);
	cr_assert_eq(below.took.length, 8);
	says("S");
	cr_assert_eq(stream_open(l, &why), IO_DONE);
	cr_assert_eq(below.took.length, 8);
	l->ops->free(l);
}
