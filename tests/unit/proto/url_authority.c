/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/url_authority.c
 * Holds: user and password are decoded, bounded, and free of controls; one '@' at most; the port
 * is a number from 1 to 65535, the scheme's own when there is none; what is wrong with brackets
 * and colons; the Host field leaves out default port, zone and last dot, and has brackets; the
 * text of a URL parses to the same and is cut between characters.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/url.h>

static struct url url;
static struct failure why;

static bool parse(const char *text)
{
	why = (struct failure){ 0 };
	return url_parse(&url, text, &why);
}

static const char *refused(const char *text)
{
	cr_assert(!parse(text), "%s", text);
	cr_assert_eq(why.class, FAILURE_URL);
	return why.text;
}

static void check_userinfo(const char *text, const char *user, const char *password)
{
	cr_assert(parse(text), "%s", why.text);
	cr_assert_eq(url.has_user, user != NULL);
	cr_assert_eq(url.has_password, password != NULL);
	cr_assert_str_eq(url.user, user ? user : "");
	cr_assert_str_eq(url.password, password ? password : "");
}

Test(url_authority, user_and_password_are_decoded)
{
	check_userinfo("http://h/", NULL, NULL);
	check_userinfo("http://u@h/", "u", NULL);
	check_userinfo("http://u:@h/", "u", "");
	check_userinfo("http://:p@h/", "", "p");
	check_userinfo("http://:@h/", "", "");
	check_userinfo("http://@h/", NULL, NULL);
	check_userinfo("http://u:p:q@h/", "u", "p:q");
	check_userinfo("http://%75%3a%40:%2f%25%20@h/", "u:@", "/% ");
	check_userinfo("http://\303\244:\377@h/", "\303\244", "\377");
	check_userinfo("http://h/@x:y", NULL, NULL);
}

Test(url_authority, a_secret_has_no_controls)
{
	cr_assert_str_eq(refused("http://a%00b@h/"),
			 "\"http://***@h/\": the user has a control character");
	cr_assert_str_eq(refused("http://a:%0d%0a@h/"),
			 "\"http://***@h/\": the password has a control character");
	cr_assert_str_eq(refused("http://a:%7F@h/"),
			 "\"http://***@h/\": the password has a control character");
	for (int byte = 0; byte < 256; byte++) {
		char text[32];

		snprintf(text, sizeof(text), "http://u:%%%02x@h/", byte);
		cr_assert_eq(parse(text), byte >= 0x20 && byte != 0x7f, "%s", text);
	}
}

Test(url_authority, a_secret_has_no_lone_percent_sign)
{
	static const char reason[] = "\"http://***@h/\": two hexadecimal digits belong behind a %% "
				     "in the %s; write %%25 for the sign itself";
	char expected[200];

	snprintf(expected, sizeof(expected), reason, "user");
	cr_assert_str_eq(refused("http://a%@h/"), expected);
	cr_assert_str_eq(refused("http://a%4@h/"), expected);
	snprintf(expected, sizeof(expected), reason, "password");
	cr_assert_str_eq(refused("http://a:%4g@h/"), expected);
	cr_assert_str_eq(refused("http://a:%g4@h/"), expected);
}

Test(url_authority, a_secret_is_bounded)
{
	char text[URL_PASSWORD_MAX + 100];

	snprintf(text, sizeof(text), "http://%0255d@h/", 1);
	cr_assert(parse(text));
	cr_assert_eq(strlen(url.user), 255);
	snprintf(text, sizeof(text), "http://%0256d@h/", 1);
	cr_assert_str_eq(refused(text), "\"http://***@h/\": the user has more than 255 bytes");
	snprintf(text, sizeof(text), "http://u:%04095d@h/", 1);
	cr_assert(parse(text));
	cr_assert_eq(strlen(url.password), 4095);
	snprintf(text, sizeof(text), "http://u:%04096d@h/", 1);
	cr_assert_str_eq(refused(text), "\"http://***@h/\": the password has more than 4095 bytes");
	snprintf(text, sizeof(text), "http://u:%04093d%%41%%42@h/", 1);
	cr_assert(parse(text), "%s", why.text);
}

Test(url_authority, there_is_one_at_sign)
{
	cr_assert_str_eq(refused("http://a@b@c/"),
			 "\"http://***@c/\": more than one @ before the path; one in a user or "
			 "password is written %40");
	cr_assert_str_eq(refused("http://@@c/"),
			 "\"http://***@c/\": more than one @ before the path; one in a user or "
			 "password is written %40");
	cr_assert(parse("http://c/a@b@c"));
	cr_assert_str_eq(refused("http://u@/"), "\"http://***@/\": no host: http://HOST/");
	cr_assert_str_eq(refused("http://u@:80/"), "\"http://***@:80/\": no host: http://HOST/");
}

static int port(const char *text)
{
	cr_assert(parse(text), "%s", why.text);
	return url.port;
}

Test(url_authority, a_port_is_a_number)
{
	static const char *const malformed[] = {
		"0", "65536", "99999999999999999999", "+80", "-1", "0x50", "8a", "a", "%38", "00"
	};

	cr_assert_eq(port("http://h:1/"), 1);
	cr_assert_eq(port("http://h:65535/"), 65535);
	cr_assert_eq(port("http://h:0080/"), 80);
	cr_assert_eq(port("http://h:/"), 80);
	cr_assert_eq(port("https://h:"), 443);
	cr_assert_eq(port("https://h:80"), 80);
	cr_assert_eq(port("https://[::1]:"), 443);
	cr_assert_eq(port("https://[::1]:81"), 81);
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		char text[64], expected[128];

		snprintf(text, sizeof(text), "http://h:%s/", malformed[i]);
		snprintf(expected, sizeof(expected), "\"%s\": a port is a number from 1 to 65535",
			 text);
		cr_assert_str_eq(refused(text), expected);
	}
}

