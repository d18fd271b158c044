/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_HELP_H
#define SOCKUTIL_CLI_HELP_H
/* Everything a person reads about options, printed from the rows. Failures to write stay in the
 * FILE: the caller asks ferror(). */
#include <stdbool.h>
#include <stdio.h>

#include <sockutil/cli/option.h>

/* --help: usage, what it is, common options with their defaults, examples: fits 80 columns by 40
 * lines. all (--help-all): the description and every option by group, with ranges. */
void help_mode(FILE *out, const struct mode *mode, bool all);

/* Bare `sockutil`, `sockutil help`: commands and examples. modes ends with NULL. */
void help_program(FILE *out, const struct mode *const *modes);
#endif
