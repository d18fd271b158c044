/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/clean.c
 * Holds: printable text of all scripts, tabs and backslashes stay; every C0, DEL and C1 as bytes
 * and as UTF-8, ESC, OSC and CSI sequences become visible; what turns a line around, hides, ends a
 * line, tags and noncharacters as well; bytes that are not UTF-8 (overlong, surrogates, lone, cut)
 * one by one; a stack of 1000 marks has eight, of whatever sort; emoji with joiners, looks, skin,
 * flags and keycaps stay, the same characters elsewhere do not; joiners stay inside words that need
 * them and cannot be used for more marks; clean text stays what it is; it is never longer than four
 * times; it is added behind what is there.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/chat/clean.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct buffer result;

static void end(void)
{
	buffer_free(&result);
}

TestSuite(chat_clean, .fini = end);

static const char *cleaned_bytes(const char *text, size_t length)
{
	struct buffer again = { 0 };
	size_t size;

	buffer_free(&result);
	cr_assert(chat_clean(&result, text, length));
	size = result.length;
	cr_assert_leq(size, 4 * length);
	cr_assert(utf8_valid(buffer_bytes(&result), size));
	cr_assert(chat_is_clean(buffer_bytes(&result), size), "clean text is clean");
	cr_assert(chat_clean(&again, buffer_bytes(&result), size));
	cr_assert_eq(again.length, size, "and stays what it is");
	cr_assert(size == 0 || memcmp(buffer_bytes(&again), buffer_bytes(&result), size) == 0);
	cr_assert_eq(chat_is_clean(text, length),
		     size == length && (!length || !memcmp(text, buffer_bytes(&result), size)));
	buffer_free(&again);
	return buffer_text(&result);
}

static const char *cleaned(const char *text)
{
	return cleaned_bytes(text, strlen(text));
}

static const char *const harmless[] = {
	"hello",
	"a\tb",
	"\t",
	" \\x1b is no escape, \\ neither \\u{202e}",
	"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
	"Grüße, Žižek, naïve",
	"e\u0301 \u0915\u094d\u0937",
	"Привет Γειά שלום مرحبا 你好 こんにちは 안녕 สวัสดี नमस्ते",
	"U+00A0\u00a0 U+3000\u3000 U+2800\u2800 U+FFFD\ufffd",
	"\ue000 private, \U000e1000 and \u0378 not assigned yet",
	"٠١٢ \u0600\u0661 \u06dd",
};

Test(chat_clean, printable_text_stays)
{
	for (size_t i = 0; i < COUNT(harmless); i++)
		cr_assert_str_eq(cleaned(harmless[i]), harmless[i]);
}

Test(chat_clean, nothing_stays_nothing)
{
	cr_assert_str_eq(cleaned(""), "");
	cr_assert(chat_clean(&result, NULL, 0));
	cr_assert(chat_is_clean(NULL, 0));
}

Test(chat_clean, every_control_is_shown)
{
	for (int c = 0; c < 0x20; c++) {
		const char text[] = { 'a', (char)c, 'b' };
		char expected[16];

		if (c == '\t')
			continue;
		snprintf(expected, sizeof(expected), "a\\x%02xb", (unsigned)c);
		cr_assert_str_eq(cleaned_bytes(text, 3), expected);
	}
	cr_assert_str_eq(cleaned("a\x7f"
				 "b"),
			 "a\\x7fb");
}

Test(chat_clean, every_c1_is_shown_as_a_byte_and_as_a_character)
{
	for (int c = 0x80; c < 0xa0; c++) {
		const char byte[] = { 'a', (char)c, 'b' };
		const char character[] = { 'a', (char)0xc2, (char)c, 'b' };
		char expected[16];

		snprintf(expected, sizeof(expected), "a\\x%02xb", (unsigned)c);
		cr_assert_str_eq(cleaned_bytes(byte, 3), expected);
		snprintf(expected, sizeof(expected), "a\\u{%x}b", (unsigned)c);
		cr_assert_str_eq(cleaned_bytes(character, 4), expected);
	}
}

