/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/line_editor_layout.c
 * Holds: a line that fits is written as it is; rows are begun by us and full ones stay in theirs;
 * a wide character that does not fit goes to the next row; marks stay with their character, at the
 * margin, too; a cursor at the end of a full row is in the next one, and in front of a wide
 * character that went on to it; a tab ends with its row; ends of lines, controls, bidi marks and
 * bad bytes are shown; a line higher than the window is shown around its cursor; windows of one
 * column and one row; the rows above the cursor in narrower and wider windows. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/stream/line_editor_layout.h>

#define TO_CURSOR ((size_t)-1)

static struct buffer out;
static struct line_editor_frame frame;

static void assert_sane_frame(size_t columns)
{
	cr_assert(frame.row < frame.rows);
	cr_assert(frame.column < columns);
	cr_assert_eq(frame.columns, columns);
	cr_assert_eq(frame.widths.length, frame.rows * sizeof(uint16_t));
	for (size_t i = 0; i < frame.rows; i++) {
		uint16_t width;

		memcpy(&width, buffer_bytes(&frame.widths) + i * sizeof(width), sizeof(width));
		cr_assert(width <= columns);
	}
}

static const char *drawn(const char *prompt, const char *text, size_t cursor, size_t columns,
			 size_t rows)
{
	const struct line_editor_view view = {
		.prompt = prompt,
		.prompt_length = strlen(prompt),
		.text = text,
		.text_length = strlen(text),
		.cursor = cursor == TO_CURSOR ? strlen(text) : cursor,
		.columns = columns,
		.rows = rows,
	};

	buffer_free(&out);
	cr_assert(line_editor_draw(&frame, &view, &out));
	assert_sane_frame(columns);
	return buffer_text(&out);
}

static void assert_cursor(size_t rows, size_t row, size_t column)
{
	cr_assert_eq(frame.rows, rows, "%zu rows", frame.rows);
	cr_assert_eq(frame.row, row, "row %zu", frame.row);
	cr_assert_eq(frame.column, column, "column %zu", frame.column);
}

static void finish(void)
{
	buffer_free(&out);
	line_editor_frame_free(&frame);
}

TestSuite(line_editor_layout, .fini = finish);

Test(line_editor_layout, a_line_that_fits_is_written_as_it_is)
{
	cr_assert_str_eq(drawn("", "", TO_CURSOR, 80, 24), "");
	assert_cursor(1, 0, 0);
	cr_assert_str_eq(drawn("> ", "hello", TO_CURSOR, 80, 24), "> hello");
	assert_cursor(1, 0, 7);
	cr_assert_str_eq(drawn("> ", "\xe4\xbd\xa0\xe5\xa5\xbd", TO_CURSOR, 80, 24),
			 "> \xe4\xbd\xa0\xe5\xa5\xbd");
	assert_cursor(1, 0, 6);
}

Test(line_editor_layout, a_cursor_is_put_by_writing_its_row_up_to_it_again)
{
	cr_assert_str_eq(drawn("> ", "hello", 2, 80, 24), "> hello\r> he");
	assert_cursor(1, 0, 4);
	cr_assert_str_eq(drawn("> ", "hello", 0, 80, 24), "> hello\r> ");
	cr_assert_str_eq(drawn("", "abcdefgh", 1, 4, 24), "abcd\r\nefgh\x1b[1A\ra");
	assert_cursor(2, 0, 1);
	cr_assert_str_eq(drawn("", "abcdefghi", 5, 4, 24), "abcd\r\nefgh\r\ni\x1b[1A\re");
	assert_cursor(3, 1, 1);
}

Test(line_editor_layout, a_cursor_at_the_end_of_a_full_row_is_in_the_next)
{
	cr_assert_str_eq(drawn("> ", "ab", TO_CURSOR, 4, 24), "> ab\r\n");
	assert_cursor(2, 1, 0);
	cr_assert_str_eq(drawn("> ", "abc", 2, 4, 24), "> ab\r\nc\r");
	assert_cursor(2, 1, 0);
	/* Only a cursor needs that row. */
	cr_assert_str_eq(drawn("> ", "ab", 0, 4, 24), "> ab\r> ");
	assert_cursor(1, 0, 2);
}

Test(line_editor_layout, a_wide_character_is_never_torn)
{
	cr_assert_str_eq(drawn("", "abc\xe4\xbd\xa0", TO_CURSOR, 4, 24), "abc\r\n\xe4\xbd\xa0");
	assert_cursor(2, 1, 2);
	cr_assert_str_eq(drawn("", "abc\xe4\xbd\xa0", 3, 4, 24), "abc\r\n\xe4\xbd\xa0\r");
	assert_cursor(2, 1, 0);
	cr_assert_str_eq(drawn("", "ab\xe4\xbd\xa0", TO_CURSOR, 4, 24), "ab\xe4\xbd\xa0\r\n");
	assert_cursor(2, 1, 0);
}

