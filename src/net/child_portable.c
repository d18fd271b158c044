/* SPDX-License-Identifier: MIT */
/* Descriptors of programs where POSIX is all there is: what was inherited is marked before the
 * first program runs; what we open ourselves always is. */
#include <fcntl.h>
#include <unistd.h>

#include <sockutil/net/child.h>
#include <sockutil/net/child_parts.h>

/* POSIX has it declared in no header; some systems do. */
extern char **environ; /* NOLINT(readability-redundant-declaration) */

/* No limit, or one beyond reason. */
enum { INHERITED_MAX = 65536 };

bool child_pipe(int ends[2])
{
	if (pipe(ends) != 0)
		return false;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return true;
}

void child_all_signals(sigset_t *set)
{
	sigfillset(set);
	sigdelset(set, SIGKILL);
	sigdelset(set, SIGSTOP);
}

int child_close_others(posix_spawn_file_actions_t *actions)
{
	static bool marked;
	long most = sysconf(_SC_OPEN_MAX);

	(void)actions;
	if (marked)
		return 0;
	if (most < 0 || most > INHERITED_MAX)
		most = INHERITED_MAX;
	for (int fd = 3; fd < most; ++fd)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	marked = true;
	return 0;
}

void child_adopt(void)
{
}

char **child_environment(void)
{
	return environ;
}
