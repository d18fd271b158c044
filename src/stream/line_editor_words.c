/* SPDX-License-Identifier: MIT */
/* src/stream/line_editor_words.c - candidates for a word: what they have in common, and a list. */
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/stream/line_editor_words.h>

enum { GAP = 2 };

static const char *next(const char *word)
{
	return word + strlen(word) + 1;
}

static bool has(const struct line_editor_words *words, const char *candidate)
{
	const char *word = buffer_bytes(&words->text);

	for (size_t i = 0; i < words->count; i++, word = next(word))
		if (strcmp(word, candidate) == 0)
			return true;
	return false;
}

static size_t common(const char *a, const char *b, size_t most)
{
	size_t n = 0;

	while (n < most && a[n] == b[n])
		n++;
	return n < most ? utf8_cut(a, most, n) : n;
}

void line_editor_words_add(void *list, const char *candidate)
{
	struct line_editor_words *words = list;

	if (words->count == LINE_EDITOR_WORDS || has(words, candidate) ||
	    !buffer_add(&words->text, candidate, strlen(candidate) + 1))
		return;
	if (words->count++ == 0)
		words->common = strlen(candidate);
	else
		words->common = common(buffer_bytes(&words->text), candidate, words->common);
}

static size_t widest(const struct line_editor_words *words)
{
	const char *word = buffer_bytes(&words->text);
	size_t most = 0;

	for (size_t i = 0; i < words->count; i++, word = next(word)) {
		size_t width = utf8_width(word, strlen(word));

		most = width > most ? width : most;
	}
	return most;
}

bool line_editor_words_list(const struct line_editor_words *words, size_t columns,
			    struct buffer *out)
{
	const size_t cell = widest(words) + GAP;
	const size_t a_line = columns + GAP > cell ? (columns + GAP) / cell : 1;
	const char *word = buffer_bytes(&words->text);

	for (size_t i = 0; i < words->count; i++, word = next(word)) {
		const bool last = (i + 1) % a_line == 0 || i + 1 == words->count;
		const size_t width = utf8_width(word, strlen(word));

		if (!buffer_format(out, "%s%*s", word, last ? 0 : (int)(cell - width), "") ||
		    (last && !buffer_add(out, "\n", 1)))
			return false;
	}
	return true;
}

void line_editor_words_free(struct line_editor_words *words)
{
	buffer_free(&words->text);
	*words = (struct line_editor_words){ .count = 0 };
}
