/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/base/memory.c
 * Holds: memory comes zeroed, also none of it; a string is copied; an allocation that cannot be
 * ends the program with one line and status 1; wiping overwrites what it is told to and nothing
 * else, NULL and nothing included.
 */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>

Test(memory, is_zeroed)
{
	unsigned char *bytes = memory_zeroed(30, 100);

	for (size_t i = 0; i < 3000; i++)
		cr_assert_eq(bytes[i], 0);
	free(bytes);
}

Test(memory, nothing_is_still_a_pointer)
{
	void *none = memory_zeroed(0, 8), *empty = memory_zeroed(8, 0);

	cr_assert_not_null(none);
	cr_assert_not_null(empty);
	free(none);
	free(empty);
}

Test(memory, a_string_is_copied)
{
	char source[] = "text";
	char *copy = memory_string(source);

	source[0] = 'n';
	cr_assert_str_eq(copy, "text");
	free(copy);
	copy = memory_string("");
	cr_assert_str_eq(copy, "");
	free(copy);
}

static int seen[2];

/* Runs when the program ends: its status becomes another one when the line is not there. */
static void check_the_line(void)
{
	static char text[65536]; /* a sanitizer may have had its say before */
	ssize_t count = read(seen[0], text, sizeof text - 1);

	if (count <= 0 || !strstr(text, "sockutil: out of memory\n"))
		_exit(99);
}

Test(memory, what_cannot_be_had_ends_with_status_1, .exit_code = 1)
{
	volatile size_t much = SIZE_MAX / 2;

	cr_assert_eq(pipe(seen), 0);
	dup2(seen[1], STDERR_FILENO);
	atexit(check_the_line);
	free(memory_zeroed(much, 4));
}

Test(memory, wiping_leaves_nothing)
{
	char secret[16] = "a secret phrase";

	memory_wipe(secret + 2, 6);
	cr_assert_eq(memcmp(secret, "a \0\0\0\0\0\0 phrase", 16), 0);
	memory_wipe(NULL, 5);
	memory_wipe(secret, 0);
	cr_assert_eq(secret[0], 'a');
}
