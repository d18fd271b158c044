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

/* What its descriptor 2 is. */
enum child_errors {
	CHILD_ERRORS_OURS,   /* our own */
	CHILD_ERRORS_OUTPUT, /* the same as its 1 */
	CHILD_ERRORS_PIPE,   /* a pipe that we read: child->errors */
};

struct child_options {
	const char *path;               /* as child_find() gave it */
	const char *const *arguments;   /* argv, ends with NULL */
	const char *const *environment; /* all of it, ends with NULL; NULL: ours */
	enum child_errors errors;       /* of no meaning with pty */
	bool pty; /* a pseudo-terminal is all three: controlling terminal of a new session */
};

typedef void child_ended_fn(void *data);

/* Invariants: pid is 0 until it was started; input, output and errors are -1 or open and the
 * user's to close; linked while it is watched and not reaped. */
struct child {
	pid_t pid;  /* also its process group */
	int input;  /* what we write to it: the write end of its standard input */
	int output; /* what we read: the read end of its standard output. With a pty both are the
		     * same terminal (two descriptors) */
	int errors; /* read end of its standard error, with CHILD_ERRORS_PIPE; else -1 */
	int status; /* as waitpid(2) gives it, once ended */
	bool ended; /* and reaped */
	child_ended_fn *on_ended;
	void *data;
	struct child *next;
	struct child **link;
};

/* Where the program of that name is, looked for in PATH when there is no slash in it: for the
 * caller to free. NULL with FAILURE_USAGE: not found, not executable, a folder. */
char *child_find(const char *name, struct failure *why);

/* Starts it; what of input, output and errors there is is non-blocking and close-on-exec. A file
 * that is no binary and has no #! line is given to /bin/sh, as execvp(3) does. FAILURE_USAGE: the
 * program cannot be run (named, with the reason); FAILURE_OTHER: no processes, no descriptors
 * (why->error tells). child_watch() has to follow before the loop goes on. */
bool child_start(struct child *child, const struct child_options *options, struct failure *why);

/* Children that end are reaped by SIGCHLD from here on: before the first child_start(), and for one
 * loop of a process only. Children that are watched keep the loop running. Every child of the
 * process is reaped, also those that nobody watches (an exec keeps children). */
void child_reaper_begin(struct ev_loop *loop);
void child_reaper_end(void);

/* Calls ended once the child has been reaped, from the loop; the child may be freed inside. */
void child_watch(struct child *child, child_ended_fn *ended, void *data);
void child_unwatch(struct child *child);

/* To its whole process group, also to what is left of it when the child itself has ended. 0: only
 * asks. False: nobody is left. After the child was reaped a group without members may soon be
 * somebody else's: ask often, and believe the first no. */
bool child_signal(const struct child *child, int signal);

enum { CHILD_STATUS_TEXT_MAX = 64 };
/* "exited with status 7", "killed by SIGSEGV". Returns out. */
const char *child_status_text(char out[static CHILD_STATUS_TEXT_MAX], int status);
/* An exit status of our own for it: its own, or 128 + signal. */
int child_exit_status(int status);
/* Our own environment, as environ(7). */
char **child_environment(void);
#endif
