/* SPDX-License-Identifier: MIT */
/* How a program ended, in words and as a status. */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>

#include <sockutil/net/child.h>

static const struct {
	int number;
	const char *name;
} signals[] = {
	{ SIGABRT, "SIGABRT" }, { SIGALRM, "SIGALRM" }, { SIGBUS, "SIGBUS" },
	{ SIGFPE, "SIGFPE" },   { SIGHUP, "SIGHUP" },   { SIGILL, "SIGILL" },
	{ SIGINT, "SIGINT" },   { SIGKILL, "SIGKILL" }, { SIGPIPE, "SIGPIPE" },
	{ SIGQUIT, "SIGQUIT" }, { SIGSEGV, "SIGSEGV" }, { SIGSYS, "SIGSYS" },
	{ SIGTERM, "SIGTERM" }, { SIGTRAP, "SIGTRAP" }, { SIGUSR1, "SIGUSR1" },
	{ SIGUSR2, "SIGUSR2" }, { SIGXCPU, "SIGXCPU" }, { SIGXFSZ, "SIGXFSZ" },
};

const char *child_status_text(char out[static CHILD_STATUS_TEXT_MAX], int status)
{
	if (!WIFSIGNALED(status)) {
		snprintf(out, CHILD_STATUS_TEXT_MAX, "exited with status %d", WEXITSTATUS(status));
		return out;
	}
	snprintf(out, CHILD_STATUS_TEXT_MAX, "killed by signal %d", WTERMSIG(status));
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); ++i)
		if (signals[i].number == WTERMSIG(status))
			snprintf(out, CHILD_STATUS_TEXT_MAX, "killed by %s", signals[i].name);
	return out;
}

int child_exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
