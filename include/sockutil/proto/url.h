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

/* Sizes with the NUL. A password may be an access token: some have 2 KiB. */
enum { URL_MAX = 8192, URL_HOST_MAX = 254, URL_USER_MAX = 256, URL_PASSWORD_MAX = 4096 };

/* Every string is NUL-terminated and has no NUL inside. */
struct url {
	bool https;
	bool scheme_given;       /* false: "www.example.org/x", taken for http */
	char host[URL_HOST_MAX]; /* lower case; IPv6 without brackets as RFC 5952 writes it, zone
				  * after %; a name beyond ASCII as it was written (UTF-8) */
	bool rooted;             /* the name had a dot at its end, which host has not: whoever dials
				  * it puts the dot back, so that no search domain plays a part;
				  * Host field and certificate go without it */
	bool bracketed;          /* it was an IP literal in brackets */
	int port;                /* 1-65535; 80 or 443 unless given */
	bool has_user, has_password;
	char user[URL_USER_MAX]; /* percent-decoded, no control characters */
	char password[URL_PASSWORD_MAX];
	char target[URL_MAX]; /* origin form for the request line: path and query, starts with '/';
			       * bytes beyond ASCII percent-encoded; dot segments removed; never a
			       * fragment */
	size_t path_length;   /* of target: up to the '?' or its end */
};

/* A URL as a user wrote it, scheme optional: "example.org", "host:8080/x", "[::1]:80",
 * "user:password@host/", "//host". FAILURE_URL names what is wrong with it, without showing a
 * password; another scheme than http and https is named. An authority with two '@' is an error.
 * Hosts that inet_aton(3) would take for an address are dotted quads or errors; percent signs in
 * hosts are errors but in front of a zone ("[fe80::1%25eth0]", "[fe80::1%eth0]"). "host:" is the
 * default port. Percent signs of path and query stay as they are, with two hexadecimal digits
 * behind them or not. *out is not to be used after a failure. */
bool url_parse(struct url *out, const char *text, struct failure *why);

/* A Location or other reference (length bytes), relative to base (RFC 3986, 5.2), where
 * "host:80/x" is a scheme "host". Userinfo is taken only if the reference has its own. FAILURE_URL.
 * out and base may not overlap. */
bool url_resolve(struct url *out, const struct url *base, const char *reference, size_t length,
		 struct failure *why);

/* Appends to the query, with '?' or '&' in front: bytes that a query cannot hold are
 * percent-encoded, '#' too. FAILURE_URL: it does not fit. */
bool url_add_query(struct url *url, const char *query, size_t length, struct failure *why);

/* Same scheme, host and port: RFC 6454. "example.org" and "example.org." are two. */
bool url_same_origin(const struct url *a, const struct url *b);

/* Room for host and port with brackets and a colon. */
enum { URL_AUTHORITY_MAX = URL_HOST_MAX + 9 };
/* "example.org", "example.org:8080", "[::1]:81": the Host field, host as given in ascii_host (xn--
 * form, with or without a dot at its end); default ports, zones and that dot left out. Returns
 * out. */
const char *url_authority(char out[static URL_AUTHORITY_MAX], const struct url *url,
			  const char *ascii_host);

/* Room for every text url_text() makes. */
enum { URL_TEXT_MAX = URL_MAX + URL_AUTHORITY_MAX + 16 };
/* "https://host/target", with the port unless it is the default one, the host as it was written,
 * without userinfo: for messages. It parses to the same URL. Cut at size, between characters.
 * Returns out. */
const char *url_text(char *out, size_t size, const struct url *url);

/* The last segment of the path, percent-decoded, as it stands ("" when the path ends with '/');
 * false when it does not fit or holds a NUL. The caller judges it as a file name. */
bool url_last_segment(char *out, size_t size, const struct url *url);

/* Appends with everything percent-encoded but RFC 3986 unreserved characters. False when memory is
 * short. */
struct buffer;
bool url_encode(struct buffer *out, const char *bytes, size_t length);
#endif
