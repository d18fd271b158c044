/* SPDX-License-Identifier: MIT */
/* option_hint.c - what to type instead of an option that netcat or curl has and a mode has not. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/cli/option_hint.h>

#define PLACE "{operands}"

/* Text that stops growing when it is full. */
struct text {
	char *out;
	size_t size, used;
};

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *format, ...)
{
	va_list list;
	int added;

	va_start(list, format);
	added = vsnprintf(t->out + t->used, t->size - t->used, format, list);
	va_end(list);
	if (added > 0)
		t->used += (size_t)added;
	if (t->used >= t->size)
		t->used = t->size - 1;
}

static void add_quoted(struct text *t, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./:@%+,=-";

	add(t, "%s", t->used ? " " : "");
	if (*word && !word[strspn(word, plain)]) {
		add(t, "%s", word);
		return;
	}
	add(t, "'");
	for (; *word; word++) {
		if (*word == '\'')
			add(t, "'\\''");
		else
			add(t, "%c", *word);
	}
	add(t, "'");
}

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
	struct text t = { out, size, 0 };
	bool options_over = false;

	out[0] = '\0';
	for (; *operands; operands++)
		add_quoted(&t, *operands);
	for (int i = line->next; i < line->argc; i++) {
		const char *word = line->argv[i];

		if (options_over || word[0] != '-' || !word[1])
			add_quoted(&t, word);
		else if (!strcmp(word, "--"))
			options_over = true;
		else if (argument_follows(mode, word))
			i++;
	}
	if (!t.used)
		add(&t, "...");
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
