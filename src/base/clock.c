/* SPDX-License-Identifier: MIT */
/* clock.c - monotonic time for intervals, the time of day for people. */
#include <stdio.h>
#include <time.h>

#include <sockutil/base/clock.h>

int64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_ms(void)
{
	return clock_us() / 1000;
}

const char *clock_ctime(char out[static 25])
{
	time_t now = time(NULL);
	struct tm local;

	if (!localtime_r(&now, &local) || !strftime(out, 25, "%a %b %e %H:%M:%S %Y", &local))
		out[0] = '\0';
	return out;
}

const char *clock_iso8601(char out[static 25])
{
	struct timespec now;
	struct tm utc;
	size_t length = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &utc))
		length = strftime(out, 25, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(out + length, 25 - length, ".%03uZ", (unsigned)(now.tv_nsec / 1000000) % 1000);
	return out;
}
