/* SPDX-License-Identifier: MIT */
/* http_date_cookie.c - expiry dates of cookies (RFC 6265, 5.1.1): parts in any order. */
#include <string.h>

#include <sockutil/proto/http_date.h>
#include <sockutil/proto/http_date_civil.h>

struct found {
	struct http_date_civil date;
	bool time, day, month, year;
};

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool delimiter(char c)
{
	const unsigned char b = (unsigned char)c;

	return b == 0x09 || (b >= 0x20 && b <= 0x2f) || (b >= 0x3b && b <= 0x40) ||
	       (b >= 0x5b && b <= 0x60) || (b >= 0x7b && b <= 0x7e);
}

/* least to most digits at *at, with no further one behind them. */
static bool digits(const char **at, const char *end, int least, int most, int *out)
{
	const char *p = *at;
	int value = 0, count = 0;

	for (; p < end && digit(*p) && count <= most; count++)
		value = value * 10 + (*p++ - '0');
	if (count < least || count > most)
		return false;
	*at = p;
	*out = value;
	return true;
}

static bool is_time(const char *at, const char *end, struct http_date_civil *date)
{
	int hour, minute, second;

	if (!digits(&at, end, 1, 2, &hour) || at == end || *at++ != ':' ||
	    !digits(&at, end, 1, 2, &minute) || at == end || *at++ != ':' ||
	    !digits(&at, end, 1, 2, &second))
		return false;
	date->hour = hour;
	date->minute = minute;
	date->second = second;
	return true;
}

/* The RFC's order: what a token can be first of what is still missing. */
static void token(struct found *f, const char *at, const char *end)
{
	if (!f->time && is_time(at, end, &f->date))
		f->time = true;
	else if (!f->day && digits(&at, end, 1, 2, &f->date.day))
		f->day = true;
	else if (!f->month && (f->date.month = http_date_month(at, (size_t)(end - at))))
		f->month = true;
	else if (!f->year && digits(&at, end, 2, 4, &f->date.year))
		f->year = true;
}

bool http_date_parse_cookie(const char *text, size_t length, int64_t *seconds)
{
	const char *end = text + length;
	struct found f = { 0 };

	while (text < end) {
		const char *start = text;

		while (text < end && !delimiter(*text))
			text++;
		if (text > start)
			token(&f, start, text);
		else
			text++;
	}
	if (!f.time || !f.day || !f.month || !f.year)
		return false;
	if (f.date.year < 100)
		f.date.year += f.date.year < 70 ? 2000 : 1900;
	return f.date.year >= 1601 && f.date.second < 60 && http_date_seconds(&f.date, seconds);
}
