/* SPDX-License-Identifier: MIT */
/* Which cookies are taken from a server and which are sent to one.
 * Holds: without Domain for the host alone, with it for what is below too; another domain, a public
 * suffix and what is above an address are refused with a reason, the host's own name is fine as
 * either, for itself alone; without the list only the host's own name; names beyond ASCII; the path
 * that is given, or the default one; Secure is neither taken nor sent over http, nor shadowed or
 * removed from there; expiry; longer paths first, then older ones, which a new value does not
 * change; at most 150 cookies and 8190 bytes; what is sent counts as used. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/get/cookie_jar_parts.h>

enum { NOW = 1000000000 };

static struct cookie_jar *jar;
static struct buffer sent;
static struct url url;

/* A list of three. */
static enum public_suffix suffix(const char *domain)
{
	const char *const suffixes[] = { "org", "co.uk", "github.io" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcmp(domain, suffixes[i]) == 0)
			return PUBLIC_SUFFIX_YES;
	return PUBLIC_SUFFIX_NO;
}

static enum public_suffix unknown(const char *domain)
{
	(void)domain;
	return PUBLIC_SUFFIX_UNKNOWN;
}

static void set_up(void)
{
	jar = cookie_jar_new();
	jar->suffix = suffix;
}

static void tear_down(void)
{
	cookie_jar_free(jar);
	buffer_free(&sent);
}

TestSuite(cookie_jar, .init = set_up, .fini = tear_down);

/* "http://host/target" taken apart; returns the host. */
static const char *visit(const char *text)
{
	const char *host = strstr(text, "://") + 3, *target = strchr(host, '/');

	memset(&url, 0, sizeof(url));
	url.https = text[4] == 's';
	snprintf(url.host, sizeof(url.host), "%.*s", (int)(target - host), host);
	snprintf(url.target, sizeof(url.target), "%s", target);
	url.path_length = strcspn(url.target, "?");
	return url.host;
}

static bool set_at(const char *from, const char *field, int64_t now, const char **reason)
{
	return cookie_jar_set(jar, &url, visit(from), field, strlen(field), now, reason);
}

static void set(const char *from, const char *field)
{
	const char *reason = "";

	cr_assert(set_at(from, field, NOW, &reason), "%s: %s: %s", from, field, reason);
	cr_assert_str_eq(reason, "");
}

static void assert_refused(const char *from, const char *field, const char *expected)
{
	const char *reason = NULL;

	cr_assert_not(set_at(from, field, NOW, &reason), "%s: %s", from, field);
	cr_assert_str_eq(reason, expected);
}

static const char *header_at(const char *to, int64_t now)
{
	buffer_free(&sent);
	cr_assert(cookie_jar_header(jar, &url, visit(to), now, &sent));
	return buffer_text(&sent);
}

static const char *header(const char *to)
{
	return header_at(to, NOW);
}

Test(cookie_jar, host_only)
{
	cr_assert_str_eq(header("http://example.org/"), "");
	set("http://example.org/", "a=b");
	cr_assert_str_eq(header("http://example.org/"), "a=b");
	cr_assert_str_eq(header("https://example.org/x?y"), "a=b");
	cr_assert_str_eq(header("http://www.example.org/"), "");
	cr_assert_str_eq(header("http://org/"), "");
	cr_assert_str_eq(header("http://example.org./"), "");
}

Test(cookie_jar, domain)
{
	set("http://www.example.org/", "a=b; Domain=.Example.ORG");
	cr_assert_str_eq(header("http://www.example.org/"), "a=b");
	cr_assert_str_eq(header("http://example.org/"), "a=b");
	cr_assert_str_eq(header("http://a.b.example.org/"), "a=b");
	cr_assert_str_eq(header("http://badexample.org/"), "");
	set("http://example.org/", "c=d; Domain=example.org");
	cr_assert_str_eq(header("http://www.example.org/"), "a=b; c=d");
}

Test(cookie_jar, other_domains)
{
	static const char reason[] = "its Domain is not the host or above it";

	assert_refused("http://example.org/", "a=b; Domain=example.com", reason);
	assert_refused("http://example.org/", "a=b; Domain=www.example.org", reason);
	assert_refused("http://example.org/", "a=b; Domain=ample.org", reason);
	assert_refused("http://example.org/", "a=b; Domain=..example.org", reason);
	assert_refused("http://www.example.org./", "a=b; Domain=example.org", reason);
	assert_refused("http://www.example.org./", "a=b; Domain=example.org.", reason);
	cr_assert_eq(jar->count, 0);
}

Test(cookie_jar, public_suffixes)
{
	assert_refused("http://example.org/", "a=b; Domain=org", "its Domain is a public suffix");
	assert_refused("http://a.b.co.uk/", "a=b; Domain=co.uk", "its Domain is a public suffix");
	set("http://github.io/", "a=b; Domain=github.io");
	cr_assert_str_eq(header("http://github.io/"), "a=b");
	cr_assert_str_eq(header("http://evil.github.io/"), "");
}

