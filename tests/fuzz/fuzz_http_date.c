/* SPDX-License-Identifier: MIT */
/* fuzz_http_date.c - dates: what is read and written again is the same second, which a cookie's
 * date means too; any second can be written; waits are never negative. */
#include "fuzz.h"

#include <sockutil/proto/http_date.h>

/* Years 0, 9999; the first year of cookies, 1601, and the first that they do not take for a short
 * form of another, 100. */
static const int64_t first = -62167219200, last = 253402300799;
static const int64_t cookie_first = -11644473600, year_100 = -59011459200;

static void check_written(int64_t seconds)
{
	const int64_t expected = seconds < first ? first : seconds > last ? last : seconds;
	char text[HTTP_DATE_MAX];
	int64_t again;

	http_date_text(text, seconds);
	fuzz_check(strlen(text) == HTTP_DATE_MAX - 1);
	fuzz_check(http_date_parse(text, strlen(text), &again) && again == expected);
	if (expected >= cookie_first)
		fuzz_check(http_date_parse_cookie(text, strlen(text), &again) && again == expected);
}

/* Leap seconds aside, a date of HTTP is one of cookies. */
static void check_read(const char *text, size_t size)
{
	int64_t seconds, cookie;

	if (!http_date_parse(text, size, &seconds))
		return;
	fuzz_check(seconds >= first && seconds <= last + 1);
	check_written(seconds);
	if (http_date_parse_cookie(text, size, &cookie))
		fuzz_check(cookie == seconds || seconds < year_100);
}

static void check_wait(const char *text, size_t size, int64_t now)
{
	int64_t wait, date;

	if (!http_retry_after(text, size, now, &wait))
		return;
	fuzz_check(wait >= 0 && wait <= HTTP_RETRY_AFTER_MAX);
	if (http_date_parse(text, size, &date))
		fuzz_check(wait == (date > now ? (date - now) * 1000 : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t bits = 0;
	char *text;

	for (int i = 0; i < 8; i++)
		bits = bits << 8 | fuzz_byte(&data, &size);
	text = malloc(size ? size : 1);
	fuzz_check(text != NULL);
	if (size)
		memcpy(text, data, size);
	check_written((int64_t)bits);
	check_read(text, size);
	check_wait(text, size, (int64_t)(bits >> 28));
	free(text);
	return 0;
}
