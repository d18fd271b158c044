/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_BENEATH_H
#define SOCKUTIL_NET_BENEATH_H
/*
 * Names that somebody else chose, opened under a folder and never outside of it: not by "..", not
 * by a leading slash, not by symbolic links, whatever changes in the folder meanwhile. Linux does
 * it in one call (openat2(2), RESOLVE_BENEATH), other systems segment by segment.
 */
#include <stdbool.h>
#include <sys/types.h>

/*
 * As openat(2), O_CLOEXEC added. follow: symbolic links are followed as long as they lead to
 * something inside; otherwise any on the way is ELOOP. What leads outside is EXDEV. O_CREAT and
 * its kin are not for this: EINVAL. -1 with errno.
 */
int beneath_open(int folder, const char *name, int flags, bool follow);

/* The way segment by segment, for systems and kernels without the other (net/beneath_walk.c). */
int beneath_walk(int folder, const char *name, int flags, bool follow);
#endif
