/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_OPTION_HINT_H
#define SOCKUTIL_CLI_OPTION_HINT_H
/* What to type instead of an option that netcat or curl has and a mode has not. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>
#include <sockutil/cli/option.h>
#include <sockutil/cli/option_mistake.h>

/* When the mode's hints know option ("-l", "--listen"): FAILURE_USAGE with the hint's text, its
 * "{operands}" filled in from operands (read so far, ended by NULL) and the rest of the line.
 * Otherwise false. */
bool option_hint(const struct mode *mode, const struct option_line *line, char *const *operands,
		 const char *option, struct failure *why);

/* The operands on the rest of a line, as the mode's rows tell arguments from operands, behind those
 * that were read; quoted for a shell where it needs that, "..." when there are none. Cut at size.
 * Returns out. */
const char *option_hint_operands(char *out, size_t size, const struct mode *mode,
				 const struct option_line *line, char *const *operands);
#endif