Test(line_editor_layout, marks_stay_with_their_character)
{
	cr_assert_str_eq(drawn("", "e\xcc\x81x", TO_CURSOR, 80, 24), "e\xcc\x81x");
	assert_cursor(1, 0, 2);
	cr_assert_str_eq(drawn("", "abce\xcc\x81x", TO_CURSOR, 4, 24), "abce\xcc\x81\r\nx");
	assert_cursor(2, 1, 1);
	/* Between the two the cursor is at the margin. */
	cr_assert_str_eq(drawn("", "abce\xcc\x81", 4, 4, 24), "abce\xcc\x81\rabce");
	assert_cursor(1, 0, 3);
}

Test(line_editor_layout, a_tab_ends_with_its_row)
{
	cr_assert_str_eq(drawn("", "a\tb", TO_CURSOR, 80, 24), "a       b");
	assert_cursor(1, 0, 9);
	cr_assert_str_eq(drawn("", "abcdefgh\tb", TO_CURSOR, 10, 24), "abcdefgh  \r\nb");
	assert_cursor(2, 1, 1);
	cr_assert_str_eq(drawn("", "ab\tb", 2, 4, 24), "ab  \r\nb\x1b[1A\rab");
	assert_cursor(2, 0, 2);
}

Test(line_editor_layout, what_is_no_character_is_shown)
{
	cr_assert_str_eq(drawn("", "a" LINE_EDITOR_NEWLINE_UTF8 "b", TO_CURSOR, 80, 24),
			 "a\xe2\x90\xa4"
			 "b");
	assert_cursor(1, 0, 3);
	cr_assert_str_eq(drawn("", "\x01\x1b\x7f", TO_CURSOR, 80, 24), "^A^[^?");
	cr_assert_str_eq(drawn("", "\xc2\x9b", TO_CURSOR, 80, 24), "\\u{9b}");
	cr_assert_str_eq(drawn("", "\xe2\x80\xae", TO_CURSOR, 80, 24), "\\u{202e}");
	cr_assert_str_eq(drawn("", "\xff", TO_CURSOR, 80, 24), "\\xff");
	assert_cursor(1, 0, 4);
	/* A shown control goes to the next row whole. */
	cr_assert_str_eq(drawn("", "abc\x01", TO_CURSOR, 4, 24), "abc\r\n^A");
}

Test(line_editor_layout, a_newline_begins_a_row)
{
	cr_assert_str_eq(drawn("", "match\nbck:ma", 2, 80, 24), "match\r\nbck:ma\x1b[1A\rma");
	assert_cursor(2, 0, 2);
	cr_assert_str_eq(drawn("", "abcd\nx", TO_CURSOR, 4, 24), "abcd\r\nx");
	assert_cursor(2, 1, 1);
}

Test(line_editor_layout, of_a_high_line_the_rows_around_the_cursor_are_shown)
{
	cr_assert_str_eq(drawn("", "aabbccddee", TO_CURSOR, 2, 4), "dd\r\nee\r\n");
	assert_cursor(3, 2, 0);
	cr_assert_str_eq(drawn("", "aabbccddee", 0, 2, 4), "aa\r\nbb\r\ncc\x1b[2A\r");
	assert_cursor(3, 0, 0);
	cr_assert_str_eq(drawn("", "aabbccddee", 7, 2, 4), "bb\r\ncc\r\ndd\rd");
	assert_cursor(3, 2, 1);
	cr_assert_str_eq(drawn("", "aabb", 1, 2, 1), "aa\ra");
	assert_cursor(1, 0, 1);
}

Test(line_editor_layout, a_window_of_one_column)
{
	cr_assert_str_eq(drawn("", "ab", TO_CURSOR, 1, 24), "a\r\nb\r\n");
	assert_cursor(3, 2, 0);
	/* No part of a wide character can stand in it; of what is shown as text one can. */
	cr_assert_str_eq(drawn("", "\xe4\xbd\xa0", TO_CURSOR, 1, 24), "");
	assert_cursor(1, 0, 0);
	cr_assert_str_eq(drawn("", "\x01", 0, 1, 24), "^\r");
}

Test(line_editor_layout, rows_above_the_cursor)
{
	drawn("", "abcdefghijkl", TO_CURSOR, 8, 24);
	assert_cursor(2, 1, 4);
	cr_assert_eq(line_editor_rows_above(&frame, 8), 1);
	cr_assert_eq(line_editor_rows_above(&frame, 80), 1);
	/* abcd efgh ijkl: the first row became two, and the cursor is behind a full one. */
	cr_assert_eq(line_editor_rows_above(&frame, 4), 3);
	cr_assert_eq(line_editor_rows_above(&frame, 5), 2);
	/* abc def gh ijk l */
	cr_assert_eq(line_editor_rows_above(&frame, 3), 4);
	drawn("", "a\nb", TO_CURSOR, 8, 24);
	cr_assert_eq(line_editor_rows_above(&frame, 4), 1);
}

Test(line_editor_layout, nothing_is_drawn_at_first)
{
	const struct line_editor_frame none = { .rows = 0 };

	cr_assert_eq(line_editor_rows_above(&none, 80), 0);
}
