/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CONNECT_CLIENT_PROGRAM_H
#define SOCKUTIL_CONNECT_CLIENT_PROGRAM_H
/* A program joined to the connection. It is told of both ends in its environment. */
#include <stdbool.h>

#include <sockutil/stream/open.h>
#include <sockutil/stream/program.h>

/* Borrowed. */
struct client_program {
	const char *path;             /* as child_find() gave it */
	const char *const *arguments; /* ends with NULL */
	bool pty;
};

/* Started when the connection is open: report says what it is. ended as in stream/program.h. NULL:
 * child_start()'s failure. programs_begin() comes before. */
struct program *client_program_start(const struct client_program *program,
				     const struct stream_report *report,
				     void (*ended)(void *data, int status), void *data,
				     struct failure *why);
#endif
