/* SPDX-License-Identifier: MIT */
/* tests/unit/http/coding.c
 * Holds: every coding gives back what was put in, whole, a byte at a time and into small rooms; a
 * cut anywhere is a truncation and what was decoded before is given first; bytes behind the end,
 * unknown and stacked codings are refused with their reason; an empty body is one; a bomb flows
 * through a small room; megabytes of nothing let the loop have its turn; what below says passes;
 * nothing is asked of below that is not needed; below stays its owner's. */
#include "http_encoded.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(coding, .init = encoded_set_up, .fini = encoded_tear_down);

static void refused(const char *value, const char *message)
{
	encoded.why = (struct failure){ 0 };
	cr_assert_not(coding_open(&encoded.decoded, &encoded.source.stream, value, strlen(value),
				  &encoded.why));
	cr_assert_null(encoded.decoded);
	cr_assert_eq(encoded.why.class, FAILURE_ENCODING);
	cr_assert_str_eq(encoded.why.text, message);
}

Test(coding, accepts_what_its_libraries_can)
{
	cr_assert_str_eq(coding_accepted(), "gzip, deflate, br, zstd");
	cr_assert_str_eq(coding_accepted(), "gzip, deflate, br, zstd");
}

Test(coding, identity_is_none)
{
	struct stream *none = &encoded.source.stream;

	cr_assert(coding_open(&none, &encoded.source.stream, "identity", 8, &encoded.why));
	cr_assert_null(none);
	none = &encoded.source.stream;
	cr_assert(coding_open(&none, &encoded.source.stream, "", 0, &encoded.why));
	cr_assert_null(none);
	cr_assert(coding_open(&none, &encoded.source.stream, " ,IDENTITY, ", 12, &encoded.why));
	cr_assert_null(none);
}

Test(coding, gives_back_what_was_put_in)
{
	static const size_t rooms[] = { 1, 1000, 300000 };

	for (size_t i = 0; i < ENCODED_KINDS; i++)
		for (size_t j = 0; j < sizeof(rooms) / sizeof(rooms[0]); j++) {
			encoded_kinds[i].encode(&encoded.source.gives, encoded_text, ENCODED_TEXT);
			encoded_open(encoded_kinds[i].value);
			cr_assert_eq(encoded_read(rooms[j]), IO_END);
			encoded_assert_result(encoded_text, ENCODED_TEXT);
			cr_assert_eq(encoded_read(rooms[j]), IO_END);
			encoded_assert_result("", 0);
		}
}

Test(coding, takes_a_byte_at_a_time)
{
	encoded.source.at_most = 1;
	for (size_t i = 0; i < ENCODED_KINDS; i++) {
		encoded_kinds[i].encode(&encoded.source.gives, encoded_text, 20000);
		encoded_open(encoded_kinds[i].value);
		cr_assert_eq(encoded_read(64), IO_END);
		encoded_assert_result(encoded_text, 20000);
	}
}

Test(coding, a_coding_of_nothing_is_nothing)
{
	for (size_t i = 0; i < ENCODED_KINDS; i++) {
		encoded_kinds[i].encode(&encoded.source.gives, "", 0);
		encoded_open(encoded_kinds[i].value);
		cr_assert_eq(encoded_read(64), IO_END);
		encoded_assert_result("", 0);
	}
}

Test(coding, a_body_without_a_byte_is_empty)
{
	encoded_open("gzip");
	cr_assert_eq(encoded_read(64), IO_END);
	encoded_assert_result("", 0);
}

Test(coding, a_cut_anywhere_is_told)
{
	struct buffer whole = { 0 };
	char message[100];

	for (size_t i = 0; i < ENCODED_KINDS; i++) {
		encoded_kinds[i].encode(&whole, encoded_text, 300);
		for (size_t length = 1; length < whole.length; length++) {
			cr_assert(buffer_add(&encoded.source.gives, buffer_bytes(&whole), length));
			encoded_open(encoded_kinds[i].value);
			cr_assert_eq(encoded_read(64), IO_FAILED);
			cr_assert_eq(encoded.why.class, FAILURE_TRUNCATED);
			snprintf(message, sizeof(message),
				 "the content was cut short: its %s coding has no end",
				 encoded_kinds[i].name);
			cr_assert_str_eq(encoded.why.text, message);
			cr_assert(encoded.result.length <= 300);
			cr_assert(memcmp(encoded_text,
					 buffer_bytes(&encoded.result)
						 ? buffer_bytes(&encoded.result)
						 : "",
					 encoded.result.length) == 0);
			cr_assert_eq(encoded_read(64), IO_FAILED);
			cr_assert_str_eq(encoded.why.text, message);
		}
		buffer_free(&whole);
	}
}

