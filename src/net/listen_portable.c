/* SPDX-License-Identifier: MIT */
/* Files told apart by the second: where st_mtim goes by another name. */
#include <sockutil/net/listen_parts.h>

bool listen_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_mtime == b->st_mtime;
}
