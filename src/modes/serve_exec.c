/* SPDX-License-Identifier: MIT */
/* src/modes/serve_exec.c - a program for each connection: --exec, --shell. */
#include <stddef.h>

#include <sockutil/modes/serve_exec.h>
#include <sockutil/modes/serve_run.h>
#include <sockutil/serve/exec.h>

#define AT(field) offsetof(struct serve_args, exec.field)

/* In the order of enum exec_errors. */
static const char *const errors[] = { "inherit", "connection", "log", NULL };

const struct option_row serve_exec_rows[] = {
	{
		.name = "exec",
		.letter = 'e',
		.arg = "CMD...",
		.type = OPTION_REST,
		.at = AT(command),
		.group = "programs",
		.help = "a program for each, with the rest of the line",
		.example = "9999 --exec cat -n",
		.conflicts = SERVE_HANDLERS,
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
		.example = "9999 --shell 'read name; echo \"Hello, $name\"'",
		.conflicts = SERVE_HANDLERS,
		.common = true,
	},
	{
		.name = "pty",
		.type = OPTION_FLAG,
		.at = AT(pty),
		.group = "programs",
		.help = "give the program a terminal instead of pipes",
		.example = "9999 --pty --exec bash -i",
		.needs = "exec shell",
	},
	{
		.name = "stderr",
		.arg = "WHERE",
		.type = OPTION_CHOICE,
		.at = AT(errors),
		.choices = errors,
		.fallback = "inherit",
		.group = "programs",
		.help = "where the program's standard error goes: ours, the client, the log",
		.example = "9999 --stderr log --exec cat -n",
		.needs = "exec shell",
		.conflicts = "pty",
	},
	{
		.name = "max-children",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(max_children),
		.min = 1,
		.max = 1000000,
		.fallback = "64",
		.group = "programs",
		.help = "programs at once; more clients are refused",
		.example = "9999 --max-children 500 --exec cat -n",
		.needs = "exec shell",
	},
	{ 0 },
};

/* What the shell is given. */
static const char *shell_arguments[] = { "/bin/sh", "-c", NULL, NULL };

static bool exec_asked(const struct serve_args *a)
{
	return a->exec.command.count > 0;
}

static bool shell_asked(const struct serve_args *a)
{
	return a->exec.shell;
}

static bool use_exec(struct serve_run *run, struct failure *why)
{
	const struct serve_args *a = run->args;
	struct exec_options *exec = serve_handler_options(run, sizeof(*exec));

	(void)why;
	*exec = (struct exec_options){
		.arguments = a->exec.shell ? shell_arguments : a->exec.command.items,
		.pty = a->exec.pty,
		.errors = (enum exec_errors)a->exec.errors,
		.max_children = (uint64_t)a->exec.max_children,
		.workers = run->server.workers,
		.idle_ms = a->common.idle_ms,
	};
	shell_arguments[2] = a->exec.shell;
	run->server.handler = &exec_handler;
	return true;
}

const struct serve_choice serve_choice_exec = { "exec", exec_asked, use_exec, NULL };
const struct serve_choice serve_choice_shell = { "shell", shell_asked, use_exec, NULL };
