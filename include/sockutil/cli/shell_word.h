/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_SHELL_WORD_H
#define SOCKUTIL_CLI_SHELL_WORD_H
/* Words as a shell takes them, for messages that show a command. */
#include <stddef.h>

/* Appends word to the string out (of size bytes in all), behind a blank unless out is empty; in
 * single quotes where it needs that. Cut at size. */
void shell_word_add(char *out, size_t size, const char *word);
#endif
