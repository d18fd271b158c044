/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_HELP_H
#define SOCKUTIL_CLI_HELP_H
/* Everything a person reads about options, printed from the rows. */
#include <sockutil/cli/option.h>
#include <stdio.h>

/* --help: usage, what it is, common options with their defaults, examples: fits 80 columns by 24 to 40 lines. all: every option by group. */
void help_mode(FILE *out, const struct mode *mode, bool all);
/* Bare `sockutil`, `sockutil help`. modes ends with NULL. */
void help_program(FILE *out, const struct mode *const *modes);
/* The section of a man page (mdoc) for one mode: OPTIONS by group. prose is docs/'s text. */
void help_man(FILE *out, const struct mode *mode);
/* shell: "bash", "zsh" or "fish"; false for others. Always the same bytes for the same rows. */
bool help_completion(FILE *out, const char *shell, const struct mode *const *modes);
#endif
