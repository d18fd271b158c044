/* SPDX-License-Identifier: MIT */
/* Systems without Multipath TCP; files told apart by the second. */
#include <sockutil/net/listen_parts.h>

bool listen_mptcp_protocol(int *protocol, struct failure *why)
{
	(void)protocol;
	fail(why, FAILURE_USAGE, "this system has no Multipath TCP");
	return false;
}

bool listen_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_mtime == b->st_mtime;
}
