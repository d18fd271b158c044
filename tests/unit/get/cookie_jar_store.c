/* SPDX-License-Identifier: MIT */
/* Cookies kept within limits.
 * Holds: the invariants of cookie_jar_parts.h after every step; a copy is kept; one with the same
 * name, domain, host_only and path takes its predecessor's place, any other stands beside it; an
 * expired one removes its predecessor and is never kept; at the limit of a domain and of all an
 * expired one goes first, then one that is not Secure, and of those the one used longest ago; one
 * that is not Secure pushes out none that is. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/get/cookie_jar_parts.h>

enum { NOW = 1000 };

static struct cookie_jar *jar;

static void set_up(void)
{
	jar = cookie_jar_new();
}

static void tear_down(void)
{
	cookie_jar_free(jar);
}

TestSuite(cookie_jar_store, .init = set_up, .fini = tear_down);

static void assert_same_but_once(const struct jar_cookie *a, size_t from)
{
	for (size_t i = from; i < jar->count; i++) {
		const struct jar_cookie *b = jar->cookies[i];

		cr_assert(strcmp(a->name, b->name) || strcmp(a->domain, b->domain) ||
			  strcmp(a->path, b->path) || a->host_only != b->host_only);
	}
}

static void assert_sane_jar(void)
{
	cr_assert(jar->count <= COOKIE_JAR_MOST);
	for (size_t i = 0; i < jar->count; i++) {
		size_t of_domain = 0;

		cr_assert_str_neq(jar->cookies[i]->domain, "");
		cr_assert(jar->cookies[i]->used <= jar->clock);
		for (size_t j = 0; j < jar->count; j++)
			of_domain += !strcmp(jar->cookies[i]->domain, jar->cookies[j]->domain);
		cr_assert(of_domain <= COOKIE_JAR_DOMAIN_MOST);
		assert_same_but_once(jar->cookies[i], i + 1);
	}
}

static struct jar_cookie cookie(const char *name, const char *value)
{
	return (struct jar_cookie){
		.name = (char *)name,
		.value = (char *)value,
		.domain = (char *)"example.org",
		.path = (char *)"/",
	};
}

static bool put(const struct jar_cookie *c)
{
	return cookie_jar_put(jar, c, NOW);
}

/* All values in order, with blanks between them. */
static const char *values(void)
{
	static char text[2000];
	size_t length = 0;

	assert_sane_jar();
	text[0] = '\0';
	for (size_t i = 0; i < jar->count; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
					   i > 0 ? " " : "", jar->cookies[i]->value);
	return text;
}

Test(cookie_jar_store, nothing_to_free)
{
	cookie_jar_free(NULL);
	cr_assert_str_eq(values(), "");
}

Test(cookie_jar_store, keeps_a_copy)
{
	char value[] = "value";
	struct jar_cookie c = cookie("a", value);

	c.http_only = c.secure = true;
	cr_assert(put(&c));
	value[0] = 'x';
	cr_assert_str_eq(values(), "value");
	cr_assert(jar->cookies[0]->http_only && jar->cookies[0]->secure);
	cr_assert_str_eq(jar->cookies[0]->domain, "example.org");
	cr_assert_str_eq(jar->cookies[0]->path, "/");
}

Test(cookie_jar_store, successors)
{
	struct jar_cookie c = cookie("a", "1");

	cr_assert(put(&c));
	c.name = (char *)"b", c.value = (char *)"2";
	cr_assert(put(&c));
	c.name = (char *)"a", c.path = (char *)"/p", c.value = (char *)"3";
	cr_assert(put(&c));
	c.domain = (char *)"www.example.org", c.value = (char *)"4";
	cr_assert(put(&c));
	c.host_only = true, c.value = (char *)"5";
	cr_assert(put(&c));
	c.name = (char *)"A", c.value = (char *)"6";
	cr_assert(put(&c));
	cr_assert_str_eq(values(), "1 2 3 4 5 6");
	c = cookie("a", "1b");
	c.secure = true;
	cr_assert(put(&c));
	cr_assert_str_eq(values(), "1b 2 3 4 5 6");
	cr_assert(jar->cookies[0]->secure);
}

