/* SPDX-License-Identifier: MIT */
/* src/stream/stdio_side_portable.c - POSIX has no way to open a pipe anew: poll(2) and PIPE_BUF
 * serve. A terminal has a name, and poll(2) promises nothing about how much it takes. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <sockutil/stream/stdio_side.h>

int stdio_side_reopen(int fd, bool output)
{
	char name[256];

	/* Opening the master of a pseudo-terminal would make another pair. */
	if (ptsname(fd) || ttyname_r(fd, name, sizeof(name)) != 0)
		return -1;
	return open(name, (output ? O_WRONLY : O_RDONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}
