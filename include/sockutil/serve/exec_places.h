/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_EXEC_PLACES_H
#define SOCKUTIL_SERVE_EXEC_PLACES_H
/*
 * --max-children: how many programs run at once, counted over all workers in one shared mapping.
 * Every worker writes only its own count, so that one that crashed can be taken out of the sum, and
 * any of them may use what the others leave.
 */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>

struct exec_places;

/* Before fork. NULL with FAILURE_OTHER when memory is short. */
struct exec_places *exec_places_new(unsigned workers, uint64_t most, struct failure *why);
/* A worker starts: none of its programs are there, whatever its forerunner left. */
void exec_places_begin(struct exec_places *places, unsigned worker);
/* One program more; false: there are as many as may be. */
bool exec_places_take(struct exec_places *places, unsigned worker);
void exec_places_give(struct exec_places *places, unsigned worker);
void exec_places_free(struct exec_places *places);
#endif
