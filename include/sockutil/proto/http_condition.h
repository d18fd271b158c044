/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_CONDITION_H
#define SOCKUTIL_PROTO_HTTP_CONDITION_H
/* Conditional requests, as a server judges them (RFC 9110, 13). */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/proto/http_head.h>

#define HTTP_MODIFIED_UNKNOWN INT64_MIN

/* Of what the target names now. */
struct http_validators {
	bool exists;
	const char *etag; /* "\"abc\"", "W/\"abc\""; NULL: none */
	int64_t modified; /* Last-Modified, seconds since 1970; HTTP_MODIFIED_UNKNOWN */
};

enum http_condition {
	HTTP_CONDITION_GO,           /* do what the method says */
	HTTP_CONDITION_NOT_MODIFIED, /* 304 */
	HTTP_CONDITION_FAILED,       /* 412 */
};

/* If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, in the order of RFC 9110,
 * 13.2.2. reads: the method is GET or HEAD. Dates that are none, or several, are ignored; of
 * malformed entity tags none matches. */
enum http_condition http_condition_check(const struct http_head *head, bool reads,
					 const struct http_validators *now);

/* Whether a Range field may be honoured: there is no If-Range, or it names by a strong validator
 * what is there (RFC 9110, 13.1.5). now_s: the time, seconds since 1970; a second that is not over
 * is no strong date. */
bool http_condition_if_range(const struct http_head *head, const struct http_validators *now,
			     int64_t now_s);
#endif
