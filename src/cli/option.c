/* SPDX-License-Identifier: MIT */
/* option.c - the command line read by a mode's option rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/nearest.h>
#include <sockutil/cli/option.h>
#include <sockutil/cli/option_mistake.h>
#include <sockutil/cli/option_value.h>

/* What --help and --help-all make of *help. */
enum { HELP_COMMON = 1, HELP_ALL = 2 };

/* One call of options_parse. */
struct parse {
	const struct mode *mode;
	int argc;
	char **argv;
	int next; /* the word to read next */
	void *args;
	bool *given; /* one for each row, in the order of option_next */
	char **operands;
	size_t operand_count;
	int *help;
	struct failure *why;
};

/* Whether name is one of names, separated by blanks. */
static bool is_among(const char *names, const char *name)
{
	size_t length = strlen(name);

	while (*(names += strspn(names, " "))) {
		size_t word = strcspn(names, " ");

		if (word == length && !memcmp(names, name, length))
			return true;
		names += word;
	}
	return false;
}

static bool is_left_out(const struct mode *mode, size_t table, const struct option_row *row)
{
	size_t own = mode->own ? mode->own : 1;

	return mode->without && table >= own && is_among(mode->without, row->name);
}

const struct option_row *option_next(const struct mode *mode, struct option_cursor *cursor)
{
	if (!mode->tables)
		return NULL;
	while (mode->tables[cursor->table]) {
		const struct option_row *row = &mode->tables[cursor->table][cursor->row];

		if (!row->name) {
			cursor->table++;
			cursor->row = 0;
			continue;
		}
		cursor->row++;
		if (is_left_out(mode, cursor->table, row))
			continue;
		cursor->count++;
		return row;
	}
	return NULL;
}

const struct option_row *option_find(const struct mode *mode, const char *name)
{
	return option_find_bytes(mode, name, strlen(name));
}

const struct option_row *option_find_bytes(const struct mode *mode, const char *name, size_t length)
{
	struct option_cursor cursor = { 0 };
	const struct option_row *row;

	while ((row = option_next(mode, &cursor)))
		if (!strncmp(row->name, name, length) && !row->name[length])
			break;
	return row;
}

const struct option_row *option_find_letter(const struct mode *mode, char letter)
{
	struct option_cursor cursor = { 0 };
	const struct option_row *row;

	while ((row = option_next(mode, &cursor)))
		if (row->letter && row->letter == letter)
			break;
	return row;
}

static void mark_given(struct parse *p, const struct option_row *row)
{
	struct option_cursor cursor = { 0 };

	while (option_next(p->mode, &cursor) != row)
		;
	p->given[cursor.count - 1] = true;
	if (row->given_at)
		*(bool *)((char *)p->args + row->given_at) = true;
}

/* value NULL: the row takes no argument, or an optional one that is not there. */
static bool take(struct parse *p, const struct option_row *row, const char *spelled, char *value)
{
	const char *text = value ? value : row->if_bare ? row->if_bare : "";

	if (!option_value_store(row, spelled, text, p->args, p->why))
		return false;
	if (row->secret && value)
		memory_wipe(value, strlen(value));
	mark_given(p, row);
	return true;
}

/* attached: what stands behind "=" or the letter, NULL when nothing does. */
static bool take_argument(struct parse *p, const struct option_row *row, const char *spelled,
			  char *attached)
{
	char *value = attached;

	if (row->arg_optional)
		return take(p, row, spelled, attached);
	if (!value && p->next < p->argc)
		value = p->argv[p->next++];
	if (!value)
		return option_mistake_missing(p->mode, row, spelled, p->why);
	if (!take(p, row, spelled, value))
		return false;
	while (row->type == OPTION_REST && p->next < p->argc)
		if (!take(p, row, spelled, p->argv[p->next++]))
			return false;
	return true;
}

