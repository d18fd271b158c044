/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/line_editor_words.c
 * Holds: what candidates have in common, by whole characters; the same one counts once; one is all
 * in common; without any nothing is; a list in columns, wide characters by their width, one column
 * in a narrow window; no more than a thousand are kept. */
#include <criterion/criterion.h>
#include <stdio.h>

#include <sockutil/stream/line_editor_words.h>

static struct line_editor_words words;
static struct buffer out;

static void finish(void)
{
	line_editor_words_free(&words);
	buffer_free(&out);
}

TestSuite(line_editor_words, .fini = finish);

static void add(const char *const *candidates)
{
	line_editor_words_free(&words);
	for (; *candidates; candidates++)
		line_editor_words_add(&words, *candidates);
}

#define ADD(...) add((const char *const[]){ __VA_ARGS__, NULL })

static const char *list(size_t columns)
{
	buffer_free(&out);
	cr_assert(line_editor_words_list(&words, columns, &out));
	return buffer_text(&out);
}

Test(line_editor_words, what_they_have_in_common)
{
	ADD("robert", "robin");
	cr_assert_eq(words.common, 3);
	ADD("robert", "bob");
	cr_assert_eq(words.common, 0);
	ADD("rob", "robert");
	cr_assert_eq(words.common, 3);
	ADD("robert", "rob", "robin");
	cr_assert_eq(words.common, 3);
	ADD("rob");
	cr_assert_eq(words.common, 3);
	cr_assert_eq(words.count, 1);
}

Test(line_editor_words, whole_characters_alone)
{
	/* U+00E9 and U+00E8 begin with the same byte. */
	ADD("x\xc3\xa9", "x\xc3\xa8");
	cr_assert_eq(words.common, 1);
	ADD("\xc3\xa9", "\xc3\xa8");
	cr_assert_eq(words.common, 0);
	ADD("\xe4\xbd\xa0\xe5\xa5\xbd", "\xe4\xbd\xa0\xe5\xa5\xb9");
	cr_assert_eq(words.common, 3);
}

Test(line_editor_words, the_same_counts_once)
{
	ADD("bob", "bob");
	cr_assert_eq(words.count, 1);
	cr_assert_eq(words.common, 3);
}

Test(line_editor_words, a_list_in_columns)
{
	cr_assert_str_eq(list(80), "");
	ADD("bob");
	cr_assert_str_eq(list(80), "bob\n");
	ADD("bob", "al", "\xe4\xbd\xa0", "eve");
	cr_assert_str_eq(list(80), "bob  al   \xe4\xbd\xa0   eve\n");
	cr_assert_str_eq(list(8), "bob  al\n\xe4\xbd\xa0   eve\n");
	cr_assert_str_eq(list(7), "bob\nal\n\xe4\xbd\xa0\neve\n");
	cr_assert_str_eq(list(1), "bob\nal\n\xe4\xbd\xa0\neve\n");
}

Test(line_editor_words, not_without_end)
{
	char word[16];

	for (int i = 0; i <= LINE_EDITOR_WORDS; i++) {
		snprintf(word, sizeof(word), "w%d", i);
		line_editor_words_add(&words, word);
	}
	cr_assert_eq(words.count, LINE_EDITOR_WORDS);
	cr_assert_eq(words.common, 1);
}
