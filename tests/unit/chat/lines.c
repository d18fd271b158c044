/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/lines.c
 * Holds: one read may bring several lines and a line may come in any pieces, with the same result;
 * a CR before LF is no part, another one is; an empty line is a line; a whole line is given where
 * it lies, without memory; a NUL is a byte; CHAT_LINE_MAX bytes are whole whatever their end, one
 * more is cut, at a character, given before its end comes, and its rest is dropped up to the LF, 64
 * MiB of it too, in bounded memory; the last line without an end is given once, the rest of a cut
 * one is not; memory is held only while a line is begun.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/chat/lines.h>

/* What came, each line with "|" behind it, or "!" when it was cut. */
static struct buffer told;

static void tell(const struct chat_lines_line *line)
{
	buffer_add(&told, line->bytes, line->length);
	buffer_add(&told, line->cut ? "!" : "|", 1);
}

static void assert_sane_lines(const struct chat_lines *lines)
{
	cr_assert(lines->begun.length <= CHAT_LINE_MAX + 4);
	cr_assert(lines->begun.capacity <= 4 * CHAT_LINE_MAX);
	cr_assert(!lines->dropping || lines->given || !lines->begun.length);
}

static void feed(struct chat_lines *lines, const char *bytes, size_t length)
{
	struct chat_lines_line line;

	while (chat_lines_next(lines, &bytes, &length, &line)) {
		tell(&line);
		assert_sane_lines(lines);
	}
	assert_sane_lines(lines);
	cr_assert_eq(length, 0);
}

static void feed_end(struct chat_lines *lines)
{
	struct chat_lines_line line;

	if (chat_lines_last(lines, &line))
		tell(&line);
	cr_assert(!chat_lines_last(lines, &line), "given once");
	chat_lines_free(lines);
}

static void begin(void)
{
	buffer_free(&told);
}

static void end(void)
{
	buffer_free(&told);
}

TestSuite(chat_lines, .init = begin, .fini = end);

static void assert_told(const char *expected)
{
	cr_assert_str_eq(buffer_text(&told), expected);
}

static void feed_text(const char *text, size_t piece)
{
	struct chat_lines lines = { 0 };
	const size_t length = strlen(text);

	buffer_free(&told);
	for (size_t at = 0; at < length; at += piece)
		feed(&lines, text + at, length - at < piece ? length - at : piece);
	feed_end(&lines);
}

Test(chat_lines, come_in_any_pieces)
{
	for (size_t piece = 1; piece < 20; piece++) {
		feed_text("one\ntwo\r\n\n\r\na\rb\n\r\r\nlast", piece);
		assert_told("one|two|||a\rb|\r|last|");
	}
}

Test(chat_lines, half_an_end_is_no_part_of_the_last_line)
{
	feed_text("one\ntwo\r", 100);
	assert_told("one|two|");
	feed_text("\r", 100);
	assert_told("|");
	feed_text("one\n", 100);
	assert_told("one|");
}

Test(chat_lines, a_nul_is_a_byte)
{
	struct chat_lines lines = { 0 };

	feed(&lines, "a\0b\nc\0", 6);
	feed_end(&lines);
	cr_assert_eq(told.length, 7);
	cr_assert_eq(memcmp(buffer_bytes(&told), "a\0b|c\0|", 7), 0);
}

Test(chat_lines, a_whole_line_lies_where_it_came)
{
	const char text[] = "hello\nthere\nhalf", *bytes = text;
	size_t length = strlen(text);
	struct chat_lines lines = { 0 };
	struct chat_lines_line line;

	cr_assert(chat_lines_next(&lines, &bytes, &length, &line));
	cr_assert_eq(line.bytes, text);
	cr_assert_eq(line.length, 5);
	cr_assert(!line.cut);
	cr_assert_eq(bytes, text + 6);
	cr_assert_eq(length, 10);
	cr_assert_null(lines.begun.data, "no memory");
	cr_assert(chat_lines_next(&lines, &bytes, &length, &line));
	cr_assert_eq(line.bytes, text + 6);
	cr_assert_null(lines.begun.data);
	cr_assert(!chat_lines_next(&lines, &bytes, &length, &line));
	cr_assert_eq(lines.begun.length, 4);
	chat_lines_free(&lines);
}

Test(chat_lines, a_call_without_bytes_gives_the_memory_back)
{
	const char *bytes = "gun\n";
	size_t length = 4;
	struct chat_lines lines = { 0 };
	struct chat_lines_line line;

	feed(&lines, "be", 2);
	cr_assert(chat_lines_next(&lines, &bytes, &length, &line));
	cr_assert_eq(length, 0);
	cr_assert_not_null(lines.begun.data, "the line lies there");
	cr_assert(!chat_lines_next(&lines, &bytes, &length, &line));
	cr_assert_null(lines.begun.data);
}

