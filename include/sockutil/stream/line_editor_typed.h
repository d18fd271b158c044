/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LINE_EDITOR_TYPED_H
#define SOCKUTIL_STREAM_LINE_EDITOR_TYPED_H
/*
 * What a terminal sends as keys and pasted characters. Pure; bytes may come in pieces of any size.
 *
 *   keys    UTF-8; what is malformed becomes U+FFFD; C1 controls and noncharacters are dropped
 *   pasted  what stands between ESC[200~ and ESC[201~ (xterm's bracketed paste): ends of line (CR,
 *           LF, CR LF) become LINE_EDITOR_NEWLINE, a tab stays, other controls (C0, DEL, C1) are
 *           dropped
 *
 * ESC[200~ itself is no key, unless its bytes come apart behind its ESC.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>

enum {
	LINE_EDITOR_PASTED = 1 << 30,    /* a flag beside the code point */
	LINE_EDITOR_PASTE_END = 1 << 29, /* instead of a code point */
};

/* Zeroed is valid: nothing has come. */
struct line_editor_typed {
	struct buffer keys;  /* uint32_t each */
	struct buffer bytes; /* the beginning of a character or of a bracket */
	uint8_t matched;     /* bytes of a bracket that were given as keys already */
	bool pasting;
	bool returned; /* the last pasted one was a CR: an LF behind it is the same end of line */
};

/* more: other bytes are at hand behind these. False when memory is short (some are lost). */
bool line_editor_type(struct line_editor_typed *typed, const char *bytes, size_t length, bool more);

/* The next one; false: there is none. */
bool line_editor_typed_peek(const struct line_editor_typed *typed, uint32_t *key);
void line_editor_typed_take(struct line_editor_typed *typed);
void line_editor_typed_free(struct line_editor_typed *typed);
#endif
