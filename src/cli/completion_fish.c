/* SPDX-License-Identifier: MIT */
/* completion_fish.c - the completion script for fish. */
#include <string.h>

#include <sockutil/cli/completion.h>

/* Between single quotes, where fish knows two escapes. */
static void print_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++)
		fprintf(out, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
	fputc('\'', out);
}

static void print_condition(FILE *out, const struct mode *mode)
{
	fprintf(out, "complete -c sockutil -n '__fish_seen_subcommand_from %s'", mode->name);
}

static void print_argument(FILE *out, const struct option_row *row)
{
	switch (completion_kind_of(row)) {
	case COMPLETION_NONE:
	case COMPLETION_ATTACHED:
		break;
	case COMPLETION_ANY:
		fputs(" -x", out);
		break;
	case COMPLETION_FILE:
		fputs(" -r -F", out);
		break;
	case COMPLETION_COMMAND:
		fputs(" -x -a '(__fish_complete_command)'", out);
		break;
	case COMPLETION_CHOICE:
		fputs(" -x -a '", out);
		for (size_t i = 0; row->choices[i]; i++)
			fprintf(out, "%s%s", i ? " " : "", row->choices[i]);
		fputc('\'', out);
		break;
	}
}

static void print_option(FILE *out, const struct mode *mode, const struct option_row *row)
{
	print_condition(out, mode);
	if (row->letter)
		fprintf(out, " -s %c", row->letter);
	fprintf(out, " -l %s", row->name);
	print_argument(out, row);
	fputs(" -d ", out);
	print_quoted(out, row->help);
	fputc('\n', out);
}

static void print_operands(FILE *out, const struct mode *mode, const struct mode *const *modes)
{
	print_condition(out, mode);
	if (!completion_of_commands(mode)) {
		fputs(" -a '(__fish_print_hostnames)'\n", out);
		return;
	}
	fputs(" -a '", out);
	for (size_t i = 0; modes[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", modes[i]->name);
	fputs("'\n", out);
}

static void print_mode(FILE *out, const struct mode *mode, const struct mode *const *modes)
{
	struct option_cursor cursor = { 0 };
	const struct option_row *row;

	fputc('\n', out);
	fprintf(out, "complete -c sockutil -n __fish_use_subcommand -a %s -d ", mode->name);
	print_quoted(out, mode->summary);
	fputc('\n', out);
	while ((row = option_next(mode, &cursor)))
		print_option(out, mode, row);
	print_condition(out, mode);
	fputs(" -s h -l help -d 'show the common options'\n", out);
	print_condition(out, mode);
	fputs(" -l help-all -d 'show every option'\n", out);
	print_operands(out, mode, modes);
}

void completion_fish(FILE *out, const struct mode *const *modes)
{
	fputs("# fish completion for sockutil, made by: sockutil help --completion fish\n"
	      "complete -c sockutil -f\n"
	      "complete -c sockutil -n __fish_use_subcommand -l help -d 'show the commands'\n"
	      "complete -c sockutil -n __fish_use_subcommand -l version"
	      " -d 'show what is built in'\n",
	      out);
	for (size_t i = 0; modes[i]; i++)
		print_mode(out, modes[i], modes);
}
