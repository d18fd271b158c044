/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_date.c
 * Holds: the three forms say the same second; names in any case; two-digit years count from 1970;
 * UTC is GMT; anything before, behind, missing or out of its range is refused; what is written is
 * read back, over the whole range, and what is beyond is written as its end; Retry-After as seconds
 * and as a date, never negative, and too large is as late as a clock can bear.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/proto/http_date.h>

static void assert_date(const char *text, int64_t expected)
{
	int64_t seconds = -1;

	cr_assert(http_date_parse(text, strlen(text), &seconds), "%s", text);
	cr_assert_eq(seconds, expected, "%s: %lld", text, (long long)seconds);
}

Test(http_date, three_forms_say_the_same_second)
{
	assert_date("Sun, 06 Nov 1994 08:49:37 GMT", 784111777);
	assert_date("Sunday, 06-Nov-94 08:49:37 GMT", 784111777);
	assert_date("Sun Nov  6 08:49:37 1994", 784111777);
	assert_date("Wed Nov 16 08:49:37 1994", 784975777);
	assert_date("Wed Nov 06 08:49:37 1994", 784111777);
}

Test(http_date, names_in_any_case_and_utc)
{
	assert_date("sun, 06 NOV 1994 08:49:37 gmt", 784111777);
	assert_date("Sun, 06 Nov 1994 08:49:37 UTC", 784111777);
	assert_date("Mon, 06 Nov 1994 08:49:37 GMT", 784111777); /* not compared */
}

Test(http_date, two_digit_years_count_from_1970)
{
	assert_date("Thursday, 01-Jan-70 00:00:00 GMT", 0);
	assert_date("Tuesday, 31-Dec-69 23:59:59 GMT", 3155759999);
	assert_date("Saturday, 01-Jan-00 00:00:00 GMT", 946684800);
}

Test(http_date, ends_of_the_range)
{
	assert_date("Thu, 01 Jan 1970 00:00:00 GMT", 0);
	assert_date("Wed, 31 Dec 1969 23:59:59 GMT", -1);
	assert_date("Tue, 29 Feb 2000 00:00:00 GMT", 951782400);
	assert_date("Sat, 31 Dec 2016 23:59:60 GMT", 1483228800);
	assert_date("Fri, 31 Dec 9999 23:59:59 GMT", 253402300799);
	assert_date("Sat, 01 Jan 0000 00:00:00 GMT", -62167219200);
}

Test(http_date, what_is_no_date_is_refused)
{
	static const char *const texts[] = {
		"",
		"0",
		"-1",
		"Sun",
		"Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 ",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		" Sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 CET",
		"Sun, 06 Nov 1994 08:49:37 +0000",
		"Sun, 6 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 94 08:49:37 GMT",
		"Sun, 06-Nov-1994 08:49:37 GMT",
		"Sun, 06 Noo 1994 08:49:37 GMT",
		"Sun, 06 No",
		"Sun, 00 Nov 1994 08:49:37 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT",
		"Sun, 29 Feb 1900 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:00:00 GMT",
		"Sun, 06 Nov 1994 08:60:37 GMT",
		"Sun, 06 Nov 1994 08:49:61 GMT",
		"Sun, 06 Nov 1994 8:49:37 GMT",
		"Sun, 06 Nov 1994 08:49 GMT",
		"Sun, 06 Nov -994 08:49:37 GMT",
		"Sun, 06 Nov 1994  08:49:37 GMT",
		"Sun 06 Nov 1994 08:49:37 GMT",
		"Son, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-1994 08:49:37 GMT",
		"Sun, 06-Nov-94 08:49:37 GMT",
		"Sun Nov 6 08:49:37 1994",
		"Sun Nov  6 08:49:37 1994 GMT",
		"Sun Nov  6 08:49:37 94",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int64_t seconds = 42;

		cr_assert_not(http_date_parse(texts[i], strlen(texts[i]), &seconds), "%s",
			      texts[i]);
		cr_assert_eq(seconds, 42);
	}
}

Test(http_date, no_prefix_of_a_date_is_one)
{
	static const char *const texts[] = {
		"Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994",
	};

	for (int form = 0; form < 3; form++) {
		for (size_t length = 0; length < strlen(texts[form]); length++) {
			/* In memory of exactly that size, so that a look behind it is seen. */
			char *copy = malloc(length ? length : 1);
			int64_t seconds;

			memcpy(copy, texts[form], length);
			cr_assert_not(http_date_parse(copy, length, &seconds));
			free(copy);
		}
	}
}

static void assert_text(int64_t seconds, const char *expected)
{
	char out[HTTP_DATE_MAX];

	cr_assert_eq(http_date_text(out, seconds), out);
	cr_assert_str_eq(out, expected);
}

Test(http_date, is_written)
{
	assert_text(784111777, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_text(0, "Thu, 01 Jan 1970 00:00:00 GMT");
	assert_text(-1, "Wed, 31 Dec 1969 23:59:59 GMT");
	assert_text(951782400, "Tue, 29 Feb 2000 00:00:00 GMT");
	assert_text(253402300799, "Fri, 31 Dec 9999 23:59:59 GMT");
	assert_text(INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT");
	assert_text(INT64_MIN, "Sat, 01 Jan 0000 00:00:00 GMT");
}

Test(http_date, what_is_written_is_read_back)
{
	char out[HTTP_DATE_MAX];

	/* 317 days, 21 hours, 1 minute and 39 seconds apart: every day of a year, every month. */
	for (int64_t at = -62167219200; at <= 253402300799; at += 27464499) {
		int64_t again;

		http_date_text(out, at);
		cr_assert_eq(strlen(out), HTTP_DATE_MAX - 1);
		cr_assert(http_date_parse(out, strlen(out), &again), "%s", out);
		cr_assert_eq(again, at);
	}
}

static void assert_wait(const char *text, int64_t now, int64_t expected)
{
	int64_t milliseconds = -1;

	cr_assert(http_retry_after(text, strlen(text), now, &milliseconds), "%s", text);
	cr_assert_eq(milliseconds, expected, "%s: %lld", text, (long long)milliseconds);
}

Test(http_date, retry_after_in_seconds)
{
	assert_wait("0", 1000, 0);
	assert_wait("120", 1000, 120000);
	assert_wait("007", 1000, 7000);
	assert_wait("2305843009213693", 0, 2305843009213693000);
	assert_wait("2305843009213694", 0, HTTP_RETRY_AFTER_MAX);
	assert_wait("99999999999999999999999999", 0, HTTP_RETRY_AFTER_MAX);
}

Test(http_date, retry_after_a_date)
{
	assert_wait("Sun, 06 Nov 1994 08:49:37 GMT", 784111770, 7000);
	assert_wait("Sun, 06 Nov 1994 08:49:37 GMT", 784111777, 0);
	assert_wait("Sun, 06 Nov 1994 08:49:37 GMT", 1700000000, 0);
	assert_wait("Fri, 31 Dec 9999 23:59:59 GMT", 0, 253402300799000);
}

Test(http_date, retry_after_something_else_is_refused)
{
	static const char *const texts[] = { "", "-1", "+5", "1.5", "5s", " 5", "soon" };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int64_t milliseconds = 42;

		cr_assert_not(http_retry_after(texts[i], strlen(texts[i]), 0, &milliseconds), "%s",
			      texts[i]);
		cr_assert_eq(milliseconds, 42);
	}
}
