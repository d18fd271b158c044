/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_date_cookie.c
 * Holds: the parts of a cookie's date in any order, between any delimiters, with words that mean
 * nothing; years of two, three and four digits; the first of each part counts; dates without one of
 * the parts, before 1601 or that do not exist are refused.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/http_date.h>

static void assert_date(const char *text, int64_t expected)
{
	int64_t seconds = -1;

	cr_assert(http_date_parse_cookie(text, strlen(text), &seconds), "%s", text);
	cr_assert_eq(seconds, expected, "%s: %lld", text, (long long)seconds);
}

Test(http_date_cookie, parts_in_any_order)
{
	assert_date("Sun, 06 Nov 1994 08:49:37 GMT", 784111777);
	assert_date("Sunday, 06-Nov-94 08:49:37 GMT", 784111777);
	assert_date("Sun, 06-Nov-1994 08:49:37 GMT", 784111777);
	assert_date("Sun Nov  6 08:49:37 1994", 784111777);
	assert_date("1994 november 8:49:37 6", 784111777);
	assert_date("08:49:37 6 Nov 94", 784111777);
	assert_date("\t6;Nov/1994~(08:49:37)", 784111777);
	assert_date("6th Nov 1994AD 08:49:37.5", 784111777);
}

Test(http_date_cookie, years)
{
	assert_date("1 Jan 70 0:0:0", 0);
	assert_date("31 Dec 69 23:59:59", 3155759999);
	assert_date("1 Jan 1601 00:00:00", -11644473600);
	assert_date("31 Dec 9999 23:59:59", 253402300799);
}

Test(http_date_cookie, the_first_of_each_part_counts)
{
	assert_date("6 Nov 1994 08:49:37 09:00:00 Dec 1995", 784111777);
	/* The second number of two digits is the year. */
	assert_date("06 94 Nov 08:49:37", 784111777);
}

Test(http_date_cookie, what_is_no_date_is_refused)
{
	static const char *const texts[] = {
		"",
		"; ;",
		"Nov 1994 08:49:37",
		"6 1994 08:49:37",
		"6 Nov 08:49:37",
		"6 Nov 1994",
		"6 Nov 1994 08:49",
		"6 Nov 1994 08:49:371",
		"6 Nov 1994 008:49:37",
		"6 Nov 1994 08:49:",
		"6 Nov 1994 08:",
		"6 Nov 1994 08",
		"0 Nov 1994 08:49:37",
		"31 Nov 1994 08:49:37",
		"29 Feb 1995 08:49:37",
		"6 Nov 1600 08:49:37",
		"6 Nov 160 08:49:37",
		"6 Nov 19945 08:49:37",
		"6 Nov 1994 24:49:37",
		"6 Nov 1994 08:60:37",
		"6 Nov 1994 08:49:60",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int64_t seconds = 42;

		cr_assert_not(http_date_parse_cookie(texts[i], strlen(texts[i]), &seconds), "%s",
			      texts[i]);
		cr_assert_eq(seconds, 42);
	}
}
