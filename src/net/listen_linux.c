/* SPDX-License-Identifier: MIT */
/* Files told apart by the nanosecond (inode(7)). */
#include <sockutil/net/listen_parts.h>

bool listen_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}
