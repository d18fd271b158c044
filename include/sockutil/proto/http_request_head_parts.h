/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_REQUEST_HEAD_PARTS_H
#define SOCKUTIL_PROTO_HTTP_REQUEST_HEAD_PARTS_H
/* What http_request_head.c is made of. Failures are FAILURE_PROTOCOL, and *status is what to answer
 * then; it is left alone otherwise. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/http_request_head.h>

/* "GET /path HTTP/1.1" without its end (RFC 9112, 3): method, target, form and version. */
bool http_request_head_line(struct http_request_head *request, const char *line, size_t length,
			    int *status, struct failure *why);

/* What the fields must say together (RFC 9112, 3.2): Host. */
bool http_request_head_host(const struct http_request_head *request, int *status,
			    struct failure *why);

/* The form of request->target, which fits the method (RFC 9112, 3.2): 400. */
bool http_request_head_form(struct http_request_head *request, int *status, struct failure *why);

/* The last c of text, or NULL: memrchr(3), which POSIX has not. */
const char *http_request_head_last(const char *text, size_t length, char c);
#endif
