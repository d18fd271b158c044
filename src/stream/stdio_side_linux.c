/* SPDX-License-Identifier: MIT */
/* src/stream/stdio_side_linux.c - an inherited pipe or terminal opened anew through proc(5). */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include <sockutil/stream/stdio_side.h>

int stdio_side_reopen(int fd, bool output)
{
	char path[32];
	unsigned number;

	/* Opening the master of a pseudo-terminal would make another pair. */
	if (ioctl(fd, TIOCGPTN, &number) == 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, (output ? O_WRONLY : O_RDONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}
