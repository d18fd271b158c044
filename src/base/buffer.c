/* SPDX-License-Identifier: MIT */
/* buffer.c - a queue of bytes that holds memory only while it holds bytes. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/buffer.h>

#define SMALLEST 256

/* Doubling keeps the copying per byte constant. 0: no such size exists. */
static size_t grown(size_t capacity, size_t needed)
{
	if (capacity < SMALLEST)
		capacity = SMALLEST;
	else if (capacity <= SIZE_MAX / 2)
		capacity *= 2;
	while (capacity < needed) {
		if (capacity > SIZE_MAX / 2)
			return 0;
		capacity *= 2;
	}
	return capacity;
}

static bool move(struct buffer *b, size_t needed)
{
	size_t capacity = grown(b->capacity, needed);
	char *data = capacity ? malloc(capacity) : NULL;

	if (!data)
		return false;
	if (b->data)
		memcpy(data, b->data + b->start, b->length);
	free(b->data);
	b->data = data;
	b->start = 0;
	b->capacity = capacity;
	return true;
}

char *buffer_reserve(struct buffer *b, size_t count)
{
	size_t needed = b->length + count;

	if (needed < count)
		return NULL;
	if (!b->data || b->capacity - b->start < needed) {
		/* Moving down pays only when what is free in front is more than what has to move.
		 */
		if (b->data && b->capacity >= needed && b->start >= b->length) {
			memmove(b->data, b->data + b->start, b->length);
			b->start = 0;
		} else if (!move(b, needed)) {
			return NULL;
		}
	}
	return b->data + b->start + b->length;
}

void buffer_commit(struct buffer *b, size_t count)
{
	b->length += count;
}

bool buffer_add(struct buffer *b, const void *bytes, size_t count)
{
	char *room;

	if (!count)
		return true;
	room = buffer_reserve(b, count);
	if (!room)
		return false;
	memcpy(room, bytes, count);
	buffer_commit(b, count);
	return true;
}

bool buffer_format(struct buffer *b, const char *format, ...)
{
	va_list arguments, again;
	char *room = NULL;
	int needed;

	va_start(arguments, format);
	va_copy(again, arguments);
	needed = vsnprintf(NULL, 0, format, arguments);
	if (needed >= 0)
		room = buffer_reserve(b, (size_t)needed + 1);
	if (room) {
		vsnprintf(room, (size_t)needed + 1, format, again);
		buffer_commit(b, (size_t)needed);
	}
	va_end(again);
	va_end(arguments);
	return room;
}

void buffer_take(struct buffer *b, size_t count)
{
	if (count >= b->length) {
		buffer_free(b);
		return;
	}
	b->start += count;
	b->length -= count;
}

char *buffer_text(struct buffer *b)
{
	char *end = buffer_reserve(b, 1);

	if (!end)
		return NULL;
	*end = '\0';
	return buffer_bytes(b);
}

void buffer_free(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){ 0 };
}
