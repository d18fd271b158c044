/* SPDX-License-Identifier: MIT */
/* Endpoints as one word.
 * Holds: every form is parsed and its text parses to the same; numbers are written anew ("080"
 * is 80); the schemes, their default ports and targets; what is wrong is said in one exact
 * sentence that quotes the text; a very long text is cut and the reason stays whole; pairs of
 * host and port; which operands are hosts. */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/net/address.h>
#include <sockutil/net/endpoint.h>

static struct endpoint parsed(const char *text, bool listening)
{
	struct endpoint endpoint;
	struct failure why = { 0 };

	cr_assert(endpoint_parse(&endpoint, text, listening, &why), "%s: %s", text, why.text);
	return endpoint;
}

static void assert_refused(const char *text, bool listening, const char *expected)
{
	struct endpoint endpoint;
	struct failure why = { 0 };

	cr_assert(!endpoint_parse(&endpoint, text, listening, &why), "%s", text);
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, expected);
}

Test(endpoint, texts_of_every_form)
{
	static const struct {
		const char *text;
		bool listening;
		const char *expected; /* NULL: the same */
	} rows[] = {
		{ .text = "example.org:80" },
		{ .text = "example.org.:80" },
		{ .text = "under_score-1.example:65535" },
		{ .text = "127.0.0.1:1" },
		{ .text = "[::1]:443" },
		{ .text = "[fe80::1%eth0]:22" },
		{ .text = "b\303\274cher.example:80" },
		{ .text = "localhost:http" },
		{ .text = "localhost:080", .expected = "localhost:80" },
		{ .text = ":8080", .listening = true },
		{ .text = "8080", .listening = true, .expected = ":8080" },
		{ .text = "http", .listening = true, .expected = ":http" },
		{ .text = "127.0.0.1:0", .listening = true },
		{ .text = "unix:/run/x.sock" },
		{ .text = "unix:relative:80" },
		{ .text = "UNIX:/x", .expected = "unix:/x" },
		{ .text = "fd:7" },
		{ .text = "systemd:" },
		{ .text = "systemd:web" },
		{ .text = "tcp://example.org:80" },
		{ .text = "TLS://example.org:443/", .expected = "tls://example.org:443" },
		{ .text = "tls://8443", .listening = true, .expected = "tls://:8443" },
		{ .text = "ws://example.org", .expected = "ws://example.org:80" },
		{ .text = "wss://example.org/", .expected = "wss://example.org:443" },
		{ .text = "ws://[::1]/a?b=c%20", .expected = "ws://[::1]:80/a?b=c%20" },
		{ .text = "ws://h?q=/x:y", .expected = "ws://h:80/?q=/x:y" },
		{ .text = "udp://h:53" },
		{ .text = "dtls://h:853" },
	};
	char text[ENDPOINT_TEXT_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *expected = rows[i].expected ? rows[i].expected : rows[i].text;
		struct endpoint first = parsed(rows[i].text, rows[i].listening), again;

		cr_assert_str_eq(endpoint_text(text, &first), expected);
		again = parsed(text, rows[i].listening);
		cr_assert_eq(memcmp(&first, &again, sizeof(first)), 0, "%s", text);
	}
}

Test(endpoint, parts_of_a_host_and_port)
{
	struct endpoint e = parsed("[fe80::1%eth0]:22", false);

	cr_assert_eq(e.kind, ENDPOINT_INTERNET);
	cr_assert_eq(e.scheme, ENDPOINT_PLAIN);
	cr_assert_str_eq(e.host, "fe80::1%eth0");
	cr_assert_str_eq(e.service, "22");
	cr_assert_eq(e.port, 22);
	e = parsed("h:https", false);
	cr_assert_str_eq(e.service, "https");
	cr_assert_eq(e.port, -1);
	e = parsed("8080", true);
	cr_assert_str_eq(e.host, "");
	cr_assert_eq(e.port, 8080);
}

Test(endpoint, parts_of_the_other_kinds)
{
	struct endpoint e = parsed("unix:/x", false);

	cr_assert_eq(e.kind, ENDPOINT_UNIX);
	cr_assert_str_eq(e.path, "/x");
	e = parsed("fd:3", false);
	cr_assert_eq(e.kind, ENDPOINT_DESCRIPTOR);
	cr_assert_eq(e.descriptor, 3);
	e = parsed("systemd:web", true);
	cr_assert_eq(e.kind, ENDPOINT_SYSTEMD);
	cr_assert_str_eq(e.name, "web");
	e = parsed("wss://h/chat", false);
	cr_assert_eq(e.scheme, ENDPOINT_WSS);
	cr_assert_eq(e.port, 443);
	cr_assert_str_eq(e.target, "/chat");
	e = parsed("ws://h", false);
	cr_assert_str_eq(e.target, "/");
	e = parsed("tls://h:1", false);
	cr_assert_str_eq(e.target, "");
}

