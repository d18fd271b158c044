/* SPDX-License-Identifier: MIT */
/*
 * Holds: --help shows the common rows with their defaults and the examples, --help-all the
 * description and every row by group with ranges; no line is over 80 columns; the program's help
 * names the modes and two examples of each.
 */
#include "made_up.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/cli/help.h>

static char *print(const struct mode *mode, bool all)
{
	static const struct mode *const modes[] = { &made_up_mode, NULL };
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	if (mode)
		help_mode(out, mode, all);
	else
		help_program(out, modes);
	fclose(out);
	return text;
}

Test(help, common)
{
	char *text = print(&made_up_mode, false);

	cr_assert_str_eq(
		text,
		"usage: sockutil made [OPTIONS] PORT\n"
		"be made up\n"
		"\n"
		"options:\n"
		"  -f, --flag                a flag\n"
		"  -v, --verbose             counted\n"
		"  -t, --text TEXT           a text; it's [quoted]: so (default: hello)\n"
		"  -w, --timeout TIME        a duration that takes so many words that it does\n"
		"                            not fit on one line of help (default: 30s)\n"
		"  -h, --help                this; --help-all shows every option, with ranges\n"
		"\n"
		"examples:\n"
		"  sockutil made 80                            beside\n"
		"  sockutil made --a-long-command-line-that-leaves-no-room 80\n"
		"      below\n");
	free(text);
}

Test(help, all)
{
	char *text = print(&made_up_mode, true);
	size_t rows = 0;

	cr_assert(strstr(text, "be made up\n\nThe first paragraph, which is wrapped.\n\n"
			       "\tverbatim   line\n\nThe last one.\n\noptions:\n"));
	cr_assert(strstr(text, "\n\nfiles:\n  -o, --file F              a file\n"));
	cr_assert(strstr(text, "\n      --color auto|always|never\n"
			       "                            one of a few (default: never)\n"));
	cr_assert(strstr(text, "\n  -W, --wait[=TIME]         a text that may be missing\n"));
	cr_assert(strstr(
		text, "\n      --ttl N               a number in a range (1-255, default: 64)\n"));
	for (char *at = text; (at = strstr(at, "\n      --")); at++)
		rows++;
	for (char *at = text; (at = strstr(at, "\n  -")); at++)
		rows++;
	cr_assert_eq(rows, option_count(&made_up_mode));
	free(text);
}

Test(help, no_line_is_too_wide)
{
	char *text = print(&made_up_mode, true);

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		cr_assert_leq(strlen(line), 80, "%s", line);
	free(text);
}

Test(help, program)
{
	char *text = print(NULL, false);

	cr_assert(strstr(text, "usage: sockutil COMMAND [OPTIONS] [ARGUMENTS]\n\n"
			       "commands:\n  made      be made up\n\nexamples:\n"
			       "  sockutil made 80                            beside\n"));
	free(text);
}
