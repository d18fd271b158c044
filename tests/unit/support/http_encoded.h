/* SPDX-License-Identifier: MIT */
#ifndef TESTS_HTTP_ENCODED_H
#define TESTS_HTTP_ENCODED_H
/* What content codings make of bytes, and a decoding of them under test. One decoding a test. */
#include "relay_played.h"

#include <sockutil/http/coding.h>

/* They append to out. */
void encoded_gzip(struct buffer *out, const void *bytes, size_t length);
void encoded_zlib(struct buffer *out, const void *bytes, size_t length);
void encoded_deflate(struct buffer *out, const void *bytes, size_t length);
void encoded_brotli(struct buffer *out, const void *bytes, size_t length);
/* Windows of 128 KiB, with a check sum. */
void encoded_zstd(struct buffer *out, const void *bytes, size_t length);
/* The window as a power of two. */
void encoded_zstd_window(struct buffer *out, int window_log, const void *bytes, size_t length);

/* Every way to write a value of Content-Encoding, and what belongs to it. */
struct encoded_kind {
	const char *value;
	const char *name; /* in messages */
	void (*encode)(struct buffer *out, const void *bytes, size_t length);
};
enum { ENCODED_KINDS = 7 };
extern const struct encoded_kind encoded_kinds[ENCODED_KINDS];

enum { ENCODED_TEXT = 200000 };
extern char encoded_text[ENCODED_TEXT]; /* neither flat nor random */

/* A stream that gives what the test puts into source.gives, decoded. */
struct encoded {
	struct played source; /* ends in order behind it unless the test says otherwise */
	struct stream *decoded;
	struct buffer result;
	struct failure why;
};
extern struct encoded encoded;

void encoded_set_up(void);
void encoded_tear_down(void);
void encoded_open(const char *value);
/* Reads with that room until something else than bytes is said. */
enum io encoded_read(size_t room);
/* The source is those bytes; they are of that coding no longer. */
void encoded_assert_refused(const char *value, const char *bytes, size_t length,
			    const char *message);
void encoded_assert_result(const void *bytes, size_t length);
#endif
