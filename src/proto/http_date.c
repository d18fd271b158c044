/* SPDX-License-Identifier: MIT */
/* http_date.c - the dates of HTTP, in the three forms that there are, and Retry-After. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>
#include <sockutil/proto/http_date.h>
#include <sockutil/proto/http_date_civil.h>

static const char *const days[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
				    "Thursday", "Friday", "Saturday" };

/* Letters are parts of a date in the order they come, other characters stand for themselves.
 * w W: day of the week, short and long; d: day, two digits; e: the first may be a blank; b: month;
 * y Y: year, two and four digits; t: time; z: time zone. */
static const char *const forms[] = {
	"w, d b Y t z", /* IMF-fixdate */
	"W, d-b-y t z", /* RFC 850 */
	"w b e t Y",    /* asctime(3) */
};

struct cursor {
	const char *at, *end;
};

static bool literal(struct cursor *c, const char *text)
{
	const size_t count = strlen(text);

	if ((size_t)(c->end - c->at) < count || strncasecmp(c->at, text, count))
		return false;
	c->at += count;
	return true;
}

static bool number(struct cursor *c, size_t digits, int *out)
{
	uint64_t value;

	if ((size_t)(c->end - c->at) < digits || !number_parse_bytes(c->at, digits, 9999, &value))
		return false;
	c->at += digits;
	*out = (int)value;
	return true;
}

static bool weekday(struct cursor *c, bool whole)
{
	for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
		char name[4];

		snprintf(name, sizeof name, "%s", days[i]);
		if (literal(c, whole ? days[i] : name))
			return true;
	}
	return false;
}

static bool month(struct cursor *c, struct http_date_civil *date)
{
	date->month = http_date_month(c->at, (size_t)(c->end - c->at));
	c->at += date->month ? 3 : 0;
	return date->month > 0;
}

static bool time_of_day(struct cursor *c, struct http_date_civil *date)
{
	return number(c, 2, &date->hour) && literal(c, ":") && number(c, 2, &date->minute) &&
	       literal(c, ":") && number(c, 2, &date->second);
}

static bool short_year(struct cursor *c, struct http_date_civil *date)
{
	if (!number(c, 2, &date->year))
		return false;
	date->year += date->year < 70 ? 2000 : 1900;
	return true;
}

static bool part(struct cursor *c, const char *form, struct http_date_civil *date)
{
	const char itself[] = { *form, '\0' };

	switch (*form) {
	case 'w':
	case 'W':
		return weekday(c, *form == 'W');
	case 'd':
		return number(c, 2, &date->day);
	case 'e':
		return literal(c, " ") ? number(c, 1, &date->day) : number(c, 2, &date->day);
	case 'b':
		return month(c, date);
	case 'Y':
		return number(c, 4, &date->year);
	case 'y':
		return short_year(c, date);
	case 't':
		return time_of_day(c, date);
	case 'z':
		return literal(c, "GMT") || literal(c, "UTC");
	default:
		return literal(c, itself);
	}
}

static bool form_parse(const char *form, struct cursor c, int64_t *seconds)
{
	struct http_date_civil date = { 0 };

	for (; *form; form++) {
		if (!part(&c, form, &date))
			return false;
	}
	return c.at == c.end && http_date_seconds(&date, seconds);
}

bool http_date_parse(const char *text, size_t length, int64_t *seconds)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (form_parse(forms[i], (struct cursor){ text, text + length }, seconds))
			return true;
	}
	return false;
}

const char *http_date_text(char out[static HTTP_DATE_MAX], int64_t seconds)
{
	struct http_date_civil date = { 0 };

	http_date_civil(&date, seconds);
	snprintf(out, HTTP_DATE_MAX, "%.3s, %02d %s %04d %02d:%02d:%02d GMT", days[date.weekday],
		 date.day, http_date_month_name(date.month), date.year, date.hour, date.minute,
		 date.second);
	return out;
}

static bool only_digits(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return length > 0;
}

bool http_retry_after(const char *text, size_t length, int64_t now, int64_t *milliseconds)
{
	uint64_t count;
	int64_t date;

	if (only_digits(text, length)) {
		if (!number_parse_bytes(text, length, HTTP_RETRY_AFTER_MAX / 1000, &count))
			*milliseconds = HTTP_RETRY_AFTER_MAX;
		else
			*milliseconds = (int64_t)count * 1000;
		return true;
	}
	if (!http_date_parse(text, length, &date))
		return false;
	*milliseconds = date <= now ? 0 : (date - now) * 1000;
	return true;
}
