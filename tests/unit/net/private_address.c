/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/net/private_address.c
 * Holds: first and last address of every special block are private and their neighbours are not;
 * forms that carry an IPv4 address are judged by it; other families are private; loopback; hosts
 * are the same whatever port, zone and form.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include <sockutil/net/private_address.h>

static struct address parsed(const char *text)
{
	struct address address;

	cr_assert(address_parse_ip(text, 80, &address), "%s", text);
	return address;
}

static void judged(const char *const *texts, bool expected)
{
	for (; *texts; ++texts) {
		const struct address address = parsed(*texts);

		cr_assert_eq(private_address(&address), expected, "%s", *texts);
	}
}

Test(private_address, ipv4)
{
	judged((const char *const[]){ "0.0.0.0",
				      "0.255.255.255",
				      "10.0.0.0",
				      "10.255.255.255",
				      "100.64.0.0",
				      "100.127.255.255",
				      "127.0.0.0",
				      "127.0.0.1",
				      "127.255.255.255",
				      "169.254.0.0",
				      "169.254.169.254",
				      "169.254.255.255",
				      "172.16.0.0",
				      "172.31.255.255",
				      "192.0.0.0",
				      "192.0.0.255",
				      "192.0.2.0",
				      "192.0.2.255",
				      "192.88.99.1",
				      "192.168.0.0",
				      "192.168.255.255",
				      "198.18.0.0",
				      "198.19.255.255",
				      "198.51.100.7",
				      "203.0.113.7",
				      "224.0.0.0",
				      "239.255.255.255",
				      "240.0.0.0",
				      "255.255.255.254",
				      "255.255.255.255",
				      NULL },
	       true);
	judged((const char *const[]){ "1.0.0.0",         "9.255.255.255",   "11.0.0.0",
				      "100.63.255.255",  "100.128.0.0",     "126.255.255.255",
				      "128.0.0.0",       "169.253.255.255", "169.255.0.0",
				      "172.15.255.255",  "172.32.0.0",      "191.255.255.255",
				      "192.0.1.0",       "192.0.3.0",       "192.88.98.255",
				      "192.88.100.0",    "192.167.255.255", "192.169.0.0",
				      "198.17.255.255",  "198.20.0.0",      "198.51.99.255",
				      "198.51.101.0",    "203.0.112.255",   "203.0.114.0",
				      "223.255.255.255", "8.8.8.8",         NULL },
	       false);
}

Test(private_address, ipv6)
{
	judged((const char *const[]){ "::",
				      "::1",
				      "::2",
				      "1fff:ffff::",
				      "4000::",
				      "100::1",
				      "fc00::",
				      "fdff:ffff::1",
				      "fe80::1",
				      "febf::1",
				      "fec0::1",
				      "ff00::",
				      "ff02::1",
				      "ffff::",
				      "2001::1",
				      "2001:1ff:ffff::",
				      "2001:db8::",
				      "2001:db8:ffff::1",
				      "3fff::",
				      "3fff:fff::1",
				      "64:ff9b:1::808:808",
				      "5f00::1",
				      NULL },
	       true);
	judged((const char *const[]){ "2000::", "2001:200::", "2001:db7:ffff::", "2001:db9::",
				      "2606:4700::1111", "3ffe:ffff::", "3fff:1000::", "2a00::1",
				      NULL },
	       false);
}

Test(private_address, embedded_ipv4)
{
	judged((const char *const[]){ "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:0.0.0.0",
				      "64:ff9b::127.0.0.1", "64:ff9b::192.168.0.1",
				      "2002:7f00:1::", "2002:a00:1::5", "2002:c0a8:101::1",
				      "::8.8.8.8", "::ffff:0:8.8.8.8", "2a00::5efe:10.0.0.1",
				      "2a00::200:5efe:127.0.0.1", NULL },
	       true);
	judged((const char *const[]){ "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
				      "2a00::5efe:8.8.8.8", "2a00::1:5efe:10.0.0.1", NULL },
	       false);
}

Test(private_address, other_families)
{
	struct address address;

	cr_assert(address_unix(&address, "/tmp/x"));
	cr_assert(private_address(&address));
	cr_assert_not(private_address_is_loopback(&address));
	cr_assert_not(private_address_same_host(&address, &address));
	address = (struct address){ .length = 0 };
	cr_assert(private_address(&address));
}

Test(private_address, loopback)
{
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{ "127.0.0.1", true },        { "127.9.9.9", true }, { "::1", true },
		{ "::ffff:127.0.0.1", true }, { "::", false },       { "128.0.0.1", false },
		{ "::ffff:10.0.0.1", false }, { "fe80::1", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
		const struct address address = parsed(rows[i].text);

		cr_assert_eq(private_address_is_loopback(&address), rows[i].is, "%s", rows[i].text);
	}
}

Test(private_address, same_host)
{
	struct address a = parsed("192.0.2.1"), b = parsed("::ffff:192.0.2.1"), c = parsed("::1");

	address_set_port(&b, 9);
	cr_assert(private_address_same_host(&a, &b) && private_address_same_host(&b, &a));
	cr_assert_not(private_address_same_host(&a, &c));
	b = parsed("192.0.2.2");
	cr_assert_not(private_address_same_host(&a, &b));
	b = parsed("::1");
	b.v6.sin6_scope_id = 3;
	cr_assert(private_address_same_host(&b, &c));
}
