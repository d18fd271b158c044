/* SPDX-License-Identifier: MIT */
/* completion_bash.c - the completion script for bash (3.2 and later). */
#include <string.h>

#include <sockutil/cli/completion.h>

static const char head[] =
	"# bash completion for sockutil, made by: sockutil help --completion bash\n"
	"\n"
	"_sockutil_offer()\n"
	"{\n"
	"\tlocal reply\n"
	"\n"
	"\twhile IFS= read -r reply; do\n"
	"\t\tCOMPREPLY+=(\"$reply\")\n"
	"\tdone < <(compgen \"$@\")\n"
	"}\n"
	"\n"
	"_sockutil_files()\n"
	"{\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"\t_sockutil_offer -f -- \"$1\"\n"
	"}\n"
	"\n"
	"_sockutil()\n"
	"{\n"
	"\tlocal current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\n"
	"\tCOMPREPLY=()\n"
	"\t# --name=VALUE comes as three words\n"
	"\tif [[ $current == = ]]; then\n"
	"\t\tcurrent=\n"
	"\telif [[ $option == = ]]; then\n"
	"\t\toption=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n";

static const char tail[] = "}\n"
			   "complete -F _sockutil sockutil\n";

static void print_commands(FILE *out, const struct mode *const *modes)
{
	for (size_t i = 0; modes[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", modes[i]->name);
}

static void print_first_word(FILE *out, const struct mode *const *modes)
{
	fputs("\tif ((COMP_CWORD == 1)); then\n\t\t_sockutil_offer -W '", out);
	print_commands(out, modes);
	fputs(" --help --version' -- \"$current\"\n\t\treturn\n\tfi\n", out);
}

/* "	connect\ --cert | connect\ -c" of all options of one kind; returns how many. */
static size_t print_patterns(FILE *out, const struct mode *const *modes, enum completion_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; modes[i]; i++) {
		struct option_cursor cursor = { 0 };
		const struct option_row *row;

		while ((row = option_next(modes[i], &cursor))) {
			if (completion_kind_of(row) != kind)
				continue;
			fprintf(out, "%s%s\\ --%s", count++ ? " | \\\n\t\t" : "\t", modes[i]->name,
				row->name);
			if (row->letter)
				fprintf(out, " | %s\\ -%c", modes[i]->name, row->letter);
		}
	}
	return count;
}

static void print_choices(FILE *out, const struct mode *mode)
{
	struct option_cursor cursor = { 0 };
	const struct option_row *row;

	while ((row = option_next(mode, &cursor))) {
		if (completion_kind_of(row) != COMPLETION_CHOICE)
			continue;
		fprintf(out, "\t%s\\ --%s", mode->name, row->name);
		if (row->letter)
			fprintf(out, " | %s\\ -%c", mode->name, row->letter);
		fputs(")\n\t\t_sockutil_offer -W '", out);
		for (size_t i = 0; row->choices[i]; i++)
			fprintf(out, "%s%s", i ? " " : "", row->choices[i]);
		fputs("' -- \"$current\"\n\t\treturn\n\t\t;;\n", out);
	}
}

static void print_kind(FILE *out, const struct mode *const *modes, enum completion_kind kind,
		       const char *action)
{
	if (print_patterns(out, modes, kind))
		fprintf(out, ")\n%s\t\treturn\n\t\t;;\n", action);
}

static void print_arguments(FILE *out, const struct mode *const *modes)
{
	fputs("\tcase ${COMP_WORDS[1]}\\ $option in\n", out);
	for (size_t i = 0; modes[i]; i++)
		print_choices(out, modes[i]);
	print_kind(out, modes, COMPLETION_FILE, "\t\t_sockutil_files \"$current\"\n");
	print_kind(out, modes, COMPLETION_COMMAND, "\t\t_sockutil_offer -c -- \"$current\"\n");
	print_kind(out, modes, COMPLETION_ANY, "");
	fputs("\tesac\n", out);
}

static void print_words(FILE *out, const struct mode *mode, const struct mode *const *modes)
{
	struct option_cursor cursor = { 0 };
	const struct option_row *row;

	fprintf(out, "\t%s\\ -*)\n\t\t_sockutil_offer -W '", mode->name);
	while ((row = option_next(mode, &cursor))) {
		if (row->letter)
			fprintf(out, "-%c ", row->letter);
		fprintf(out, "--%s ", row->name);
	}
	fputs("-h --help --help-all' -- \"$current\"\n\t\t;;\n", out);
	fprintf(out, "\t%s\\ *)\n\t\t_sockutil_offer -", mode->name);
	if (completion_of_commands(mode)) {
		fputs("W '", out);
		print_commands(out, modes);
		fputs("'", out);
	} else {
		fputs("A hostname", out);
	}
	fputs(" -- \"$current\"\n\t\t;;\n", out);
}

void completion_bash(FILE *out, const struct mode *const *modes)
{
	fputs(head, out);
	print_first_word(out, modes);
	print_arguments(out, modes);
	fputs("\tcase ${COMP_WORDS[1]}\\ $current in\n", out);
	for (size_t i = 0; modes[i]; i++)
		print_words(out, modes[i], modes);
	fputs("\tesac\n", out);
	fputs(tail, out);
}
