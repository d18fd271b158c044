/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_BASE64_H
#define SOCKUTIL_BASE_BASE64_H
/* Base64 with padding (RFC 4648, 4). */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>

/* Appends the text form, without line breaks. False when memory is short: part of it may have been
 * added. */
bool base64_add(struct buffer *out, const void *bytes, size_t length);
#endif
