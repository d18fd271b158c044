/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_RANGE_H
#define SOCKUTIL_PROTO_HTTP_RANGE_H
/* Byte ranges (RFC 9110, 14). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_RANGE_UNKNOWN UINT64_MAX

/* bytes FIRST-LAST/TOTAL, TOTAL possibly an asterisk; an asterisk for the range in a 416. */
struct http_content_range {
	bool satisfied;
	uint64_t first, last; /* inclusive; satisfied only */
	uint64_t total;       /* HTTP_RANGE_UNKNOWN when it says "*" */
};

/* Exact arithmetic; false for anything that is no valid bytes range: first <= last < total, and no
 * number above 2^64 - 2. *out is left alone then. */
bool http_content_range_parse(struct http_content_range *out, const char *text, size_t length);

/* Whether an answer's range can be the one that spec, one range of those http_range_valid() takes,
 * asks for: it starts there, ends at most there, and a suffix ends with the whole. A list may be
 * answered by anything. */
bool http_range_answers(const char *spec, const struct http_content_range *range);

/* What -r takes: "0-499", "500-", "-500", and lists of them "0-1,4-5"; no blanks, "-0" is none. */
bool http_range_valid(const char *text);
#endif
