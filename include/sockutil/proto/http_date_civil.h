/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_DATE_CIVIL_H
#define SOCKUTIL_PROTO_HTTP_DATE_CIVIL_H
/* Seconds since 1970 and the calendar (Gregorian throughout, UTC, no leap seconds): http_date's
 * own. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_date_civil {
	int year, month, day;     /* 0-9999, 1-12, 1-31 */
	int hour, minute, second; /* 0-23, 0-59, 0-60: a leap second is the one behind it */
	int weekday;              /* 0 is Sunday; only written */
};

/* False for a day or a time that does not exist. */
bool http_date_seconds(const struct http_date_civil *date, int64_t *seconds);

/* What lies outside the years 0 to 9999 becomes the nearest date inside. */
void http_date_civil(struct http_date_civil *date, int64_t seconds);

/* 1-12 by the first three letters of length bytes, in any case; 0 for what is no month. */
int http_date_month(const char *text, size_t length);
/* "Jan" */
const char *http_date_month_name(int month);
#endif