Test(chat_lines, memory_is_given_back_with_the_line)
{
	struct chat_lines lines = { 0 };

	feed(&lines, "be", 2);
	cr_assert_not_null(lines.begun.data);
	feed(&lines, "gun\n", 4);
	assert_told("begun|");
	cr_assert_null(lines.begun.data);
}

/* count bytes of filler, then what ends it, in pieces of one size. */
static void feed_long(size_t count, const char *end_of_line, size_t piece)
{
	char *text = malloc(count + strlen(end_of_line) + 1);

	cr_assert_not_null(text);
	memset(text, 'x', count);
	memcpy(text + count, end_of_line, strlen(end_of_line) + 1);
	feed_text(text, piece);
	free(text);
}

static void assert_told_long(size_t count, const char *behind)
{
	const size_t length = strlen(behind);

	cr_assert_eq(told.length, count + length, "%zu bytes, not %zu", told.length,
		     count + length);
	cr_assert_eq(memcmp(buffer_bytes(&told) + count, behind, length), 0);
}

static const size_t pieces[] = { 1, 7, 4095, 4096, 4097, 4098, 4099, 4100, 4101, 100000 };

Test(chat_lines, the_limit_is_of_the_line_without_its_end)
{
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		feed_long(CHAT_LINE_MAX, "\nnext\n", pieces[i]);
		assert_told_long(CHAT_LINE_MAX, "|next|");
		feed_long(CHAT_LINE_MAX, "\r\nnext\n", pieces[i]);
		assert_told_long(CHAT_LINE_MAX, "|next|");
		feed_long(CHAT_LINE_MAX, "", pieces[i]);
		assert_told_long(CHAT_LINE_MAX, "|");
		feed_long(CHAT_LINE_MAX + 1, "\nnext\n", pieces[i]);
		assert_told_long(CHAT_LINE_MAX, "!next|");
		feed_long(CHAT_LINE_MAX, "\r\r\nnext\n", pieces[i]);
		assert_told_long(CHAT_LINE_MAX, "!next|");
		feed_long(CHAT_LINE_MAX + 1, "", pieces[i]);
		assert_told_long(CHAT_LINE_MAX, "!");
		feed_long(3 * CHAT_LINE_MAX, "\nnext\n", pieces[i]);
		assert_told_long(CHAT_LINE_MAX, "!next|");
		feed_long(3 * CHAT_LINE_MAX, "", pieces[i]);
		assert_told_long(CHAT_LINE_MAX, "!");
	}
}

Test(chat_lines, a_cut_tears_no_character)
{
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		feed_long(CHAT_LINE_MAX - 1, "\xc3\xa9z\nnext\n", pieces[i]);
		assert_told_long(CHAT_LINE_MAX - 1, "!next|");
		feed_long(CHAT_LINE_MAX - 1, "\xf0\x9f\x98\x80\nnext\n", pieces[i]);
		assert_told_long(CHAT_LINE_MAX - 1, "!next|");
		feed_long(CHAT_LINE_MAX - 3, "\xf0\x9f\x98\x80zzzzzzz\nnext\n", pieces[i]);
		assert_told_long(CHAT_LINE_MAX - 3, "!next|");
		feed_long(CHAT_LINE_MAX - 4, "\xf0\x9f\x98\x80\nnext\n", pieces[i]);
		assert_told_long(CHAT_LINE_MAX - 4, "\xf0\x9f\x98\x80|next|");
		feed_long(CHAT_LINE_MAX - 1, "\xf0\x9f\x98\x80", pieces[i]);
		assert_told_long(CHAT_LINE_MAX - 1, "!");
	}
}

Test(chat_lines, a_long_line_is_given_before_it_ends)
{
	struct chat_lines lines = { 0 };
	char block[CHAT_LINE_MAX + 100];

	memset(block, 'x', sizeof(block));
	feed(&lines, block, 100);
	feed(&lines, block, CHAT_LINE_MAX);
	assert_told_long(CHAT_LINE_MAX, "!");
	cr_assert(lines.dropping);
	cr_assert_null(lines.begun.data);
	chat_lines_free(&lines);
}

Test(chat_lines, sixty_four_mebibytes_are_one_line_in_little_memory)
{
	struct chat_lines lines = { 0 };
	static char block[65536];

	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 1024; i++)
		feed(&lines, block, sizeof(block));
	feed(&lines, "\nnext\n", 6);
	feed_end(&lines);
	assert_told_long(CHAT_LINE_MAX, "!next|");
}
