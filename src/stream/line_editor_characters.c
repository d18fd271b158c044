/* SPDX-License-Identifier: MIT */
/* src/stream/line_editor_characters.c - libedit's characters (code points) and UTF-8. */
#include <stdlib.h>

#include <sockutil/base/utf8.h>
#include <sockutil/stream/line_editor_parts.h>

size_t line_editor_size(wchar_t character)
{
	const uint32_t point = (uint32_t)character;

	return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

static size_t encode(char *out, wchar_t character)
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	const size_t size = line_editor_size(character);
	uint32_t rest = (uint32_t)character;

	for (size_t i = size - 1; i > 0; i--, rest >>= 6)
		out[i] = (char)(0x80 | (rest & 0x3f));
	out[0] = (char)(lead[size == 1 ? 0 : size] | rest);
	return size;
}

size_t line_editor_width(wchar_t character)
{
	char bytes[4];

	return utf8_width(bytes, encode(bytes, character));
}

bool line_editor_to_utf8(struct buffer *out, const wchar_t *text, size_t length)
{
	char *room = buffer_reserve(out, length * 4 + 1);
	size_t used = 0;

	if (!room)
		return false;
	for (size_t i = 0; i < length; i++)
		used += encode(room + used, text[i]);
	buffer_commit(out, used);
	return true;
}

wchar_t *line_editor_to_wide(const char *text, size_t length)
{
	wchar_t *wide = malloc((length + 1) * sizeof(*wide));
	size_t count = 0;

	for (size_t at = 0; wide && at < length;) {
		uint32_t point = 0xfffd;
		size_t size = utf8_decode(text + at, length - at, &point);

		wide[count++] = (wchar_t)point;
		at += size ? size : 1;
	}
	if (wide)
		wide[count] = L'\0';
	return wide;
}