Test(coding, what_was_decoded_before_a_cut_is_given)
{
	for (size_t i = 0; i < ENCODED_KINDS; i++) {
		encoded_kinds[i].encode(&encoded.source.gives, encoded_text, ENCODED_TEXT);
		encoded.source.gives.length -= 5;
		encoded_open(encoded_kinds[i].value);
		cr_assert_eq(encoded_read(300000), IO_FAILED);
		cr_assert(encoded.result.length > 100000);
		cr_assert(memcmp(buffer_bytes(&encoded.result), encoded_text,
				 encoded.result.length) == 0);
	}
}

Test(coding, bytes_behind_the_end_are_refused)
{
	char message[100];

	for (size_t at_most = 0; at_most <= 1; at_most++)
		for (size_t i = 0; i < ENCODED_KINDS; i++) {
			encoded.source.at_most = at_most;
			encoded_kinds[i].encode(&encoded.source.gives, encoded_text, 300);
			cr_assert(buffer_add(&encoded.source.gives, "\0", 1));
			encoded_open(encoded_kinds[i].value);
			cr_assert_eq(encoded_read(1000), IO_FAILED);
			cr_assert_eq(encoded.why.class, FAILURE_ENCODING);
			snprintf(message, sizeof(message),
				 "the content has bytes behind the end of its %s coding",
				 encoded_kinds[i].name);
			cr_assert_str_eq(encoded.why.text, message);
			encoded_assert_result(encoded_text, 300);
			buffer_free(&encoded.source.gives);
		}
}

Test(coding, a_wrong_check_sum_fails_after_the_bytes)
{
	static const char *const values[] = { "gzip", "deflate", "zstd" };
	static const size_t from_end[] = { 5, 1, 1 }; /* gzip's last four are its length */
	static void (*const encode[])(struct buffer *, const void *,
				      size_t) = { encoded_gzip, encoded_zlib, encoded_zstd };

	for (size_t i = 0; i < 3; i++) {
		encode[i](&encoded.source.gives, encoded_text, 300);
		buffer_bytes(&encoded.source.gives)[encoded.source.gives.length - from_end[i]] ^= 1;
		encoded_open(values[i]);
		cr_assert_eq(encoded_read(1000), IO_FAILED);
		cr_assert_eq(encoded.why.class, FAILURE_ENCODING);
		cr_assert(encoded.result.length == 0 ||
			  memcmp(buffer_bytes(&encoded.result), encoded_text,
				 encoded.result.length) == 0);
		buffer_free(&encoded.source.gives);
	}
}

Test(coding, refuses_unknown_and_stacked_codings)
{
	refused("compress", "content coding compress is not known");
	refused("gzip;q=1", "content coding gzip;q=1 is not known");
	refused("gzi", "content coding gzi is not known");
	refused("gzip, gzip", "content codings gzip, gzip: more than one is not accepted");
	refused("br,identity,zstd",
		"content codings br,identity,zstd: more than one is not accepted");
}

/* Each read gives no more than its room: nothing of a bomb is held. */
Test(coding, a_bomb_flows_through_a_small_room)
{
	enum { LENGTH = 64 << 20 };
	char *zeros = calloc(LENGTH, 1);
	size_t total, count;

	for (size_t i = 0; i < ENCODED_KINDS; i++) {
		encoded_kinds[i].encode(&encoded.source.gives, zeros, LENGTH);
		cr_assert(encoded.source.gives.length * 500 < LENGTH);
		encoded_open(encoded_kinds[i].value);
		for (total = 0; stream_read(encoded.decoded, encoded_text, 4096, &count,
					    &encoded.why) == IO_DONE;
		     total += count)
			cr_assert(count <= 4096 && memcmp(encoded_text, zeros, count) == 0);
		cr_assert_eq(total, LENGTH);
		cr_assert_eq(encoded.why.class, FAILURE_NONE);
	}
	free(zeros);
}

/* Empty stored blocks of deflate, without end. */
Test(coding, megabytes_of_nothing_let_the_loop_have_its_turn)
{
	enum { BLOCKS = 600000 };
	char byte;
	size_t count;

	for (size_t i = 0; i < BLOCKS; i++)
		cr_assert(buffer_add(&encoded.source.gives, "\0\0\0\xff\xff", 5));
	cr_assert(buffer_add(&encoded.source.gives, "\x03\0", 2));
	encoded_open("deflate");
	cr_assert_eq(stream_read(encoded.decoded, &byte, 1, &count, &encoded.why), IO_AGAIN);
	cr_assert(encoded.source.gives.length > 0);
	cr_assert_eq(stream_read(encoded.decoded, &byte, 1, &count, &encoded.why), IO_AGAIN);
	cr_assert_eq(stream_read(encoded.decoded, &byte, 1, &count, &encoded.why), IO_END);
}

