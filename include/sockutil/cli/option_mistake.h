/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_OPTION_MISTAKE_H
#define SOCKUTIL_CLI_OPTION_MISTAKE_H
/*
 * What is said of a command line that is wrong: one line that names what, why, and the nearest
 * valid thing. All fill *why with FAILURE_USAGE and return false, so that the parser can return
 * what they return.
 */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/cli/option.h>

/* The command line, and the first word of it that is not read yet. */
struct option_line {
	int argc;
	char *const *argv;
	int next;
};

/* word is "--name" or "--name=VALUE". operands: those before it, ended by NULL, for the mode's
 * hints. */
bool option_mistake_name(const struct mode *mode, const struct option_line *line,
			 char *const *operands, const char *word, struct failure *why);

/* letter points into word, "-abc". */
bool option_mistake_letter(const struct mode *mode, const struct option_line *line,
			   char *const *operands, const char *word, const char *letter,
			   struct failure *why);

/* The argument is missing. */
bool option_mistake_missing(const struct mode *mode, const struct option_row *row,
			    const char *spelled, struct failure *why);

/* An argument where none is taken. */
bool option_mistake_extra(const struct option_row *row, const char *spelled, const char *value,
			  struct failure *why);

/* True when conflicts and needs of all given rows hold; given has one bool for each row, in the
 * order of option_next. */
bool option_mistake_together(const struct mode *mode, const bool *given, struct failure *why);
#endif
