/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_date_civil.c
 * Holds: days follow one another without a gap through every month, leap year and century, there
 * and back, with their weekdays; days and times that do not exist are refused; seconds beyond the
 * years 0 to 9999 become the ends; months by three letters in any case.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/http_date_civil.h>

Test(http_date_civil, days_follow_one_another)
{
	struct http_date_civil before, date;
	int64_t seconds;

	/* 400 years and a day: after that the calendar is the same again. */
	http_date_civil(&before, -1);
	for (int64_t day = 0; day <= 146097; day++, before = date) {
		http_date_civil(&date, day * 86400 + day % 86400);
		cr_assert_eq(date.weekday, (before.weekday + 1) % 7);
		if (date.day > 1)
			cr_assert(date.day == before.day + 1 && date.month == before.month &&
				  date.year == before.year);
		else if (date.month > 1)
			cr_assert(date.month == before.month + 1 && date.year == before.year &&
				  before.day >= 28);
		else
			cr_assert(date.year == before.year + 1 && before.month == 12 &&
				  before.day == 31);
		cr_assert(http_date_seconds(&date, &seconds));
		cr_assert_eq(seconds, day * 86400 + day % 86400);
	}
	cr_assert(before.year == 2370 && before.month == 1 && before.day == 1);
}

static bool exists(int year, int month, int day, int hour, int minute, int second)
{
	const struct http_date_civil date = {
		.year = year,
		.month = month,
		.day = day,
		.hour = hour,
		.minute = minute,
		.second = second,
	};
	int64_t seconds;

	return http_date_seconds(&date, &seconds);
}

Test(http_date_civil, what_does_not_exist_is_refused)
{
	cr_assert(exists(2024, 2, 29, 23, 59, 60));
	cr_assert(exists(2000, 2, 29, 0, 0, 0));
	cr_assert_not(exists(1900, 2, 29, 0, 0, 0));
	cr_assert_not(exists(2023, 2, 29, 0, 0, 0));
	cr_assert_not(exists(2023, 4, 31, 0, 0, 0));
	cr_assert_not(exists(2023, 1, 32, 0, 0, 0));
	cr_assert_not(exists(2023, 1, 0, 0, 0, 0));
	cr_assert_not(exists(2023, 0, 1, 0, 0, 0));
	cr_assert_not(exists(2023, 13, 1, 0, 0, 0));
	cr_assert_not(exists(-1, 1, 1, 0, 0, 0));
	cr_assert_not(exists(10000, 1, 1, 0, 0, 0));
	cr_assert_not(exists(2023, 1, 1, 24, 0, 0));
	cr_assert_not(exists(2023, 1, 1, 0, 60, 0));
	cr_assert_not(exists(2023, 1, 1, 0, 0, 61));
	cr_assert_not(exists(2023, 1, 1, -1, 0, 0));
	cr_assert_not(exists(2023, 1, 1, 0, -1, 0));
	cr_assert_not(exists(2023, 1, 1, 0, 0, -1));
}

Test(http_date_civil, ends_of_the_range)
{
	struct http_date_civil date;

	http_date_civil(&date, INT64_MAX);
	cr_assert(date.year == 9999 && date.month == 12 && date.day == 31 && date.hour == 23 &&
		  date.minute == 59 && date.second == 59 && date.weekday == 5);
	http_date_civil(&date, INT64_MIN);
	cr_assert(date.year == 0 && date.month == 1 && date.day == 1 && date.hour == 0 &&
		  date.weekday == 6);
	http_date_civil(&date, 253402300800);
	cr_assert(date.year == 9999 && date.day == 31);
}

Test(http_date_civil, months_by_three_letters)
{
	cr_assert_eq(http_date_month("Jan", 3), 1);
	cr_assert_eq(http_date_month("december", 8), 12);
	cr_assert_eq(http_date_month("MAY", 3), 5);
	cr_assert_eq(http_date_month("Ma", 2), 0);
	cr_assert_eq(http_date_month("Mai", 3), 0);
	cr_assert_eq(http_date_month("", 0), 0);
	for (int month = 1; month <= 12; month++)
		cr_assert_eq(http_date_month(http_date_month_name(month), 3), month);
}
