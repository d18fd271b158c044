/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_COMMAND_MISTAKE_H
#define SOCKUTIL_MODES_COMMAND_MISTAKE_H
/* What is said when the first word is no command: the nearest, or the right command line. */
#include <sockutil/base/failure.h>
#include <sockutil/cli/option.h>

/* argv[1] is neither --help, --version nor the name of one of modes (ended by NULL). Fills *why
 * with FAILURE_USAGE. netcat's and curl's habits get the command to type: `sockutil HOST PORT`,
 * `sockutil -l 8080`, `sockutil http://example.org`. */
void command_mistake(const struct mode *const *modes, int argc, char *const *argv,
		     struct failure *why);
#endif
