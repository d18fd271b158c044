/* SPDX-License-Identifier: MIT */
/* src/stream/stdio_side_portable.c - POSIX has no way to open a pipe anew: poll(2) and PIPE_BUF
 * serve. */
#include <sockutil/stream/stdio_side.h>

int stdio_side_reopen(int fd, bool output)
{
	(void)fd;
	(void)output;
	return -1;
}
