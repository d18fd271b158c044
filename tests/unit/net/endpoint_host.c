/* SPDX-License-Identifier: MIT */
/* What a host and a port may look like.
 * Holds: names, literals and zones that are fine; whatever inet_aton(3) would read is a dotted
 * quad or refused; the bounds of a name, a label, a zone and a service's name; the reason stands
 * alone; ports at their bounds. Exact sentences are held by endpoint.c's tests. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/net/endpoint_host.h>

static bool is_fine(const char *host)
{
	struct failure why = { 0 };
	const bool fine = endpoint_host_check(host, &why);

	cr_assert_eq(why.class, fine ? FAILURE_NONE : FAILURE_USAGE);
	return fine;
}

Test(endpoint_host, hosts)
{
	static const char *const fine[] = {
		"a",
		"example.org",
		"example.org.",
		"xn--bcher-kva.example",
		"_dmarc.example",
		"-",
		"1a",
		"1.2.3.4",
		"255.255.255.255",
		"1.2.3.4.example",
		"::",
		"::1",
		"fe80::1%eth0",
		"::ffff:1.2.3.4",
		"0x7g",
		"web.1a",
		"\344\276\213\345\255\220",
		"face",
	};
	static const char *const wrong[] = {
		"",
		".",
		"..",
		".a",
		"a..b",
		"a b",
		"a\tb",
		"a@b",
		"a/b",
		"a\\b",
		"a%b",
		"1",
		"0x1",
		"1.2",
		"1.2.3.4.",
		"0x",
		"1.2.3.256",
		"::1.",
		"[::1]",
		"::%",
		"a*",
		"a\177",
		"\302\205",
		"a\342\200\213b",
		"a\357\273\277",
		"\300\200",
		"\355\240\200",
		":",
		"a:b",
		"1:2:3:4:5:6:7:8:9",
	};

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		cr_assert(is_fine(fine[i]), "%s", fine[i]);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert(!is_fine(wrong[i]), "%s", wrong[i]);
}

/* Every short text of the characters that addresses are written with. */
Test(endpoint_host, nothing_else_is_an_ipv4_address)
{
	static const char letters[] = "019.xXaf";
	char text[6] = "";
	struct in_addr address;
	unsigned checked = 0;

	for (unsigned n = 0; n < 32768; n++) {
		for (unsigned i = 0, rest = n; i < 5; i++, rest /= 8)
			text[i] = letters[rest % 8];
		for (size_t length = 1; length <= 5; length++) {
			char part[6] = "";

			memcpy(part, text, length);
			if (!inet_aton(part, &address))
				continue;
			checked++;
			cr_assert(!is_fine(part), "%s", part);
		}
	}
	cr_assert(checked > 100);
}

Test(endpoint_host, reason_stands_alone)
{
	struct failure why = { 0 };

	cr_assert(!endpoint_host_check("a b", &why));
	cr_assert_str_eq(why.text, "a space cannot be part of a host");
}

Test(endpoint_host, kinds)
{
	cr_assert(endpoint_host_is_v4("0.0.0.0"));
	cr_assert(!endpoint_host_is_v4("0.0.0"));
	cr_assert(endpoint_host_is_v6("::%eth0.100"));
	cr_assert(!endpoint_host_is_v6("1.2.3.4"));
	cr_assert(!endpoint_host_is_v6("::%sixteen-letters-"));
	cr_assert(endpoint_host_is_v6("::%fifteen-letters"));
	cr_assert(endpoint_host_is_number("007"));
	cr_assert(!endpoint_host_is_number(""));
	cr_assert(!endpoint_host_is_number("7a"));
}

Test(endpoint_host, services)
{
	static const char *const wrong[] = {
		"",
		"65536",
		"99999999999999999999",
		"-1",
		"+1",
		" 1",
		"1 ",
		"0.5",
		"a b",
		"a/b",
		"_a",
		"-a",
		"a\302\265",
		"abcdefghijklmnopqrstuvwxyz0123456",
	};
	struct failure why = { 0 };
	int port = 7;

	cr_assert(endpoint_host_check_service("0", &port, &why));
	cr_assert_eq(port, 0);
	cr_assert(endpoint_host_check_service("65535", &port, &why));
	cr_assert_eq(port, 65535);
	cr_assert(endpoint_host_check_service("x11-1", &port, &why));
	cr_assert_eq(port, -1);
	cr_assert(endpoint_host_check_service("abcdefghijklmnopqrstuvwxyz012345", &port, &why));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_assert(!endpoint_host_check_service(wrong[i], &port, &why), "%s", wrong[i]);
		cr_assert_eq(why.class, FAILURE_USAGE);
	}
}