Test(cookie_jar_store, expired_ones)
{
	struct jar_cookie c = cookie("a", "1");

	c.persistent = true;
	c.expires = NOW;
	cr_assert(put(&c));
	cr_assert_str_eq(values(), "");
	c.expires = NOW + 1;
	cr_assert(put(&c));
	cr_assert_str_eq(values(), "1");
	cr_assert_not(jar_cookie_expired(&c, NOW));
	cr_assert(jar_cookie_expired(&c, NOW + 1));
	c.expires = INT64_MIN;
	cr_assert(put(&c));
	cr_assert_str_eq(values(), "");
	c.persistent = false;
	cr_assert(put(&c));
	cr_assert_not(jar_cookie_expired(&c, INT64_MAX));
}

/* count cookies of a domain, named by their numbers. */
static void fill(const char *domain, int count, bool secure)
{
	for (int i = 0; i < count; i++) {
		char name[20];
		struct jar_cookie c = cookie(name, name);

		snprintf(name, sizeof(name), "%d", i);
		c.domain = (char *)domain;
		c.secure = secure;
		cr_assert(put(&c));
	}
}

static bool has(const char *domain, const char *name)
{
	for (size_t i = 0; i < jar->count; i++)
		if (!strcmp(jar->cookies[i]->domain, domain) &&
		    !strcmp(jar->cookies[i]->name, name))
			return true;
	return false;
}

Test(cookie_jar_store, the_limit_of_a_domain)
{
	struct jar_cookie c = cookie("new", "new");

	fill("other.example", 3, false);
	fill("example.org", COOKIE_JAR_DOMAIN_MOST, false);
	cr_assert_eq(jar->count, 3 + COOKIE_JAR_DOMAIN_MOST);
	jar->cookies[3]->used = ++jar->clock;
	cr_assert(put(&c));
	assert_sane_jar();
	cr_assert_eq(jar->count, 3 + COOKIE_JAR_DOMAIN_MOST);
	cr_assert(has("example.org", "0") && has("example.org", "new"));
	cr_assert_not(has("example.org", "1"));
	cr_assert(has("other.example", "0"));
	cr_assert_str_eq(jar->cookies[jar->count - 1]->name, "new");
	/* A successor needs no room. */
	c = cookie("2", "x");
	cr_assert(put(&c));
	cr_assert(has("example.org", "2") && has("example.org", "3"));
}

Test(cookie_jar_store, who_goes_first)
{
	struct jar_cookie c = cookie("new", "new");

	fill("example.org", COOKIE_JAR_DOMAIN_MOST, true);
	cr_assert_not(put(&c));
	cr_assert_not(has("example.org", "new"));
	jar->cookies[7]->secure = false;
	cr_assert(put(&c));
	cr_assert_not(has("example.org", "7"));
	c = cookie("secure", "");
	c.secure = true;
	cr_assert(put(&c));
	cr_assert_not(has("example.org", "new"));
	c.name = (char *)"more";
	cr_assert(put(&c));
	cr_assert_not(has("example.org", "0"));
	/* the second of the expired, used before the first */
	for (size_t i = 20; i < 22; i++) {
		jar->cookies[i]->persistent = true;
		jar->cookies[i]->expires = NOW - 1;
	}
	jar->cookies[20]->used = ++jar->clock;
	c = cookie("last", "");
	cr_assert(put(&c));
	cr_assert_eq(jar->count, COOKIE_JAR_DOMAIN_MOST);
	cr_assert_eq(jar->cookies[20]->expires, NOW - 1);
	cr_assert_not(jar->cookies[21]->persistent);
}

Test(cookie_jar_store, the_limit_of_all)
{
	struct jar_cookie c = cookie("new", "new");
	char domain[30];

	for (int i = 0; i < COOKIE_JAR_MOST / COOKIE_JAR_DOMAIN_MOST; i++) {
		snprintf(domain, sizeof(domain), "d%d.example", i);
		fill(domain, COOKIE_JAR_DOMAIN_MOST, false);
	}
	cr_assert_eq(jar->count, COOKIE_JAR_MOST);
	jar->cookies[0]->used = ++jar->clock;
	cr_assert(put(&c));
	cr_assert_eq(jar->count, COOKIE_JAR_MOST);
	cr_assert(has("d0.example", "0") && has("example.org", "new"));
	cr_assert_not(has("d0.example", "1"));
	for (size_t i = 0; i < jar->count; i++)
		jar->cookies[i]->secure = true;
	c.name = (char *)"newer";
	cr_assert_not(put(&c));
	c.secure = true;
	cr_assert(put(&c));
	cr_assert_not(has("d0.example", "2"));
	assert_sane_jar();
}
