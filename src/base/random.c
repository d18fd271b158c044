/* SPDX-License-Identifier: MIT */
/* random.c - unpredictable bytes from the system. */
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include <sockutil/base/random.h>

/* What getentropy(3) gives at once. */
enum { PIECE = 256 };

void random_bytes(void *out, size_t length)
{
	unsigned char *at = out;

	while (length > 0) {
		const size_t piece = length < PIECE ? length : PIECE;

		/* Predictable nonces and names would be worse than none. */
		if (getentropy(at, piece) != 0)
			abort();
		at += piece;
		length -= piece;
	}
}

uint32_t random_u32(void)
{
	uint32_t number;

	random_bytes(&number, sizeof(number));
	return number;
}

void random_text(char *out, size_t length)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	const unsigned count = sizeof(letters) - 1, fair = 256 / count * count;
	unsigned char pool[64];
	size_t left = 0;

	for (size_t i = 0; i < length;) {
		if (left == 0) {
			random_bytes(pool, sizeof(pool));
			left = sizeof(pool);
		}
		/* Bytes above the last whole round of the alphabet would favour its first letters.
		 */
		if (pool[--left] < fair)
			out[i++] = letters[pool[left] % count];
	}
	out[length] = '\0';
}
