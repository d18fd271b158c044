/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_RANDOM_H
#define SOCKUTIL_BASE_RANDOM_H
/* Unpredictable bytes from the system (getentropy(3)). */
#include <stddef.h>
#include <stdint.h>

/* Cannot fail: without a source of entropy the program aborts. */
void random_bytes(void *out, size_t length);
uint32_t random_u32(void);
/* length characters of a-z0-9, each as likely as the others, and a NUL: temporary names,
 * boundaries, nonces. out has length + 1 bytes. */
void random_text(char *out, size_t length);
#endif
