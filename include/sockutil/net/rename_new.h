/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_RENAME_NEW_H
#define SOCKUTIL_NET_RENAME_NEW_H
/* A file gets a name that nobody has: nothing is ever replaced, whoever comes in between. */

/* As renameat(2) within a folder, but never over anything: EEXIST, for a link that leads nowhere
 * too. 0 or an errno. Linux does it in one call (renameat2(2), RENAME_NOREPLACE), other systems and
 * file systems by the way below. */
int rename_new(int folder, const char *from, const char *to);

/* By link(2), or where there are no hard links by claiming the name with an empty file. */
int rename_new_linked(int folder, const char *from, const char *to);
#endif
