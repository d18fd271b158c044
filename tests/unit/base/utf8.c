/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/base/utf8.c
 * Holds: each length decodes, at both of its ends; overlong forms, surrogates, what is above
 * U+10FFFF, lone continuations and cut characters do not; cutting tears no character and keeps
 * malformed bytes; reversing goes by character, twice gives the text back, malformed bytes stand
 * for themselves; wide, combining and malformed widths; a character in ranges and beside them.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/base/utf8.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct {
	const char *bytes;
	size_t length;
	uint32_t point;
} good[] = {
	{ "\0", 1, 0 },
	{ "\x7f", 1, 0x7f },
	{ "\xc2\x80", 2, 0x80 },
	{ "\xdf\xbf", 2, 0x7ff },
	{ "\xe0\xa0\x80", 3, 0x800 },
	{ "\xed\x9f\xbf", 3, 0xd7ff },
	{ "\xee\x80\x80", 3, 0xe000 },
	{ "\xef\xbf\xbf", 3, 0xffff },
	{ "\xf0\x90\x80\x80", 4, 0x10000 },
	{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
};

static const char *const bad[] = {
	"\x80",
	"\xbf",
	"\xc0\x80",
	"\xc1\xbf",
	"\xe0\x9f\xbf",
	"\xed\xa0\x80",
	"\xed\xbf\xbf",
	"\xf0\x8f\xbf\xbf",
	"\xf4\x90\x80\x80",
	"\xf5\x80\x80\x80",
	"\xfe",
	"\xff",
	"\xc3(",
	"\xe2\x82(",
	"\xf0\x9f\x98(",
};

Test(utf8, decodes_each_length)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		uint32_t point = 0xdead;

		cr_assert_eq(utf8_decode(good[i].bytes, good[i].length, &point), good[i].length);
		cr_assert_eq(point, good[i].point);
		cr_assert_eq(utf8_decode(good[i].bytes, good[i].length, NULL), good[i].length);
		cr_assert(utf8_valid(good[i].bytes, good[i].length));
	}
}

Test(utf8, does_not_decode_what_is_cut)
{
	for (size_t i = 0; i < COUNT(good); i++)
		for (size_t length = 0; length < good[i].length; length++) {
			cr_assert_eq(utf8_decode(good[i].bytes, length, NULL), 0);
			cr_assert_eq(utf8_valid(good[i].bytes, length), length == 0);
		}
}

Test(utf8, refuses_malformed_bytes)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint32_t point = 0xdead;

		cr_assert_eq(utf8_decode(bad[i], strlen(bad[i]), &point), 0, "row %zu", i);
		cr_assert_eq(point, 0xdead);
		cr_assert_not(utf8_valid(bad[i], strlen(bad[i])));
	}
}

Test(utf8, one_bad_byte_spoils_a_text)
{
	cr_assert(utf8_valid("a\xc3\xb1\xe4\xb8\xad\xf0\x9f\x98\x80", 10));
	cr_assert_not(utf8_valid("a\xc3\xb1\xff\xe4\xb8\xad", 7));
}

Test(utf8, cutting_tears_no_character)
{
	const char *text = "a\xc3\xb1\xe4\xb8\xad\xf0\x9f\x98\x80z"; /* at 0 1 3 6 10 */
	static const size_t expected[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };

	for (size_t limit = 0; limit < COUNT(expected); limit++)
		cr_assert_eq(utf8_cut(text, 11, limit), expected[limit], "limit %zu", limit);
}

Test(utf8, cutting_keeps_malformed_bytes)
{
	cr_assert_eq(utf8_cut("\x80\x80\x80\x80\x80", 5, 4), 4);
	cr_assert_eq(utf8_cut("ab\xe4(", 4, 3), 3);
	cr_assert_eq(utf8_cut("ab\xff\xff", 4, 3), 3);
	cr_assert_eq(utf8_cut("", 0, 3), 0);
}

Test(utf8, reverses_by_character)
{
	char text[] = "a\xc3\xb1\xe4\xb8\xad\xf0\x9f\x98\x80z";
	char before[sizeof text];

	memcpy(before, text, sizeof text);
	utf8_reverse(text, sizeof text - 1);
	cr_assert_str_eq(text, "z\xf0\x9f\x98\x80\xe4\xb8\xad\xc3\xb1"
			       "a");
	utf8_reverse(text, sizeof text - 1);
	cr_assert_str_eq(text, before);
	utf8_reverse(text, 0);
	cr_assert_str_eq(text, before);
}

Test(utf8, malformed_bytes_are_characters_of_their_own)
{
	char text[] = "a\xff\xc3\xb1\xe4\xb8";

	utf8_reverse(text, sizeof text - 1);
	cr_assert_str_eq(text, "\xb8\xe4\xc3\xb1\xff"
			       "a");
}

Test(utf8, counts_columns)
{
	cr_assert_eq(utf8_width("abc", 3), 3);
	cr_assert_eq(utf8_width("\xc3\xb1", 2), 1);
	cr_assert_eq(utf8_width("n\xcc\x83", 3), 1);        /* a combining tilde */
	cr_assert_eq(utf8_width("\xe4\xb8\xad", 3), 2);     /* a Chinese character */
	cr_assert_eq(utf8_width("\xf0\x9f\x98\x80", 4), 2); /* an emoji */
	cr_assert_eq(utf8_width("\xe2\x80\x8b", 3), 0);     /* zero width space */
	cr_assert_eq(utf8_width("\xff\xe4\xb8", 3), 3);     /* malformed */
	cr_assert_eq(utf8_width("\xed\x95\x9c", 3), 2);     /* a Hangul syllable */
	cr_assert_eq(utf8_width("\xef\xbd\xb1", 3), 1);     /* half-width katakana */
	cr_assert_eq(utf8_width("", 0), 0);
}

Test(utf8, ranges)
{
	static const struct utf8_range ranges[] = { { 5, 5 }, { 7, 9 }, { 0x10000, 0x10ffff } };
	static const uint32_t in[] = { 5, 7, 8, 9, 0x10000, 0x10ffff };
	static const uint32_t out[] = { 0, 4, 6, 10, 0xffff, 0x110000 };

	for (size_t i = 0; i < 6; i++) {
		cr_expect(utf8_within(ranges, 3, in[i]), "%x", in[i]);
		cr_expect_not(utf8_within(ranges, 3, out[i]), "%x", out[i]);
	}
	cr_expect_not(utf8_within(ranges, 0, 5));
}
