/* SPDX-License-Identifier: MIT */
/* Descriptors of programs: pipe2(2), and close_range(2) in the child. */
#include <fcntl.h>
#include <unistd.h>

#include <sockutil/net/child_parts.h>

bool child_pipe(int ends[2])
{
	return pipe2(ends, O_CLOEXEC) == 0;
}

int child_close_others(posix_spawn_file_actions_t *actions)
{
	return posix_spawn_file_actions_addclosefrom_np(actions, 3);
}
