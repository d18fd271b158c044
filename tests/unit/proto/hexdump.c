/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/hexdump.c
 * Holds: the layout of a short and of a full line; a line for each 16 bytes with the offset running
 * on; only printable ASCII is shown; nothing gives no line; it appends.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/hexdump.h>

Test(hexdump, a_short_line_is_padded)
{
	struct buffer out = { 0 };

	cr_assert(hexdump_lines(&out, '>', 123, 0, "Hello\n", 6));
	cr_assert_str_eq(buffer_text(&out),
			 "> 0.000123 00000000  48 65 6c 6c 6f 0a                                 "
			 "|Hello.|\n");
	buffer_free(&out);
}

Test(hexdump, the_offset_runs_on)
{
	struct buffer out = { 0 };

	buffer_add(&out, "-\n", 2);
	cr_assert(hexdump_lines(&out, '<', 61000001, 0x1fffffff8, "0123456789abcdef\x7f\x80\xff ~",
				21));
	cr_assert_str_eq(buffer_text(&out),
			 "-\n"
			 "< 61.000001 1fffffff8  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  "
			 "|0123456789abcdef|\n"
			 "< 61.000001 200000008  7f 80 ff 20 7e                                    "
			 "|... ~|\n");
	buffer_free(&out);
}

Test(hexdump, each_length_keeps_its_columns)
{
	for (size_t length = 1; length <= 16; length++) {
		struct buffer out = { 0 };
		const char *text;

		cr_assert(hexdump_lines(&out, '>', 0, 0, "|0123456789abcde", length));
		text = buffer_text(&out);
		cr_assert_eq(strlen(text), 21 + 50 + 1 + length + 2);
		cr_assert_eq(text[21 + 50], '|');
		cr_assert_eq(strncmp(text + 21 + 51, "|0123456789abcde", length), 0);
		buffer_free(&out);
	}
}

Test(hexdump, nothing_gives_no_line)
{
	struct buffer out = { 0 };

	cr_assert(hexdump_lines(&out, '>', 0, 0, NULL, 0));
	cr_assert_eq(out.length, 0);
}