Test(endpoint, vsock_where_there_is_any)
{
	char text[ENDPOINT_TEXT_MAX];
	struct endpoint e;

	if (!address_has_vsock()) {
		assert_refused("vsock:2:80", false, "\"vsock:2:80\": this system has no vsock");
		return;
	}
	e = parsed("vsock:2:4294967294", false);
	cr_assert_eq(e.kind, ENDPOINT_VSOCK);
	cr_assert_eq(e.vsock_cid, 2U);
	cr_assert_eq(e.vsock_port, 4294967294U);
	e = parsed("vsock::80", true);
	cr_assert_eq(e.vsock_cid, UINT_MAX);
	cr_assert_str_eq(endpoint_text(text, &e), "vsock:*:80");
	assert_refused("vsock:*:80", false, "\"vsock:*:80\": no CID: vsock:CID:PORT");
	assert_refused("vsock:2", false, "\"vsock:2\": no port: vsock:CID:PORT");
	assert_refused("vsock:x:1", true, "\"vsock:x:1\": a CID is a number: vsock:CID:PORT");
	assert_refused("vsock:4294967296:1", true,
		       "\"vsock:4294967296:1\": a CID is a number: vsock:CID:PORT");
	assert_refused("vsock:1:x", true,
		       "\"vsock:1:x\": a vsock port is a number: vsock:CID:PORT");
}

Test(endpoint, abstract_names_where_there_are_any)
{
	struct endpoint e;

	if (!address_has_abstract()) {
		assert_refused("unix:@x", false,
			       "\"unix:@x\": this system has no abstract Unix sockets: unix:PATH");
		return;
	}
	e = parsed("unix:@x", false);
	cr_assert_str_eq(e.path, "@x");
	assert_refused("unix:@", false, "\"unix:@\": no name: unix:@NAME");
}

/* The numbers are read by inet_aton(3) in many shapes; here only the dotted quad is one. */
Test(endpoint, ipv4_is_a_dotted_quad)
{
	static const char *const hosts[] = {
		"127.1",     "0x7f.1",   "1.2.3",      "0177.0.0.1", "1.2.3.4.5",
		"256.1.1.1", "1.2.3.4.", "0x7f000001", "1.2.3.0x4",  "01.2.3.4",
	};
	char text[64], expected[200];

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		snprintf(text, sizeof(text), "%s:80", hosts[i]);
		snprintf(expected, sizeof(expected),
			 "\"%s\": an IPv4 address is four numbers from 0 to 255, as in 127.0.0.1",
			 text);
		assert_refused(text, false, expected);
	}
	parsed("1.2.3.4.in-addr.arpa:80", false);
	parsed("0xcafe.example:80", false);
	parsed("beef:80", false);
}

Test(endpoint, says_what_is_wrong_with_a_host)
{
	assert_refused("", false, "\"\": empty: HOST:PORT");
	assert_refused("example.org", false, "\"example.org\": no port: HOST PORT or HOST:PORT");
	assert_refused("127.0.0.1", true, "\"127.0.0.1\": no port: HOST PORT or HOST:PORT");
	assert_refused(":80", false, "\":80\": no host: HOST:PORT");
	assert_refused("80", false,
		       "\"80\": no host: digits alone are a port; HOST PORT or HOST:PORT");
	assert_refused("80:80", false, "\"80:80\": digits alone are a port, never a host");
	assert_refused("a b:80", false, "\"a b:80\": a space cannot be part of a host");
	assert_refused("a\x1b[m:80", false,
		       "\"a\x1b[m:80\": a control character cannot be part of a host");
	assert_refused("a\xc2\x9b:80", false,
		       "\"a\xc2\x9b:80\": a control character cannot be part of a host");
	assert_refused("a\xe2\x80\xae:80", false,
		       "\"a\xe2\x80\xae:80\": a control character cannot be part of a host");
	assert_refused("me@host:80", false, "\"me@host:80\": '@' cannot be part of a host");
	assert_refused("a/b:80", false, "\"a/b:80\": '/' cannot be part of a host");
	assert_refused("a\\b:80", false, "\"a\\b:80\": '\\' cannot be part of a host");
	assert_refused("a\xff:80", false, "\"a\xff:80\": the host is not UTF-8");
	assert_refused("a..b:80", false,
		       "\"a..b:80\": a host cannot begin with a dot or have two in a row");
	assert_refused(".:80", false,
		       "\".:80\": a host cannot begin with a dot or have two in a row");
	assert_refused("lo%eth0:80", false, "\"lo%eth0:80\": only an IPv6 address has a zone (%)");
	assert_refused("127.0.0.1%lo:80", false,
		       "\"127.0.0.1%lo:80\": only an IPv6 address has a zone (%)");
}

