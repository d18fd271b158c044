/* SPDX-License-Identifier: MIT */
/* Where no call does it at once. */
#include <sockutil/net/beneath.h>

int beneath_open(int folder, const char *name, int flags, bool follow)
{
	return beneath_walk(folder, name, flags, follow);
}
