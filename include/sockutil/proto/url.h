/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_URL_H
#define SOCKUTIL_PROTO_URL_H
/*
 * http and https URLs (RFC 3986, RFC 9110 4.2). One parser decides what is dialled, what Host says
 * and which name the certificate has to have. What it accepts has no control character, no blank
 * and no backslash anywhere, so nothing of it can break a request line.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

enum { URL_MAX = 8192, URL_HOST_MAX = 254, URL_USER_MAX = 256 };

/* Every string is NUL-terminated and has no NUL inside. */
struct url {
	bool https;
	bool scheme_given;       /* false: "www.example.org/x", taken for http */
	char host[URL_HOST_MAX]; /* lower case; IPv6 without brackets, zone after %; a name beyond
				  * ASCII as it was written (UTF-8) */
	bool bracketed;          /* it was an IP literal in brackets */
	int port;                /* 1-65535; 80 or 443 unless given */
	bool has_user, has_password;
	char user[URL_USER_MAX],
		password[URL_USER_MAX]; /* percent-decoded, no control characters */
	char target[URL_MAX]; /* origin form for the request line: path and query, starts with '/';
			       * bytes beyond ASCII percent-encoded; dot segments removed; never a
			       * fragment */
	size_t path_length;   /* of target: up to the '?' or its end */
};

/* An URL as a user wrote it, scheme optional. FAILURE_URL names what is wrong with it; another
 * scheme than http and https is named. The userinfo ends at the LAST '@' of the authority only if
 * there is exactly one; two are an error. Hosts made of digits and dots are dotted quads or
 * errors; percent signs in hosts are errors. */
bool url_parse(struct url *out, const char *text, struct failure *why);

/* A Location or other reference (length bytes), relative to base (RFC 3986, 5.2). Userinfo is taken
 * only if the reference has its own. FAILURE_URL. out and base may not overlap. */
bool url_resolve(struct url *out, const struct url *base, const char *reference, size_t length,
		 struct failure *why);

/* Same scheme, host and port: RFC 6454. */
bool url_same_origin(const struct url *a, const struct url *b);

/* Room for host and port with brackets and a colon. */
enum { URL_AUTHORITY_MAX = URL_HOST_MAX + 9 };
/* "example.org", "example.org:8080", "[::1]:81": the Host field, host as given in ascii_host (xn--
 * form); default ports and zones left out. Returns out. */
const char *url_authority(char out[static URL_AUTHORITY_MAX], const struct url *url,
			  const char *ascii_host);

/* "https://host:port/target" without userinfo, for messages and Referer. Cut at size. Returns out.
 */
const char *url_text(char *out, size_t size, const struct url *url);

/* The last segment of the path, percent-decoded, as it stands ("" when the path ends with '/');
 * false when it does not fit or holds a NUL. The caller judges it as a file name. */
bool url_last_segment(char *out, size_t size, const struct url *url);

/* Percent-encodes everything but RFC 3986 unreserved characters ( -G, --data-urlencode). */
struct buffer;
bool url_encode(struct buffer *out, const char *bytes, size_t length);
#endif
