/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/base/clock.c
 * Holds: the monotonic clock counts on in the unit it is named for; ctime is what ctime(3) writes
 * in local time without the newline; ISO 8601 is UTC with milliseconds; both are exactly as long as
 * promised.
 */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sockutil/base/clock.h>

Test(clock, counts_on)
{
	int64_t first = clock_us();
	int64_t ms = clock_ms();
	int64_t last = clock_us();

	cr_assert(first > 0 && last >= first);
	cr_assert(ms >= first / 1000 && ms <= last / 1000);
	while (clock_ms() == ms) {
	}
	cr_assert(clock_us() >= (ms + 1) * 1000);
}

Test(clock, ctime_is_local_and_without_newline)
{
	char text[25], expected[26];
	time_t now;

	setenv("TZ", "XXX-03:30", 1);
	tzset();
	do {
		now = time(NULL);
		cr_assert_eq(clock_ctime(text), text);
	} while (time(NULL) != now);
	ctime_r(&now, expected);
	cr_assert_eq(strlen(text), 24);
	cr_assert_eq(strncmp(text, expected, 24), 0, "%s, not %s", text, expected);
}

Test(clock, iso8601_is_utc_with_milliseconds)
{
	char text[25], expected[25];
	time_t now;
	struct tm utc;

	setenv("TZ", "XXX-03:30", 1);
	tzset();
	do {
		now = time(NULL);
		cr_assert_eq(clock_iso8601(text), text);
	} while (time(NULL) != now);
	gmtime_r(&now, &utc);
	strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.", &utc);
	cr_assert_eq(strlen(text), 24);
	cr_assert_eq(strncmp(text, expected, 20), 0, "%s, not %s", text, expected);
	for (int i = 20; i < 23; i++)
		cr_assert(isdigit((unsigned char)text[i]));
	cr_assert_eq(text[23], 'Z');
}