static bool asks_help(const char *name, size_t length, int *help)
{
	if (length == 4 && !memcmp(name, "help", 4))
		*help = HELP_COMMON;
	else if (length == 8 && !memcmp(name, "help-all", 8))
		*help = HELP_ALL;
	else
		return false;
	return true;
}

/* "--name", "--name=VALUE", "--name VALUE" */
static bool read_name(struct parse *p, char *word)
{
	const char *name = word + 2;
	char *equals = strchr(name, '=');
	size_t length = equals ? (size_t)(equals - name) : strlen(name);
	const struct option_row *row = option_find_bytes(p->mode, name, length);
	char spelled[NEAREST_NAME_MAX + 3];

	if (!row && asks_help(name, length, p->help))
		return true;
	if (!row)
		return option_mistake_name(p->mode,
					   &(struct option_line){ p->argc, p->argv, p->next },
					   p->operands, word, p->why);
	snprintf(spelled, sizeof spelled, "--%s", row->name);
	if (row->arg)
		return take_argument(p, row, spelled, equals ? equals + 1 : NULL);
	if (equals)
		return option_mistake_extra(row, spelled, equals + 1, p->why);
	return take(p, row, spelled, NULL);
}

/* "-abc", "-nVALUE", "-n VALUE" */
static bool read_letters(struct parse *p, char *word)
{
	for (char *at = word + 1; *at && !*p->help; at++) {
		const struct option_row *row = option_find_letter(p->mode, *at);
		const char spelled[] = { '-', *at, '\0' };

		if (!row && *at == 'h')
			*p->help = HELP_COMMON;
		else if (!row)
			return option_mistake_letter(
				p->mode, &(struct option_line){ p->argc, p->argv, p->next },
				p->operands, word, at, p->why);
		else if (row->arg)
			return take_argument(p, row, spelled, at[1] ? at + 1 : NULL);
		else if (!take(p, row, spelled, NULL))
			return false;
	}
	return true;
}

static bool read_words(struct parse *p)
{
	bool options_over = false;

	while (p->next < p->argc && !*p->help) {
		char *word = p->argv[p->next++];

		if (options_over || word[0] != '-' || !word[1])
			p->operands[p->operand_count++] = word;
		else if (!strcmp(word, "--"))
			options_over = true;
		else if (!(word[1] == '-' ? read_name(p, word) : read_letters(p, word)))
			return false;
	}
	return true;
}

static bool store_fallbacks(struct parse *p)
{
	struct option_cursor cursor = { 0 };
	const struct option_row *row;

	while ((row = option_next(p->mode, &cursor)))
		if (row->fallback &&
		    !option_value_store(row, row->name, row->fallback, p->args, p->why))
			return false;
	return true;
}

bool options_parse(const struct mode *mode, int argc, char **argv, int first, void *args,
		   char ***operands, size_t *operand_count, int *help, struct failure *why)
{
	size_t words = argc > first ? (size_t)(argc - first) : 0;
	struct parse p = {
		.mode = mode,
		.argc = argc,
		.argv = argv,
		.next = first,
		.args = args,
		.given = memory_zeroed(option_count(mode), sizeof(bool)),
		.operands = memory_zeroed(words + 1, sizeof(char *)),
		.help = help,
		.why = why,
	};
	bool good;

	*help = 0;
	good = store_fallbacks(&p) && read_words(&p) &&
	       (*help || option_mistake_together(mode, p.given, why));
	free(p.given);
	if (!good) {
		options_free(mode, args);
		free(p.operands);
		p.operands = NULL;
		p.operand_count = 0;
	}
	*operands = p.operands;
	*operand_count = p.operand_count;
	return good;
}

size_t option_count(const struct mode *mode)
{
	struct option_cursor cursor = { 0 };

	while (option_next(mode, &cursor))
		;
	return cursor.count;
}

void options_free(const struct mode *mode, void *args)
{
	struct option_cursor cursor = { 0 };
	const struct option_row *row;

	while ((row = option_next(mode, &cursor)))
		option_value_free(row, args);
}
