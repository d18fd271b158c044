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

/* The bytes of length characters of text, padding included; *count of them. False when it is not
 * that form exactly (blanks, missing padding, bits left over) or more than size bytes: *count is 0
 * then, and out may have been written to. */
bool base64_decode(void *out, size_t size, size_t *count, const char *text, size_t length);
#endif
