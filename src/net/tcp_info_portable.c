/* SPDX-License-Identifier: MIT */
/* src/net/tcp_info_portable.c - POSIX has no such thing. */
#include <sockutil/net/tcp_info.h>

bool tcp_info_text(int fd, struct buffer *out)
{
	(void)fd;
	(void)out;
	return false;
}
