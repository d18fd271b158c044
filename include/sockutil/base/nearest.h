/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_NEAREST_H
#define SOCKUTIL_BASE_NEAREST_H
#include <stddef.h>

/* Names longer than this are never near. */
enum { NEAREST_NAME_MAX = 64 };

/*
 * The name that was probably meant by a mistyped one, for "did you mean": the fewest insertions,
 * deletions, replacements and swaps of neighbours (Damerau-Levenshtein, ASCII case ignored), at
 * most about a third of the longer name. A beginning of a name
 * ("keepal") is nearer than any mistyping; of several the shortest name is taken, of equals the
 * first. NULL when none is near.
 */
const char *nearest_name(const char *typed, const char *const *names, size_t count);
#endif
