/* SPDX-License-Identifier: MIT */
/* http_date_civil.c - seconds since 1970 and the calendar. */
#include <strings.h>

#include <sockutil/proto/http_date_civil.h>

#define DAY 86400

static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static bool leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && leap(year));
}

/* From the first of January of year 0 to that of year, which is not negative. */
static int64_t days_before(int year)
{
	const int64_t past = year - 1;

	return year ? past * 365 + past / 4 - past / 100 + past / 400 + 366 : 0;
}

bool http_date_seconds(const struct http_date_civil *date, int64_t *seconds)
{
	int64_t days;

	if (date->year < 0 || date->year > 9999 || date->month < 1 || date->month > 12 ||
	    date->day < 1 || date->day > days_of_month(date->year, date->month) || date->hour < 0 ||
	    date->hour > 23 || date->minute < 0 || date->minute > 59 || date->second < 0 ||
	    date->second > 60)
		return false;
	days = days_before(date->year) - days_before(1970) + date->day - 1;
	for (int month = 1; month < date->month; month++)
		days += days_of_month(date->year, month);
	*seconds = days * DAY + date->hour * 3600 + date->minute * 60 + date->second;
	return true;
}

void http_date_civil(struct http_date_civil *date, int64_t seconds)
{
	const int64_t first = -days_before(1970) * DAY;
	const int64_t last = (days_before(10000) - days_before(1970)) * DAY - 1;
	int64_t from_first, days;
	int rest;

	if (seconds < first)
		seconds = first;
	if (seconds > last)
		seconds = last;
	from_first = seconds - first;
	days = from_first / DAY;
	rest = (int)(from_first % DAY);
	*date = (struct http_date_civil){
		.year = (int)(days / 366), /* at most a few years early */
		.month = 1,
		.hour = rest / 3600,
		.minute = rest / 60 % 60,
		.second = rest % 60,
		.weekday = (int)((days + 6) % 7), /* year 0 began on a Saturday */
	};
	while (days_before(date->year + 1) <= days)
		date->year++;
	days -= days_before(date->year);
	for (; days >= days_of_month(date->year, date->month); date->month++)
		days -= days_of_month(date->year, date->month);
	date->day = (int)days + 1;
}

int http_date_month(const char *text, size_t length)
{
	for (int i = 0; length >= 3 && i < 12; i++) {
		if (!strncasecmp(text, months[i], 3))
			return i + 1;
	}
	return 0;
}

const char *http_date_month_name(int month)
{
	return months[month - 1];
}
