/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_COOKIE_JAR_H
#define SOCKUTIL_GET_COOKIE_JAR_H
/*
 * Cookies of a run (RFC 6265, 5.3 and 5.4), with the public suffix list (libpsl, loaded when a
 * cookie names a domain; without it none is taken for other hosts than the one it came from). At
 * most 50 a domain and 3000 in all; an expired one goes first, then one that is not Secure, and of
 * those the one used longest ago. Host names are in ASCII and lower case.
 *
 * Files are in the Netscape format that curl and wget read and write: seven fields with tabs
 * between them; session cookies have expiry 0, HttpOnly ones the "#HttpOnly_" prefix.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <sockutil/proto/url.h>

struct cookie_jar;

struct cookie_jar *cookie_jar_new(void);
void cookie_jar_free(struct cookie_jar *jar); /* NULL is fine */

/*
 * Adds what a file holds; "-" is stdin. A file that is not there is fine when optional. As curl
 * reads it: an empty value and a missing path may be left out, a dot in front of a domain, quotes
 * around a path and a '/' at its end do not count, what is expired or breaks the rules of its
 * prefix is passed over; as wget writes it: a port behind the domain does not count. What is no
 * line of such a file is FAILURE_INPUT and names file and line, so that nothing else is taken for a
 * jar and written over.
 */
bool cookie_jar_read(struct cookie_jar *jar, const char *file, bool optional, struct failure *why);
/* Writes those that have not expired, oldest first. Replaces the file whole (temporary name beside
 * it, mode 0600, fsync, rename; a symbolic link is followed); what is no regular file is written
 * as it is. "-" is stdout. FAILURE_OUTPUT, FAILURE_READER_GONE. */
bool cookie_jar_write(const struct cookie_jar *jar, const char *file, struct failure *why);

/* A Set-Cookie value that came with a response for url whose ASCII host is host. Returns false when
 * it was refused or ignored (another domain, a public suffix, Secure over http, malformed); why is
 * told in *reason (static text) for -v. One that has expired removes the one before it. now:
 * seconds since 1970. */
bool cookie_jar_set(struct cookie_jar *jar, const struct url *url, const char *host,
		    const char *value, size_t length, int64_t now, const char **reason);

/* Appends "a=b; c=d" for a request to url, longer paths first, then older ones; nothing when none
 * fits. At most 150 cookies and 8190 bytes, as curl does: more is refused by servers. False when
 * memory is short. */
bool cookie_jar_header(struct cookie_jar *jar, const struct url *url, const char *host, int64_t now,
		       struct buffer *out);
#endif
