/* SPDX-License-Identifier: MIT */
/*
 * Holds for every row of every mode: its example and the mode's examples parse; names in conflicts
 * and needs exist; names and letters are unique; the help is one line without a full stop; fields
 * lie within the args; a default stands where a number is asked for.
 */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/cli/option_text.h>
#include <sockutil/modes/modes.h>

static const struct mode *const modes[] = { &mode_connect, &mode_serve, &mode_get };
enum { MODES = sizeof modes / sizeof *modes, WORDS_MAX = 40 };

/* Cuts a command line as a shell does, up to a redirection, a pipe or a comment. Returns the words;
 * they live in copy. */
static int words_of(char *copy, char *argv[WORDS_MAX])
{
	char *from = copy, *to = copy;
	int argc = 0;

	while (*(from += strspn(from, " ")) && !strchr("<>|#&", *from) && argc < WORDS_MAX) {
		char quote = '\0';

		argv[argc++] = to;
		for (; *from && (quote || *from != ' '); from++) {
			if (quote ? *from == quote : (*from == '\'' || *from == '"'))
				quote = quote ? '\0' : *from;
			else
				*to++ = *from;
		}
		cr_assert_not(quote, "open quote");
		from += *from == ' ';
		*to++ = '\0';
	}
	return argc;
}

/* The words behind "sockutil MODE". */
static void parses(const struct mode *mode, const char *line)
{
	char *argv[WORDS_MAX], **operands, *copy = strdup(line);
	void *args = calloc(1, mode->args_size);
	struct failure why = { 0 };
	int argc = words_of(copy, argv), help;
	size_t count;
	bool good = options_parse(mode, argc, argv, 0, args, &operands, &count, &help, &why);

	cr_assert(good, "sockutil %s %s: %s", mode->name, line, why.text);
	cr_assert_gt(count, 0, "sockutil %s %s: no operand", mode->name, line);
	options_free(mode, args);
	free(operands);
	free(args);
	free(copy);
}

static void each(void (*look)(const struct mode *mode, const struct option_row *row))
{
	for (size_t i = 0; i < MODES; i++) {
		struct option_cursor cursor = { 0 };
		const struct option_row *row;

		while ((row = option_next(modes[i], &cursor)))
			look(modes[i], row);
	}
}

static void example_parses(const struct mode *mode, const struct option_row *row)
{
	char example[OPTION_EXAMPLE_MAX];

	cr_assert_not_null(row->example, "%s --%s", mode->name, row->name);
	parses(mode, option_text_example(example, mode, row));
}

Test(rows, examples_parse)
{
	each(example_parses);
}

Test(rows, examples_of_modes_parse)
{
	for (size_t i = 0; i < MODES; i++)
		for (const char *const *e = modes[i]->examples; *e; e += 2) {
			char command[60];
			const char *at;

			snprintf(command, sizeof command, "sockutil %s ", modes[i]->name);
			at = strstr(*e, command);
			cr_assert_not_null(at, "%s", *e);
			parses(modes[i], at + strlen(command));
			cr_assert_not_null(e[1]);
		}
}

static void names_exist(const struct mode *mode, const struct option_row *row)
{
	char names[1000];

	snprintf(names, sizeof names, "%s %s", row->conflicts ? row->conflicts : "",
		 row->needs ? row->needs : "");
	for (char *name = strtok(names, " "); name; name = strtok(NULL, " "))
		cr_assert_not_null(option_find(mode, name), "%s --%s: %s", mode->name, row->name,
				   name);
}

Test(rows, names_in_conflicts_and_needs_exist)
{
	each(names_exist);
}

static void is_unique(const struct mode *mode, const struct option_row *row)
{
	cr_assert_eq(option_find(mode, row->name), row, "%s --%s", mode->name, row->name);
	cr_assert_neq(row->letter, 'h', "-h is help");
	if (row->letter)
		cr_assert_eq(option_find_letter(mode, row->letter), row, "%s -%c", mode->name,
			     row->letter);
}

Test(rows, names_and_letters_are_unique)
{
	each(is_unique);
}

static void help_is_one_line(const struct mode *mode, const struct option_row *row)
{
	size_t length = row->help ? strlen(row->help) : 0;

	cr_assert_gt(length, 0, "%s --%s", mode->name, row->name);
	cr_assert_null(strchr(row->help, '\n'), "%s --%s", mode->name, row->name);
	cr_assert_neq(row->help[length - 1], '.', "%s --%s", mode->name, row->name);
	cr_assert_not(isupper((unsigned char)row->help[0]) && islower((unsigned char)row->help[1]),
		      "%s --%s", mode->name, row->name);
}

Test(rows, help_is_one_line)
{
	each(help_is_one_line);
}

static void fits(const struct mode *mode, const struct option_row *row)
{
	bool takes =
		row->type != OPTION_FLAG && row->type != OPTION_COUNT && row->type != OPTION_VALUE;

	cr_assert_lt(row->at, mode->args_size, "%s --%s", mode->name, row->name);
	cr_assert_lt(row->given_at, mode->args_size, "%s --%s", mode->name, row->name);
	cr_assert_eq(takes, row->arg != NULL, "%s --%s: argument word", mode->name, row->name);
	cr_assert_eq(row->type == OPTION_CHOICE, row->choices != NULL, "%s --%s", mode->name,
		     row->name);
}

Test(rows, fields_fit)
{
	each(fits);
}

static void says_its_default(const struct mode *mode, const struct option_row *row)
{
	char notes[OPTION_TEXT_MAX];

	if (row->type == OPTION_INTEGER || row->type == OPTION_DURATION ||
	    row->type == OPTION_SIZE || row->type == OPTION_RATE)
		cr_assert_not_null(strstr(option_text_notes(notes, row, false), "default: "),
				   "%s --%s", mode->name, row->name);
}

Test(rows, numbers_say_their_default)
{
	each(says_its_default);
}
