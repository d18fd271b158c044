/* SPDX-License-Identifier: MIT */
/* One Set-Cookie field.
 * Holds: name and value, trimmed, quotes kept; what has no name, no '=', a control character or too
 * many bytes is refused; attributes in any case and order, the last one counts, unknown ones do not
 * matter; Max-Age goes before Expires, wherever it stands, and may be negative or beyond counting;
 * Domain without its dot and in lower case; a Path that does not start with '/' is none; the rules
 * of __Secure- and __Host-; domains and paths match as the RFC says, addresses only themselves; the
 * default path. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/cookie.h>

enum { NOW = 1000000000 };

static struct cookie cookie;

static const struct cookie *parse(const char *value)
{
	cr_assert(cookie_parse(&cookie, value, strlen(value), NOW), "%s", value);
	return &cookie;
}

static void assert_refused(const char *value)
{
	cr_assert_not(cookie_parse(&cookie, value, strlen(value), NOW), "%s", value);
}

static void assert_pair(const char *field, const char *name, const char *value)
{
	parse(field);
	cr_assert_str_eq(cookie.name, name);
	cr_assert_str_eq(cookie.value, value);
}

Test(cookie, name_and_value)
{
	assert_pair("SID=31d4d96e407aad42", "SID", "31d4d96e407aad42");
	assert_pair(" \ta \t= \tb \t; x", "a", "b");
	assert_pair("a=", "a", "");
	assert_pair("a=;", "a", "");
	assert_pair("a=b=c", "a", "b=c");
	assert_pair("a=\"b; c\"", "a", "\"b");
	assert_pair("a=\"b,c\"", "a", "\"b,c\"");
	assert_pair("a b=c d", "a b", "c d");
	assert_pair("a=\303\274", "a", "\303\274");
	parse("a=b");
	cr_assert_not(cookie.secure || cookie.http_only || cookie.persistent);
	cr_assert_str_eq(cookie.domain, "");
	cr_assert_str_eq(cookie.path, "");
}

Test(cookie, refused)
{
	assert_refused("");
	assert_refused("a");
	assert_refused(";a=b");
	assert_refused("=b");
	assert_refused(" =b");
	assert_refused("a; b=c");
	assert_refused("a=b\rc");
	assert_refused("a=\177");
	assert_refused("a=b; Comment=\1");
	assert_refused("a\tb=c");
	assert_refused("a=b\tc");
	assert_refused("a=b; Path=/\t/x");
	cr_assert_not(cookie_parse(&cookie, "a=\0b", 4, NOW));
	cr_assert_not(cookie_parse(&cookie, NULL, 0, NOW));
}

Test(cookie, only_the_length_counts)
{
	cr_assert(cookie_parse(&cookie, "a=bc; Secure", 3, NOW));
	cr_assert_str_eq(cookie.value, "b");
	cr_assert(cookie_parse(&cookie, "a=b; Secure", 10, NOW));
	cr_assert_not(cookie.secure);
}

Test(cookie, at_most_4096_bytes)
{
	char field[5000];

	snprintf(field, sizeof(field), "abc=%04093d; Secure", 7);
	cr_assert_eq(strlen(parse(field)->value), 4093);
	cr_assert(cookie.secure);
	snprintf(field, sizeof(field), "abcd=%04093d", 7);
	assert_refused(field);
	snprintf(field, sizeof(field), "%04096d=", 7);
	cr_assert_eq(strlen(parse(field)->name), 4096);
	snprintf(field, sizeof(field), "%04097d=", 7);
	assert_refused(field);
}

Test(cookie, attributes)
{
	parse("a=b; HTTPONLY ;SeCuRe=yes;; x=y; =; SameSite=None; path = /p ; DOMAIN=.Example.ORG");
	cr_assert(cookie.secure && cookie.http_only);
	cr_assert_not(cookie.persistent);
	cr_assert_str_eq(cookie.path, "/p");
	cr_assert_str_eq(cookie.domain, "example.org");
	cr_assert_not(parse("a=b; Secured; HttpOnl")->secure);
	cr_assert_not(cookie.http_only);
	cr_assert_str_eq(parse("a=b; Domain=x.org; Domain=y.org")->domain, "y.org");
	cr_assert_str_eq(parse("a=b; Domain=x.org; Domain")->domain, "");
	cr_assert_str_eq(parse("a=b; Domain=..x")->domain, ".x");
	cr_assert_str_eq(parse("a=b; Path=/x; Path=/y=z")->path, "/y=z");
	cr_assert_str_eq(parse("a=b; Path=/x; Path=y")->path, "");
	cr_assert_str_eq(parse("a=b; Path=/x; Path=")->path, "");
}

Test(cookie, long_attributes)
{
	char field[3000];

	snprintf(field, sizeof(field), "a=b; Path=/%01023d", 7);
	cr_assert_eq(strlen(parse(field)->path), 1024);
	snprintf(field, sizeof(field), "a=b; Path=/kept; Path=/%01024d", 7);
	cr_assert_str_eq(parse(field)->path, "/kept");
	snprintf(field, sizeof(field), "a=b; Domain=%0253d", 7);
	cr_assert_eq(strlen(parse(field)->domain), 253);
	snprintf(field, sizeof(field), "a=b; Domain=%0254d", 7);
	assert_refused(field);
}

static void assert_expires(const char *field, int64_t expires)
{
	cr_assert(parse(field)->persistent, "%s", field);
	cr_assert_eq(cookie.expires, expires, "%s", field);
}

Test(cookie, expiry)
{
	assert_expires("a=b; Expires=Wed, 09 Jun 2021 10:18:14 GMT", 1623233894);
	assert_expires("a=b; expires=Wednesday, 09-Jun-21 10:18:14 GMT", 1623233894);
	assert_expires("a=b; Max-Age=60", NOW + 60);
	assert_expires("a=b; Max-Age=007", NOW + 7);
	assert_expires("a=b; Max-Age=60; Expires=Wed, 09 Jun 2021 10:18:14 GMT", NOW + 60);
	assert_expires("a=b; Expires=Wed, 09 Jun 2021 10:18:14 GMT; Max-Age=60", NOW + 60);
	assert_expires("a=b; Max-Age=60; Max-Age=x; Max-Age=; Max-Age", NOW + 60);
	assert_expires("a=b; Max-Age=60; Max-Age=30", NOW + 30);
	assert_expires("a=b; Max-Age=0", INT64_MIN);
	assert_expires("a=b; Max-Age=-1", INT64_MIN);
	assert_expires("a=b; Max-Age=-99999999999999999999999999", INT64_MIN);
	assert_expires("a=b; Max-Age=-", INT64_MIN);
	assert_expires("a=b; Max-Age=99999999999999999999999999", INT64_MAX);
	assert_expires("a=b; Max-Age=4611686018427387903", NOW + 4611686018427387903);
	assert_expires("a=b; Max-Age=4611686018427387904", INT64_MAX);
	cr_assert_not(parse("a=b; Expires=tomorrow; Max-Age=+5; Max-Age=5s")->persistent);
	cr_assert_not(parse("a=b; Max-Age=--5; Max-Age=1e3; Max-Age=\"5\"")->persistent);
	assert_expires("a=b; Expires=tomorrow; Expires=Wed, 09 Jun 2021 10:18:14 GMT", 1623233894);
}

Test(cookie, prefixes)
{
	parse("__Secure-a=b; Secure; Domain=x.org; Path=/p");
	assert_refused("__Secure-a=b; Path=/");
	assert_refused("__sEcUre-a=b; Path=/");
	parse("__Host-a=b; Secure; Path=/");
	assert_refused("__Host-a=b; Path=/");
	assert_refused("__Host-a=b; Secure");
	assert_refused("__Host-a=b; Secure; Path=/p");
	assert_refused("__HOST-a=b; Secure; Path=/; Domain=x.org");
	parse("__Host-a=b; Secure; Path=/; Domain=");
	parse("__Hosta=b");
	parse("_Secure-a=b");
	cr_assert(cookie_prefix_holds("__Host-a", "/", true, true));
	cr_assert_not(cookie_prefix_holds("__Host-a", "/", true, false));
	cr_assert_not(cookie_prefix_holds("__Host-a", "/", false, true));
	cr_assert_not(cookie_prefix_holds("__Host-a", "/a", true, true));
	cr_assert(cookie_prefix_holds("__Secure-a", "/a", true, false));
	cr_assert_not(cookie_prefix_holds("__Secure-a", "/", false, true));
	cr_assert(cookie_prefix_holds("a", "/", false, false));
}

Test(cookie, domain_match)
{
	cr_assert(cookie_domain_match("example.org", "example.org"));
	cr_assert(cookie_domain_match("www.example.org", "example.org"));
	cr_assert(cookie_domain_match("a.b.example.org", "example.org"));
	cr_assert_not(cookie_domain_match("badexample.org", "example.org"));
	cr_assert_not(cookie_domain_match("example.org", "www.example.org"));
	cr_assert_not(cookie_domain_match("example.org", "example.com"));
	cr_assert_not(cookie_domain_match("example.org", ""));
	cr_assert_not(cookie_domain_match("", ""));
	cr_assert_not(cookie_domain_match("www.example.org.", "example.org"));
	cr_assert_not(cookie_domain_match("www.example.org.", "example.org."));
	cr_assert_not(cookie_domain_match("www.example.org", ".example.org"));
}

Test(cookie, addresses_match_themselves_alone)
{
	cr_assert(cookie_domain_match("127.0.0.1", "127.0.0.1"));
	cr_assert_not(cookie_domain_match("127.0.0.1", "0.0.1"));
	cr_assert_not(cookie_domain_match("127.0.0.1", "1"));
	cr_assert(cookie_domain_match("::1", "::1"));
	cr_assert_not(cookie_domain_match("::ffff:1.2.3.x4", "3.x4"));
	cr_assert(cookie_domain_match("1.2.3.x4", "3.x4"));
}

static bool path_match(const char *path, const char *cookie_path)
{
	return cookie_path_match(path, strlen(path), cookie_path);
}

Test(cookie, path_match)
{
	cr_assert(path_match("/", "/"));
	cr_assert(path_match("/a", "/"));
	cr_assert(path_match("/a", "/a"));
	cr_assert(path_match("/a/", "/a"));
	cr_assert(path_match("/a/b", "/a"));
	cr_assert(path_match("/a/b", "/a/"));
	cr_assert_not(path_match("/a", "/a/"));
	cr_assert_not(path_match("/ab", "/a"));
	cr_assert_not(path_match("/A", "/a"));
	cr_assert_not(path_match("/", "/a"));
	cr_assert_not(path_match("/", ""));
	cr_assert_not(cookie_path_match("/a/b", 2, "/a/b"));
	cr_assert(cookie_path_match("/a?b", 2, "/a"));
}

static const char *default_path(const char *path)
{
	static char out[COOKIE_PATH_MAX];

	cookie_default_path(out, path, strlen(path));
	return out;
}

Test(cookie, default_path)
{
	char path[2000], expected[2000];

	cr_assert_str_eq(default_path("/"), "/");
	cr_assert_str_eq(default_path("/a"), "/");
	cr_assert_str_eq(default_path("/a/"), "/a");
	cr_assert_str_eq(default_path("/a/b"), "/a");
	cr_assert_str_eq(default_path("/a/b/c"), "/a/b");
	cr_assert_str_eq(default_path("//"), "/");
	cr_assert_str_eq(default_path(""), "/");
	cr_assert_str_eq(default_path("a/b"), "/");
	cr_assert_str_eq(default_path("*"), "/");
	snprintf(path, sizeof(path), "/%01023d/x", 7);
	snprintf(expected, sizeof(expected), "/%01023d", 7);
	cr_assert_str_eq(default_path(path), expected);
	snprintf(path, sizeof(path), "/a/%01022d/x", 7);
	cr_assert_str_eq(default_path(path), "/a");
}

Test(cookie, addresses)
{
	cr_assert(cookie_host_is_address("127.0.0.1"));
	cr_assert(cookie_host_is_address("::1"));
	cr_assert(cookie_host_is_address("fe80::1%lo"));
	cr_assert(cookie_host_is_address("1"));
	cr_assert(cookie_host_is_address("example.org."));
	cr_assert_not(cookie_host_is_address("example.org"));
	cr_assert_not(cookie_host_is_address("1.2.3.x4"));
	cr_assert_not(cookie_host_is_address("localhost"));
}
