/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_DATE_H
#define SOCKUTIL_PROTO_HTTP_DATE_H
/* Dates of HTTP (RFC 9110, 5.6.7) as seconds since 1970, UTC. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* IMF-fixdate, RFC 850 and asctime forms; length bytes, the whole text. Two-digit years count from
 * 1970 to 2069; names in any case; the day of the week is not compared with the date. */
bool http_date_parse(const char *text, size_t length, int64_t *seconds);
/* "Sun, 06 Nov 1994 08:49:37 GMT"; returns out. What lies outside the years 0 to 9999 is written as
 * the nearest date inside. */
enum { HTTP_DATE_MAX = 30 };
const char *http_date_text(char out[static HTTP_DATE_MAX], int64_t seconds);

/* Cookie expiry dates, which are looser (RFC 6265, 5.1.1). */
bool http_date_parse_cookie(const char *text, size_t length, int64_t *seconds);

/* Retry-After: seconds or a date (RFC 9110, 10.2.3); milliseconds from now (seconds since 1970, not
 * negative), at least 0. Later than HTTP_RETRY_AFTER_MAX is that: a clock's time can be added. */
#define HTTP_RETRY_AFTER_MAX (INT64_MAX / 4)
bool http_retry_after(const char *text, size_t length, int64_t now, int64_t *milliseconds);
#endif
