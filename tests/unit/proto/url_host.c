/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/url_host.c
 * Holds: names are lower case, in UTF-8, with at most 253 bytes; nothing but a dotted quad is an
 * IPv4 address, and whatever inet_aton(3) takes beside is refused; a dot at the end is noted and
 * dropped; percent signs, controls, what nobody sees and what belongs to no name are refused; IPv6
 * is canonical, with a zone in either spelling.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/url.h>

static struct url url;
static struct failure why;

static const char *host(const char *text)
{
	static char all[1024];

	snprintf(all, sizeof(all), "http://%s/", text);
	why = (struct failure){ 0 };
	cr_assert(url_parse(&url, all, &why), "%s", why.text);
	return url.host;
}

/* The reason alone. */
static const char *refused(const char *text)
{
	char all[1024];
	const char *reason;

	snprintf(all, sizeof(all), "http://%s/", text);
	why = (struct failure){ 0 };
	cr_assert(!url_parse(&url, all, &why), "%s", text);
	cr_assert_eq(why.class, FAILURE_URL);
	reason = strstr(why.text, "\": ");
	cr_assert(reason != NULL);
	return reason + 3;
}

Test(url_host, names)
{
	cr_assert_str_eq(host("Example.ORG"), "example.org");
	cr_assert_str_eq(host("a_b-c.x1"), "a_b-c.x1");
	cr_assert_str_eq(host("xn--bcher-kva.de"), "xn--bcher-kva.de");
	cr_assert_str_eq(host("B\303\234CHER.de"), "b\303\234cher.de");
	cr_assert_str_eq(host("1.example"), "1.example");
	cr_assert_str_eq(host("web.1"), "web.1");
	cr_assert_str_eq(host("0x7g.1"), "0x7g.1");
	cr_assert(!url.bracketed && !url.rooted);
}

Test(url_host, a_dot_at_the_end_is_dropped)
{
	cr_assert_str_eq(host("localhost."), "localhost");
	cr_assert(url.rooted);
	cr_assert_str_eq(host("Example.org.:81"), "example.org");
	cr_assert(url.rooted);
	cr_assert_str_eq(refused("a.."), "a host has no dot at its start and no two in a row");
	cr_assert_str_eq(refused("."), "a host has no dot at its start and no two in a row");
	cr_assert_str_eq(refused(".."), "a host has no dot at its start and no two in a row");
	cr_assert_str_eq(refused(".a"), "a host has no dot at its start and no two in a row");
	cr_assert_str_eq(refused("a..b"), "a host has no dot at its start and no two in a row");
}

Test(url_host, ipv4_is_a_dotted_quad)
{
	static const char *const odd[] = {
		"127.1",        "1.2.3",          "0x7f.1",      "0x7f000001",
		"017700000001", "2130706433",     "0",           "127.0.0.01",
		"0177.0.0.1",   "127.0.0.256",    "127.0.0.1.",  "1.2.3.4.5",
		"0x7f.0.0.1",   "0X7F.0.0.1",     "127.0.0.0x1", "2130706433.",
		"0x",           "127.0.0.1.0x",   "080",         "127.00.0.1",
		"4294967296",   "999999999999.1",
	};

	cr_assert_str_eq(host("127.0.0.1"), "127.0.0.1");
	cr_assert_str_eq(host("255.255.255.255"), "255.255.255.255");
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		cr_assert_str_eq(refused(odd[i]),
				 "an IPv4 address is a dotted quad, four numbers from 0 to 255, as "
				 "in 127.0.0.1");
}

/* Whatever made of these few bytes is accepted is a name to inet_aton(3), or a quad. */
Test(url_host, no_address_in_disguise)
{
	static const char bytes[] = "019xXf.";
	const size_t count = sizeof(bytes) - 1;
	struct in_addr address;

	for (size_t number = 0; number < count * count * count * count * count; number++) {
		char text[32] = "";
		size_t rest = number;

		for (size_t i = 0; i < 5; i++, rest /= count)
			text[i] = bytes[rest % count];
		if (!url_parse(&url, text, &why))
			continue;
		cr_assert(!inet_aton(url.host, &address) || inet_pton(AF_INET, url.host, &address),
			  "%s", text);
	}
}

Test(url_host, what_belongs_to_no_name)
{
	static const char others[] = "!\"$&'()*+,;<=>[]^`{|}~";

	for (size_t i = 0; others[i]; i++) {
		char text[] = { 'a', others[i], 'b', '\0' }, expected[64];

		snprintf(expected, sizeof(expected), "'%c' cannot be part of a host", others[i]);
		cr_assert_str_eq(refused(text), expected);
	}
	cr_assert_str_eq(refused("ex%61mple.org"), "a host is written without %, only an IPv6 "
						   "address has a zone: [fe80::1%25eth0]");
	cr_assert_str_eq(refused("127.0.0.1%25lo"), "a host is written without %, only an IPv6 "
						    "address has a zone: [fe80::1%25eth0]");
}

