/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_EXEC_STDERR_H
#define SOCKUTIL_SERVE_EXEC_STDERR_H
/* --stderr log: what a program writes to standard error, a line of the log each. */
#include <ev.h>
#include <stddef.h>

#include <sockutil/net/address.h>

enum {
	EXEC_STDERR_LINE_MAX = 1000, /* bytes; a longer line becomes several */
	EXEC_STDERR_NAME_MAX = ADDRESS_TEXT_MAX + 24,
};

struct exec_stderr {
	struct ev_loop *loop;
	struct ev_io io;
	long pid;
	size_t length;
	char name[EXEC_STDERR_NAME_MAX]; /* of the connection, as its other lines have it */
	char line[EXEC_STDERR_LINE_MAX];
};

/* fd is borrowed, non-blocking. name is copied. */
void exec_stderr_start(struct exec_stderr *lines, struct ev_loop *loop, int fd, const char *name,
		       long pid);
/* Before fd is closed: what is there now is logged, the last line also without its newline. */
void exec_stderr_stop(struct exec_stderr *lines);
#endif
