/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_BUFFER_H
#define SOCKUTIL_BASE_BUFFER_H
/*
 * A queue of bytes: written behind, taken from the front. Memory is taken when bytes are there and
 * given back when the last one has gone, so an idle connection holds none.
 *
 * Invariants: start + length <= capacity; data is NULL exactly when capacity is 0; {0} is a valid
 * empty buffer. buffer_text() keeps a NUL behind the bytes that does not count.
 */
#include <stdbool.h>
#include <stddef.h>

struct buffer {
	char *data;
	size_t start;
	size_t length;
	size_t capacity;
};

/* First byte of the content (valid until the next call that changes the buffer). */
static inline char *buffer_bytes(const struct buffer *b)
{
	return b->data ? b->data + b->start : (char *)0;
}

/* Room for at least count more bytes behind the content; NULL when memory is short. */
char *buffer_reserve(struct buffer *b, size_t count);
/* count bytes of what buffer_reserve() gave are now content. */
void buffer_commit(struct buffer *b, size_t count);
/* Both at once; false when memory is short (nothing was added). */
bool buffer_add(struct buffer *b, const void *bytes, size_t count);
bool buffer_format(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Drops count bytes from the front; frees the memory when none are left. */
void buffer_take(struct buffer *b, size_t count);
/* The content as a string ("" when empty); NULL when memory is short. */
char *buffer_text(struct buffer *b);
void buffer_free(struct buffer *b);
#endif
