/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_SERVE_EXEC_H
#define SOCKUTIL_MODES_SERVE_EXEC_H
/* --exec and --shell of `sockutil serve`. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/cli/option.h>

struct serve_choice;

struct serve_exec_args {
	struct option_list command; /* --exec */
	const char *shell;
	bool pty;
	int errors; /* enum exec_errors */
	int64_t max_children;
};

extern const struct option_row serve_exec_rows[];
extern const struct serve_choice serve_choice_exec, serve_choice_shell;
#endif
