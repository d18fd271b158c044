/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LINE_EDITOR_WORDS_H
#define SOCKUTIL_STREAM_LINE_EDITOR_WORDS_H
/* What a tab makes of candidates. Pure. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>

enum { LINE_EDITOR_WORDS = 1000 }; /* more candidates are not kept */

/* Zeroed is valid. */
struct line_editor_words {
	struct buffer text; /* candidates, each with its NUL */
	size_t count;
	size_t common; /* bytes that all begin with, whole characters */
};

/* list: struct line_editor_words. One that is there already counts once. */
void line_editor_words_add(void *list, const char *candidate);
/* The candidates in columns of a window of that width, whole lines; false when memory is short. */
bool line_editor_words_list(const struct line_editor_words *words, size_t columns,
			    struct buffer *out);
void line_editor_words_free(struct line_editor_words *words);
#endif
