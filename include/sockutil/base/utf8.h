/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_UTF8_H
#define SOCKUTIL_BASE_UTF8_H
/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length (1-4) of the well-formed character at the start of length bytes, its code point in *point;
 * 0 if the bytes are malformed or cut. point may be NULL. */
size_t utf8_decode(const char *bytes, size_t length, uint32_t *point);

bool utf8_valid(const char *bytes, size_t length);

/* The longest prefix of at most limit bytes that does not cut a character. */
size_t utf8_cut(const char *bytes, size_t length, size_t limit);

/* Reverses by character in place: "añb" becomes "bña". A byte that belongs to no well-formed
 * character is a character of its own, so that reversing twice gives well-formed text back
 * unchanged. */
void utf8_reverse(char *bytes, size_t length);

struct utf8_range {
	uint32_t first, last;
};

/* Whether one of count ranges, which are in rising order, has the character. */
bool utf8_within(const struct utf8_range *ranges, size_t count, uint32_t point);

/* Columns a terminal uses for it (wcwidth rules: wide 2, combining 0); malformed bytes count 1. */
size_t utf8_width(const char *bytes, size_t length);
#endif