Test(url_host, what_nobody_sees)
{
	cr_assert_str_eq(refused("a\342\200\256b"),
			 "U+202E, which nobody sees, cannot be part of a host");
	cr_assert_str_eq(refused("a\302\233"), "U+009B, which nobody sees, cannot be part of a "
					       "host");
	cr_assert_str_eq(refused("\342\200\213a"),
			 "U+200B, which nobody sees, cannot be part of a host");
	cr_assert_str_eq(refused("\357\273\277a"),
			 "U+FEFF, which nobody sees, cannot be part of a host");
	cr_assert_str_eq(refused("a\342\201\246"), "U+2066, which nobody sees, cannot be part of a "
						   "host");
	cr_assert_str_eq(refused("a\330\234"), "U+061C, which nobody sees, cannot be part of a "
					       "host");
	cr_assert_str_eq(refused("a\377"), "the host is not UTF-8");
	cr_assert_str_eq(refused("a\300\256"), "the host is not UTF-8");
	cr_assert_str_eq(refused("a\355\240\200"), "the host is not UTF-8");
	cr_assert_str_eq(refused("a\303"), "the host is not UTF-8");
}

Test(url_host, lengths)
{
	char text[400];

	snprintf(text, sizeof(text), "%063d.a", 0);
	cr_assert_eq(strlen(host(text)), 65);
	snprintf(text, sizeof(text), "%064d.a", 0);
	cr_assert_str_eq(refused(text), "a part of a host name has at most 63 bytes");
	snprintf(text, sizeof(text), "%063d.%063d.%063d.%061d.", 0, 0, 0, 0);
	text[0] = 'a';
	cr_assert_eq(strlen(host(text)), 253);
	snprintf(text, sizeof(text), "%063d.%063d.%063d.%062d", 0, 0, 0, 0);
	text[0] = 'a';
	cr_assert_str_eq(refused(text), "a host has at most 253 bytes");
}

Test(url_host, ipv6_is_canonical)
{
	cr_assert_str_eq(host("[::1]"), "::1");
	cr_assert(url.bracketed);
	cr_assert_str_eq(host("[2001:DB8:0:0:0:0:0:1]:81"), "2001:db8::1");
	cr_assert_str_eq(host("[::FFFF:127.0.0.1]"), "::ffff:127.0.0.1");
	cr_assert_str_eq(host("[::ffff:7f00:1]"), "::ffff:127.0.0.1");
	cr_assert_str_eq(host("[::]"), "::");
}

Test(url_host, brackets_are_for_ipv6)
{
	static const char *const others[] = {
		"[]",
		"[127.0.0.1]",
		"[example.org]",
		"[v1.x]",
		"[1::2::3]",
		"[::1.2.3]",
		"[::ffff:0x7f.1]",
		"[12345::]",
		"[%25eth0]",
		"[::1.2.3.4.5]",
		"[1:2:3:4:5:6:7]",
		"[0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0]",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_assert_str_eq(refused(others[i]),
				 "brackets are for an IPv6 address, as in [::1]");
}

Test(url_host, zones)
{
	cr_assert_str_eq(host("[fe80::1%25eth0]"), "fe80::1%eth0");
	cr_assert_str_eq(host("[FE80::1%Eth0]"), "fe80::1%Eth0");
	cr_assert_str_eq(host("[fe80::1%252]"), "fe80::1%2");
	cr_assert_str_eq(host("[fe80::1%2]"), "fe80::1%2");
	cr_assert_str_eq(host("[fe80::1%25]"), "fe80::1%25");
	cr_assert_str_eq(host("[fe80::1%br-0.1]"), "fe80::1%br-0.1");
	cr_assert_str_eq(refused("[fe80::1%]"), "a zone has 1 to 15 bytes: [fe80::1%25eth0]");
	cr_assert_str_eq(refused("[fe80::1%251234567890123456]"),
			 "a zone has 1 to 15 bytes: [fe80::1%25eth0]");
	cr_assert_str_eq(refused("[fe80::1%25a%00]"),
			 "not the name of an interface behind the % of the IPv6 address");
	cr_assert_str_eq(refused("[fe80::1%25a:b]"),
			 "not the name of an interface behind the % of the IPv6 address");
	cr_assert_str_eq(refused("[fe80::1%25\303\244]"),
			 "not the name of an interface behind the % of the IPv6 address");
}
