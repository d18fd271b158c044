/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/no_proxy.c
 * Holds: names fit themselves and what is under them, in any case, with and without dots at their
 * ends, and never a name that only ends alike; addresses and CIDR fit by their bits, in every way
 * of writing them; a port narrows an entry; "*" fits all; blanks and commas separate; what is
 * malformed fits nothing. */
#include <criterion/criterion.h>

#include <sockutil/proto/no_proxy.h>

struct row {
	const char *list, *host;
	int port;
	bool fits;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cr_expect_eq(no_proxy_fits(rows[i].list, rows[i].host, rows[i].port), rows[i].fits,
			     "\"%s\" and %s:%d", rows[i].list, rows[i].host, rows[i].port);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

Test(no_proxy, no_list_fits_nothing)
{
	cr_assert_not(no_proxy_fits(NULL, "example.org", 80));
	cr_assert_not(no_proxy_fits("", "example.org", 80));
	cr_assert_not(no_proxy_fits(" , ,", "example.org", 80));
}

Test(no_proxy, names)
{
	static const struct row rows[] = {
		{ "example.org", "example.org", 80, true },
		{ "example.org", "www.example.org", 80, true },
		{ "example.org", "badexample.org", 80, false },
		{ "example.org", "example.org.evil", 80, false },
		{ "example.org", "org", 80, false },
		{ ".example.org", "example.org", 80, true },
		{ ".example.org", "a.b.example.org", 80, true },
		{ ".example.org", "badexample.org", 80, false },
		{ "*.example.org", "www.example.org", 80, true },
		{ "EXAMPLE.org", "www.Example.ORG", 80, true },
		{ "example.org.", "example.org", 80, true },
		{ "example.org", "example.org.", 80, true },
		{ "localhost", "localhost", 1, true },
		{ ".", "example.org", 80, false },
		{ "*.", "example.org", 80, false },
		{ "exam*", "example.org", 80, false },
	};

	CHECK(rows);
}

Test(no_proxy, addresses)
{
	static const struct row rows[] = {
		{ "192.0.2.7", "192.0.2.7", 80, true },
		{ "192.0.2.7", "192.0.2.70", 80, false },
		{ "192.0.2.7", "1.192.0.2.7", 80, false },
		{ "2.7", "192.0.2.7", 80, false },
		{ "::1", "::1", 80, true },
		{ "[::1]", "::1", 80, true },
		{ "0:0:0:0:0:0:0:1", "::1", 80, true },
		{ "::ffff:192.0.2.7", "192.0.2.7", 80, true },
		{ "192.0.2.7", "::ffff:192.0.2.7", 80, true },
		{ "fe80::1", "fe80::1%eth0", 80, true },
		{ "::1", "1", 80, false },
	};

	CHECK(rows);
}

Test(no_proxy, cidr)
{
	static const struct row rows[] = {
		{ "192.0.2.0/24", "192.0.2.255", 80, true },
		{ "192.0.2.0/24", "192.0.3.0", 80, false },
		{ "192.0.2.128/25", "192.0.2.127", 80, false },
		{ "192.0.2.128/25", "192.0.2.200", 80, true },
		{ "10.0.0.0/8", "10.255.0.1", 80, true },
		{ "0.0.0.0/0", "203.0.113.1", 80, true },
		{ "0.0.0.0/0", "2001:db8::1", 80, false },
		{ "::/0", "203.0.113.1", 80, false },
		{ "::/0", "2001:db8::1", 80, true },
		{ "2001:db8::/33", "2001:db8:7fff::1", 80, true },
		{ "2001:db8::/33", "2001:db8:8000::1", 80, false },
		{ "::ffff:192.0.2.0/120", "192.0.2.9", 80, true },
		{ "192.0.2.7/32", "192.0.2.7", 80, true },
		{ "192.0.2.7/33", "192.0.2.7", 80, false },
		{ "192.0.2.7/", "192.0.2.7", 80, false },
		{ "192.0.2.7/-1", "192.0.2.7", 80, false },
		{ "::1/129", "::1", 80, false },
		{ "example.org/24", "example.org", 80, false },
	};

	CHECK(rows);
}

Test(no_proxy, ports)
{
	static const struct row rows[] = {
		{ "example.org:80", "example.org", 80, true },
		{ "example.org:80", "www.example.org", 80, true },
		{ "example.org:80", "example.org", 8080, false },
		{ "192.0.2.7:80", "192.0.2.7", 80, true },
		{ "192.0.2.7:80", "192.0.2.7", 81, false },
		{ "192.0.2.0/24:80", "192.0.2.7", 80, true },
		{ "192.0.2.0/24:80", "192.0.2.7", 81, false },
		{ "[::1]:80", "::1", 80, true },
		{ "[::1]:80", "::1", 81, false },
		{ "[2001:db8::/32]:80", "2001:db8::1", 80, true },
		{ "*:80", "example.org", 80, true },
		{ "*:80", "example.org", 443, false },
		{ "example.org:", "example.org", 80, false },
		{ "example.org:x", "example.org", 80, false },
		{ "example.org:65536", "example.org", 0, false },
		{ "[::1", "::1", 80, false },
		{ "[]", "example.org", 80, false },
		{ "[::1]x", "::1", 80, false },
	};

	CHECK(rows);
}

Test(no_proxy, lists)
{
	static const struct row rows[] = {
		{ "*", "anything", 1, true },
		{ "a.test,b.test", "b.test", 80, true },
		{ "a.test b.test", "b.test", 80, true },
		{ " a.test ,\tb.test\n", "b.test", 80, true },
		{ "a.test,,b.test", "b.test", 80, true },
		{ "a.test,b.test", "c.test", 80, false },
		{ "a.test,*", "c.test", 80, true },
	};

	CHECK(rows);
}
