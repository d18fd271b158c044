/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/base/buffer.c
 * Holds: the invariants of buffer.h after every step; bytes come out in the order they went in;
 * memory goes with the last byte; growing doubles, so copying stays cheap; a queue that moves along
 * does not grow; what cannot be had is refused and changes nothing; text is NUL-terminated behind
 * the content without counting; format appends.
 */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/buffer.h>

static void assert_sane_buffer(const struct buffer *b)
{
	cr_assert(b->start <= b->capacity);
	cr_assert(b->length <= b->capacity - b->start);
	cr_assert_eq(b->data == NULL, b->capacity == 0);
	cr_assert_eq(buffer_bytes(b), b->data ? b->data + b->start : NULL);
}

Test(buffer, starts_empty_and_without_memory)
{
	struct buffer b = { 0 };

	assert_sane_buffer(&b);
	cr_assert_null(buffer_bytes(&b));
	buffer_take(&b, 0);
	buffer_free(&b);
	assert_sane_buffer(&b);
}

Test(buffer, nothing_takes_no_memory)
{
	struct buffer b = { 0 };

	cr_assert(buffer_add(&b, NULL, 0));
	cr_assert_eq(b.capacity, 0);
}

Test(buffer, gives_memory_back_with_the_last_byte)
{
	struct buffer b = { 0 };

	cr_assert(buffer_add(&b, "abc", 3));
	assert_sane_buffer(&b);
	buffer_take(&b, 2);
	assert_sane_buffer(&b);
	cr_assert_eq(b.length, 1);
	cr_assert_eq(*buffer_bytes(&b), 'c');
	buffer_take(&b, 1);
	assert_sane_buffer(&b);
	cr_assert_null(b.data);
}

Test(buffer, taking_more_than_there_is_empties_it)
{
	struct buffer b = { 0 };

	buffer_add(&b, "abc", 3);
	buffer_take(&b, 100);
	assert_sane_buffer(&b);
	cr_assert_eq(b.length, 0);
	cr_assert_null(b.data);
}

Test(buffer, reserved_room_counts_only_when_committed)
{
	struct buffer b = { 0 };
	char *room = buffer_reserve(&b, 1000);

	cr_assert_not_null(room);
	assert_sane_buffer(&b);
	memset(room, 'x', 1000);
	cr_assert_eq(b.length, 0);
	buffer_commit(&b, 10);
	assert_sane_buffer(&b);
	cr_assert_eq(b.length, 10);
	cr_assert_eq(buffer_reserve(&b, 990), buffer_bytes(&b) + 10);
	buffer_take(&b, 10);
	assert_sane_buffer(&b);
}

Test(buffer, is_a_queue)
{
	struct buffer b = { 0 };
	unsigned char in = 0, out = 0;
	unsigned random = 1;

	for (int step = 0; step < 20000; step++) {
		char bytes[600];
		size_t count;

		random = random * 1103515245 + 12345;
		count = random >> 16 & 511;
		if (random >> 30 & 1) {
			for (size_t i = 0; i < count; i++)
				bytes[i] = (char)in++;
			cr_assert(buffer_add(&b, bytes, count));
		} else {
			count = count < b.length ? count : b.length;
			for (size_t i = 0; i < count; i++)
				cr_assert_eq((unsigned char)buffer_bytes(&b)[i], out++);
			buffer_take(&b, count);
		}
		assert_sane_buffer(&b);
	}
	buffer_free(&b);
}

Test(buffer, a_queue_that_moves_along_does_not_grow)
{
	struct buffer b = { 0 };
	size_t most = 0;

	for (int i = 0; i < 4000; i++)
		buffer_add(&b, "x", 1);
	for (int i = 0; i < 100000; i++) {
		buffer_take(&b, 1);
		cr_assert(buffer_add(&b, "x", 1));
		most = b.capacity > most ? b.capacity : most;
	}
	assert_sane_buffer(&b);
	cr_assert(most <= 16384, "%zu", most);
	buffer_free(&b);
}

Test(buffer, growing_doubles)
{
	struct buffer b = { 0 };
	int moves = 0;

	for (int i = 0; i < 1 << 20; i++) {
		size_t before = b.capacity;

		buffer_add(&b, "x", 1);
		moves += b.capacity != before;
	}
	cr_assert(moves <= 14, "%d", moves);
	cr_assert_eq(b.capacity, 1 << 20);
	buffer_free(&b);
}

Test(buffer, what_cannot_be_had_changes_nothing)
{
	struct buffer b = { 0 };

	cr_assert_null(buffer_reserve(&b, SIZE_MAX));
	cr_assert_null(buffer_reserve(&b, SIZE_MAX / 4));
	cr_assert_null(b.data);
	buffer_add(&b, "abc", 3);
	cr_assert_null(buffer_reserve(&b, SIZE_MAX)); /* would wrap round */
	cr_assert_null(buffer_reserve(&b, SIZE_MAX / 4));
	cr_assert_not(buffer_add(&b, "", SIZE_MAX / 4));
	assert_sane_buffer(&b);
	cr_assert_eq(b.length, 3);
	cr_assert_eq(memcmp(buffer_bytes(&b), "abc", 3), 0);
	buffer_free(&b);
}

Test(buffer, text_is_terminated_and_does_not_count)
{
	struct buffer b = { 0 };

	cr_assert_str_eq(buffer_text(&b), "");
	cr_assert_eq(b.length, 0);
	buffer_add(&b, "abc", 3);
	cr_assert_str_eq(buffer_text(&b), "abc");
	cr_assert_eq(b.length, 3);
	buffer_add(&b, "d", 1);
	buffer_take(&b, 1);
	cr_assert_str_eq(buffer_text(&b), "bcd");
	assert_sane_buffer(&b);
	buffer_free(&b);
}

Test(buffer, text_finds_room_for_its_end_in_a_full_buffer)
{
	struct buffer b = { 0 };
	char bytes[256];

	memset(bytes, 'x', sizeof bytes);
	buffer_add(&b, bytes, sizeof bytes);
	cr_assert_eq(b.capacity, b.length);
	cr_assert_eq(strlen(buffer_text(&b)), sizeof bytes);
	assert_sane_buffer(&b);
	buffer_free(&b);
}

Test(buffer, format_appends)
{
	struct buffer b = { 0 };

	cr_assert(buffer_format(&b, "%s-%d", "a", 1));
	cr_assert(buffer_format(&b, "%s", ""));
	cr_assert(buffer_format(&b, "%0300d|", 7));
	assert_sane_buffer(&b);
	cr_assert_eq(b.length, 304);
	cr_assert_eq(strncmp(buffer_text(&b), "a-1000", 6), 0);
	cr_assert_str_eq(buffer_text(&b) + 302, "7|");
	buffer_free(&b);
}