Test(coding, what_below_says_passes)
{
	struct buffer whole = { 0 };
	size_t half;

	encoded_gzip(&whole, encoded_text, 2000);
	half = whole.length / 2;
	encoded.source.then = IO_AGAIN;
	cr_assert(buffer_add(&encoded.source.gives, buffer_bytes(&whole), half));
	encoded_open("gzip");
	cr_assert_eq(encoded_read(64), IO_AGAIN);
	cr_assert_eq(encoded.why.class, FAILURE_NONE);
	encoded.source.then = IO_FAILED;
	cr_assert_eq(encoded_read(64), IO_FAILED);
	cr_assert_eq(encoded.why.class, FAILURE_RECEIVE);
	cr_assert_str_eq(encoded.why.text, "played reset");
	buffer_free(&whole);
}

/* The end of the source is what tells that the body was whole. */
Test(coding, ends_when_below_has_ended)
{
	encoded.source.then = IO_AGAIN;
	encoded_gzip(&encoded.source.gives, encoded_text, 300);
	encoded_open("gzip");
	cr_assert_eq(encoded_read(1000), IO_AGAIN);
	encoded_assert_result(encoded_text, 300);
	encoded.source.then = IO_FAILED;
	cr_assert_eq(encoded_read(1000), IO_FAILED);
	cr_assert_eq(encoded.why.class, FAILURE_RECEIVE);
}

Test(coding, asks_below_for_nothing_while_it_has_bytes)
{
	encoded_gzip(&encoded.source.gives, encoded_text, 20000);
	encoded_open("gzip");
	cr_assert_eq(stream_read(encoded.decoded, encoded_text, 1, &(size_t){ 0 }, &encoded.why),
		     IO_DONE);
	cr_assert_eq(encoded.source.gives.length, 0);
	encoded.source.then = IO_FAILED;
	cr_assert(stream_pending(encoded.decoded));
	for (size_t i = 1; i < 20000; i++)
		cr_assert_eq(
			stream_read(encoded.decoded, encoded_text, 1, &(size_t){ 0 }, &encoded.why),
			IO_DONE);
	cr_assert_eq(stream_read(encoded.decoded, encoded_text, 1, &(size_t){ 0 }, &encoded.why),
		     IO_FAILED);
}

Test(coding, is_pending_while_it_has_something_to_say)
{
	encoded.source.then = IO_AGAIN;
	encoded_open("gzip");
	cr_assert_not(stream_pending(encoded.decoded));
	cr_assert_eq(encoded_read(64), IO_AGAIN);
	cr_assert_not(stream_pending(encoded.decoded));
	cr_assert(buffer_add(&encoded.source.gives, "<html>", 6));
	cr_assert_eq(encoded_read(64), IO_FAILED);
	cr_assert(stream_pending(encoded.decoded));
}

/* --- below ------------------------------------------------------------------------ */

static unsigned wish(const struct stream *s, enum stream_side side)
{
	(void)s;
	return side == STREAM_READ ? STREAM_WANT_TIME : STREAM_WANT_WRITE;
}

static int64_t wake(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return 17;
}

static int descriptor(const struct stream *s, enum stream_side side)
{
	(void)s;
	return side == STREAM_READ ? 5 : 6;
}

static bool pends(const struct stream *s)
{
	(void)s;
	return true;
}

static void freed(struct stream *s)
{
	(void)s;
	cr_assert_fail("below is not ours to free");
}

Test(coding, waits_as_below_waits_and_leaves_it_alone)
{
	static const struct stream_ops ops = {
		.name = "below",
		.want = wish,
		.wake_ms = wake,
		.fd = descriptor,
		.raw_fd = descriptor,
		.pending = pends,
		.free = freed,
	};
	struct stream below = { .ops = &ops };
	const char byte = 'x';

	cr_assert(coding_open(&encoded.decoded, &below, "gzip", 4, &encoded.why));
	cr_assert_eq(stream_want(encoded.decoded, STREAM_READ), STREAM_WANT_TIME);
	cr_assert_eq(stream_wake_ms(encoded.decoded, STREAM_READ), 17);
	cr_assert_eq(stream_fd(encoded.decoded, STREAM_READ), 5);
	cr_assert(stream_pending(encoded.decoded));
	cr_assert_eq(stream_raw_fd(encoded.decoded, STREAM_READ), -1);
	cr_assert_eq(stream_want(encoded.decoded, STREAM_WRITE), 0);
	cr_assert_eq(stream_fd(encoded.decoded, STREAM_WRITE), -1);
	cr_assert_eq(stream_write(encoded.decoded, &byte, 1, &(size_t){ 0 }, &encoded.why),
		     IO_FAILED);
	cr_assert_eq(encoded.why.class, FAILURE_OTHER);
	stream_free(encoded.decoded);
	encoded.decoded = NULL;
}
