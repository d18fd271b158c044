/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_COOKIE_H
#define SOCKUTIL_PROTO_COOKIE_H
/* One Set-Cookie field (RFC 6265, 5.2 and 5.3; prefixes __Secure- and __Host- as in 6265bis). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COOKIE_TEXT_MAX = 4097, COOKIE_DOMAIN_MAX = 254, COOKIE_PATH_MAX = 1025 };

/* name and value together have at most 4096 bytes, no control character and no TAB; name is never
 * empty. */
struct cookie {
	char name[COOKIE_TEXT_MAX], value[COOKIE_TEXT_MAX];
	char domain[COOKIE_DOMAIN_MAX]; /* lower case, no leading dot; "" when the field named none
					 */
	char path[COOKIE_PATH_MAX];     /* "" when the field named none that starts with '/'; a
					 * longer one is passed over */
	bool secure, http_only;
	bool persistent;
	int64_t expires; /* seconds since 1970; persistent only. Max-Age goes before Expires; from
			  * it also INT64_MIN: over, and INT64_MAX: beyond counting */
};

/* now in seconds since 1970. False: the cookie is to be ignored (without name or '=', too large, a
 * control character, a Domain longer than any, a prefix whose rules it breaks as far as the field
 * alone shows it). */
bool cookie_parse(struct cookie *out, const char *value, size_t length, int64_t now);

/* What a name that begins with __Secure- or __Host- (any case) asks for: secure; and of the host
 * alone with the path "/". True for every other name. */
bool cookie_prefix_holds(const char *name, const char *path, bool secure, bool host_only);

/* An IPv6 literal, or something that ends in a number (or in a dot): no domain holds it but itself.
 */
bool cookie_host_is_address(const char *host);

/* RFC 6265, 5.1.3: host is domain or ends with "." domain and is no IP literal. Both lower case. */
bool cookie_domain_match(const char *host, const char *domain);
/* RFC 6265, 5.1.4. path is a request's path without its query. */
bool cookie_path_match(const char *path, size_t path_length, const char *cookie_path);
/* The default path of a cookie set by that path (RFC 6265, 5.1.4). Of one that is too long a part
 * above it. */
void cookie_default_path(char out[static COOKIE_PATH_MAX], const char *path, size_t path_length);
#endif