Test(cookie_jar, the_list_itself)
{
	const char *reason = NULL;

	if (public_suffix_of("com") == PUBLIC_SUFFIX_UNKNOWN)
		return;
	cookie_jar_free(jar);
	jar = cookie_jar_new();
	assert_refused("http://example.com/", "a=b; Domain=com", "its Domain is a public suffix");
	set("http://www.example.com/", "a=b; Domain=example.com");
	cr_assert_not(set_at("http://x.appspot.com/", "a=b; Domain=appspot.com", NOW, &reason));
	cr_assert_str_eq(header("http://example.com/"), "a=b");
}

Test(cookie_jar, without_the_list)
{
	jar->suffix = unknown;
	assert_refused("http://www.example.org/", "a=b; Domain=example.org",
		       "its Domain is above the host, and libpsl, which knows where anybody can "
		       "have a name, is not installed");
	assert_refused("http://www.example.org/", "a=b; Domain=example.com",
		       "its Domain is not the host or above it");
	set("http://example.org/", "a=b; Domain=example.org");
	cr_assert_str_eq(header("http://example.org/"), "a=b");
	cr_assert_str_eq(header("http://www.example.org/"), "");
}

Test(cookie_jar, addresses)
{
	set("http://127.0.0.1/", "a=b; Domain=127.0.0.1");
	set("http://::1/", "c=d; Domain=::1");
	cr_assert_str_eq(header("http://127.0.0.1/"), "a=b");
	cr_assert_str_eq(header("http://::1/"), "c=d");
	cr_assert(jar->cookies[0]->host_only && jar->cookies[1]->host_only);
	assert_refused("http://127.0.0.1/", "a=b; Domain=0.0.1",
		       "its Domain is not the host or above it");
	assert_refused("http://127.0.0.1/", "a=b; Domain=.1",
		       "its Domain is not the host or above it");
}

Test(cookie_jar, names_beyond_ascii)
{
	const char *reason = "";

	if (set_at("http://www.xn--bcher-kva.org/", "a=b; Domain=B\303\274cher.org", NOW, &reason))
		cr_assert_str_eq(header("http://xn--bcher-kva.org/"), "a=b");
	else /* without libidn2 it is no name */
		cr_assert_str_eq(reason, "its Domain is not the host or above it");
	assert_refused("http://xn--bcher-kva.org/", "a=b; Domain=b\374cher.org",
		       "its Domain is not the host or above it");
	assert_refused("http://example.org/", "a=b; Domain=\357\274\217",
		       "its Domain is not the host or above it");
}

Test(cookie_jar, long_host)
{
	char host[300];

	memset(host, 'a', sizeof(host));
	host[299] = '\0';
	visit("http://x/");
	{
		const char *reason = NULL;

		cr_assert_not(cookie_jar_set(jar, &url, host, "a=b", 3, NOW, &reason));
		cr_assert_str_eq(reason, "its host's name is too long");
	}
}

Test(cookie_jar, malformed)
{
	static const char reason[] =
		"it is malformed, too long, or breaks the rules of its name's prefix";

	assert_refused("http://example.org/", "a", reason);
	assert_refused("https://example.org/", "__Host-a=b; Path=/", reason);
	assert_refused("https://example.org/", "__Secure-a=b", reason);
	set("https://example.org/", "__Host-a=b; Path=/; Secure");
	cr_assert_str_eq(header("https://example.org/"), "__Host-a=b");
}

Test(cookie_jar, paths)
{
	set("http://example.org/a/b?/c/d", "default=1");
	set("http://example.org/a/b", "given=2; Path=/other");
	set("http://example.org/", "root=3");
	cr_assert_str_eq(header("http://example.org/a"), "default=1; root=3");
	cr_assert_str_eq(header("http://example.org/a/x"), "default=1; root=3");
	cr_assert_str_eq(header("http://example.org/ab"), "root=3");
	cr_assert_str_eq(header("http://example.org/?/a/"), "root=3");
	cr_assert_str_eq(header("http://example.org/other?x"), "given=2; root=3");
}

Test(cookie_jar, longer_paths_first_then_older)
{
	set("http://example.org/a/b/c", "one=1; Path=/");
	set("http://example.org/a/b/c", "two=2; Path=/a/b");
	set("http://example.org/a/b/c", "three=3; Path=/a");
	set("http://example.org/a/b/c", "four=4; Path=/a/b");
	set("http://example.org/a/b/c", "five=5; Path=/");
	cr_assert_str_eq(header("http://example.org/a/b/c"),
			 "two=2; four=4; three=3; one=1; five=5");
	set("http://example.org/a/b/c", "one=6; Path=/");
	cr_assert_str_eq(header("http://example.org/a/b/c"),
			 "two=2; four=4; three=3; one=6; five=5");
}

Test(cookie_jar, secure)
{
	assert_refused("http://example.org/", "a=b; Secure", "it is Secure and came over http");
	set("https://example.org/", "a=b; Secure; HttpOnly");
	set("https://example.org/", "c=d");
	cr_assert_str_eq(header("https://example.org/"), "a=b; c=d");
	cr_assert_str_eq(header("http://example.org/"), "c=d");
}

