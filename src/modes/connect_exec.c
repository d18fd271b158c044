/* SPDX-License-Identifier: MIT */
/* src/modes/connect_exec.c - a program joined to the connection: --exec, --shell. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <sockutil/modes/connect_exec.h>
#include <sockutil/modes/connect_options.h>
#include <sockutil/net/child.h>

#define AT(field) offsetof(struct connect_args, exec.field)

/* What speaks of the standard input and output that a program stands for. */
#define STANDARD "input output append send prompt recv-only send-only keep-sending progress"

const struct option_row connect_exec_rows[] = {
	{
		.name = "exec",
		.letter = 'e',
		.arg = "CMD...",
		.type = OPTION_REST,
		.at = AT(command),
		.group = "programs",
		.help = "join CMD to it, with the rest of the line",
		.example = "127.0.0.1 9999 --exec cat -n",
		.conflicts = "shell " STANDARD,
		.common = true,
	},
	{
		.name = "shell",
		.letter = 'c',
		.arg = "CMD",
		.type = OPTION_TEXT,
		.at = AT(shell),
		.group = "programs",
		.help = "the same by /bin/sh -c CMD",
		.example = "127.0.0.1 9999 --shell 'echo hello; cat >&2'",
		.conflicts = "exec " STANDARD,
		.common = true,
	},
	{
		.name = "pty",
		.type = OPTION_FLAG,
		.at = AT(pty),
		.group = "programs",
		.help = "give the program a terminal instead of pipes",
		.example = "127.0.0.1 9999 --pty --exec bash -i",
		.needs = "exec shell",
	},
	{ 0 },
};

static const char *shell_arguments[] = { "/bin/sh", "-c", NULL, NULL };

bool connect_exec_use(const struct connect_exec_args *args, struct client_program *program,
		      struct failure *why)
{
	shell_arguments[2] = args->shell;
	program->arguments = args->shell ? shell_arguments : args->command.items;
	program->pty = args->pty;
	program->path = child_find(program->arguments[0], why);
	return program->path != NULL;
}

void connect_exec_free(struct client_program *program)
{
	free((void *)(uintptr_t)program->path);
	program->path = NULL;
}
