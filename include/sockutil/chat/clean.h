/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_CLEAN_H
#define SOCKUTIL_CHAT_CLEAN_H
/*
 * Text of others made harmless: nothing of it steers a terminal, turns a line around, hides, or
 * starts a line of its own. Pure. What comes out is UTF-8 and, cleaned again, stays as it is.
 *
 *   tab, printable characters   as they are
 *   C0, DEL, C1                 \x1b, \x7f, \u{9b}
 *   bidi marks, overrides and isolates, zero width, line and paragraph separators, tags, other
 *   default-ignorable and unassigned format characters, noncharacters
 *                               \u{202e}; but a ZWJ or VS16 between emoji, and ZWJ and ZWNJ inside
 * a word of a script that needs them, are kept combining marks             eight on one character,
 * the rest is dropped bytes that are not UTF-8    \xff each
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>

/* Adds the clean form of text to out; it is at most eight times as long. False when memory is short
 * (nothing was added). */
bool chat_clean(struct buffer *out, const char *text, size_t length);

/* The text is its own clean form. */
bool chat_is_clean(const char *text, size_t length);
#endif
