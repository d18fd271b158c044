/* SPDX-License-Identifier: MIT */
/* src/get/cookie_jar_store.c - cookies kept within limits, in the order they were made. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/cookie_jar_parts.h>

bool jar_cookie_expired(const struct jar_cookie *c, int64_t now)
{
	return c->persistent && c->expires <= now;
}

static void cookie_free(struct jar_cookie *c)
{
	/* A session may hang on it. */
	memory_wipe(c->value, strlen(c->value));
	free(c->name);
	free(c->value);
	free(c->domain);
	free(c->path);
	free(c);
}

static struct jar_cookie *cookie_copy(const struct jar_cookie *c)
{
	struct jar_cookie *copy = memory_zeroed(1, sizeof(*copy));

	*copy = *c;
	copy->name = memory_string(c->name);
	copy->value = memory_string(c->value);
	copy->domain = memory_string(c->domain);
	copy->path = memory_string(c->path);
	return copy;
}

struct cookie_jar *cookie_jar_new(void)
{
	struct cookie_jar *jar = memory_zeroed(1, sizeof(*jar));

	jar->suffix = public_suffix_of;
	return jar;
}

void cookie_jar_free(struct cookie_jar *jar)
{
	if (!jar)
		return;
	for (size_t i = 0; i < jar->count; i++)
		cookie_free(jar->cookies[i]);
	free(jar);
}

static void remove_at(struct cookie_jar *jar, size_t at)
{
	cookie_free(jar->cookies[at]);
	jar->count--;
	memmove(jar->cookies + at, jar->cookies + at + 1,
		(jar->count - at) * sizeof(jar->cookies[0]));
}

static bool same_cookie(const struct jar_cookie *a, const struct jar_cookie *b)
{
	return a->host_only == b->host_only && strcmp(a->name, b->name) == 0 &&
	       strcmp(a->domain, b->domain) == 0 && strcmp(a->path, b->path) == 0;
}

/* Its index, or count. */
static size_t find_same(const struct cookie_jar *jar, const struct jar_cookie *c)
{
	size_t i = 0;

	while (i < jar->count && !same_cookie(jar->cookies[i], c))
		i++;
	return i;
}

static bool goes_before(const struct jar_cookie *a, const struct jar_cookie *b, int64_t now)
{
	if (jar_cookie_expired(a, now) != jar_cookie_expired(b, now))
		return jar_cookie_expired(a, now);
	if (a->secure != b->secure)
		return b->secure;
	return a->used < b->used;
}

/* Makes room for c where as many as most are there: of its domain, or of all. */
static bool make_room(struct cookie_jar *jar, const struct jar_cookie *c, bool of_domain,
		      size_t most, int64_t now)
{
	size_t there = 0, victim = 0;

	for (size_t i = 0; i < jar->count; i++) {
		if (of_domain && strcmp(jar->cookies[i]->domain, c->domain) != 0)
			continue;
		if (there++ == 0 || goes_before(jar->cookies[i], jar->cookies[victim], now))
			victim = i;
	}
	if (there < most)
		return true;
	/* What came in the clear pushes nothing out that came under TLS. */
	if (jar->cookies[victim]->secure && !c->secure &&
	    !jar_cookie_expired(jar->cookies[victim], now))
		return false;
	remove_at(jar, victim);
	return true;
}

/* A successor takes the place, and so the age, of the one before it (RFC 6265, 5.3, 11). */
static void replace(struct cookie_jar *jar, size_t at, const struct jar_cookie *c, int64_t now)
{
	if (jar_cookie_expired(c, now)) {
		remove_at(jar, at);
		return;
	}
	cookie_free(jar->cookies[at]);
	jar->cookies[at] = cookie_copy(c);
	jar->cookies[at]->used = ++jar->clock;
}

bool cookie_jar_put(struct cookie_jar *jar, const struct jar_cookie *c, int64_t now)
{
	const size_t same = find_same(jar, c);

	if (same < jar->count) {
		replace(jar, same, c, now);
		return true;
	}
	if (jar_cookie_expired(c, now))
		return true;
	if (!make_room(jar, c, true, COOKIE_JAR_DOMAIN_MOST, now) ||
	    !make_room(jar, c, false, COOKIE_JAR_MOST, now))
		return false;
	jar->cookies[jar->count] = cookie_copy(c);
	jar->cookies[jar->count++]->used = ++jar->clock;
	return true;
}
