/* SPDX-License-Identifier: MIT */
/* A new name in one call. */
#include <errno.h>
#include <stdio.h>

#include <sockutil/net/rename_new.h>

int rename_new(int folder, const char *from, const char *to)
{
	if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0)
		return 0;
	/* Not every file system has it, nor every kernel. */
	return errno == EINVAL || errno == ENOSYS ? rename_new_linked(folder, from, to) : errno;
}
