/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_REQUEST_HEAD_H
#define SOCKUTIL_PROTO_HTTP_REQUEST_HEAD_H
/*
 * Heads of HTTP/1 requests as a server takes them (RFC 9112): stricter than those of responses, as
 * whoever stands in front or behind may read them another way. An HTTP/2 request is given the same
 * form.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/http_head.h>

enum {
	HTTP_REQUEST_LINE_MAX = 16 * 1024, /* bytes of one line, request line included */
	HTTP_REQUEST_HEAD_MAX = 64 * 1024, /* bytes of a whole head */
	HTTP_REQUEST_FIELDS_MAX = 100,
};

/* RFC 9112, 3.2. */
enum http_target_form {
	HTTP_TARGET_ORIGIN,    /* "/path?query" */
	HTTP_TARGET_ABSOLUTE,  /* "http://host/path" */
	HTTP_TARGET_AUTHORITY, /* "host:port", CONNECT alone */
	HTTP_TARGET_ASTERISK,  /* "*", OPTIONS alone */
};

/* Neither text is NUL-terminated; all point into the parsed bytes. */
struct http_request_head {
	const char *method;
	size_t method_length;
	const char *target;
	size_t target_length; /* no blank, control or byte beyond ASCII in it */
	enum http_target_form form;
	/* Fields, version and length; status 0. Ask with http_head_find() and its like. */
	struct http_head head;
};

/*
 * A request head at the start of length bytes; empty lines in front of it (RFC 9112, 2.2) are
 * counted in head.length. IO_AGAIN, IO_DONE and the scan as http_head_parse(). IO_FAILED with
 * FAILURE_PROTOCOL, and *status what to answer before closing: 400 (malformed: bare LF or CR, NUL
 * or another control but TAB in a value, obs-fold, blank before the colon, two Host fields or one
 * that names no host, none in HTTP/1.1, a target of no form or of one that the method cannot have,
 * a fragment or a user in it …), 414 (request line over its limit), 431 (a field line, the head, or
 * the number of fields over its limit), 505 (another version than 1.0 and 1.1). What cannot become
 * a request fails at its first byte: TLS, say. *status is left alone otherwise.
 */
enum io http_request_head_parse(struct http_request_head *request, struct http_head_scan *scan,
				const char *bytes, size_t length, int *status, struct failure *why);

/* What body follows (RFC 9112, 6.3): HTTP_BODY_NONE, _LENGTH or _CHUNKED; persistent as version and
 * Connection say. False with FAILURE_PROTOCOL and *status 400 (Content-Length beside
 * Transfer-Encoding, a second length even when it says the same, malformed or over 63 bits,
 * Transfer-Encoding in HTTP/1.0 or 2, or saying chunked twice or nothing) or 501 (a transfer coding
 * other than chunked alone). HTTP/2: NONE without a length, though a body may come. */
struct http_framing; /* proto/http_framing.h */
bool http_framing_of_request(struct http_framing *out, const struct http_request_head *request,
			     int *status, struct failure *why);

/* Whether the request is that method (case matters). */
bool http_request_is(const struct http_request_head *request, const char *method);

/* "host", "host:port", "[v6]:port" of the characters they can have (RFC 3986, 3.2), without a user;
 * a port is 0-65535 and may be missing behind its colon unless it is needed, 1-65535 then. */
bool http_authority_valid(const char *text, size_t length, bool port_needed);
#endif
