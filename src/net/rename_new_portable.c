/* SPDX-License-Identifier: MIT */
/* A new name where POSIX is all there is. */
#include <sockutil/net/rename_new.h>

int rename_new(int folder, const char *from, const char *to)
{
	return rename_new_linked(folder, from, to);
}
