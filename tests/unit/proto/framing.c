/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/framing.c
 * Holds: a chunk is all that came less one newline; a line ends at its newline and CRLF counts as
 * one, the last may lack it; a length-framed message is taken whole; what is not whole waits; the
 * end of input; limits are exact, said before the bytes are there where they can be; a cut message
 * is said with its counts; any split of the input gives the same messages; wrapping gives what
 * framing takes.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/framing.h>

/* One call over a string; -1 as length is strlen. */
static enum io next(enum framing framing, const char *text, int length, bool ended, size_t limit,
		    struct message *out, struct failure *why)
{
	memset(out, 0, sizeof *out);
	return framing_next(framing, text, length < 0 ? strlen(text) : (size_t)length, ended, limit,
			    out, why);
}

static void assert_message(const struct message *m, const char *bytes, const char *trailer,
			   size_t consumed)
{
	cr_assert_eq(m->length, strlen(bytes));
	cr_assert_eq(memcmp(m->bytes, bytes, m->length), 0);
	cr_assert_str_eq(m->trailer, trailer);
	cr_assert_eq(m->consumed, consumed);
}

Test(framing, nothing_waits_or_ends)
{
	static const enum framing all[] = { FRAMING_CHUNK, FRAMING_LINE, FRAMING_LENGTH };
	struct failure why = { 0 };
	struct message m;

	for (int i = 0; i < 3; i++) {
		cr_assert_eq(next(all[i], "", 0, false, 10, &m, &why), IO_AGAIN);
		cr_assert_eq(next(all[i], "", 0, true, 10, &m, &why), IO_END);
		cr_assert_eq(framing_next(all[i], NULL, 0, true, 10, &m, &why), IO_END);
	}
}

Test(framing, a_chunk_is_what_came_less_one_newline)
{
	struct failure why = { 0 };
	struct message m;

	cr_assert_eq(next(FRAMING_CHUNK, "abc", -1, false, 10, &m, &why), IO_DONE);
	assert_message(&m, "abc", "", 3);
	cr_assert_eq(next(FRAMING_CHUNK, "a\nb\n", -1, true, 10, &m, &why), IO_DONE);
	assert_message(&m, "a\nb", "\n", 4);
	cr_assert_eq(next(FRAMING_CHUNK, "a\r\n", -1, false, 10, &m, &why), IO_DONE);
	assert_message(&m, "a", "\r\n", 3);
	cr_assert_eq(next(FRAMING_CHUNK, "a\n\n", -1, false, 10, &m, &why), IO_DONE);
	assert_message(&m, "a\n", "\n", 3);
	cr_assert_eq(next(FRAMING_CHUNK, "\n", -1, false, 10, &m, &why), IO_DONE);
	assert_message(&m, "", "\n", 1);
	cr_assert_eq(next(FRAMING_CHUNK, "\r\n", -1, false, 10, &m, &why), IO_DONE);
	assert_message(&m, "", "\r\n", 2);
}

Test(framing, a_line_ends_at_its_newline)
{
	struct failure why = { 0 };
	struct message m;

	cr_assert_eq(next(FRAMING_LINE, "one\ntwo\n", -1, false, 10, &m, &why), IO_DONE);
	assert_message(&m, "one", "\n", 4);
	cr_assert_eq(next(FRAMING_LINE, "one\r\ntwo", -1, false, 10, &m, &why), IO_DONE);
	assert_message(&m, "one", "\r\n", 5);
	cr_assert_eq(next(FRAMING_LINE, "o\rne\n", -1, false, 10, &m, &why), IO_DONE);
	assert_message(&m, "o\rne", "\n", 5);
	cr_assert_eq(next(FRAMING_LINE, "\nx", -1, false, 10, &m, &why), IO_DONE);
	assert_message(&m, "", "\n", 1);
	cr_assert_eq(next(FRAMING_LINE, "one", -1, false, 10, &m, &why), IO_AGAIN);
	cr_assert_eq(next(FRAMING_LINE, "one\r", -1, false, 10, &m, &why), IO_AGAIN);
}

Test(framing, the_last_line_may_lack_its_newline)
{
	struct failure why = { 0 };
	struct message m;

	cr_assert_eq(next(FRAMING_LINE, "one", -1, true, 10, &m, &why), IO_DONE);
	assert_message(&m, "one", "", 3);
	cr_assert_eq(next(FRAMING_LINE, "one\r", -1, true, 10, &m, &why), IO_DONE);
	assert_message(&m, "one\r", "", 4);
}

Test(framing, a_length_and_that_many_bytes)
{
	struct failure why = { 0 };
	struct message m;

	cr_assert_eq(next(FRAMING_LENGTH, "\0\0\0\3abcdef", 10, false, 10, &m, &why), IO_DONE);
	assert_message(&m, "abc", "", 7);
	cr_assert_eq(next(FRAMING_LENGTH, "\0\0\0\0a", 5, false, 10, &m, &why), IO_DONE);
	assert_message(&m, "", "", 4);
	cr_assert_eq(next(FRAMING_LENGTH, "\0\0\0\2a\n", 6, false, 10, &m, &why), IO_DONE);
	assert_message(&m, "a\n", "", 6);
	for (int length = 1; length < 7; length++)
		cr_assert_eq(next(FRAMING_LENGTH, "\0\0\0\3abc", length, false, 10, &m, &why),
			     IO_AGAIN);
}

