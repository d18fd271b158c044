/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_TESTS_FUZZ_H
#define SOCKUTIL_TESTS_FUZZ_H
/*
 * What every entry shares. An entry is tests/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput() and
 * nothing else to register: `make fuzz` finds it, its seeds in tests/fuzz/corpus/NAME/ and its
 * words in tests/fuzz/NAME.dict.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One input; returns 0. What must hold is said by fuzz_check(). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that did not hold ends the program, with NDEBUG too. */
#define fuzz_check(holds) ((holds) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #holds))

static inline _Noreturn void fuzz_broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* The bytes in memory of exactly their size and a NUL, so that a sanitizer sees each step over the
 * end. free() it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	fuzz_check(text != NULL);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* The first byte of the input, which is then shorter by it; 0 when nothing is left. */
static inline uint8_t fuzz_byte(const uint8_t **data, size_t *size)
{
	if (!*size)
		return 0;
	--*size;
	return *(*data)++;
}
#endif
