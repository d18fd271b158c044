/* SPDX-License-Identifier: MIT */
/* src/stream/line_editor_layout.c - a line being typed as rows of a terminal. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/stream/line_editor_layout.h>

enum { TAB = 8, CELL_MAX = 16 };

/* A character as it is shown. */
struct cell {
	char bytes[CELL_MAX];
	size_t length;
	size_t width;
	size_t taken; /* bytes of the text that it stands for */
	bool breaks;  /* the next row begins behind it */
	bool blank;   /* a tab */
};

static bool turns_around(uint32_t point)
{
	return point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069);
}

static void cell_named(struct cell *cell, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void cell_named(struct cell *cell, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	cell->length = (size_t)vsnprintf(cell->bytes, sizeof(cell->bytes), format, arguments);
	va_end(arguments);
	cell->width = cell->length;
}

static void cell_plain(struct cell *cell, const char *bytes, size_t count)
{
	memcpy(cell->bytes, bytes, count);
	cell->length = count;
	cell->width = utf8_width(bytes, count);
}

static void cell_blank(struct cell *cell, size_t count)
{
	memset(cell->bytes, ' ', count);
	cell->width = cell->length = count;
	cell->blank = true;
}

/* The character at the start of length > 0 bytes, in that column. */
static struct cell cell_of(const char *bytes, size_t length, size_t column)
{
	struct cell cell = { .taken = 1 };
	uint32_t point = 0;
	size_t count = utf8_decode(bytes, length, &point);

	if (count)
		cell.taken = count;
	if (!count)
		cell_named(&cell, "\\x%02x", (unsigned char)bytes[0]);
	else if (point == '\n')
		cell.breaks = true;
	else if (point == '\t')
		cell_blank(&cell, TAB - column % TAB);
	else if (point < 0x20 || point == 0x7f)
		cell_named(&cell, "^%c", point ^ 0x40);
	else if ((point >= 0x80 && point < 0xa0) || turns_around(point))
		cell_named(&cell, "\\u{%x}", point);
	else if (point == LINE_EDITOR_NEWLINE)
		cell_plain(&cell, "\xe2\x90\xa4", 3);
	else
		cell_plain(&cell, bytes, count);
	return cell;
}

/* Where a walk over prompt and text is. */
struct walk {
	const struct line_editor_view *view;
	size_t at; /* byte of prompt and text together */
	size_t row, column;
	/* What is written on the way; NULL out: nothing. */
	struct buffer *out;
	size_t first, end;     /* rows of them, end beyond the last */
	struct buffer *widths; /* of those rows; may be NULL */
	bool memory_short;
};

static bool in_sight(const struct walk *w)
{
	return w->row >= w->first && w->row < w->end;
}

static void walk_write(struct walk *w, const char *bytes, size_t length)
{
	if (w->out && in_sight(w) && !buffer_add(w->out, bytes, length))
		w->memory_short = true;
}

static void walk_row_done(struct walk *w)
{
	const uint16_t width = (uint16_t)w->column;

	if (w->widths && in_sight(w) && !buffer_add(w->widths, &width, sizeof(width)))
		w->memory_short = true;
}

static void walk_next_row(struct walk *w)
{
	walk_row_done(w);
	w->row++;
	w->column = 0;
	if (w->row > w->first)
		walk_write(w, "\r\n", 2);
}

static struct cell walk_cell(const struct walk *w)
{
	const struct line_editor_view *v = w->view;

	if (w->at < v->prompt_length)
		return cell_of(v->prompt + w->at, v->prompt_length - w->at, w->column);
	return cell_of(v->text + (w->at - v->prompt_length),
		       v->text_length - (w->at - v->prompt_length), w->column);
}

/* To what the row has room for: a part of what is ASCII, else nothing. */
static void cell_cut(struct cell *cell, size_t columns)
{
	if (cell->width <= columns)
		return;
	cell->length = cell->width == cell->length ? columns : 0;
	cell->width = cell->length;
}

/* Marks stay with what they are on: a full row is left for the next column only. */
static bool fits(const struct walk *w, const struct cell *cell)
{
	return cell->width == 0 || w->column + cell->width <= w->view->columns || w->column == 0;
}

static void walk_step(struct walk *w)
{
	const size_t columns = w->view->columns;
	struct cell cell = walk_cell(w);

	/* A tab ends with its row. */
	if (!fits(w, &cell) && cell.blank && w->column < columns)
		cell_cut(&cell, columns - w->column);
	if (!fits(w, &cell)) {
		walk_next_row(w);
		cell = walk_cell(w);
	}
	cell_cut(&cell, columns);
	walk_write(w, cell.bytes, cell.length);
	w->column += cell.width;
	w->at += cell.taken;
	if (cell.breaks)
		walk_next_row(w);
}

static size_t walk_end(const struct walk *w)
{
	return w->view->prompt_length + w->view->text_length;
}

/* To the cursor, into the row in which what follows it stands. */
static void walk_to_cursor(struct walk *w)
{
	const size_t cursor = w->view->prompt_length + w->view->cursor;
	struct cell next;

	while (w->at < cursor)
		walk_step(w);
	if (w->at < walk_end(w)) {
		next = walk_cell(w);
		if (next.breaks ? w->column < w->view->columns : fits(w, &next))
			return;
		if (next.blank && w->column < w->view->columns)
			return;
	} else if (w->column < w->view->columns) {
		return;
	}
	walk_next_row(w);
}

static void walk_rest(struct walk *w)
{
	while (w->at < walk_end(w))
		walk_step(w);
	walk_row_done(w);
}

/* A mark has the cursor behind it in a full row. */
static size_t column_of(const struct walk *w)
{
	return w->column < w->view->columns ? w->column : w->view->columns - 1;
}

/* The rows that are drawn: the cursor's is the last of them where not all have room. */
static void choose_rows(struct walk *w, size_t cursor_row)
{
	const size_t most = w->view->rows > 1 ? w->view->rows - 1 : 1;

	w->first = cursor_row >= most ? cursor_row - most + 1 : 0;
	w->end = w->first + most;
}

/* Writes the cursor's row up to it once more, which puts the cursor there. */
static bool place_cursor(const struct walk *drawn, size_t rows_up, struct buffer *out)
{
	struct walk again = { .view = drawn->view, .out = out };

	if (rows_up && !buffer_format(out, "\x1b[%zuA", rows_up))
		return false;
	if (!buffer_add(out, "\r", 1))
		return false;
	again.first = drawn->row;
	again.end = drawn->row + 1;
	walk_to_cursor(&again);
	return !again.memory_short;
}

bool line_editor_draw(struct line_editor_frame *frame, const struct line_editor_view *view,
		      struct buffer *out)
{
	struct walk seen = { .view = view, .widths = &frame->widths, .out = out };
	struct walk cursor = { .view = view };
	size_t last;

	line_editor_frame_free(frame);
	walk_to_cursor(&cursor);
	choose_rows(&seen, cursor.row);
	walk_to_cursor(&seen);
	walk_rest(&seen);
	last = seen.row < seen.end ? seen.row : seen.end - 1;
	frame->rows = last - seen.first + 1;
	frame->row = cursor.row - seen.first;
	frame->column = column_of(&cursor);
	frame->columns = view->columns;
	if (view->cursor < view->text_length && !place_cursor(&cursor, last - cursor.row, out))
		return false;
	return !seen.memory_short;
}

static size_t broken_into(size_t width, size_t columns)
{
	return width <= columns ? 1 : (width + columns - 1) / columns;
}

size_t line_editor_rows_above(const struct line_editor_frame *frame, size_t columns)
{
	size_t above = 0;

	if (columns >= frame->columns)
		return frame->row;
	for (size_t i = 0; i < frame->row; i++) {
		uint16_t width;

		memcpy(&width, buffer_bytes(&frame->widths) + i * sizeof(width), sizeof(width));
		above += broken_into(width, columns);
	}
	return above + frame->column / columns;
}

void line_editor_frame_free(struct line_editor_frame *frame)
{
	buffer_free(&frame->widths);
	*frame = (struct line_editor_frame){ .rows = 0 };
}
