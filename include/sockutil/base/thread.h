/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_THREAD_H
#define SOCKUTIL_BASE_THREAD_H
/* Helper threads for calls that block: detached, with a small stack, deaf to signals, which are for
 * the loop's thread alone. */
#include <stdbool.h>

/* Runs run(data). False when the system has no thread for us. */
bool thread_start(void *(*run)(void *data), void *data);
#endif