Test(endpoint, says_how_ipv6_is_written)
{
	assert_refused("::1:80", false,
		       "\"::1:80\": an IPv6 address with a port needs brackets: [::1]:80");
	assert_refused("fe80::1%eth0:80", false,
		       "\"fe80::1%eth0:80\": an IPv6 address with a port needs brackets: "
		       "[fe80::1%eth0]:80");
	assert_refused("1:2:3:4:5:6:7:8:http", true,
		       "\"1:2:3:4:5:6:7:8:http\": an IPv6 address with a port needs brackets: "
		       "[1:2:3:4:5:6:7:8]:http");
	assert_refused("::1", false, "\"::1\": no port: [::1]:PORT");
	assert_refused("[::1]", false, "\"[::1]\": no port: [::1]:PORT");
	assert_refused("ws://::1", false, "\"ws://::1\": an IPv6 address needs brackets: [::1]");
	assert_refused("a:b:c", false, "\"a:b:c\": more than one colon: HOST:PORT or [V6]:PORT");
	assert_refused("[::1", false, "\"[::1\": no closing bracket: [V6]:PORT");
	assert_refused("[::1]x", false, "\"[::1]x\": behind the bracket comes a port: [V6]:PORT");
	assert_refused("[127.0.0.1]:80", false,
		       "\"[127.0.0.1]:80\": brackets are for an IPv6 address: [V6]:PORT");
	assert_refused("[::g]:80", false, "\"[::g]:80\": not an IPv6 address");
	assert_refused("[::1%]:80", false, "\"[::1%]:80\": not an IPv6 address");
	assert_refused("[::1%a b]:80", false, "\"[::1%a b]:80\": not an IPv6 address");
	assert_refused("[::1%sixteen-letters-]:80", false,
		       "\"[::1%sixteen-letters-]:80\": not an IPv6 address");
}

Test(endpoint, says_what_is_wrong_with_a_port)
{
	assert_refused("h:", false, "\"h:\": no port");
	assert_refused("h:65536", false, "\"h:65536\": a port is at most 65535");
	assert_refused("99999", true, "\"99999\": a port is at most 65535");
	assert_refused("h:0", false, "\"h:0\": port 0 is for listening");
	assert_refused("h:-1", false,
		       "\"h:-1\": a port is a number from 0 to 65535 or the name of a service");
	assert_refused("h:+80", false,
		       "\"h:+80\": a port is a number from 0 to 65535 or the name of a service");
	assert_refused("h: 80", false,
		       "\"h: 80\": a port is a number from 0 to 65535 or the name of a service");
	assert_refused("h:80/", false,
		       "\"h:80/\": a port is a number from 0 to 65535 or the name of a service");
}

Test(endpoint, says_what_is_wrong_with_a_scheme)
{
	assert_refused("http://h", false,
		       "\"http://h\": unknown scheme \"http\": tcp, tls, ws, wss, udp or dtls");
	assert_refused("://h:80", false,
		       "\"://h:80\": unknown scheme \"\": tcp, tls, ws, wss, udp or dtls");
	assert_refused("tls://h", false, "\"tls://h\": no port: tls://HOST:PORT");
	assert_refused("tls://", false, "\"tls://\": no host: HOST:PORT");
	assert_refused("ws:///x", false, "\"ws:///x\": no host: HOST:PORT");
	assert_refused("tcp://h:80/x", false,
		       "\"tcp://h:80/x\": only ws:// and wss:// take a path");
	assert_refused("ws://u@h/", false, "\"ws://u@h/\": '@' cannot be part of a host");
	assert_refused("ws://h/#a", false,
		       "\"ws://h/#a\": a WebSocket address has no fragment (#)");
	assert_refused("ws://h/a b", false,
		       "\"ws://h/a b\": spaces, backslashes, control and non-ASCII characters of a "
		       "path are written as %XX");
}

