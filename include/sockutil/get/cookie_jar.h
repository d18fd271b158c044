/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_COOKIE_JAR_H
#define SOCKUTIL_GET_COOKIE_JAR_H
/*
 * Cookies of a run (RFC 6265, 5.3 and 5.4), with the public suffix list (libpsl, loaded when a
 * cookie names a domain). At most 50 a domain and 3000 in all; the one used longest ago goes first.
 * Files are in the Netscape format that curl and wget read and write; session cookies have expiry
 * 0, HttpOnly ones the "#HttpOnly_" prefix.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <sockutil/proto/url.h>

struct cookie_jar;

struct cookie_jar *cookie_jar_new(void);
void cookie_jar_free(struct cookie_jar *jar);

/* Adds what a file holds. A file that is not there is fine when optional. FAILURE_INPUT names file
 * and line. */
bool cookie_jar_read(struct cookie_jar *jar, const char *file, bool optional, struct failure *why);
/* Replaces the file whole (temporary name, mode 0600, rename). "-" is stdout. FAILURE_OUTPUT. */
bool cookie_jar_write(const struct cookie_jar *jar, const char *file, struct failure *why);

/* A Set-Cookie value that came with a response for url whose ASCII host is host. Returns false when
 * it was refused or ignored (another domain, a public suffix, Secure over http, malformed); why is
 * told in *reason (static text) for -v. now: seconds since 1970. */
bool cookie_jar_set(struct cookie_jar *jar, const struct url *url, const char *host,
		    const char *value, size_t length, int64_t now, const char **reason);

/* Appends "a=b; c=d" for a request to url; nothing when none fits. */
bool cookie_jar_header(struct cookie_jar *jar, const struct url *url, const char *host, int64_t now,
		       struct buffer *out);
#endif
