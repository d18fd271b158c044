/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_COMPLETION_H
#define SOCKUTIL_CLI_COMPLETION_H
/*
 * Completion scripts for shells, printed from the rows: always the same bytes for the same rows.
 * Commands, long and short options, choices, file names where a file is meant, and host names as
 * operands; a mode whose operands say COMMAND gets the commands.
 */
#include <stdbool.h>
#include <stdio.h>

#include <sockutil/cli/option.h>

/* shell: "bash", "zsh" or "fish"; false for others. modes ends with NULL. */
bool completion_print(FILE *out, const char *shell, const struct mode *const *modes);

/* What may stand behind an option. */
enum completion_kind {
	COMPLETION_NONE,     /* the option takes no argument */
	COMPLETION_ATTACHED, /* only behind "=", so the next word is something else */
	COMPLETION_ANY,      /* text nobody can guess */
	COMPLETION_FILE,
	COMPLETION_CHOICE,
	COMPLETION_COMMAND, /* a program and its arguments */
};
enum completion_kind completion_kind_of(const struct option_row *row);
/* Whether the operands are names of modes. */
bool completion_of_commands(const struct mode *mode);

/* One each. */
void completion_bash(FILE *out, const struct mode *const *modes);
void completion_zsh(FILE *out, const struct mode *const *modes);
void completion_fish(FILE *out, const struct mode *const *modes);
#endif
