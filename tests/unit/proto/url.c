/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/url.c
 * Holds: a scheme is optional, and told from a host with a port and from a user with a password;
 * other schemes are named; every example of RFC 3986, 5.4, but the loose one; no blank, control or
 * backslash is taken anywhere, and its byte is named; a NUL in a reference is one; a reference
 * gets no userinfo from its base, and an empty one no fragment; passwords are not in messages,
 * with slashes in them neither; long text is cut in front of the reason; what an origin is.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/url.h>

static struct url url, base;
static struct failure why;

static const char *parsed(const char *text)
{
	static char out[URL_TEXT_MAX];

	why = (struct failure){ 0 };
	if (!url_parse(&url, text, &why)) {
		cr_assert_eq(why.class, FAILURE_URL);
		return why.text;
	}
	return url_text(out, sizeof(out), &url);
}

static const char *resolved(const char *from, const char *reference, size_t length)
{
	static char out[URL_TEXT_MAX];

	why = (struct failure){ 0 };
	cr_assert(url_parse(&base, from, &why), "%s", why.text);
	if (!url_resolve(&url, &base, reference, length, &why)) {
		cr_assert_eq(why.class, FAILURE_URL);
		return why.text;
	}
	return url_text(out, sizeof(out), &url);
}

struct example {
	const char *from, *to;
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void check_all(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cr_assert_str_eq(parsed(examples[i].from), examples[i].to);
}

Test(url, a_scheme_is_optional)
{
	static const struct example examples[] = {
		{ "www.sina.com.cn", "http://www.sina.com.cn/" },
		{ "http://example.org", "http://example.org/" },
		{ "HTTPS://example.org/", "https://example.org/" },
		{ "hTTp://example.org/", "http://example.org/" },
		{ "//example.org/x", "http://example.org/x" },
		{ "host:8080/x", "http://host:8080/x" },
		{ "host:8080", "http://host:8080/" },
		{ "host:8080?x", "http://host:8080/?x" },
		{ "host:8080#x", "http://host:8080/" },
		{ "host:", "http://host/" },
		{ "host:/x", "http://host/x" },
		{ "127.0.0.1:8080/x", "http://127.0.0.1:8080/x" },
		{ "[::1]:81/x", "http://[::1]:81/x" },
		{ "user:pw@host/", "http://host/" },
		{ "user@host/", "http://host/" },
		{ "example.org/http://x", "http://example.org/http://x" },
		{ "example.org?u=http://x", "http://example.org/?u=http://x" },
		{ "data:80", "http://data/" },
		{ "ftp:8021/x", "http://ftp:8021/x" },
		{ "ftp.example.org:/x", "http://ftp.example.org/x" },
	};

	check_all(examples, COUNT(examples));
	cr_assert(url_parse(&url, "https://host/", &why));
	cr_assert(url.https && url.scheme_given && url.port == 443);
	cr_assert(url_parse(&url, "host/", &why));
	cr_assert(!url.https && !url.scheme_given && url.port == 80);
	cr_assert(url_parse(&url, "//host/", &why));
	cr_assert(!url.scheme_given);
}

Test(url, other_schemes_are_named)
{
	static const struct example examples[] = {
		{ "ftp://x", "\"ftp://x\": only http and https are fetched, not ftp" },
		{ "FILE:///etc/passwd",
		  "\"FILE:///etc/passwd\": only http and https are fetched, not FILE" },
		{ "file:/etc/passwd",
		  "\"file:/etc/passwd\": only http and https are fetched, not file" },
		{ "gopher://x:70/_", "\"gopher://x:70/_\": only http and https are fetched, not "
				     "gopher" },
		{ "unix:/run/x", "\"unix:/run/x\": only http and https are fetched, not unix" },
		{ "javascript:alert(1)",
		  "\"javascript:alert(1)\": only http and https are fetched, not javascript" },
		{ "data:text/html,x",
		  "\"data:text/html,x\": only http and https are fetched, not data" },
		{ "mailto:a@b", "\"***@b\": only http and https are fetched, not mailto" },
		{ "ftp:", "\"ftp:\": only http and https are fetched, not ftp" },
		{ "a+b-c.1://x", "\"a+b-c.1://x\": only http and https are fetched, not a+b-c.1" },
		{ "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd://x",
		  "\"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd://x\": only http and https are "
		  "fetched, not aaaaaaaaaabbbbbbbbbbccccccccccdd" },
		{ "http:x", "\"http:x\": two slashes belong behind the scheme: http://HOST/" },
		{ "https:/x", "\"https:/x\": two slashes belong behind the scheme: https://HOST/" },
		{ "http:80", "\"http:80\": two slashes belong behind the scheme: http://HOST/" },
		{ "host:x", "\"host:x\": a port is a number from 1 to 65535" },
		{ "", "\"\": no host: http://HOST/" },
		{ "http://", "\"http://\": no host: http://HOST/" },
		{ "/x", "\"/x\": no host: http://HOST/" },
		{ "?x", "\"?x\": no host: http://HOST/" },
		{ "#x", "\"#x\": no host: http://HOST/" },
		{ ":80", "\":80\": no host: http://HOST/" },
	};

	check_all(examples, COUNT(examples));
}

Test(url, no_byte_can_break_a_request_line)
{
	static const struct example examples[] = {
		{ "http://a b", "\"http://a b\": a space is not allowed in a URL; write %20" },
		{ " http://a", "\" http://a\": a space is not allowed in a URL; write %20" },
		{ "http://a/x y", "\"http://a/x y\": a space is not allowed in a URL; write %20" },
		{ "http://a/#x y",
		  "\"http://a/#x y\": a space is not allowed in a URL; write %20" },
		{ "http://a\tb/", "\"http://a\tb/\": the byte \\x09 is not allowed in a URL" },
		{ "http://a/\r\nHost: b",
		  "\"http://a/\r\nHost: b\": the byte \\x0d is not allowed in a URL" },
		{ "http://a/\n", "\"http://a/\n\": the byte \\x0a is not allowed in a URL" },
		{ "http://a/?\033[2J",
		  "\"http://a/?\033[2J\": the byte \\x1b is not allowed in a URL" },
		{ "http://a/\177", "\"http://a/\177\": the byte \\x7f is not allowed in a URL" },
		{ "http://a\\@b/", "\"http://***@b/\": the byte \\x5c (a backslash) is not allowed "
				   "in a URL; write / or %5C" },
		{ "http:\\\\a", "\"http:\\\\a\": the byte \\x5c (a backslash) is not allowed in a "
				"URL; write / or %5C" },
	};

	check_all(examples, COUNT(examples));
}

Test(url, each_forbidden_byte_is_refused_everywhere)
{
	static const char *const places[] = { "*",
					      "http*://a/",
					      "http:*//a/",
					      "http://*a/",
					      "http://a*/",
					      "http://u*@a/",
					      "http://u:*@a/",
					      "http://a:8*0/",
					      "http://[::1*]/",
					      "http://a/*",
					      "http://a/?*",
					      "http://a/#*" };

	for (int byte = 1; byte < 256; byte++) {
		if (byte > ' ' && byte != '\\' && byte != 0x7f)
			continue;
		for (size_t i = 0; i < COUNT(places); i++) {
			char text[32];

			snprintf(text, sizeof(text), "%s", places[i]);
			*strchr(text, '*') = (char)byte;
			cr_assert(!url_parse(&url, text, &why), "%d in %s", byte, places[i]);
			cr_assert(strstr(why.text, " is not allowed in a URL"));
			cr_assert(url_parse(&base, "http://a/", &why));
			cr_assert(!url_resolve(&url, &base, text, strlen(text), &why));
		}
	}
}

Test(url, passwords_are_not_shown)
{
	static const struct example examples[] = {
		{ "http://user:secret@host:0/",
		  "\"http://***@host:0/\": a port is a number from 1 to 65535" },
		{ "user:secret@host:0", "\"***@host:0\": a port is a number from 1 to 65535" },
		{ "//user:secret@host:0", "\"//***@host:0\": a port is a number from 1 to 65535" },
		{ "http://user:sec@ret@host/",
		  "\"http://***@host/\": more than one @ before the path; one in a user or "
		  "password is written %40" },
		{ "http://user:sec/ret@host/",
		  "\"http://***@host/\": a port is a number from 1 to 65535" },
		{ "user:sec?r@et@host/", "\"***@host/\": a port is a number from 1 to 65535" },
		{ "http://host:0/@user", "\"http://host:0/@user\": a port is a number from 1 to "
					 "65535" },
		{ "http://[::g]/@user", "\"http://[::g]/@user\": brackets are for an IPv6 address, "
					"as in [::1]" },
	};

	check_all(examples, COUNT(examples));
}

Test(url, long_text_is_cut_before_the_reason)
{
	char text[10000], expected[400];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	snprintf(expected, sizeof(expected), "\"%.200s...\": a host has at most 253 bytes", text);
	cr_assert_str_eq(parsed(text), expected);
	memcpy(text, "http://h/", 9);
	snprintf(expected, sizeof(expected),
		 "\"http://%.200s...\": path and query have more than 8191 bytes", text + 7);
	cr_assert_str_eq(parsed(text), expected);
}

/* RFC 3986, 5.4.1 and 5.4.2, with http in place of schemes that are not fetched. */
Test(url, references_resolve_as_the_rfc_has_them)
{
	static const struct example examples[] = {
		{ "http://g/h", "http://g/h" },
		{ "g", "http://a/b/c/g" },
		{ "./g", "http://a/b/c/g" },
		{ "g/", "http://a/b/c/g/" },
		{ "/g", "http://a/g" },
		{ "//g", "http://g/" },
		{ "?y", "http://a/b/c/d;p?y" },
		{ "g?y", "http://a/b/c/g?y" },
		{ "#s", "http://a/b/c/d;p?q" },
		{ "g#s", "http://a/b/c/g" },
		{ "g?y#s", "http://a/b/c/g?y" },
		{ ";x", "http://a/b/c/;x" },
		{ "g;x", "http://a/b/c/g;x" },
		{ "g;x?y#s", "http://a/b/c/g;x?y" },
		{ "", "http://a/b/c/d;p?q" },
		{ ".", "http://a/b/c/" },
		{ "./", "http://a/b/c/" },
		{ "..", "http://a/b/" },
		{ "../", "http://a/b/" },
		{ "../g", "http://a/b/g" },
		{ "../..", "http://a/" },
		{ "../../", "http://a/" },
		{ "../../g", "http://a/g" },
		{ "../../../g", "http://a/g" },
		{ "../../../../g", "http://a/g" },
		{ "/./g", "http://a/g" },
		{ "/../g", "http://a/g" },
		{ "g.", "http://a/b/c/g." },
		{ ".g", "http://a/b/c/.g" },
		{ "g..", "http://a/b/c/g.." },
		{ "..g", "http://a/b/c/..g" },
		{ "./../g", "http://a/b/g" },
		{ "./g/.", "http://a/b/c/g/" },
		{ "g/./h", "http://a/b/c/g/h" },
		{ "g/../h", "http://a/b/c/h" },
		{ "g;x=1/./y", "http://a/b/c/g;x=1/y" },
		{ "g;x=1/../y", "http://a/b/c/y" },
		{ "g?y/./x", "http://a/b/c/g?y/./x" },
		{ "g?y/../x", "http://a/b/c/g?y/../x" },
		{ "g#s/./x", "http://a/b/c/g" },
		{ "g#s/../x", "http://a/b/c/g" },
		{ "?", "http://a/b/c/d;p?" },
		{ "g:h", "\"g:h\": only http and https are fetched, not g" },
		{ "http:g", "\"http:g\": two slashes belong behind the scheme: http://HOST/" },
	};

	for (size_t i = 0; i < COUNT(examples); i++)
		cr_assert_str_eq(
			resolved("http://a/b/c/d;p?q", examples[i].from, strlen(examples[i].from)),
			examples[i].to);
}

Test(url, a_reference_is_stricter_than_a_user)
{
	cr_assert_str_eq(resolved("http://a/b", "host:8080/x", 11),
			 "\"host:8080/x\": only http and https are fetched, not host");
	cr_assert_str_eq(resolved("http://a/b", "www.example.org/x", 17),
			 "http://a/www.example.org/x");
	cr_assert_str_eq(resolved("http://a/b", "javascript:1", 12),
			 "\"javascript:1\": only http and https are fetched, not javascript");
	cr_assert_str_eq(resolved("http://a/b", "./host:8080/x", 13), "http://a/host:8080/x");
	cr_assert_str_eq(resolved("http://a/b", "//", 2), "\"//\": no host: http://HOST/");
	cr_assert_str_eq(resolved("http://a/b", "///x", 4), "\"///x\": no host: http://HOST/");
	cr_assert_str_eq(resolved("http://a/b", "//0x7f.1/", 9),
			 "\"//0x7f.1/\": an IPv4 address is a dotted quad, four numbers from 0 to "
			 "255, as in 127.0.0.1");
	cr_assert_str_eq(resolved("http://a/b", "c\0d", 3),
			 "\"c\": the byte \\x00 is not allowed in a URL");
	cr_assert_str_eq(resolved("http://a/b", "cd behind", 2), "http://a/cd");
}

Test(url, a_reference_keeps_scheme_and_host)
{
	cr_assert_str_eq(resolved("https://h:81/b", "//g/", 4), "https://g/");
	cr_assert_eq(url.port, 443);
	cr_assert_str_eq(resolved("https://h.:81/b", "c", 1), "https://h.:81/c");
	cr_assert_str_eq(resolved("http://[fe80::1%eth0]:81/b", "?c", 2),
			 "http://[fe80::1%25eth0]:81/b?c");
	cr_assert(url.bracketed && url.scheme_given);
	cr_assert_str_eq(url.host, "fe80::1%eth0");
	cr_assert_eq(url.path_length, 2);
}

Test(url, a_reference_has_only_its_own_userinfo)
{
	cr_assert_str_eq(resolved("http://user:secret@a/b", "c", 1), "http://a/c");
	cr_assert(!url.has_user && !url.has_password);
	cr_assert_str_eq(url.user, "");
	cr_assert_str_eq(url.password, "");
	cr_assert_str_eq(resolved("http://user:secret@a/b", "//me:too@a/c", 12), "http://a/c");
	cr_assert_str_eq(url.user, "me");
	cr_assert_str_eq(url.password, "too");
}

Test(url, equal_urls_are_equal_in_every_byte)
{
	static struct url other;

	memset(&other, 0xff, sizeof(other));
	cr_assert(url_parse(&url, "http://a/longer/../x", &why));
	cr_assert(url_parse(&other, "http://a/x", &why));
	cr_assert_eq(memcmp(&url, &other, sizeof(url)), 0);
}

static bool same(const char *a, const char *b)
{
	cr_assert(url_parse(&url, a, &why), "%s", why.text);
	cr_assert(url_parse(&base, b, &why), "%s", why.text);
	cr_assert_eq(url_same_origin(&url, &base), url_same_origin(&base, &url));
	return url_same_origin(&url, &base);
}

Test(url, an_origin_is_scheme_host_and_port)
{
	cr_assert(same("http://a/x", "http://user@A:80/y?z"));
	cr_assert(same("https://a", "https://a:443"));
	cr_assert(same("http://[::1]", "http://[0:0::0:1]:80"));
	cr_assert(!same("http://a", "https://a"));
	cr_assert(!same("http://a:443", "https://a"));
	cr_assert(!same("http://a", "http://a:81"));
	cr_assert(!same("http://a", "http://a.b"));
	cr_assert(!same("http://a", "http://a."));
	cr_assert(!same("http://[fe80::1%1]", "http://[fe80::1%2]"));
}
