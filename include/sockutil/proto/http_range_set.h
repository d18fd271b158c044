/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_RANGE_SET_H
#define SOCKUTIL_PROTO_HTTP_RANGE_SET_H
/* The Range field of a request against what is there (RFC 9110, 14.2). */
#include <stddef.h>
#include <stdint.h>

#include <sockutil/proto/http_head.h>

/* More of them in one request are not honoured. */
enum { HTTP_RANGE_SET_MAX = 8 };

struct http_range_part {
	uint64_t first, last; /* inclusive; first <= last < size */
};

enum http_range_outcome {
	HTTP_RANGE_WHOLE,         /* the field is to be ignored: answer all of it, 200 */
	HTTP_RANGE_PARTS,         /* 206, of these parts */
	HTTP_RANGE_UNSATISFIABLE, /* 416 */
};

/* Invariants: no two parts overlap or touch, so together they have at most size bytes. */
struct http_range_set {
	struct http_range_part parts[HTTP_RANGE_SET_MAX];
	size_t count; /* 0 unless HTTP_RANGE_PARTS */
};

/*
 * The value of a Range field, of length bytes. Parts stand in the order they were asked for; those
 * that overlap or touch one before them are joined with it, those behind the end left out. WHOLE
 * for another unit than bytes, anything malformed (a reversed range too), more than
 * HTTP_RANGE_SET_MAX ranges, and a suffix of what has no bytes. Numbers of any length are exact.
 */
enum http_range_outcome http_range_set_parse(struct http_range_set *out, const char *value,
					     size_t length, uint64_t size);

/* The same of the Range field of a head: WHOLE when there is none, or several. */
enum http_range_outcome http_range_set_of(struct http_range_set *out, const struct http_head *head,
					  uint64_t size);
#endif
