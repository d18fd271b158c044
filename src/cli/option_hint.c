/* SPDX-License-Identifier: MIT */
/* option_hint.c - what to type instead of an option that netcat or curl has and a mode has not. */
#include <stdio.h>
#include <string.h>

#include <sockutil/cli/option_hint.h>
#include <sockutil/cli/shell_word.h>

#define PLACE "{operands}"

/* Whether the word behind this one is its argument. */
static bool argument_follows(const struct mode *mode, const char *word)
{
	const struct option_row *row = NULL;

	if (word[1] == '-')
		row = strchr(word, '=') ? NULL : option_find(mode, word + 2);
	for (const char *at = word + 1; word[1] != '-' && *at; at++) {
		row = option_find_letter(mode, *at);
		if (row && row->arg)
			return !row->arg_optional && !at[1];
	}
	return row && row->arg && !row->arg_optional;
}

const char *option_hint_operands(char *out, size_t size, const struct mode *mode,
				 const struct option_line *line, char *const *operands)
{
	bool options_over = false;

	out[0] = '\0';
	for (; *operands; operands++)
		shell_word_add(out, size, *operands);
	for (int i = line->next; i < line->argc; i++) {
		const char *word = line->argv[i];

		if (options_over || word[0] != '-' || !word[1])
			shell_word_add(out, size, word);
		else if (!strcmp(word, "--"))
			options_over = true;
		else if (argument_follows(mode, word))
			i++;
	}
	if (!*out)
		snprintf(out, size, "...");
	return out;
}

static const char *find(const char *hints, const char *option)
{
	while (hints && *hints) {
		const char *text = hints + strlen(hints) + 1;

		if (!strcmp(hints, option))
			return text;
		hints = text + strlen(text) + 1;
	}
	return NULL;
}

bool option_hint(const struct mode *mode, const struct option_line *line, char *const *operands,
		 const char *option, struct failure *why)
{
	const char *text = find(mode->hints, option);
	const char *place = text ? strstr(text, PLACE) : NULL;
	char words[300];

	if (!text)
		return false;
	if (!place) {
		fail(why, FAILURE_USAGE, "%s", text);
		return true;
	}
	option_hint_operands(words, sizeof words, mode, line, operands);
	fail(why, FAILURE_USAGE, "%.*s%s%s", (int)(place - text), text, words,
	     place + sizeof PLACE - 1);
	return true;
}