Test(url_authority, brackets_and_colons)
{
	cr_assert_str_eq(refused("http://[::1/"),
			 "\"http://[::1/\": no closing bracket: [V6] or [V6]:PORT");
	cr_assert_str_eq(refused("http://["),
			 "\"http://[\": no closing bracket: [V6] or [V6]:PORT");
	cr_assert_str_eq(refused("http://[::1]x"),
			 "\"http://[::1]x\": behind the bracket comes a port: [V6]:PORT");
	cr_assert_str_eq(refused("http://[::1]]"),
			 "\"http://[::1]]\": behind the bracket comes a port: [V6]:PORT");
	cr_assert_str_eq(refused("http://::1/"), "\"http://::1/\": more than one colon; an IPv6 "
						 "address is written [V6] or [V6]:PORT");
	cr_assert_str_eq(refused("2001:db8::1"), "\"2001:db8::1\": more than one colon; an IPv6 "
						 "address is written [V6] or [V6]:PORT");
	cr_assert_str_eq(refused("http://a:1:2/"),
			 "\"http://a:1:2/\": more than one colon; an IPv6 "
			 "address is written [V6] or [V6]:PORT");
	cr_assert_str_eq(refused("http://a[::1]/"), "\"http://a[::1]/\": more than one colon; an "
						    "IPv6 address is written [V6] or [V6]:PORT");
}

static const char *authority(const char *text, const char *ascii_host)
{
	static char out[URL_AUTHORITY_MAX];

	cr_assert(parse(text), "%s", why.text);
	return url_authority(out, &url, ascii_host ? ascii_host : url.host);
}

Test(url_authority, the_host_field)
{
	cr_assert_str_eq(authority("http://u:p@Example.org/", NULL), "example.org");
	cr_assert_str_eq(authority("http://example.org:80", NULL), "example.org");
	cr_assert_str_eq(authority("http://example.org:443", NULL), "example.org:443");
	cr_assert_str_eq(authority("https://example.org:443", NULL), "example.org");
	cr_assert_str_eq(authority("https://example.org:8080", NULL), "example.org:8080");
	cr_assert_str_eq(authority("http://[::1]:81", NULL), "[::1]:81");
	cr_assert_str_eq(authority("http://[fe80::1%25eth0]:81", NULL), "[fe80::1]:81");
	cr_assert_str_eq(authority("http://[fe80::1%eth0]", NULL), "[fe80::1]");
	cr_assert_str_eq(authority("http://localhost.:81/", NULL), "localhost:81");
	cr_assert_str_eq(authority("http://b\303\274cher.de./", "xn--bcher-kva.de."),
			 "xn--bcher-kva.de");
}

Test(url_authority, the_longest_host_fits)
{
	char text[400], out[URL_AUTHORITY_MAX];
	size_t at = (size_t)snprintf(text, sizeof(text), "http://");

	for (int i = 0; i < 126; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "a.");
	snprintf(text + at, sizeof(text) - at, "b.:65535");
	cr_assert(parse(text), "%s", why.text);
	cr_assert_eq(strlen(url.host), 253);
	cr_assert_eq(strlen(url_authority(out, &url, url.host)), 253 + 6);
	cr_assert_str_eq(strrchr(out, ':'), ":65535");
}

Test(url_authority, a_host_that_is_too_long_is_cut)
{
	char host[400], out[URL_AUTHORITY_MAX];

	cr_assert(parse("http://h:81/"));
	memset(host, 'a', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	cr_assert_eq(strlen(url_authority(out, &url, host)), 253 + 3);
	cr_assert_str_eq(out + 253, ":81");
	host[0] = ':';
	cr_assert_eq(strlen(url_authority(out, &url, host)), 253 + 5);
	cr_assert_str_eq(out + 254, "]:81");
}

Test(url_authority, text_parses_to_the_same)
{
	static const char *const texts[] = {
		"http://h/",
		"https://h:80/x?y",
		"http://[::1]:81/",
		"http://[fe80::1%25eth0]/",
		"http://[fe80::1%2525]/",
		"http://localhost.:81/",
		"http://b\303\274cher.de/",
	};
	static struct url again;
	char out[URL_TEXT_MAX];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cr_assert(parse(texts[i]), "%s", why.text);
		cr_assert_str_eq(url_text(out, sizeof(out), &url), texts[i]);
		cr_assert(url_parse(&again, out, &why));
		cr_assert_eq(memcmp(&url, &again, sizeof(url)), 0);
	}
	cr_assert(parse("user:secret@h/"));
	cr_assert_str_eq(url_text(out, sizeof(out), &url), "http://h/");
}

Test(url_authority, text_is_cut_between_characters)
{
	char out[16];

	cr_assert(parse("http://\303\244\303\266.de/"));
	cr_assert_str_eq(url_text(out, 11, &url), "http://\303\244");
	cr_assert_str_eq(url_text(out, 10, &url), "http://\303\244");
	cr_assert_str_eq(url_text(out, 9, &url), "http://");
	cr_assert_str_eq(url_text(out, 1, &url), "");
	out[0] = 'x';
	cr_assert_eq(url_text(out, 0, &url), out);
	cr_assert_eq(out[0], 'x');
}
