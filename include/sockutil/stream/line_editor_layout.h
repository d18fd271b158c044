/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LINE_EDITOR_LAYOUT_H
#define SOCKUTIL_STREAM_LINE_EDITOR_LAYOUT_H
/*
 * A prompt and a line behind it as rows of a terminal. Pure. Every row is begun by us: nothing
 * depends on how a terminal wraps, and a character never straddles two rows. Where the terminal has
 * another idea of a character's width the cursor is still behind what it should be behind, as the
 * cursor's row is written up to it once more.
 *
 *   LINE_EDITOR_NEWLINE   an end of line within a line: shown as U+2424
 *   LF                    the next row
 *   tab                   to the next column that 8 divides
 *   C0, DEL               ^A, ^?
 *   C1, what turns a line around (U+200E/F, U+2028-E, U+2066-9), malformed bytes
 *                         \u{9b}, \xff
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>

enum { LINE_EDITOR_NEWLINE = 0xfdd0 }; /* a noncharacter: no text holds it */
#define LINE_EDITOR_NEWLINE_UTF8 "\xef\xb7\x90"

struct line_editor_view {
	const char *prompt;
	size_t prompt_length;
	const char *text;
	size_t text_length;
	size_t cursor;        /* in front of which byte of text it is */
	size_t columns, rows; /* of the window, >= 1 */
};

/* What is on the screen. Zeroed is valid: nothing. Invariants: widths holds rows uint16_t; row <
 * rows and column < columns when rows > 0. */
struct line_editor_frame {
	size_t rows;        /* drawn; a line higher than the window is drawn in part */
	size_t row, column; /* of the cursor, from 0 */
	size_t columns;     /* of the window when it was drawn */
	struct buffer widths;
};

/* Adds to out what draws the view, from the first column of an empty row on, in at most rows - 1
 * rows (but one), the cursor's among them, and fills frame. False when memory is short. */
bool line_editor_draw(struct line_editor_frame *frame, const struct line_editor_view *view,
		      struct buffer *out);

/* How many rows the cursor is below the frame's first one in a window of that many columns. A
 * window that has become narrower has broken the rows anew, as most terminals do. */
size_t line_editor_rows_above(const struct line_editor_frame *frame, size_t columns);

void line_editor_frame_free(struct line_editor_frame *frame);
#endif
