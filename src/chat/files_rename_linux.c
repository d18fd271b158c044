/* SPDX-License-Identifier: MIT */
/* files_rename_linux.c - to a name that nobody has, in one call (renameat2(2)). */
#include <errno.h>
#include <stdio.h>

#include <sockutil/chat/files_parts.h>

int chat_files_rename(int folder, const char *from, const char *to)
{
	if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0)
		return 0;
	/* Not every file system has it, nor every kernel. */
	return errno == EINVAL || errno == ENOSYS ? chat_files_link(folder, from, to) : errno;
}
