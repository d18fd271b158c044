/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_FRAMING_H
#define SOCKUTIL_PROTO_HTTP_FRAMING_H
/* How long the body of a response is (RFC 9112, 6.3), and whether the connection lasts (9.3). */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/http_head.h>

enum http_body {
	HTTP_BODY_NONE, /* HEAD, 1xx, 204, 304 */
	HTTP_BODY_LENGTH,
	HTTP_BODY_CHUNKED,
	HTTP_BODY_TO_CLOSE, /* to the end of the connection, which must be an orderly one */
};

struct http_framing {
	enum http_body body;
	uint64_t length;   /* HTTP_BODY_LENGTH: of the body. With HTTP_BODY_NONE to a HEAD: as
			      announced */
	bool length_known; /* a valid Content-Length was there */
	bool persistent;   /* another request may follow on this connection */
};

/*
 * What http_head_parse() took. An HTTP/2 response without a length is HTTP_BODY_TO_CLOSE of its
 * stream, and persistent. FAILURE_PROTOCOL: a Content-Length that is signed, malformed, overflows
 * or differs from another one; Content-Length beside Transfer-Encoding; a transfer coding other
 * than chunked alone; Transfer-Encoding in HTTP/1.0 or 2. The same number repeated is fine (RFC
 * 9112, 6.3, 5).
 */
bool http_framing_of_response(struct http_framing *out, const struct http_head *head, bool to_head,
			      struct failure *why);
#endif
