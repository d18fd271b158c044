/* SPDX-License-Identifier: MIT */
/* completion_zsh.c - the completion script for zsh (_arguments, _describe). */
#include <string.h>

#include <sockutil/cli/completion.h>

/* Inside single quotes, with what _arguments and _describe take as marks escaped. */
static void print_quoted(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (strchr("[]:\\", *text))
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

/* ":TIME: " - what _arguments shall offer behind the option. */
static void print_action(FILE *out, const struct option_row *row)
{
	enum completion_kind kind = completion_kind_of(row);

	if (kind == COMPLETION_NONE)
		return;
	fputs(kind == COMPLETION_ATTACHED ? "::" : kind == COMPLETION_COMMAND ? ":*:" : ":", out);
	print_quoted(out, row->arg);
	if (kind == COMPLETION_FILE)
		fputs(":_files", out);
	else if (kind == COMPLETION_COMMAND)
		fputs(":_command_names -e", out);
	else
		fputs(": ", out);
}

static void print_choice(FILE *out, const struct option_row *row)
{
	fputc(':', out);
	print_quoted(out, row->arg);
	fputs(":(", out);
	for (size_t i = 0; row->choices[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", row->choices[i]);
	fputc(')', out);
}

/* What stands behind the name, so that both "--name VALUE" and "--name=VALUE" are understood. */
static const char *joint_of(const struct option_row *row)
{
	enum completion_kind kind = completion_kind_of(row);

	if (kind == COMPLETION_NONE || kind == COMPLETION_COMMAND)
		return "";
	return kind == COMPLETION_ATTACHED ? "=-" : "=";
}

static bool repeats(const struct option_row *row)
{
	return row->type == OPTION_LIST || row->type == OPTION_FILE_LIST ||
	       row->type == OPTION_COUNT;
}

/* '(-w --timeout)'{-w+,--timeout=}'[help]:TIME: ' */
static void print_option(FILE *out, const struct option_row *row)
{
	const char *joint = joint_of(row);

	fputs(" \\\n\t\t\t", out);
	if (row->letter && repeats(row))
		fprintf(out, "'*'{-%c%s,--%s%s}'[", row->letter, *joint ? "+" : "", row->name,
			joint);
	else if (row->letter)
		fprintf(out, "'(-%c --%s)'{-%c%s,--%s%s}'[", row->letter, row->name, row->letter,
			*joint ? "+" : "", row->name, joint);
	else
		fprintf(out, "'%s--%s%s[", repeats(row) ? "*" : "", row->name, joint);
	print_quoted(out, row->help);
	fputc(']', out);
	if (completion_kind_of(row) == COMPLETION_CHOICE)
		print_choice(out, row);
	else
		print_action(out, row);
	fputc('\'', out);
}

static void print_commands(FILE *out, const struct mode *const *modes)
{
	fputs("\tlocal -a commands=(\n", out);
	for (size_t i = 0; modes[i]; i++) {
		fprintf(out, "\t\t'%s:", modes[i]->name);
		print_quoted(out, modes[i]->summary);
		fputs("'\n", out);
	}
	fputs("\t)\n", out);
}

static void print_mode(FILE *out, const struct mode *mode)
{
	struct option_cursor cursor = { 0 };
	const struct option_row *row;

	fprintf(out, "\t%s)\n\t\t_arguments -s -S", mode->name);
	while ((row = option_next(mode, &cursor)))
		print_option(out, row);
	fputs(" \\\n\t\t\t'(-h --help)'{-h,--help}'[show the common options]'"
	      " \\\n\t\t\t'--help-all[show every option]'"
	      " \\\n\t\t\t'*:",
	      out);
	fputs(completion_of_commands(mode) ? "command:{_describe command commands}'\n"
					   : "host:_hosts'\n",
	      out);
	fputs("\t\t;;\n", out);
}

void completion_zsh(FILE *out, const struct mode *const *modes)
{
	fputs("#compdef sockutil\n"
	      "# zsh completion for sockutil, made by: sockutil help --completion zsh\n"
	      "\n"
	      "_sockutil() {\n",
	      out);
	print_commands(out, modes);
	fputs("\tif (( CURRENT == 2 )); then\n"
	      "\t\t_describe command commands\n"
	      "\t\t_arguments '--help[show the commands]' '--version[show what is built in]'\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tshift words\n"
	      "\t(( CURRENT-- ))\n"
	      "\tcase $words[1] in\n",
	      out);
	for (size_t i = 0; modes[i]; i++)
		print_mode(out, modes[i]);
	fputs("\tesac\n"
	      "}\n"
	      "\n"
	      "_sockutil \"$@\"\n",
	      out);
}
