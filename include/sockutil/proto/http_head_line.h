/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_HEAD_LINE_H
#define SOCKUTIL_PROTO_HTTP_HEAD_LINE_H
/* Single lines of a head, without their ends: http_head's own. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/http_head.h>

/* "HTTP/1.1 200 OK" (RFC 9112, 4): version, status and reason of head. FAILURE_PROTOCOL. */
bool http_head_line_status(struct http_head *head, const char *line, size_t length,
			   struct failure *why);

/* "Name: value" (RFC 9112, 5). FAILURE_PROTOCOL. */
bool http_head_line_field(struct http_field *field, const char *line, size_t length,
			  struct failure *why);

/* What a peer sent, for a message: its first line up to 60 bytes, with "…" when there was more. A
 * NUL becomes a question mark; other controls are left to whoever shows it. Returns out. */
enum { HTTP_HEAD_SHOWN_MAX = 60 + sizeof("…") };
const char *http_head_shown(char out[static HTTP_HEAD_SHOWN_MAX], const char *bytes, size_t length);
#endif
