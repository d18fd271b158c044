/* SPDX-License-Identifier: MIT */
/* src/connect/client_program.c - a program joined to the connection. */
#include <sockutil/connect/client_program.h>
#include <sockutil/stream/program_environment.h>

/* Between SIGHUP, when the connection is gone, and SIGKILL: as --grace of serve. */
enum { GRACE_MS = 2000 };

struct program *client_program_start(const struct client_program *program,
				     const struct stream_report *report,
				     void (*ended)(void *data, int status), void *data,
				     struct failure *why)
{
	const struct program_facts facts = {
		.peer = &report->dial.peer,
		.local = &report->dial.local,
		.tls = report->tls.version ? &report->tls : NULL,
	};
	struct program_options options = {
		.child = {
			.path = program->path,
			.arguments = program->arguments,
			.pty = program->pty,
		},
		.grace_ms = GRACE_MS,
		.ended = ended,
		.data = data,
	};
	struct program_environment environment;
	struct program *started;

	program_environment_init(&environment, child_environment());
	program_environment_set(&environment, &facts);
	options.child.environment = environment.list;
	started = program_start(&options, why);
	program_environment_free(&environment);
	return started;
}
