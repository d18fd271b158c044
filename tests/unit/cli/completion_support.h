/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_CLI_COMPLETION_SUPPORT_H
#define TESTS_UNIT_CLI_COMPLETION_SUPPORT_H
/* The scripts for the made-up mode and one whose operands are commands. */
#include <sockutil/cli/option.h>

/* Its operands say COMMAND. */
extern const struct mode completion_of_commands_mode;

/* The script of a shell, to be freed; NULL for an unknown one. */
char *completion_script(const char *shell);

/* Fails the test unless the script of the shell has this piece. */
void completion_has(const char *shell, const char *piece);
#endif
