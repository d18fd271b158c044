/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_CLEAN_H
#define SOCKUTIL_CHAT_CLEAN_H
/*
 * Text of others made harmless: nothing of it steers a terminal, turns a line around, hides, or
 * starts a line of its own. Pure. What comes out is UTF-8 and, cleaned again, stays as it is.
 *
 * - As they are: tab, printable characters, a backslash among them.
 * - C0, DEL: \x1b, \x7f. C1 (U+0080 to U+009F): \u{9b}.
 * - Marks, overrides, embeddings and isolates of direction, what has no width, line and paragraph
 *   separators, tags, all else that Unicode calls default-ignorable, annotations, noncharacters:
 *   \u{202e}. Kept are, where they belong: ZWJ between emoji, and with ZWNJ inside a word of a
 *   script that needs them; the choice between an emoji's two looks (VS15, VS16); the tags of the
 *   three flags that are made of them.
 * - Combining marks: eight on one character, the rest is dropped.
 * - Each byte that belongs to no well-formed character: \xff.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>

enum { CHAT_CLEAN_MARKS = 8 }; /* on one character */

/* Adds the clean form of text to out; it is at most four times as long. False when memory is short
 * (nothing was added). */
bool chat_clean(struct buffer *out, const char *text, size_t length);

/* The text is its own clean form. */
bool chat_is_clean(const char *text, size_t length);
#endif
