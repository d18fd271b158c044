/* SPDX-License-Identifier: MIT */
/* files_rename_portable.c - to a name that nobody has, by what POSIX has. */
#include <sockutil/chat/files_parts.h>

int chat_files_rename(int folder, const char *from, const char *to)
{
	return chat_files_link(folder, from, to);
}
