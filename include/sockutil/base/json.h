/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_JSON_H
#define SOCKUTIL_BASE_JSON_H
/* JSON as RFC 8259 writes it, appended to a buffer. False when memory is short. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>

/* A quoted string. Bytes that are not UTF-8 become U+FFFD; control characters, DEL and C1 are
 * escaped. */
bool json_string(struct buffer *out, const char *text, size_t length);

/* "key": in front of it a comma unless the buffer ends with { or [ or a comma. */
bool json_key(struct buffer *out, const char *key);

/* Key and value at once. NULL text is null. */
bool json_member(struct buffer *out, const char *key, const char *text);
bool json_member_integer(struct buffer *out, const char *key, int64_t value);
bool json_member_bool(struct buffer *out, const char *key, bool value);
#endif
