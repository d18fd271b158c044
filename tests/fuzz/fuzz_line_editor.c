/* SPDX-License-Identifier: MIT */
/* fuzz_line_editor.c - what a terminal sends: keys in any pieces are the same keys, nothing pasted
 * is a control; and what is typed fits into any window. */
#include "fuzz.h"

#include <sockutil/base/utf8.h>
#include <sockutil/stream/line_editor_layout.h>
#include <sockutil/stream/line_editor_typed.h>

static void check_key(uint32_t key)
{
	const uint32_t point = key & ~(uint32_t)LINE_EDITOR_PASTED;

	if (key == LINE_EDITOR_PASTE_END)
		return;
	fuzz_check(point <= 0x10ffff && (point < 0xd800 || point > 0xdfff));
	fuzz_check(point < 0x80 || point >= 0xa0);
	fuzz_check(!(key & LINE_EDITOR_PASTED) || point == '\t' ||
		   (point >= 0x20 && point != 0x7f));
}

/* Pieces of that size; 0: all at once. more is said wherever it is true. */
static struct buffer typed_in(const char *bytes, size_t length, size_t piece)
{
	struct line_editor_typed typed = { .matched = 0 };
	struct buffer keys = { 0 };
	uint32_t key;

	for (size_t at = 0, count; at < length; at += count) {
		count = piece && piece < length - at ? piece : length - at;
		fuzz_check(line_editor_type(&typed, bytes + at, count, at + count < length));
		fuzz_check(typed.bytes.length < 8);
	}
	while (line_editor_typed_peek(&typed, &key)) {
		check_key(key);
		fuzz_check(buffer_add(&keys, &key, sizeof(key)));
		line_editor_typed_take(&typed);
	}
	line_editor_typed_free(&typed);
	return keys;
}

static void check_pieces(const char *bytes, size_t length)
{
	struct buffer whole = typed_in(bytes, length, 0);

	for (size_t piece = 1; piece < 5; piece++) {
		struct buffer parts = typed_in(bytes, length, piece);

		fuzz_check(parts.length == whole.length);
		fuzz_check(!whole.length ||
			   !memcmp(buffer_bytes(&parts), buffer_bytes(&whole), whole.length));
		buffer_free(&parts);
	}
	buffer_free(&whole);
}

static void check_frame(const struct line_editor_frame *frame, const struct line_editor_view *view)
{
	const size_t most = view->rows > 1 ? view->rows - 1 : 1;

	fuzz_check(frame->rows >= 1 && frame->rows <= most);
	fuzz_check(frame->row < frame->rows && frame->column < view->columns);
	fuzz_check(frame->widths.length == frame->rows * sizeof(uint16_t));
	for (size_t columns = 1; columns < 100; columns += 7)
		fuzz_check(line_editor_rows_above(frame, columns) >= frame->row);
}

/* What goes to the terminal: characters, CR LF, and the way up to the cursor. */
static void check_drawn(const char *text, size_t length)
{
	uint32_t point = 0;

	for (size_t at = 0, count; at < length; at += count) {
		count = utf8_decode(text + at, length - at, &point);
		fuzz_check(count > 0);
		if (point == 0x1b)
			fuzz_check(text[at + 1] == '[' && text[at + 2] >= '1' &&
				   text[at + 2] <= '9');
		else
			fuzz_check(point == '\r' || point == '\n' || point >= 0x20);
		fuzz_check(point < 0x7f || point >= 0xa0);
		fuzz_check(point < 0x202a || point > 0x202e);
	}
}

static void check_window(const char *bytes, size_t length, size_t columns, size_t rows)
{
	const size_t prompt = utf8_cut(bytes, length, length / 8);
	struct line_editor_view view = {
		.prompt = bytes,
		.prompt_length = prompt,
		.text = bytes + prompt,
		.text_length = length - prompt,
		.cursor = utf8_cut(bytes + prompt, length - prompt, (length - prompt) / 2),
		.columns = columns,
		.rows = rows,
	};
	struct line_editor_frame frame = { .rows = 0 };
	struct buffer out = { 0 };

	fuzz_check(line_editor_draw(&frame, &view, &out));
	check_frame(&frame, &view);
	check_drawn(buffer_text(&out), out.length);
	line_editor_frame_free(&frame);
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	const size_t columns = size ? data[0] % 40 + 1 : 1;

	check_pieces(text, size);
	check_window(text, size, columns, size ? data[size - 1] % 12 + 1 : 1);
	free(text);
	return 0;
}
