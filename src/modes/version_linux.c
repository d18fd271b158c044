/* SPDX-License-Identifier: MIT */
/* version_linux.c - the paths of a build for Linux. */
#include <sockutil/modes/version.h>

const char *version_system(void)
{
	return "Linux: splice, sendfile, abstract names, vsock";
}
