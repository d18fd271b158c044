/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/line_editor_characters.c
 * Holds: characters of every size to UTF-8 and back; their widths; malformed bytes become
 * U+FFFD. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include <sockutil/stream/line_editor_parts.h>

Test(line_editor_characters, there_and_back)
{
	static const wchar_t text[] = { 0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xfdd0, 0x10000, 0x10ffff };
	static const char utf8[] = "A\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xb7\x90\xf0\x90\x80\x80"
				   "\xf4\x8f\xbf\xbf";
	const size_t count = sizeof(text) / sizeof(*text);
	struct buffer out = { 0 };
	size_t bytes = 0;
	wchar_t *wide;

	cr_assert(line_editor_to_utf8(&out, text, count));
	cr_assert_str_eq(buffer_text(&out), utf8);
	for (size_t i = 0; i < count; i++)
		bytes += line_editor_size(text[i]);
	cr_assert_eq(bytes, sizeof(utf8) - 1);
	wide = line_editor_to_wide(utf8, sizeof(utf8) - 1);
	cr_assert_eq(wcslen(wide), count);
	cr_assert_eq(wmemcmp(wide, text, count), 0);
	free(wide);
	buffer_free(&out);
}

Test(line_editor_characters, nothing_is_nothing)
{
	struct buffer out = { 0 };
	wchar_t *wide = line_editor_to_wide("", 0);

	cr_assert(line_editor_to_utf8(&out, L"", 0));
	cr_assert_eq(out.length, 0);
	cr_assert_eq(wide[0], L'\0');
	free(wide);
	buffer_free(&out);
}

Test(line_editor_characters, bad_bytes_are_replaced)
{
	wchar_t *wide = line_editor_to_wide("a\xff\xe4z", 4);

	cr_assert_eq(wcscmp(wide, L"a\xfffd\xfffdz"), 0);
	free(wide);
}

Test(line_editor_characters, widths)
{
	cr_assert_eq(line_editor_width(L'a'), 1);
	cr_assert_eq(line_editor_width(0x301), 0);
	cr_assert_eq(line_editor_width(0x4f60), 2);
	cr_assert_eq(line_editor_width(0x1f600), 2);
}
