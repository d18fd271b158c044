/* SPDX-License-Identifier: MIT */
/* src/get/cookie_jar.c - which cookies are taken from a server and which are sent to one (RFC 6265,
 * 5.3 and 5.4; Secure ones are left alone as in RFC 6265bis). */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/cookie_jar_parts.h>
#include <sockutil/net/idn.h>
#include <sockutil/proto/cookie.h>

/* What servers take; a header that is longer gets no answer but 400 or 431. */
enum { SENT_MOST = 150, SENT_BYTES_MOST = 8190 };

/* --- taking ----------------------------------------------------------------------------------- */

/* NULL, or why it is not taken. */
typedef const char *refusal;

/* The Domain as the DNS has it; "" when it cannot be there. */
static void make_ascii(struct cookie *cookie)
{
	char ascii[IDN_MAX];
	struct failure ignored;
	const char *domain = cookie->domain;

	while (*domain && (unsigned char)*domain < 0x80)
		domain++;
	if (!*domain)
		return;
	_Static_assert(sizeof(ascii) <= sizeof(cookie->domain), "an ASCII name fits");
	if (idn_to_ascii(ascii, cookie->domain, &ignored))
		memcpy(cookie->domain, ascii, strlen(ascii) + 1);
	else
		cookie->domain[0] = '\0';
}

/* 5.3, 5 and 6. Where nothing is known of a suffix the host alone is safe. */
static refusal choose_domain(const struct cookie_jar *jar, struct cookie *cookie, const char *host,
			     struct jar_cookie *out)
{
	enum public_suffix known;

	out->domain = cookie->domain;
	if (!*cookie->domain) {
		memcpy(cookie->domain, host, strlen(host) + 1);
		out->host_only = true;
		return NULL;
	}
	make_ascii(cookie);
	if (!cookie_domain_match(host, cookie->domain))
		return "its Domain is not the host or above it";
	out->host_only = strcmp(host, cookie->domain) == 0;
	if (cookie_host_is_address(host))
		return NULL;
	known = jar->suffix(cookie->domain);
	if (known == PUBLIC_SUFFIX_NO)
		out->host_only = false;
	else if (!out->host_only)
		return known == PUBLIC_SUFFIX_YES ? "its Domain is a public suffix"
						  : "its Domain is above the host, and libpsl, "
						    "which knows where anybody "
						    "can have a name, is not installed";
	return NULL;
}

/* What came in the clear must not stand in for what came under TLS (RFC 6265bis, 5.7). */
static bool shadows_secure(const struct cookie_jar *jar, const struct jar_cookie *c, int64_t now)
{
	for (size_t i = 0; i < jar->count; i++) {
		const struct jar_cookie *kept = jar->cookies[i];

		if (kept->secure && !jar_cookie_expired(kept, now) &&
		    strcmp(kept->name, c->name) == 0 &&
		    (cookie_domain_match(kept->domain, c->domain) ||
		     cookie_domain_match(c->domain, kept->domain)) &&
		    cookie_path_match(c->path, strlen(c->path), kept->path))
			return true;
	}
	return false;
}

static refusal take(struct cookie_jar *jar, const struct url *url, const char *host,
		    struct cookie *cookie, int64_t now)
{
	struct jar_cookie c = {
		.name = cookie->name,
		.value = cookie->value,
		.path = cookie->path,
		.secure = cookie->secure,
		.http_only = cookie->http_only,
		.persistent = cookie->persistent,
		.expires = cookie->expires,
	};
	const refusal why = choose_domain(jar, cookie, host, &c);

	if (why)
		return why;
	if (!*cookie->path)
		cookie_default_path(cookie->path, url->target, url->path_length);
	if (!url->https && cookie->secure)
		return "it is Secure and came over http";
	if (!url->https && shadows_secure(jar, &c, now))
		return "a Secure cookie has its name, and it came over http";
	return cookie_jar_put(jar, &c, now) ? NULL : "there are too many Secure cookies beside it";
}

bool cookie_jar_set(struct cookie_jar *jar, const struct url *url, const char *host,
		    const char *value, size_t length, int64_t now, const char **reason)
{
	struct cookie cookie;
	refusal why = "it is malformed, too long, or breaks the rules of its name's prefix";

	if (strlen(host) >= sizeof(cookie.domain))
		why = "its host's name is too long";
	else if (cookie_parse(&cookie, value, length, now))
		why = take(jar, url, host, &cookie, now);
	if (why)
		*reason = why;
	return !why;
}

/* --- sending ---------------------------------------------------------------------------------- */

/* A cookie that fits a request. */
struct fitting {
	struct jar_cookie *cookie;
	size_t path_length, age; /* age: its place in the jar */
};

/* 5.4, 1. */
static bool fits(const struct jar_cookie *c, const struct url *url, const char *host, int64_t now)
{
	return (c->host_only ? strcmp(host, c->domain) == 0
			     : cookie_domain_match(host, c->domain)) &&
	       (url->https || !c->secure) && !jar_cookie_expired(c, now) &&
	       cookie_path_match(url->target, url->path_length, c->path);
}

/* 5.4, 2: longer paths first, then older cookies. */
static int compare(const void *left, const void *right)
{
	const struct fitting *a = left, *b = right;

	if (a->path_length != b->path_length)
		return a->path_length > b->path_length ? -1 : 1;
	return a->age < b->age ? -1 : 1;
}

static size_t find_fitting(const struct cookie_jar *jar, const struct url *url, const char *host,
			   int64_t now, struct fitting *found)
{
	size_t count = 0;

	for (size_t i = 0; i < jar->count; i++)
		if (fits(jar->cookies[i], url, host, now))
			found[count++] = (struct fitting){
				.cookie = jar->cookies[i],
				.path_length = strlen(jar->cookies[i]->path),
				.age = i,
			};
	qsort(found, count, sizeof(found[0]), compare);
	return count;
}

bool cookie_jar_header(struct cookie_jar *jar, const struct url *url, const char *host, int64_t now,
		       struct buffer *out)
{
	struct fitting *found = memory_zeroed(jar->count, sizeof(*found));
	const size_t count = find_fitting(jar, url, host, now, found);
	size_t left = SENT_BYTES_MOST;
	bool added = true;

	for (size_t i = 0; added && i < count && i < SENT_MOST; i++) {
		struct jar_cookie *c = found[i].cookie;
		const char *separator = i > 0 ? "; " : "";
		const size_t length = strlen(separator) + strlen(c->name) + 1 + strlen(c->value);

		if (length > left)
			break;
		left -= length;
		c->used = ++jar->clock;
		added = buffer_format(out, "%s%s=%s", separator, c->name, c->value);
	}
	free(found);
	return added;
}
