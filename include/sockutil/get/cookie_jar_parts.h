/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_COOKIE_JAR_PARTS_H
#define SOCKUTIL_GET_COOKIE_JAR_PARTS_H
/* What the files of get/cookie_jar share; nobody else includes it. */
#include <sockutil/get/cookie_jar.h>
#include <sockutil/get/public_suffix.h>

enum { COOKIE_JAR_DOMAIN_MOST = 50, COOKIE_JAR_MOST = 3000 };

/* A cookie that is kept. Its strings are its own; domain is never "". */
struct jar_cookie {
	char *name, *value, *domain, *path;
	bool host_only; /* for the host domain alone; otherwise for those below it too */
	bool secure, http_only;
	bool persistent; /* expires counts; otherwise it lives as long as the run */
	int64_t expires; /* seconds since 1970 */
	uint64_t used;   /* the jar's clock when it was set or sent last */
};

/* Invariants: count <= COOKIE_JAR_MOST; at most COOKIE_JAR_DOMAIN_MOST share a domain; no two have
 * the same name, domain, host_only and path; they lie in the order of their creation. */
struct cookie_jar {
	struct jar_cookie *cookies[COOKIE_JAR_MOST];
	size_t count;
	uint64_t clock;                                   /* counts what happens to cookies */
	enum public_suffix (*suffix)(const char *domain); /* public_suffix_of() */
};

/* --- cookie_jar_store.c ----------------------------------------------------------------------- */

bool jar_cookie_expired(const struct jar_cookie *c, int64_t now);

/*
 * Puts a copy of *c in, in the place of one with the same name, domain, host_only and path if there
 * is one; an expired one only removes that. Where there is no room one has to go: an expired one,
 * else one that is not Secure before one that is, and of those the one used longest ago. False:
 * there are only Secure ones to go, and c is not Secure.
 */
bool cookie_jar_put(struct cookie_jar *jar, const struct jar_cookie *c, int64_t now);
#endif
