/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_ACCEPT_H
#define SOCKUTIL_PROTO_HTTP_ACCEPT_H
/* Which content codings a client takes (RFC 9110, 12.5.3). */
#include <stddef.h>

#include <sockutil/proto/http_head.h>

/* Those a server may have, smallest files first; what is as welcome to the client is in this
 * order. */
enum http_accept_coding {
	HTTP_ACCEPT_BROTLI,
	HTTP_ACCEPT_ZSTD,
	HTTP_ACCEPT_GZIP,
	HTTP_ACCEPT_IDENTITY,
	HTTP_ACCEPT_CODINGS, /* how many there are */
};

/*
 * Those the client takes, the most welcome first; returns how many, at least 1. Identity without a
 * q-value of its own goes last; it is there even when the client refused it, alone then: an answer
 * that nobody wanted is better than none. Without the field it is identity alone.
 */
size_t http_accept_codings(enum http_accept_coding out[static HTTP_ACCEPT_CODINGS],
			   const struct http_head *head);

/* "br", "zstd", "gzip", "identity": as Content-Encoding says it. */
const char *http_accept_coding_name(enum http_accept_coding coding);
/* ".br", ".zst", ".gz", "": what the name of such a file ends with. */
const char *http_accept_coding_suffix(enum http_accept_coding coding);
#endif
