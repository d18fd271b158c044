/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_CONNECT_EXEC_H
#define SOCKUTIL_MODES_CONNECT_EXEC_H
/* --exec and --shell of `sockutil connect`. */
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/cli/option.h>
#include <sockutil/connect/client_program.h>

struct connect_exec_args {
	struct option_list command; /* --exec */
	const char *shell;
	bool pty;
};

extern const struct option_row connect_exec_rows[];

/* A program is to be joined instead of standard input and output. */
static inline bool connect_exec_asked(const struct connect_exec_args *args)
{
	return args->shell || args->command.count > 0;
}

/* Finds it: program->path is for connect_exec_free. FAILURE_USAGE: it cannot be run. */
bool connect_exec_use(const struct connect_exec_args *args, struct client_program *program,
		      struct failure *why);
void connect_exec_free(struct client_program *program);
#endif
