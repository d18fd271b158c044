/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_MANUAL_H
#define SOCKUTIL_CLI_MANUAL_H
/* The man page, mdoc(7), printed from the rows and a few sections of prose. */
#include <stdio.h>

#include <sockutil/cli/option.h>

/* One section of prose. A blank line parts paragraphs; a paragraph whose lines start with a tab is
 * shown as it stands. */
struct manual_section {
	const char *title; /* in capitals; NULL ends a list */
	const char *text;
};

/* What a page has beside the modes. */
struct manual_page {
	const char *name;    /* "sockutil" */
	const char *summary; /* one line, lower case, no full stop */
	const char *date; /* "November 21, 2026": of the prose, so that the same rows make the same
			     bytes */
	const char *description;               /* prose */
	const struct manual_section *sections; /* behind the modes, before EXIT STATUS */
	const char *see_also;                  /* "curl 1\0socat 1\0", ended by an empty one */
};

/*
 * The whole page; modes ends with NULL. A table that several modes have is printed once, behind
 * them; the first mode has to have all of those. Ends with EXIT STATUS (failure.def), EXAMPLES (the
 * modes') and SEE ALSO.
 */
void manual_print(FILE *out, const struct manual_page *page, const struct mode *const *modes);
#endif
