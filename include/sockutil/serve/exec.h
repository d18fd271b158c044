/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_EXEC_H
#define SOCKUTIL_SERVE_EXEC_H
/*
 * A program for each connection. It reads what the client sends and the client gets what it writes;
 * the client's half-close is its end of input. The session is over when its output has ended (all
 * who could write are gone) and it has ended itself; a client that is gone ends it: SIGHUP to its
 * process group, SIGKILL after --grace.
 */
#include <stdint.h>

#include <sockutil/serve/handler.h>

enum exec_errors {
	EXEC_ERRORS_INHERIT,    /* our own standard error */
	EXEC_ERRORS_CONNECTION, /* to the client */
	EXEC_ERRORS_LOG,        /* each line a line of the log */
};

/* Borrowed. */
struct exec_options {
	const char *const *arguments; /* of the program, its name first; ends with NULL */
	bool pty;
	enum exec_errors errors;
	uint64_t max_children; /* at once, of all workers together; those that are being ended
				* count */
	unsigned workers;
	int64_t idle_ms; /* 0: none */
};

extern const struct handler exec_handler;
#endif
