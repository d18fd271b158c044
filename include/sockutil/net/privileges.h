/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_PRIVILEGES_H
#define SOCKUTIL_NET_PRIVILEGES_H
/* --user: from root to somebody else, for good. */
#include <stdbool.h>

#include <sockutil/base/failure.h>

/* Whether it could be done. USER or USER:GROUP, names or numbers: group ids first (the user's own
 * groups, or that one alone), then user ids, real, effective and saved. FAILURE_USAGE: no such user
 * or group, root itself, or we are not root and somebody else; FAILURE_OTHER: the system refuses.
 */
bool privileges_check(const char *user, struct failure *why);
/* Does it, after the same checks; nothing when we are that user already. */
bool privileges_drop(const char *user, struct failure *why);
#endif
