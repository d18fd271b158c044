/* SPDX-License-Identifier: MIT */
/*
 * Holds: the sections in mdoc's order; roff's characters in rows and prose come out as glyphs and
 * no line starts with a control character; dashes of options stay dashes; one sentence a line; a
 * table that two modes share is printed once, and who has not all of it says so.
 */
#include "made_up.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/cli/manual.h>

static const struct option_row own_rows[] = {
	{
		.name = "back\\slash",
		.letter = 'b',
		.type = OPTION_FLAG,
		.help = "it's a \\ with --dashes, a-hyphen and \"quotes\"",
		.conflicts = "shared",
	},
	{ 0 },
};
static const struct option_row shared_rows[] = {
	{
		.name = "shared",
		.arg = "N",
		.type = OPTION_INTEGER,
		.help = "printed once",
		.example = "--shared 5",
		.needs = "a b",
	},
	{
		.name = "maybe",
		.arg = "X",
		.arg_optional = true,
		.type = OPTION_TEXT,
		.help = "SHOUTED",
	},
	{ 0 },
};
static const struct option_row *const one_tables[] = { own_rows, shared_rows, NULL };
static const struct option_row two_rows[] = { { 0 } };
static const struct option_row later_rows[] = {
	{
		.name = "later",
		.help = "of the second and the third",
	},
	{ 0 },
};
static const struct option_row *const two_tables[] = { two_rows, shared_rows, later_rows, NULL };
static const struct option_row *const three_tables[] = { later_rows, NULL };
static const char *const examples[] = { "sockutil one '.x'", "what it does", NULL };
static const struct mode one = {
	.name = "one",
	.operands = "HOST",
	.summary = "the first",
	.description = ".starts with a dot. And then, a second sentence.\n\nnext paragraph",
	.tables = one_tables,
	.examples = examples,
};
static const struct mode two = {
	.name = "two",
	.operands = "PORT",
	.summary = "the second",
	.tables = two_tables,
	.without = "maybe",
};

static const struct mode three = {
	.name = "three",
	.operands = "FILE",
	.summary = "the third",
	.tables = three_tables,
};

static const struct manual_section sections[] = {
	{ .title = "ENDPOINTS", .text = "Forms:\n\n\t.dot\n\ttwo\n\nna\xc3\xafve" },
	{ 0 },
};
static const struct manual_page page = {
	.name = "sockutil",
	.summary = "a summary",
	.date = "January 2, 2026",
	.description = "What it is.",
	.sections = sections,
	.see_also = "curl 1\0socket 7\0",
};

static char *print(void)
{
	static const struct mode *const modes[] = { &one, &two, &three, NULL };
	static size_t length;
	static char *text; /* static: gcc 12 takes open_memstream's store for a dangling one */
	FILE *out = open_memstream(&text, &length);

	manual_print(out, &page, modes);
	fclose(out);
	return text;
}

static void expect(const char *piece)
{
	char *text = print();

	cr_assert(strstr(text, piece), "%s\nis not in\n%s", piece, text);
	free(text);
}

Test(manual, head)
{
	expect(".Dd January 2, 2026\n.Dt SOCKUTIL 1\n.Os\n.Sh NAME\n.Nm sockutil\n.Nd a summary\n"
	       ".Sh SYNOPSIS\n.Nm\n.Cm one\n.Op Ar options\n.Ar \"HOST\"\n");
}

Test(manual, sections_in_order)
{
	static const char *const titles[] = {
		"NAME",      "SYNOPSIS",    "DESCRIPTION", "COMMANDS",
		"ENDPOINTS", "EXIT STATUS", "EXAMPLES",    "SEE ALSO"
	};
	char *text = print(), *at = text;

	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
		char line[40];

		snprintf(line, sizeof line, "\n.Sh %s\n", titles[i]);
		at = strstr(at, line);
		cr_assert_not_null(at, "%s", titles[i]);
	}
	free(text);
}

Test(manual, roff_is_escaped)
{
	expect("\\&It\\(aqs a \\e with \\-\\-dashes, a-hyphen and \\(dqquotes\\(dq.\n");
	expect("\\&.starts with a dot.\nAnd then, a second sentence.\n.Pp\nnext paragraph\n");
	expect("Forms:\n.Bd -literal -offset indent\n\\&.dot\n\\&two\n.Ed\n.Pp\nna\\[u00EF]ve\n");
	expect("\\&What it does:\n.Bd -literal -offset indent\n\\&sockutil one "
	       "\\(aq.x\\(aq\n.Ed\n");
}

Test(manual, options)
{
	expect(".It Fl -shared Ar \"N\"\n\\&Printed once (default: none).\n"
	       "Needs one of: \\-\\-a, \\-\\-b\n"
	       ".Bd -literal -compact\n\\&sockutil one \\-\\-shared 5\n.Ed\n");
	expect(".It Fl -maybe Ns Oo Ns = Ns Ar \"X\" Oc\n\\&SHOUTED.\n");
	expect("Cannot be given together with: \\-\\-shared\n");
}

Test(manual, a_shared_table_is_printed_once)
{
	char *text = print(), *first = strstr(text, "Fl -shared");

	cr_assert_not_null(first);
	cr_assert_null(strstr(first + 1, "Fl -shared"));
	cr_assert(strstr(text, ".Ss three") < first, "behind the modes");
	free(text);
}

Test(manual, so_is_one_that_the_first_mode_has_not)
{
	char *text = print(), *first = strstr(text, "Fl -later");

	cr_assert_not_null(first);
	cr_assert_null(strstr(first + 1, "Fl -later"));
	cr_assert(strstr(text, ".Ss Options of several") < first, "with the others");
	free(text);
	expect("Of the options of several commands it has not: \\-\\-later\n");
}

Test(manual, what_a_mode_has_not_of_the_shared_ones)
{
	expect(".Ss two\n\\&The second.\nOf the options of several commands it has not: "
	       "\\-\\-maybe\n");
	cr_assert_null(strstr(strstr(print(), ".Ss Options of"), "it has not"));
}

Test(manual, every_status_is_there)
{
	expect(".It 0\n\\&Done, every byte accounted for.\n");
	expect(".It 141\n");
	expect(".It 128+n\n");
	expect(".Sh SEE ALSO\n.Xr curl 1 ,\n.Xr socket 7\n");
}
