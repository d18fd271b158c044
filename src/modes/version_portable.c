/* SPDX-License-Identifier: MIT */
/* version_portable.c - the paths of a build for any POSIX system. */
#include <sockutil/modes/version.h>

const char *version_system(void)
{
	return "POSIX alone";
}
