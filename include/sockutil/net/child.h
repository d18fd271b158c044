/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_CHILD_H
#define SOCKUTIL_NET_CHILD_H
/*
 * Programs that we run. A child gets exactly the descriptors 0, 1 and 2, default signal actions
 * (SIGPIPE too), an empty signal mask and a process group of its own; it is started without copying
 * our memory (posix_spawn, vfork). Nothing here waits.
 */
#include <ev.h>
#include <stdbool.h>
#include <sys/types.h>

#include <sockutil/base/failure.h>

struct child_options {
	const char *const *arguments;   /* argv, ends with NULL; [0] is looked for in PATH */
	const char *shell;              /* or a command line for /bin/sh -c; arguments NULL then */
	const char *const *environment; /* "NAME=value" to add to (and to replace in) our own; ends
					 * with NULL */
	const char *const *environment_unset; /* names to leave out; ends with NULL; or NULL */
	bool pty;      /* a pseudo-terminal is all three: controlling terminal of a new session */
	int stderr_fd; /* becomes its descriptor 2; -1: ours; CHILD_STDERR_STDOUT: the same as its 1
			*/
};
enum { CHILD_STDERR_STDOUT = -2 };

struct child {
	pid_t pid;  /* also its process group; 0: none */
	int input;  /* what we write to it: the write end of its standard input */
	int output; /* what we read: the read end of its standard output. With a pty both are the
		     * same terminal (two descriptors) */
	int status; /* as waitpid(2) gives it, once ended */
	bool ended;
	struct child_ended *watch;
};

/* Starts it; input and output are ours, non-blocking, close-on-exec. FAILURE_USAGE: the program
 * cannot be run (named, with the reason: not found, permission); FAILURE_OTHER: no processes, no
 * descriptors (why->error tells). */
bool child_start(struct child *child, const struct child_options *options, struct failure *why);

/* Calls ended once the child has been reaped, from the loop; one loop of a process only. */
typedef void child_ended_fn(void *data, struct child *child);
void child_watch(struct ev_loop *loop, struct child *child, child_ended_fn *ended, void *data);
void child_unwatch(struct child *child);
/* To its whole process group; nothing when it has ended and was reaped. */
void child_signal(const struct child *child, int signal);
/* "exited with status 7", "killed by SIGSEGV": static or in out. */
const char *child_status_text(char out[static 64], int status);
/* An exit status of our own for it: its own, or 128 + signal. */
int child_exit_status(int status);
#endif
