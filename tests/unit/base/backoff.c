/* SPDX-License-Identifier: MIT */
/* tests/unit/base/backoff.c
 * Holds: delays double up to the cap and stay there; jitter takes off at most a quarter; no wait is
 * under the floor. */
#include <criterion/criterion.h>

#include <sockutil/base/backoff.h>

Test(backoff, doubles_up_to_the_cap)
{
	struct backoff b = { 1000, 5000 };

	cr_assert_eq(backoff_next(&b, 0), 1000);
	cr_assert_eq(backoff_next(&b, 0), 2000);
	cr_assert_eq(backoff_next(&b, 0), 4000);
	cr_assert_eq(backoff_next(&b, 0), 5000);
	cr_assert_eq(backoff_next(&b, 0), 5000);
}

Test(backoff, jitter_takes_off_at_most_a_quarter)
{
	for (uint32_t random = 0; random < 5000; random++) {
		struct backoff b = { 1000, 5000 };
		int64_t wait = backoff_next(&b, random);

		cr_assert(wait > 750 && wait <= 1000, "%lld", (long long)wait);
	}
}

Test(backoff, never_waits_less_than_the_floor)
{
	struct backoff b = { 1, 100 };

	cr_assert_eq(backoff_next(&b, 1023), BACKOFF_FLOOR_MS);
	cr_assert_eq(backoff_next(&b, 1023), BACKOFF_FLOOR_MS);
}
