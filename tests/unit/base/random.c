/* SPDX-License-Identifier: MIT */
/* Unpredictable bytes.
 * Holds: all bytes asked for are filled, more than the system gives at once too, and none beside
 * them; two calls differ; texts have the length asked for, the alphabet alone, every letter of it,
 * and a NUL. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/base/random.h>

Test(random, fills_all_and_nothing_else)
{
	unsigned char bytes[1002] = { 0 }, seen[1002] = { 0 };

	/* A byte stays 0 in all rounds once in 2^160. */
	for (int round = 0; round < 20; round++) {
		random_bytes(bytes + 1, 1000);
		for (size_t i = 0; i < sizeof(bytes); i++)
			seen[i] |= bytes[i];
	}
	cr_assert_eq(seen[0], 0);
	cr_assert_eq(seen[1001], 0);
	for (size_t i = 1; i <= 1000; i++)
		cr_assert_neq(seen[i], 0);
	random_bytes(bytes, 0);
	cr_assert_eq(bytes[0], 0);
}

Test(random, calls_differ)
{
	uint64_t first, second;
	uint32_t ones = 0, zeros = UINT32_MAX;

	random_bytes(&first, sizeof(first));
	random_bytes(&second, sizeof(second));
	cr_assert_neq(first, second);
	for (int i = 0; i < 64; i++) {
		const uint32_t number = random_u32();

		ones |= number;
		zeros &= number;
	}
	cr_assert_eq(ones, UINT32_MAX);
	cr_assert_eq(zeros, 0);
}

Test(random, texts)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char text[4002], other[17];

	memset(text, '!', sizeof(text));
	random_text(text, 4000);
	cr_assert_eq(strlen(text), 4000);
	cr_assert_eq(text[4001], '!');
	cr_assert_eq(strspn(text, alphabet), 4000);
	for (const char *letter = alphabet; *letter; letter++)
		cr_assert_not_null(strchr(text, *letter));
	random_text(other, 16);
	cr_assert_eq(strlen(other), 16);
	cr_assert_neq(strncmp(text, other, 16), 0);
	random_text(other, 0);
	cr_assert_str_eq(other, "");
}
