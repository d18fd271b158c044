/* SPDX-License-Identifier: MIT */
/* Descriptors of programs: pipe2(2), and close_range(2) in the child. */
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <sockutil/net/child.h>
#include <sockutil/net/child_parts.h>

bool child_pipe(int ends[2])
{
	return pipe2(ends, O_CLOEXEC) == 0;
}

/* sigfillset(3) of the GNU library leaves out the two signals it keeps for threads, and
 * posix_spawn(3) would leave those ignored. */
void child_all_signals(sigset_t *set)
{
	memset(set, 0xff, sizeof(*set));
}

int child_close_others(posix_spawn_file_actions_t *actions)
{
	return posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

void child_adopt(void)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
}

char **child_environment(void)
{
	return environ;
}
