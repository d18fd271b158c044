/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_PASSWORD_PROMPT_H
#define SOCKUTIL_MODES_PASSWORD_PROMPT_H
/* A password that is typed. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

/* Asks on the process's terminal, which shows nothing of the answer; size bytes with the NUL. A
 * signal that ends the program while it asks leaves the terminal as it was. FAILURE_INPUT: there is
 * no terminal, or it ended; FAILURE_USAGE: too long. */
bool password_prompt(char *out, size_t size, const char *prompt, struct failure *why);
#endif
