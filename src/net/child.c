/* SPDX-License-Identifier: MIT */
/* Starting programs. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/net/child.h>
#include <sockutil/net/child_parts.h>

/* The child's side of what is made for it; -1: not there. */
struct ends {
	int input, output, errors;
	char terminal[CHILD_TERMINAL_MAX];
};

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_ours(struct child *child)
{
	close_one(&child->input);
	close_one(&child->output);
	close_one(&child->errors);
}

static void close_theirs(struct ends *theirs)
{
	close_one(&theirs->input);
	close_one(&theirs->output);
	close_one(&theirs->errors);
}

/* ------ descriptors ------ */

/* Ours must not block; the child's must: it is a program like any other. */
static bool pipe_between(int *reads, int *writes, bool we_read)
{
	int ends[2];

	if (!child_pipe(ends))
		return false;
	*reads = ends[0];
	*writes = ends[1];
	return fcntl(ends[we_read ? 0 : 1], F_SETFL, O_NONBLOCK) == 0;
}

static bool make_pipes(struct child *child, struct ends *theirs, enum child_errors errors)
{
	return pipe_between(&theirs->input, &child->input, false) &&
	       pipe_between(&child->output, &theirs->output, true) &&
	       (errors != CHILD_ERRORS_PIPE || pipe_between(&child->errors, &theirs->errors, true));
}

static bool make_terminal(struct child *child, struct ends *theirs, struct failure *why)
{
	child->output = child_terminal(theirs->terminal, why);
	if (child->output < 0)
		return false;
	child->input = fcntl(child->output, F_DUPFD_CLOEXEC, 3);
	if (child->input >= 0)
		return true;
	fail_errno(why, FAILURE_OTHER, errno, "no descriptor for a program's terminal");
	return false;
}

static bool make_ends(struct child *child, struct ends *theirs, const struct child_options *options,
		      struct failure *why)
{
	if (options->pty)
		return make_terminal(child, theirs, why);
	if (make_pipes(child, theirs, options->errors))
		return true;
	fail_errno(why, FAILURE_OTHER, errno, "no pipe to a program");
	return false;
}

/* ------ what the child does before it becomes the program ------ */

static int add_actions(posix_spawn_file_actions_t *actions, const struct ends *theirs,
		       const struct child_options *options)
{
	int error;

	/* The leader of a new session: the first terminal it opens becomes the controlling one. */
	if (options->pty)
		error = posix_spawn_file_actions_addopen(actions, 0, theirs->terminal, O_RDWR, 0);
	else
		error = posix_spawn_file_actions_adddup2(actions, theirs->input, 0);
	if (!error)
		error = posix_spawn_file_actions_adddup2(actions, options->pty ? 0 : theirs->output,
							 1);
	if (!error && theirs->errors >= 0)
		error = posix_spawn_file_actions_adddup2(actions, theirs->errors, 2);
	else if (!error && (options->pty || options->errors == CHILD_ERRORS_OUTPUT))
		error = posix_spawn_file_actions_adddup2(actions, 1, 2);
	return error ? error : child_close_others(actions);
}

static int set_attributes(posix_spawnattr_t *attributes, bool pty)
{
	/* A new session has a process group of its own, too. */
	const int group = pty ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
	sigset_t all, none;
	int error;

	child_all_signals(&all);
	sigemptyset(&none);
	error = posix_spawnattr_setflags(
		attributes, (short)(group | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
	if (!error)
		error = posix_spawnattr_setsigdefault(attributes, &all);
	if (!error)
		error = posix_spawnattr_setsigmask(attributes, &none);
	return error ? error : posix_spawnattr_setpgroup(attributes, 0);
}

/* A script without #! is for the shell (POSIX, execvp). */
static int spawn_by_shell(pid_t *pid, const struct child_options *options,
			  const posix_spawn_file_actions_t *actions,
			  const posix_spawnattr_t *attributes, char **environment)
{
	size_t count = 0;
	char **arguments;
	int error;

	while (options->arguments[count])
		count++;
	arguments = memory_zeroed(count + 3, sizeof(*arguments));
	arguments[0] = (char *)(uintptr_t) "sh";
	arguments[1] = (char *)(uintptr_t)options->path;
	for (size_t i = 1; i < count; ++i)
		arguments[i + 1] = (char *)(uintptr_t)options->arguments[i];
	error = posix_spawn(pid, "/bin/sh", actions, attributes, arguments, environment);
	free(arguments);
	return error;
}

static int spawn(pid_t *pid, const struct child_options *options,
		 const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes)
{
	char **environment = options->environment ? (char **)(uintptr_t)options->environment
						  : child_environment();
	const int error = posix_spawn(pid, options->path, actions, attributes,
				      (char **)(uintptr_t)options->arguments, environment);

	if (error == ENOEXEC)
		return spawn_by_shell(pid, options, actions, attributes, environment);
	return error;
}

static int spawn_with(pid_t *pid, const struct ends *theirs, const struct child_options *options)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = posix_spawnattr_init(&attributes);
	if (!error) {
		error = add_actions(&actions, theirs, options);
		if (!error)
			error = set_attributes(&attributes, options->pty);
		if (!error)
			error = spawn(pid, options, &actions, &attributes);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* What is short will be there again; what is wrong with the program stays. */
static enum failure_class class_of(int error)
{
	switch (error) {
	case EAGAIN:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return FAILURE_OTHER;
	default:
		return FAILURE_USAGE;
	}
}

bool child_start(struct child *child, const struct child_options *options, struct failure *why)
{
	struct ends theirs = { .input = -1, .output = -1, .errors = -1 };
	int error;

	*child = (struct child){ .input = -1, .output = -1, .errors = -1 };
	if (!make_ends(child, &theirs, options, why)) {
		close_ours(child);
		close_theirs(&theirs);
		return false;
	}
	error = spawn_with(&child->pid, &theirs, options);
	close_theirs(&theirs);
	if (!error)
		return true;
	child->pid = 0;
	close_ours(child);
	fail_errno(why, class_of(error), error, "cannot run %s", options->path);
	return false;
}
