/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_BASIC_H
#define SOCKUTIL_PROTO_HTTP_BASIC_H
/* Basic credentials, as a server takes and judges them (RFC 7617). */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/proto/http_head.h>

enum { HTTP_BASIC_MAX = 256 }; /* bytes of a user or password, with the NUL */

struct http_basic {
	char user[HTTP_BASIC_MAX], password[HTTP_BASIC_MAX]; /* no control characters */
};

/* "Basic dXNlcjpwYXNz", length bytes: false for another scheme, what is no base64 or has no colon,
 * what is too long or holds a control character. Wipe *out with memory_wipe() after use. */
bool http_basic_parse(struct http_basic *out, const char *value, size_t length);

/* The same of the only field of that name ("Authorization", "Proxy-Authorization"). */
bool http_basic_of(struct http_basic *out, const struct http_head *head, const char *name);

/* Whether they are those of user and password, in a time that does not tell how far they are. */
bool http_basic_match(const struct http_basic *given, const char *user, const char *password);
#endif