Test(endpoint, says_what_is_wrong_with_the_other_kinds)
{
	char text[200], expected[500];

	assert_refused("unix:", false, "\"unix:\": no path: unix:PATH");
	assert_refused("unix:/a\nb", true, "\"unix:/a\nb\": a control character in the path");
	assert_refused("fd:x", false, "\"fd:x\": a descriptor is a number: fd:N");
	assert_refused("fd:-1", false, "\"fd:-1\": a descriptor is a number: fd:N");
	assert_refused("fd:2147483648", false, "\"fd:2147483648\": a descriptor is a number: fd:N");
	assert_refused("systemd:a:b", true,
		       "\"systemd:a:b\": a socket's name is printable ASCII without a colon");
	memset(text, 'p', sizeof(text));
	memcpy(text, "unix:/", 6);
	text[5 + ADDRESS_UNIX_PATH_MAX] = '\0';
	parsed(text, true);
	text[5 + ADDRESS_UNIX_PATH_MAX] = 'p';
	text[6 + ADDRESS_UNIX_PATH_MAX] = '\0';
	snprintf(expected, sizeof(expected),
		 "\"%s\": the path of a Unix socket has at most %d bytes, this has %d", text,
		 ADDRESS_UNIX_PATH_MAX, ADDRESS_UNIX_PATH_MAX + 1);
	assert_refused(text, true, expected);
}

Test(endpoint, lengths_are_bounded)
{
	char text[5000], expected[500];
	struct endpoint e;
	struct failure why = { 0 };

	memset(text, 'a', sizeof(text));
	for (size_t i = 50; i < sizeof(text); i += 50)
		text[i] = '.';
	memcpy(text + 253, ":80", 4);
	parsed(text, false);
	memcpy(text + 253, "a:80", 5);
	cr_assert(!endpoint_parse(&e, text, false, &why));
	snprintf(expected, sizeof(expected), "\"%.200s...\": a host has at most 253 bytes", text);
	cr_assert_str_eq(why.text, expected);
	memset(text, 'a', sizeof(text));
	memcpy(text + 64, ":80", 4);
	snprintf(expected, sizeof(expected),
		 "\"%.100s\": a part of a host name has at most 63 bytes", text);
	assert_refused(text, false, expected);
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "ws://h/", 7);
	cr_assert(!endpoint_parse(&e, text, false, &why));
	snprintf(expected, sizeof(expected), "\"%.200s...\": a path has at most 1023 bytes", text);
	cr_assert_str_eq(why.text, expected);
	text[6 + 1023] = '\0';
	cr_assert_eq(strlen(parsed(text, false).target), 1023);
	memcpy(text, "ws://h?", 7);
	cr_assert(!endpoint_parse(&e, text, false, &why), "the slash in front counts too");
}

Test(endpoint, pairs)
{
	struct endpoint e;
	struct failure why = { 0 };
	char text[ENDPOINT_TEXT_MAX];

	cr_assert(endpoint_parse_pair(&e, "::1", "80", &why));
	cr_assert_str_eq(endpoint_text(text, &e), "[::1]:80");
	cr_assert(endpoint_parse_pair(&e, "[::1]", "http", &why));
	cr_assert_str_eq(endpoint_text(text, &e), "[::1]:http");
	cr_assert(endpoint_parse_pair(&e, "example.org", "0", &why));
	cr_assert(!endpoint_parse_pair(&e, "127.1", "80", &why));
	cr_assert_str_eq(why.text, "\"127.1\": an IPv4 address is four numbers from 0 to 255, as "
				   "in 127.0.0.1");
	cr_assert(!endpoint_parse_pair(&e, "h", "70000", &why));
	cr_assert_str_eq(why.text, "\"70000\": a port is at most 65535");
	cr_assert(!endpoint_parse_pair(&e, "", "80", &why));
	cr_assert_str_eq(why.text, "\"\": no host");
	cr_assert(!endpoint_parse_pair(&e, "[h]", "80", &why));
	cr_assert_str_eq(why.text, "\"[h]\": brackets are for an IPv6 address");
	cr_assert(!endpoint_parse_pair(&e, "80", "80", &why));
	cr_assert_str_eq(why.text, "\"80\": digits alone are a port, never a host");
}

Test(endpoint, operands_that_are_hosts)
{
	cr_assert(endpoint_is_host("localhost"));
	cr_assert(endpoint_is_host("::1"));
	cr_assert(endpoint_is_host("[::1]"));
	cr_assert(endpoint_is_host(""));
	cr_assert(!endpoint_is_host("80"));
	cr_assert(!endpoint_is_host("h:80"));
	cr_assert(!endpoint_is_host(":80"));
	cr_assert(!endpoint_is_host("[::1]:80"));
	cr_assert(!endpoint_is_host("unix:/x"));
	cr_assert(!endpoint_is_host("vsock:1:2"));
	cr_assert(!endpoint_is_host("tls://h"));
}
