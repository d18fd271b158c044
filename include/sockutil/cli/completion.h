/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_COMPLETION_H
#define SOCKUTIL_CLI_COMPLETION_H
/* Completion scripts for shells, printed from the rows: always the same bytes for the same rows. */
#include <stdbool.h>
#include <stdio.h>

#include <sockutil/cli/option.h>

/* shell: "bash", "zsh" or "fish"; false for others. modes ends with NULL. */
bool completion_print(FILE *out, const char *shell, const struct mode *const *modes);
#endif
