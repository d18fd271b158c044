/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/program_environment.c
 * Holds: what of ours speaks of a connection is left out, the rest kept; the variables of TCP over
 * both families, of Unix sockets with and without a peer's name, of TLS; the next connection
 * replaces the last; what a peer chose is told only when it is harmless; what does not fit is left
 * out. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/stream/program_environment.h>

static char kept[] = "KEPT=kept", proto[] = "PROTO=OLD", remote[] = "TCPREMOTEHOST=old",
	    tls_old[] = "SOCKUTIL_TLS_SUBJECT=old", unix_old[] = "UNIXREMOTEEUID=0",
	    similar[] = "PROTOCOL=kept", tcp[] = "TCP=kept";
static char *ours[] = { kept, proto, remote, tls_old, unix_old, similar, tcp, NULL };
static struct program_environment environment;
static struct address peer, local;

static void set_up(void)
{
	program_environment_init(&environment, ours);
}

static void tear_down(void)
{
	program_environment_free(&environment);
}

static const char *value(const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; environment.list[i]; ++i)
		if (strncmp(environment.list[i], name, length) == 0 &&
		    environment.list[i][length] == '=')
			return environment.list[i] + length + 1;
	return NULL;
}

static size_t count(void)
{
	size_t n = 0;

	while (environment.list[n])
		n++;
	return n;
}

static void expect(const char *name, const char *text)
{
	cr_assert(value(name), "%s is not there", name);
	cr_assert_str_eq(value(name), text, "%s is %s", name, value(name));
}

TestSuite(program_environment, .init = set_up, .fini = tear_down);

Test(program_environment, what_speaks_of_another_connection_is_left_out)
{
	cr_assert_eq(count(), 3);
	expect("KEPT", "kept");
	expect("PROTOCOL", "kept");
	expect("TCP", "kept");
}

Test(program_environment, tcp)
{
	cr_assert(address_parse_ip("192.0.2.1", 4711, &peer));
	cr_assert(address_parse_ip("::1", 80, &local));
	program_environment_set(&environment, &(struct program_facts){ &peer, &local, NULL, NULL });
	expect("PROTO", "TCP");
	expect("SOCKUTIL_PROTO", "tcp");
	expect("TCPREMOTEIP", "192.0.2.1");
	expect("TCPREMOTEPORT", "4711");
	expect("TCPLOCALIP", "::1");
	expect("TCPLOCALPORT", "80");
	expect("SOCKUTIL_PEER_ADDR", "192.0.2.1");
	expect("SOCKUTIL_PEER_PORT", "4711");
	expect("SOCKUTIL_LOCAL_ADDR", "::1");
	expect("SOCKUTIL_LOCAL_PORT", "80");
	cr_assert_eq(count(), 3 + 10);
}

Test(program_environment, a_unix_socket_replaces_what_was_there)
{
	const struct credentials who = { .pid = 12, .uid = 34, .gid = 56 };

	cr_assert(address_parse_ip("192.0.2.1", 4711, &peer));
	program_environment_set(&environment, &(struct program_facts){ &peer, &peer, NULL, NULL });
	cr_assert(address_unix(&local, "/run/x.sock"));
	peer = (struct address){ .length = sizeof(peer.local.sun_family) };
	peer.any.sa_family = AF_UNIX;
	program_environment_set(&environment, &(struct program_facts){ &peer, &local, &who, NULL });
	expect("PROTO", "UNIX");
	expect("SOCKUTIL_PROTO", "unix");
	expect("UNIXLOCALPATH", "/run/x.sock");
	expect("SOCKUTIL_LOCAL_ADDR", "/run/x.sock");
	expect("UNIXREMOTEPID", "12");
	expect("UNIXREMOTEEUID", "34");
	expect("UNIXREMOTEEGID", "56");
	cr_assert_null(value("UNIXREMOTEPATH"));
	cr_assert_null(value("TCPREMOTEIP"));
	cr_assert_eq(count(), 3 + 7);
}

Test(program_environment, the_name_of_a_unix_peer_is_told_when_it_is_harmless)
{
	cr_assert(address_unix(&local, "/run/x.sock"));
	cr_assert(address_unix(&peer, "/tmp/client"));
	program_environment_set(&environment, &(struct program_facts){ &peer, &local, NULL, NULL });
	expect("UNIXREMOTEPATH", "/tmp/client");
	expect("SOCKUTIL_PEER_ADDR", "/tmp/client");
	cr_assert(address_unix(&peer, "/tmp/$(reboot)"));
	program_environment_set(&environment, &(struct program_facts){ &peer, &local, NULL, NULL });
	cr_assert_null(value("UNIXREMOTEPATH"));
	cr_assert_null(value("UNIXREMOTEPID"));
}

Test(program_environment, tls)
{
	struct tls_info tls = {
		.version = "TLSv1.3",
		.cipher = "TLS_AES_128_GCM_SHA256",
		.alpn = "",
		.servername = "example.org",
		.verified = true,
		.subject = "CN=Ann Other, O=Example Ltd.",
	};

	cr_assert(address_parse_ip("192.0.2.1", 4711, &peer));
	program_environment_set(&environment, &(struct program_facts){ &peer, &peer, NULL, &tls });
	expect("SOCKUTIL_TLS_VERSION", "TLSv1.3");
	expect("SOCKUTIL_TLS_CIPHER", "TLS_AES_128_GCM_SHA256");
	expect("SOCKUTIL_TLS_SNI", "example.org");
	expect("SOCKUTIL_TLS_VERIFIED", "yes");
	expect("SOCKUTIL_TLS_SUBJECT", "CN=Ann Other, O=Example Ltd.");
	cr_assert_null(value("SOCKUTIL_TLS_ALPN"));
	tls.verified = false;
	tls.subject = "CN=() { :; }; reboot";
	program_environment_set(&environment, &(struct program_facts){ &peer, &peer, NULL, &tls });
	expect("SOCKUTIL_TLS_VERIFIED", "no");
	cr_assert_null(value("SOCKUTIL_TLS_SUBJECT"));
}

Test(program_environment, harmless_text)
{
	static const char *const good[] = { "a", "CN=x, O=y-z", "\xc3\xa9t\xc3\xa9",
					    "user@host:1/2", "" };
	static const char *const bad[] = { "a\nb",         "a;b",  "$HOME",  "`x`",  "a\x1b[m",
					   "\xff",         "a|b",  "() { x", "a\"b", "it's",
					   "\xe2\x80\xae", "a\\b", "*",      "a\x7f" };
	char longest[600];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); ++i)
		cr_assert(program_environment_harmless(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i)
		cr_assert_not(program_environment_harmless(bad[i]), "number %zu", i);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	cr_assert_not(program_environment_harmless(longest));
}
