/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/line_editor_typed.c
 * Holds: keys are characters, whatever pieces their bytes come in; malformed bytes become U+FFFD,
 * C1 controls and noncharacters are dropped, other controls stay; what is between the brackets is
 * pasted: ends of line of all kinds are one character, tabs stay, controls and escapes go; brackets
 * are known in any pieces; escape alone is a key at once; a bracket that comes apart behind its
 * escape counts none the less; a paste that looks like a bracket stays text. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/stream/line_editor_layout.h>
#include <sockutil/stream/line_editor_typed.h>

static struct line_editor_typed typed;

static void finish(void)
{
	line_editor_typed_free(&typed);
}

TestSuite(line_editor_typed, .fini = finish);

static void type(const char *bytes)
{
	cr_assert(line_editor_type(&typed, bytes, strlen(bytes), false));
}

/* "a" for a key, "[a" for a pasted one, "]" for the end of a paste. */
static const char *keys(void)
{
	static char text[1000];
	size_t used = 0;
	uint32_t key;

	text[0] = '\0';
	while (line_editor_typed_peek(&typed, &key)) {
		line_editor_typed_take(&typed);
		if (key == LINE_EDITOR_PASTE_END)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "]");
		else if (key & LINE_EDITOR_PASTED)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "[%x",
						 key & 0x1fffff);
		else
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%x",
						 used ? " " : "", key);
	}
	return text;
}

Test(line_editor_typed, keys_are_characters)
{
	type("a\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80");
	cr_assert_str_eq(keys(), "61 e9 4f60 1f600");
	type("\x01\r\n\t\x7f");
	cr_assert_str_eq(keys(), "1 d a 9 7f");
	cr_assert(line_editor_type(&typed, "", 1, false));
	cr_assert_str_eq(keys(), "0");
}

Test(line_editor_typed, a_character_may_come_in_pieces)
{
	const char *text = "\xe4\xbd\xa0\xf0\x9f\x98\x80";

	for (const char *at = text; *at; at++)
		cr_assert(line_editor_type(&typed, at, 1, false));
	cr_assert_str_eq(keys(), "4f60 1f600");
	cr_assert_eq(typed.bytes.capacity, 0);
}

Test(line_editor_typed, what_is_malformed_is_replaced)
{
	type("\xff"
	     "a");
	cr_assert_str_eq(keys(), "fffd 61");
	type("\xe4"
	     "a");
	cr_assert_str_eq(keys(), "fffd 61");
	type("\xc0\x80");
	cr_assert_str_eq(keys(), "fffd fffd");
	type("\xed\xa0\x80x");
	cr_assert_str_eq(keys(), "fffd fffd fffd 78");
	type("\xf5x");
	cr_assert_str_eq(keys(), "fffd 78");
}

Test(line_editor_typed, what_is_no_key_is_dropped)
{
	type("\xc2\x9b\xc2\x80\xef\xb7\x90\xef\xbf\xbf"
	     "a");
	cr_assert_str_eq(keys(), "61");
}

Test(line_editor_typed, a_paste_is_told_from_keys)
{
	type("a\x1b[200~b\x1b[201~c");
	cr_assert_str_eq(keys(), "61[62] 63");
	type("\x1b[200~\x1b[201~");
	cr_assert_str_eq(keys(), "]");
}

Test(line_editor_typed, ends_of_line_in_a_paste_are_one_character)
{
	type("\x1b[200~a\rb\nc\r\nd\r\r\n\n\x1b[201~");
	cr_assert_str_eq(keys(), "[61[fdd0[62[fdd0[63[fdd0[64[fdd0[fdd0[fdd0]");
	/* The CR of a paste before has nothing to do with it. */
	type("\x1b[200~a\r\x1b[201~\x1b[200~\nb\x1b[201~");
	cr_assert_str_eq(keys(), "[61[fdd0][fdd0[62]");
}

Test(line_editor_typed, controls_in_a_paste_are_dropped)
{
	type("\x1b[200~a\x1b[31m\x07\tb\x7f\xc2\x9bz\xef\xb7\x90\x03\x1b[201~");
	cr_assert_str_eq(keys(), "[61[5b[33[31[6d[9[62[7a]");
}

Test(line_editor_typed, brackets_are_known_in_pieces)
{
	const char *text = "\x1b[200~x\x1b[201~y";

	for (const char *at = text; *at; at++)
		cr_assert(line_editor_type(&typed, at, 1, true));
	cr_assert_str_eq(keys(), "[78] 79");
}

Test(line_editor_typed, escape_alone_is_a_key_at_once)
{
	type("\x1b");
	cr_assert_str_eq(keys(), "1b");
	type("[A");
	cr_assert_str_eq(keys(), "5b 41");
	type("\x1b[A");
	cr_assert_str_eq(keys(), "1b 5b 41");
	/* With more at hand it may be a bracket. */
	cr_assert(line_editor_type(&typed, "\x1b", 1, true));
	cr_assert_str_eq(keys(), "");
	type("x");
	cr_assert_str_eq(keys(), "1b 78");
}

Test(line_editor_typed, a_bracket_behind_a_key_counts)
{
	type("\x1b");
	type("[200~");
	cr_assert_str_eq(keys(), "1b 5b 32 30 30 7e");
	type("\r\x1b[201~a");
	cr_assert_str_eq(keys(), "[fdd0] 61");
	type("\x1b");
	type("[20x~");
	type("\r");
	cr_assert_str_eq(keys(), "1b 5b 32 30 78 7e d");
}

Test(line_editor_typed, what_looks_like_a_bracket_is_text)
{
	type("\x1b[200~[201~\x1b[20\x1b[200~\x1b[201~a");
	cr_assert_str_eq(keys(), "[5b[32[30[31[7e[5b[32[30[5b[32[30[30[7e] 61");
	/* And its end alone is keys. */
	type("\x1b[201~");
	cr_assert_str_eq(keys(), "1b 5b 32 30 31 7e");
}