Test(chat_clean, no_sequence_steers_a_terminal)
{
	cr_assert_str_eq(cleaned("\x1b[2J\x1b[31mred"), "\\x1b[2J\\x1b[31mred");
	cr_assert_str_eq(cleaned("\x1b]0;title\a"), "\\x1b]0;title\\x07");
	cr_assert_str_eq(cleaned("\x1b]52;c;aGk=\x1b\\"), "\\x1b]52;c;aGk=\\x1b\\");
	cr_assert_str_eq(cleaned("\x1bP+q\x1b\\"), "\\x1bP+q\\x1b\\");
	cr_assert_str_eq(cleaned("abc\b\b\brm"), "abc\\x08\\x08\\x08rm");
	cr_assert_str_eq(cleaned("\x9b"
				 "31m"),
			 "\\x9b31m");
}

Test(chat_clean, no_text_begins_a_line)
{
	cr_assert_str_eq(cleaned("hi\r\n<host> x"), "hi\\x0d\\x0a<host> x");
	cr_assert_str_eq(cleaned("hi\r<host> x"), "hi\\x0d<host> x");
	cr_assert_str_eq(cleaned("hi\v\f<host> x"), "hi\\x0b\\x0c<host> x");
	cr_assert_str_eq(cleaned("hi\u2028<host> x"), "hi\\u{2028}<host> x");
	cr_assert_str_eq(cleaned("hi\u2029<host> x"), "hi\\u{2029}<host> x");
	cr_assert_str_eq(cleaned("hi\xc2\x85<host> x"), "hi\\u{85}<host> x");
}

/* Both ends of everything that is hidden, and what lies beside it. */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0xad, 0xad },         { 0x34f, 0x34f },     { 0x61c, 0x61c },     { 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 },     { 0x180b, 0x180f },   { 0x200b, 0x200f },   { 0x2028, 0x202e },
	{ 0x2060, 0x206f },     { 0x3164, 0x3164 },   { 0xfdd0, 0xfdef },   { 0xfe00, 0xfe0f },
	{ 0xfeff, 0xfeff },     { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },   { 0xfffe, 0xffff },
	{ 0x1bca0, 0x1bca3 },   { 0x1d173, 0x1d17a }, { 0x1fffe, 0x1ffff }, { 0xe0000, 0xe0fff },
	{ 0x10fffe, 0x10ffff },
};

static size_t encode(char out[static 5], uint32_t point)
{
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		out[2] = '\0';
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		out[3] = '\0';
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	out[4] = '\0';
	return 4;
}

static bool is_hidden(uint32_t point)
{
	for (size_t i = 0; i < COUNT(hidden); i++)
		if (point >= hidden[i].first && point <= hidden[i].last)
			return true;
	return point < 0xa0 || (point & 0xffff) >= 0xfffe;
}

Test(chat_clean, every_hidden_character_is_shown_and_every_other_one_stays)
{
	for (uint32_t point = 0x80; point <= 0x10ffff; point++) {
		char text[8] = "a", expected[24];

		if (point >= 0xd800 && point <= 0xdfff)
			continue;
		encode(text + 1, point);
		strncat(text, "b", 2);
		if (is_hidden(point))
			snprintf(expected, sizeof(expected), "a\\u{%x}b", (unsigned)point);
		else
			snprintf(expected, sizeof(expected), "%s", text);
		buffer_free(&result);
		cr_assert(chat_clean(&result, text, strlen(text)));
		cr_assert_str_eq(buffer_text(&result), expected, "U+%04X", (unsigned)point);
	}
}

Test(chat_clean, nothing_turns_a_line_around)
{
	cr_assert_str_eq(cleaned("\u202egpj.exe"), "\\u{202e}gpj.exe");
	cr_assert_str_eq(cleaned("\u2066a\u2069\u061c\u200e\u200f"),
			 "\\u{2066}a\\u{2069}\\u{61c}\\u{200e}\\u{200f}");
}

