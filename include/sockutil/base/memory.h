/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_MEMORY_H
#define SOCKUTIL_BASE_MEMORY_H
#include <stddef.h>

/* Allocation that cannot fail to the caller: when memory is short it writes one line and exits with
 * status 1. For small, bounded, start-up or per-connection structures; buffers sized by a peer use
 * buffer.h, which says no. */
void *memory_zeroed(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
char *memory_string(const char *text) __attribute__((malloc, returns_nonnull));

/* Overwrites before freeing; the compiler keeps it (secrets). NULL is fine. */
void memory_wipe(void *bytes, size_t length);
#endif
