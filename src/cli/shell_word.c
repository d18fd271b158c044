/* SPDX-License-Identifier: MIT */
/* shell_word.c - words as a shell takes them, for messages that show a command. */
#include <stdio.h>
#include <string.h>

#include <sockutil/cli/shell_word.h>

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789_./:@%+,=-";

static void add(char *out, size_t size, const char *piece)
{
	size_t used = strlen(out);

	snprintf(out + used, size - used, "%s", piece);
}

void shell_word_add(char *out, size_t size, const char *word)
{
	add(out, size, *out ? " " : "");
	if (*word && !word[strspn(word, plain)]) {
		add(out, size, word);
		return;
	}
	add(out, size, "'");
	for (; *word; word++) {
		char one[] = { *word, '\0' };

		add(out, size, *word == '\'' ? "'\\''" : one);
	}
	add(out, size, "'");
}