Test(cookie_jar, secure_ones_are_left_alone)
{
	static const char reason[] = "a Secure cookie has its name, and it came over http";

	set("https://www.example.org/", "a=1; Secure; Path=/p");
	assert_refused("http://www.example.org/", "a=2; Path=/p", reason);
	assert_refused("http://www.example.org/", "a=2; Path=/p; Max-Age=0", reason);
	assert_refused("http://www.example.org/", "a=2; Path=/p/q", reason);
	assert_refused("http://www.example.org/", "a=2; Path=/p; Domain=example.org", reason);
	assert_refused("http://b.www.example.org/", "a=2; Path=/p", reason);
	cr_assert_str_eq(header("https://www.example.org/p"), "a=1");
	/* another name, another path, another host, and TLS */
	set("http://www.example.org/", "b=2; Path=/p");
	set("http://www.example.org/", "a=3; Path=/");
	set("http://other.example.org/", "a=4; Path=/p");
	cr_assert_str_eq(header("https://www.example.org/p"), "a=1; b=2; a=3");
	set("https://www.example.org/", "a=5; Path=/p");
	cr_assert_str_eq(header("http://www.example.org/p"), "a=5; b=2; a=3");
}

Test(cookie_jar, an_expired_secure_one_is_none)
{
	const char *reason = "";

	set("https://example.org/", "a=1; Secure; Max-Age=10");
	cr_assert(set_at("http://example.org/", "a=2", NOW + 10, &reason));
	cr_assert_str_eq(header_at("http://example.org/", NOW + 10), "a=2");
}

Test(cookie_jar, too_many_secure_ones)
{
	char field[40];

	for (int i = 0; i < COOKIE_JAR_DOMAIN_MOST; i++) {
		snprintf(field, sizeof(field), "n%d=v; Secure", i);
		set("https://example.org/", field);
	}
	assert_refused("http://example.org/", "a=b", "there are too many Secure cookies beside it");
	set("https://example.org/", "a=b; Secure");
}

Test(cookie_jar, expiry)
{
	set("http://example.org/", "a=1; Max-Age=10");
	set("http://example.org/", "b=2; Expires=Wed, 09 Jun 2021 10:18:14 GMT");
	set("http://example.org/", "c=3");
	cr_assert_str_eq(header_at("http://example.org/", NOW + 9), "a=1; b=2; c=3");
	cr_assert_str_eq(header_at("http://example.org/", NOW + 10), "b=2; c=3");
	cr_assert_str_eq(header_at("http://example.org/", 1623233893), "b=2; c=3");
	cr_assert_str_eq(header_at("http://example.org/", 1623233894), "c=3");
	set("http://example.org/", "c=; Max-Age=0");
	cr_assert_str_eq(header("http://example.org/"), "a=1; b=2");
	set("http://example.org/", "a=4");
	cr_assert_str_eq(header_at("http://example.org/", NOW + 10), "a=4; b=2");
}

static size_t count_sent(void)
{
	size_t count = sent.length > 0;

	for (const char *c = buffer_text(&sent); *c; c++)
		count += *c == ';';
	return count;
}

Test(cookie_jar, at_most_8190_bytes_are_sent)
{
	char field[4000];

	memset(field, 'x', sizeof(field));
	for (int i = 3; i > 0; i--) {
		field[0] = (char)('0' + i);
		field[1] = '=';
		snprintf(field + 3980, 20, "; Path=%.*s", 2 * i, "/a/a/a");
		set("http://example.org/", field);
	}
	/* 3980 bytes each: a third one would be too much. */
	cr_assert_eq(strlen(header("http://example.org/a/a/a")), 2 * 3980 + 2);
	cr_assert_eq(strncmp(buffer_text(&sent), "3=", 2), 0);
	cr_assert_eq(strncmp(buffer_text(&sent) + 3980, "; 2=", 4), 0);
}

Test(cookie_jar, at_most_150_are_sent)
{
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 49; j++) {
			const char *domain = &"a.b.c.example.org"[2 * i];
			char field[60];

			snprintf(field, sizeof(field), "n%d=; Domain=%s", j, domain);
			set("http://a.b.c.example.org/", field);
			if (i < 3)
				continue;
			header("http://a.b.c.example.org/");
			cr_assert_eq(count_sent(), jar->count < 150 ? jar->count : 150);
		}
	cr_assert_eq(jar->count, 4 * 49);
}

Test(cookie_jar, what_is_sent_counts_as_used)
{
	set("http://example.org/", "a=1; Path=/a");
	set("http://example.org/", "b=2; Path=/b");
	cr_assert(jar->cookies[0]->used < jar->cookies[1]->used);
	header("http://example.org/a");
	cr_assert(jar->cookies[0]->used > jar->cookies[1]->used);
}

Test(cookie_jar, goes_behind_what_is_there)
{
	set("http://example.org/", "a=b");
	cr_assert(buffer_add(&sent, "x=y; ", 5));
	cr_assert(cookie_jar_header(jar, &url, "example.org", NOW, &sent));
	cr_assert_str_eq(buffer_text(&sent), "x=y; a=b");
}
