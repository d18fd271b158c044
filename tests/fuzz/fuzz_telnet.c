/* SPDX-License-Identifier: MIT */
/* fuzz_telnet.c - what TELNET leaves of a stream and says to it does not depend on how it was cut;
 * what is escaped comes out again. */
#include "fuzz.h"

#include <sockutil/proto/telnet.h>

static size_t cut(const uint8_t *data, size_t size, size_t piece, char *kept, char *replies,
		  size_t *replied)
{
	struct telnet t = { 0 };
	size_t made = 0;

	*replied = 0;
	for (size_t at = 0; at < size;) {
		const size_t length = size - at < piece ? size - at : piece;
		char *bytes = malloc(length), *answer = malloc(length + 2);
		size_t n, r;

		fuzz_check(bytes && answer);
		memcpy(bytes, data + at, length);
		r = telnet_receive(&t, bytes, length, &n, answer);
		fuzz_check(n <= length && r <= length + 2);
		memcpy(kept + made, bytes, n);
		memcpy(replies + *replied, answer, r);
		made += n;
		*replied += r;
		at += length;
		free(bytes);
		free(answer);
	}
	return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *a = malloc(size + 2), *b = malloc(size + 2), *ra = malloc(size + 2),
	     *rb = malloc(size + 2);
	char *out = malloc(2 * size + 1);
	size_t na, nb, replied_a, replied_b, length;

	fuzz_check(a && b && ra && rb && out);
	na = cut(data, size, 1, a, ra, &replied_a);
	nb = cut(data, size, size + 1, b, rb, &replied_b);
	fuzz_check(na == nb && !memcmp(a, b, na));
	fuzz_check(replied_a == replied_b && !memcmp(ra, rb, replied_a));
	length = telnet_escape(out, (const char *)data, size);
	fuzz_check(length <= 2 * size);
	/* A NUL behind CR is TELNET's own and does not come back. */
	na = cut((const uint8_t *)out, length, 7, out, ra = realloc(ra, length + 2), &replied_a);
	fuzz_check(na <= size && replied_a == 0);
	if (size == 0 || !memchr(data, 0, size))
		fuzz_check(na == size && !memcmp(out, data, size));
	free(a);
	free(b);
	free(ra);
	free(rb);
	free(out);
	return 0;
}
