/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/proxy_url.c
 * Holds: every scheme, in any case, and none; the default ports; user and password decoded; IPv6 in
 * brackets; what is no proxy is refused with exact words that show neither user nor password. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/proxy_url.h>

static struct proxy_url url;
static struct failure why;

static void assert_url(const char *text, enum proxy_kind kind, const char *host, int port)
{
	cr_assert(proxy_url_parse(&url, text, &why), "%s: %s", text, why.text);
	cr_assert_eq(url.kind, kind, "%s", text);
	cr_assert_str_eq(url.host, host);
	cr_assert_eq(url.port, port, "%s: %d", text, url.port);
}

Test(proxy_url, schemes_and_ports)
{
	assert_url("proxy.test", PROXY_HTTP, "proxy.test", 1080);
	assert_url("proxy.test:3128", PROXY_HTTP, "proxy.test", 3128);
	assert_url("http://proxy.test:80", PROXY_HTTP, "proxy.test", 80);
	assert_url("http://proxy.test/", PROXY_HTTP, "proxy.test", 1080);
	assert_url("https://proxy.test", PROXY_HTTPS, "proxy.test", 443);
	assert_url("https://proxy.test:1080/", PROXY_HTTPS, "proxy.test", 1080);
	assert_url("socks4://192.0.2.1", PROXY_SOCKS4, "192.0.2.1", 1080);
	assert_url("socks4a://proxy.test:9050", PROXY_SOCKS4A, "proxy.test", 9050);
	assert_url("SOCKS5://Proxy.Test", PROXY_SOCKS5, "proxy.test", 1080);
	assert_url("socks5h://[::1]:81", PROXY_SOCKS5H, "::1", 81);
	assert_url("socks5h://[::1]", PROXY_SOCKS5H, "::1", 1080);
	cr_assert_not(url.has_user);
	cr_assert_not(url.has_password);
}

Test(proxy_url, the_scheme_of_a_kind)
{
	cr_assert_str_eq(proxy_url_scheme(PROXY_SOCKS5H), "socks5h");
	cr_assert_str_eq(proxy_url_scheme(PROXY_HTTP), "http");
}

Test(proxy_url, users)
{
	assert_url("http://me:p%40ss:w%2F@proxy.test", PROXY_HTTP, "proxy.test", 1080);
	cr_assert(url.has_user);
	cr_assert(url.has_password);
	cr_assert_str_eq(url.user, "me");
	cr_assert_str_eq(url.password, "p@ss:w/");
	assert_url("me@proxy.test:8080", PROXY_HTTP, "proxy.test", 8080);
	cr_assert(url.has_user);
	cr_assert_not(url.has_password);
	cr_assert_str_eq(url.password, "");
	assert_url("socks5://me:9999@proxy.test", PROXY_SOCKS5, "proxy.test", 1080);
}

static void assert_refused(const char *text, const char *words)
{
	cr_assert_not(proxy_url_parse(&url, text, &why), "%s", text);
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, words);
}

Test(proxy_url, refusals)
{
	assert_refused("ftp://proxy.test",
		       "proxy \"ftp://proxy.test\": a proxy speaks http, https, socks4, socks4a, "
		       "socks5 or socks5h");
	assert_refused("http://proxy.test/path",
		       "proxy \"http://proxy.test/path\": nothing stands behind a proxy's port");
	assert_refused("http://proxy.test?x",
		       "proxy \"http://proxy.test?x\": nothing stands behind a proxy's port");
	assert_refused("http://proxy.test:0",
		       "proxy \"http://proxy.test:0\": a port is a number from 1 to 65535");
	assert_refused(
		"http://proxy test",
		"proxy \"http://proxy test\": a blank, control character or backslash has no "
		"place");
	assert_refused("socks5://", "proxy \"socks5://\": no host: http://HOST/");
	assert_refused("http://me:secret@proxy.test:x",
		       "proxy \"...@proxy.test:x\": a port is a number from 1 to 65535");
}

Test(proxy_url, no_refusal_shows_a_secret)
{
	static const char *const texts[] = {
		"ftp://me:secret@proxy.test",     "http://me:secret@a@b",
		"http://me:secret@proxy.test/x",  "http://me:secret @proxy.test",
		"http://me:secret%0a@proxy.test", "me:secret@",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cr_assert_not(proxy_url_parse(&url, texts[i], &why), "%s", texts[i]);
		cr_assert_null(strstr(why.text, "secret"), "%s", why.text);
		cr_assert_null(strstr(why.text, "me:"), "%s", why.text);
	}
}
