/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_COOKIE_H
#define SOCKUTIL_PROTO_COOKIE_H
/* One Set-Cookie field (RFC 6265, 5.2 and 5.3; prefixes __Secure- and __Host- as in 6265bis). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COOKIE_TEXT_MAX = 4097, COOKIE_DOMAIN_MAX = 254, COOKIE_PATH_MAX = 1025 };

/* name and value together have at most 4096 bytes and no control character. */
struct cookie {
	char name[COOKIE_TEXT_MAX], value[COOKIE_TEXT_MAX];
	char domain[COOKIE_DOMAIN_MAX]; /* lower case, no leading dot; "" when the field named none
					 */
	char path[COOKIE_PATH_MAX];     /* "" when the field named none that starts with '/' */
	bool secure, http_only;
	bool persistent;
	int64_t expires; /* seconds since 1970; persistent only. Max-Age goes before Expires */
};

/* now in seconds since 1970. False: the cookie is to be ignored (malformed, too large, a prefix
 * whose rules it breaks as far as the field alone shows it). */
bool cookie_parse(struct cookie *out, const char *value, size_t length, int64_t now);

/* RFC 6265, 5.1.3: host is domain or ends with "." domain and is no IP literal. Both lower case. */
bool cookie_domain_match(const char *host, const char *domain);
/* RFC 6265, 5.1.4. path is a request's path without its query. */
bool cookie_path_match(const char *path, size_t path_length, const char *cookie_path);
/* The default path of a cookie set by that path (RFC 6265, 5.1.4). */
void cookie_default_path(char out[static COOKIE_PATH_MAX], const char *path, size_t path_length);
#endif