Test(framing, limits_are_exact)
{
	struct failure why = { 0 };
	struct message m;

	cr_assert_eq(next(FRAMING_CHUNK, "abc\n", -1, false, 3, &m, &why), IO_DONE);
	cr_assert_eq(next(FRAMING_CHUNK, "abcd", -1, false, 3, &m, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_SIZE);
	cr_assert_str_eq(why.text, "message longer than 3 bytes");

	cr_assert_eq(next(FRAMING_LINE, "abc\r\n", -1, false, 3, &m, &why), IO_DONE);
	cr_assert_eq(next(FRAMING_LINE, "abc", -1, false, 3, &m, &why), IO_AGAIN);
	cr_assert_eq(next(FRAMING_LINE, "abc\r", -1, false, 3, &m, &why), IO_AGAIN);
	why = (struct failure){ 0 };
	cr_assert_eq(next(FRAMING_LINE, "abcd", -1, false, 3, &m, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_SIZE);
	cr_assert_eq(next(FRAMING_LINE, "abcd\r", -1, false, 3, &m, &why), IO_FAILED);
	cr_assert_eq(next(FRAMING_LINE, "abcd\n", -1, false, 3, &m, &why), IO_FAILED);
	cr_assert_eq(next(FRAMING_LINE, "abcd", -1, true, 3, &m, &why), IO_FAILED);
	cr_assert_eq(next(FRAMING_LINE, "abc\r", -1, true, 3, &m, &why), IO_FAILED);

	cr_assert_eq(next(FRAMING_LENGTH, "\0\0\0\3abc", 7, false, 3, &m, &why), IO_DONE);
	why = (struct failure){ 0 };
	cr_assert_eq(next(FRAMING_LENGTH, "\0\0\0\4", 4, false, 3, &m, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_SIZE);
	cr_assert_str_eq(why.text, "message of 4 bytes is longer than 3 bytes");
	cr_assert_eq(next(FRAMING_LENGTH, "\xff\xff\xff\xff", 4, true, 3, &m, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "message of 4294967295 bytes is longer than 3 bytes");
}

Test(framing, a_cut_message_is_said)
{
	struct failure why = { 0 };
	struct message m;

	cr_assert_eq(next(FRAMING_LENGTH, "\0\0", 2, true, 10, &m, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_TRUNCATED);
	cr_assert_str_eq(why.text, "message cut short: 2 of the 4 bytes of its length came");
	cr_assert_eq(next(FRAMING_LENGTH, "\0\0\0\3ab", 6, true, 10, &m, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_TRUNCATED);
	cr_assert_str_eq(why.text, "message cut short: 2 of 3 bytes came");
}

/* Feeds input in pieces of a size and writes each message behind its length. */
static size_t fed(enum framing framing, const char *input, size_t length, size_t piece, char *out)
{
	struct failure why = { 0 };
	struct message m;
	size_t start = 0, have = 0, written = 0;

	for (;;) {
		enum io io = framing_next(framing, input + start, have - start, have == length, 100,
					  &m, &why);

		if (io == IO_END)
			return written;
		cr_assert_neq(io, IO_FAILED, "%s", why.text);
		if (io == IO_DONE) {
			out[written++] = (char)m.length;
			memcpy(out + written, m.bytes, m.length);
			written += m.length;
			start += m.consumed;
		} else {
			have = have + piece < length ? have + piece : length;
		}
	}
}

Test(framing, any_split_gives_the_same_messages)
{
	static const char lines[] = "one\r\n\r\ntwo\n\nthr\ree\r\n\nend";
	static const char lengths[] = "\0\0\0\3one\0\0\0\0\0\0\0\5\n\0\0\0\1";
	char whole[100], pieces[100];

	for (size_t piece = 1; piece < sizeof lines; piece++) {
		size_t length = fed(FRAMING_LINE, lines, sizeof lines - 1, sizeof lines, whole);

		cr_assert_eq(length, 22);
		cr_assert_eq(fed(FRAMING_LINE, lines, sizeof lines - 1, piece, pieces), length);
		cr_assert_eq(memcmp(whole, pieces, length), 0);
		length = fed(FRAMING_LENGTH, lengths, sizeof lengths - 1, sizeof lengths, whole);
		cr_assert_eq(fed(FRAMING_LENGTH, lengths, sizeof lengths - 1, piece, pieces),
			     length);
		cr_assert_eq(memcmp(whole, pieces, length), 0);
	}
}

Test(framing, wraps_what_it_takes)
{
	const char *tail = NULL;
	char head[5] = "....";

	cr_assert_eq(framing_wrap(FRAMING_CHUNK, 5, head, &tail), 0);
	cr_assert_str_eq(tail, "");
	cr_assert_eq(framing_wrap(FRAMING_LINE, 5, head, &tail), 0);
	cr_assert_str_eq(tail, "\n");
	cr_assert_str_eq(head, "....");
	cr_assert_eq(framing_wrap(FRAMING_LENGTH, 0x01020384, head, &tail), 4);
	cr_assert_str_eq(tail, "");
	cr_assert_eq(memcmp(head, "\x01\x02\x03\x84", 4), 0);
}
