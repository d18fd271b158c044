/* SPDX-License-Identifier: MIT */
/* help.c - what --help, --help-all and bare `sockutil` show. */
#include <stdio.h>
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/cli/help.h>
#include <sockutil/cli/option_text.h>

enum {
	WIDTH = 80,
	HELP_COLUMN = 28,    /* where the text of an option starts */
	EXAMPLE_COLUMN = 46, /* where the text of an example starts */
	CELL_MAX = OPTION_TEXT_MAX + 80,
};

/* Prints the words of length bytes from column on, breaking before WIDTH and going on at indent.
 * Ends the line. */
static void print_wrapped(FILE *out, const char *text, size_t length, size_t column, size_t indent)
{
	const char *end = text + length;
	bool first = true;

	while ((text += strspn(text, " \n")) < end) {
		size_t word = strcspn(text, " \n");
		size_t width = utf8_width(text, word);

		if (!first && column + 1 + width >= WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
			first = true;
		}
		fprintf(out, "%s%.*s", first ? "" : " ", (int)word, text);
		column += width + !first;
		first = false;
		text += word;
	}
	fputc('\n', out);
}

/* "  -w, --timeout TIME", then its text at HELP_COLUMN, on the next line when the cell is too wide.
 */
static void print_row(FILE *out, const char *cell, const char *text)
{
	size_t width = utf8_width(cell, strlen(cell));

	fputs(cell, out);
	if (width + 2 > HELP_COLUMN)
		fprintf(out, "\n%*s", HELP_COLUMN, "");
	else
		fprintf(out, "%*s", (int)(HELP_COLUMN - width), "");
	print_wrapped(out, text, strlen(text), HELP_COLUMN, HELP_COLUMN);
}

static void print_option(FILE *out, const struct option_row *row, bool all)
{
	char argument[OPTION_TEXT_MAX], notes[OPTION_TEXT_MAX], cell[CELL_MAX], text[2 * CELL_MAX];
	const char *before = row->arg_optional ? "[=" : row->arg ? " " : "";

	option_text_argument(argument, row);
	option_text_notes(notes, row, all);
	if (row->letter)
		snprintf(cell, sizeof cell, "  -%c, --%s%s%s%s", row->letter, row->name, before,
			 argument, row->arg_optional ? "]" : "");
	else
		snprintf(cell, sizeof cell, "      --%s%s%s%s", row->name, before, argument,
			 row->arg_optional ? "]" : "");
	if (*notes)
		snprintf(text, sizeof text, "%s (%s)", row->help, notes);
	else
		snprintf(text, sizeof text, "%s", row->help);
	print_row(out, cell, text);
}

/* Command lines with what they do, beside each other where both fit. */
static void print_examples(FILE *out, const char *const *examples, size_t most)
{
	for (size_t i = 0; i < most && examples && examples[0]; i++, examples += 2) {
		size_t width = 2 + utf8_width(examples[0], strlen(examples[0]));
		size_t text_width = utf8_width(examples[1], strlen(examples[1]));
		bool beside = width + 2 <= EXAMPLE_COLUMN && EXAMPLE_COLUMN + text_width < WIDTH;

		fprintf(out, "  %s", examples[0]);
		if (beside)
			fprintf(out, "%*s", (int)(EXAMPLE_COLUMN - width), "");
		else
			fputs("\n      ", out);
		print_wrapped(out, examples[1], strlen(examples[1]), beside ? EXAMPLE_COLUMN : 6,
			      6);
	}
}

/* The rows of one group; unless all, only those that are common. */
static void print_rows(FILE *out, const struct mode *mode, const char *group, bool all)
{
	struct option_cursor cursor = { 0 };
	const struct option_row *row;

	while ((row = option_next(mode, &cursor)))
		if ((all || row->common) && !strcmp(option_text_group(row), group))
			print_option(out, row, all);
}

static void print_options(FILE *out, const struct mode *mode, bool all)
{
	struct option_cursor cursor = { 0 };
	const char *group;

	if (!all)
		fputs("\noptions:\n", out);
	while ((group = option_text_next_group(mode, &cursor))) {
		if (all)
			fprintf(out, "\n%s:\n", group);
		print_rows(out, mode, group, all);
	}
	if (!all)
		print_row(out, "  -h, --help", "this; --help-all shows every option, with ranges");
}

/* Paragraphs parted by blank lines; one that starts with a tab stays as it is. */
static void print_paragraphs(FILE *out, const char *text)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t length = end ? (size_t)(end - text) : strlen(text);

		fputc('\n', out);
		if (*text == '\t')
			fprintf(out, "%.*s\n", (int)length, text);
		else
			print_wrapped(out, text, length, 0, 0);
		text += length + (end ? 2 : 0);
	}
}

void help_mode(FILE *out, const struct mode *mode, bool all)
{
	fprintf(out, "usage: sockutil %s [OPTIONS] %s\n%s\n", mode->name, mode->operands,
		mode->summary);
	if (all && mode->description)
		print_paragraphs(out, mode->description);
	print_options(out, mode, all);
	if (mode->examples) {
		fputs("\nexamples:\n", out);
		print_examples(out, mode->examples, all ? SIZE_MAX : 4);
	}
	if (all)
		fputs("\nAn option without a default is off, or nothing, unless given.\n", out);
}

void help_program(FILE *out, const struct mode *const *modes)
{
	fputs("usage: sockutil COMMAND [OPTIONS] [ARGUMENTS]\n\ncommands:\n", out);
	for (size_t i = 0; modes[i]; i++)
		fprintf(out, "  %-9s %s\n", modes[i]->name, modes[i]->summary);
	fputs("\nexamples:\n", out);
	for (size_t i = 0; modes[i]; i++)
		print_examples(out, modes[i]->examples, 2);
	fputs("\nsockutil COMMAND --help shows a command's options, --help-all every one of them;\n"
	      "sockutil help --man is the manual, sockutil --version what is built in.\n",
	      out);
}