Test(chat_clean, bytes_that_are_no_character_are_shown_one_by_one)
{
	cr_assert_str_eq(cleaned("a\xff"
				 "b\xfe"),
			 "a\\xffb\\xfe");
	cr_assert_str_eq(cleaned("\x80\xbf"), "\\x80\\xbf");
	cr_assert_str_eq(cleaned("\xc0\x80"), "\\xc0\\x80");
	cr_assert_str_eq(cleaned("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
	cr_assert_str_eq(cleaned("\xf0\x80\x80\xaf"), "\\xf0\\x80\\x80\\xaf");
	cr_assert_str_eq(cleaned("\xed\xa0\x80\xed\xb0\x80"), "\\xed\\xa0\\x80\\xed\\xb0\\x80");
	cr_assert_str_eq(cleaned("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	cr_assert_str_eq(cleaned("\xe2\x82"), "\\xe2\\x82");
	cr_assert_str_eq(cleaned("\xf0\x9f\x98 x"), "\\xf0\\x9f\\x98 x");
	cr_assert_str_eq(cleaned("\xc3\n"), "\\xc3\\x0a");
	cr_assert_str_eq(cleaned_bytes("a\0b", 3), "a\\x00b");
}

/* text, then count times more. */
static const char *stacked(const char *text, const char *more, size_t count)
{
	struct buffer stack = { 0 };
	const char *out;

	buffer_add(&stack, text, strlen(text));
	while (count--)
		buffer_add(&stack, more, strlen(more));
	out = cleaned_bytes(buffer_bytes(&stack), stack.length);
	buffer_free(&stack);
	return out;
}

static const char *repeated(char out[static 256], const char *text, const char *more, size_t count)
{
	size_t at = strlen(text);

	memcpy(out, text, at);
	while (count--) {
		memcpy(out + at, more, strlen(more));
		at += strlen(more);
	}
	out[at] = '\0';
	return out;
}

Test(chat_clean, a_stack_of_marks_has_eight)
{
	static const char *const marks[] = { "\u0301",     "\u20dd", "\u0e31", "\u064b",
					     "\U0001d167", "\u1161", "\ufe20" };
	char expected[256];

	for (size_t i = 0; i < COUNT(marks); i++) {
		cr_assert_str_eq(stacked("a", marks[i], 1000),
				 repeated(expected, "a", marks[i], 8));
		cr_assert_str_eq(stacked("", marks[i], 1000), repeated(expected, "", marks[i], 8));
		cr_assert_str_eq(stacked("\x1b", marks[i], 1000),
				 repeated(expected, "\\x1b", marks[i], 8));
		cr_assert_str_eq(stacked("א", marks[i], 8), repeated(expected, "א", marks[i], 8));
	}
}

Test(chat_clean, each_character_has_its_own_eight)
{
	char expected[256];

	cr_assert_str_eq(
		stacked("", "a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a", 3),
		repeated(expected, "", "a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308", 3));
}

static const char *const emoji[] = {
	"👨‍👩‍👧‍👦 family",
	"👩🏽‍💻",
	"🏳️‍🌈 🏴‍☠️ ❤️‍🔥 👁️‍🗨️",
	"👍🏿 ☝🏼 🤌🏻",
	"🇩🇪🇯🇵",
	"🏴󠁧󠁢󠁥󠁮󠁧󠁿",
	"🏴󠁧󠁢󠁳󠁣󠁴󠁿x",
	"🏴󠁧󠁢󠁷󠁬󠁳󠁿🏴󠁧󠁢󠁷󠁬󠁳󠁿",
	"1️⃣ #️⃣ *⃣",
	"☺︎ ☺️ ↔️ ©️ ™️ ㊗️ ⬛ 🐦‍⬛",
	"🧑🏻‍🤝‍🧑🏿 🙋‍♂️ 🕵🏾‍♀️",
};

Test(chat_clean, emoji_stay)
{
	for (size_t i = 0; i < COUNT(emoji); i++)
		cr_assert_str_eq(cleaned(emoji[i]), emoji[i]);
}

Test(chat_clean, parts_of_emoji_elsewhere_are_shown)
{
	cr_assert_str_eq(cleaned("a\ufe0f"), "a\\u{fe0f}");
	cr_assert_str_eq(cleaned("1\ufe0f"), "1\\u{fe0f}");
	cr_assert_str_eq(cleaned("a\ufe0f\u20e3"), "a\\u{fe0f}\u20e3");
	cr_assert_str_eq(cleaned("☺\ufe0f\ufe0f"), "☺\ufe0f\\u{fe0f}");
	cr_assert_str_eq(cleaned("☺\ufe00"), "☺\\u{fe00}");
	cr_assert_str_eq(cleaned("\ufe0f"), "\\u{fe0f}");
	cr_assert_str_eq(cleaned("👩\u200d"), "👩\\u{200d}");
	cr_assert_str_eq(cleaned("👩\u200d\u200d👧"), "👩\\u{200d}\\u{200d}👧");
	cr_assert_str_eq(cleaned("👩\u200da"), "👩\\u{200d}a");
	cr_assert_str_eq(cleaned("a\u200d👩"), "a\\u{200d}👩");
	cr_assert_str_eq(cleaned("👩\u200c👧"), "👩\\u{200c}👧");
	cr_assert_str_eq(cleaned("👩\u0301\u200d👧"), "👩\u0301\\u{200d}👧");
	cr_assert_str_eq(cleaned("🏴\U000e0067\U000e0062"), "🏴\\u{e0067}\\u{e0062}");
	cr_assert_str_eq(cleaned("🏴\U000e0075\U000e0073\U000e0074\U000e0078\U000e007f"),
			 "🏴\\u{e0075}\\u{e0073}\\u{e0074}\\u{e0078}\\u{e007f}");
	cr_assert_str_eq(cleaned("x\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"),
			 "x\\u{e0067}\\u{e0062}\\u{e0065}\\u{e006e}\\u{e0067}\\u{e007f}");
	cr_assert_str_eq(cleaned("🏴󠁧󠁢󠁥󠁮󠁧󠁿\U000e0061"),
			 "🏴󠁧󠁢󠁥󠁮󠁧󠁿\\u{e0061}");
}

static const char *const words[] = {
	"می\u200cخواهم", "क्\u200dष क्\u200cष", "র\u200d্যাব", "ශ්\u200dරී", "ന്\u200cന", "ᠮᠣᠩᠭᠣᠯ",
};

Test(chat_clean, joiners_stay_inside_words_that_need_them)
{
	for (size_t i = 0; i < COUNT(words); i++)
		cr_assert_str_eq(cleaned(words[i]), words[i]);
}

Test(chat_clean, joiners_elsewhere_are_shown)
{
	cr_assert_str_eq(cleaned("a\u200db\u200cc"), "a\\u{200d}b\\u{200c}c");
	cr_assert_str_eq(cleaned("می\u200c"), "می\\u{200c}");
	cr_assert_str_eq(cleaned("می\u200c "), "می\\u{200c} ");
	cr_assert_str_eq(cleaned("\u200cخو"), "\\u{200c}خو");
	cr_assert_str_eq(cleaned("می\u200c\u200cخو"), "می\\u{200c}\\u{200c}خو");
	cr_assert_str_eq(cleaned("می\u200bخو"), "می\\u{200b}خو");
	cr_assert_str_eq(cleaned("می\u200c\xff"), "می\\u{200c}\\xff");
	cr_assert_str_eq(cleaned("ក\u200d\u17b4"), "ក\\u{200d}\\u{17b4}");
}

/* A joiner is a mark as well: pairs of joiner and mark make no higher stack. */
Test(chat_clean, joiners_carry_no_more_marks)
{
	const char *out = stacked("\u09b0", "\u200d\u09cd", 1000);
	const char *four = "\u09b0\u200d\u09cd\u200d\u09cd\u200d\u09cd\u200d\u09cd\\u{200d}\u09cd";

	cr_assert_eq(strncmp(out, four, strlen(four)), 0, "%s", out);
	cr_assert_str_eq(cleaned("क्््््््््\u200dष"), "क््््््््\u200dष");
}

Test(chat_clean, it_is_added_behind_what_is_there)
{
	struct buffer out = { 0 };

	buffer_add(&out, "<bob> ", 6);
	cr_assert(chat_clean(&out,
			     "a\x1b"
			     "b",
			     3));
	cr_assert(chat_clean(&out, "c", 1));
	cr_assert_str_eq(buffer_text(&out), "<bob> a\\x1bbc");
	buffer_free(&out);
}
