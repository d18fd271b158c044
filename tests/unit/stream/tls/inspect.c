/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/inspect.c Holds: info names version, cipher, names, dates and both
 * hashes, the same when asked twice; a server sees what the client sent; control bytes in names
 * are escaped and UTF-8 is shown; the chain is shown leaf first in words and PEM; without a
 * certificate it says so. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

TestSuite(tls_inspect, .init = tls_support_begin, .fini = tls_support_end);

static struct tls_pair pair;

Test(tls_inspect, info)
{
	struct tls_info seen, again;

	tls_pair_usual(&pair);
	tls_pair_open(&pair);
	sockutil_tls_api.info(pair.client, &seen);
	sockutil_tls_api.info(pair.client, &again);
	cr_assert_str_eq(seen.version, "TLSv1.3");
	cr_assert_str_eq(seen.subject, "CN=host.example");
	cr_assert_str_eq(seen.issuer, "CN=Test CA");
	cr_assert_eq(seen.subject, again.subject);
	cr_assert_eq(strlen(seen.not_after), 20);
	cr_assert_eq(seen.not_after[10], 'T');
	cr_assert_eq(seen.not_after[19], 'Z');
	cr_assert_eq(strlen(seen.fingerprint), 95);
	cr_assert_eq(seen.fingerprint[2], ':');
	cr_assert_str_eq(seen.pin, sockutil_tls_api.context_pin(pair.server_context));
	cr_assert(seen.verified);
	cr_assert(!seen.resumed);
	sockutil_tls_api.info(pair.server, &seen);
	cr_assert_str_eq(seen.servername, "host.example");
	cr_assert_str_empty(seen.subject);
	cr_assert_str_empty(seen.not_after);
	cr_assert(!seen.verified);
	tls_pair_free(&pair);
}

Test(tls_inspect, names_are_escaped)
{
	struct tls_info seen;
	const char *list[] = { tls_support_certificate(&(struct tls_wish){
				       .file = "odd.pem", .name = "a\x1b[1m,b\xc3\xa9" }),
			       NULL };

	tls_pair_init(&pair, &(struct tls_options){ .insecure = true },
		      &(struct tls_options){ .cert = list }, "x");
	tls_pair_open(&pair);
	sockutil_tls_api.info(pair.client, &seen);
	cr_assert_str_eq(seen.subject, "CN=a\\1B[1m\\,b\xc3\xa9");
	tls_pair_free(&pair);
}

Test(tls_inspect, the_chain)
{
	struct buffer out = { 0 };
	struct tls_info seen;
	const char *text = NULL;
	char start[] = "0: subject: CN=host.example\n"
		       "   issuer: CN=Test CA\n"
		       "   names: host.example, 127.0.0.1\n"
		       "   valid: ";

	tls_pair_usual(&pair);
	tls_pair_open(&pair);
	sockutil_tls_api.info(pair.client, &seen);
	cr_assert(sockutil_tls_api.show_chain(pair.client, &out));
	text = buffer_text(&out);
	cr_assert_eq(strncmp(text, start, strlen(start)), 0, "%s", text);
	cr_assert_not_null(strstr(text, "   key: EC, 256 bits\n"));
	cr_assert_not_null(strstr(text, seen.fingerprint));
	cr_assert_not_null(strstr(text, seen.pin));
	cr_assert_not_null(strstr(text, "\n-----BEGIN CERTIFICATE-----\n"));
	cr_assert_str_eq(text + strlen(text) - 26, "-----END CERTIFICATE-----\n");
	buffer_free(&out);
	cr_assert(sockutil_tls_api.show_chain(pair.server, &out));
	cr_assert_str_eq(buffer_text(&out), "the peer has shown no certificate\n");
	buffer_free(&out);
	tls_pair_free(&pair);
}

Test(tls_inspect, a_client_is_shown_to_the_server)
{
	struct buffer out = { 0 };
	const char *list[] = { NULL, NULL };

	tls_support_usual();
	list[0] = tls_support_path("server.pem");
	tls_pair_init(
		&pair, &(struct tls_options){ .ca = tls_support_path("ca.pem"), .cert = list },
		&(struct tls_options){ .cert = list, .client_ca = tls_support_path("ca.pem") },
		"host.example");
	tls_pair_open(&pair);
	cr_assert(sockutil_tls_api.show_chain(pair.server, &out));
	cr_assert_eq(strncmp(buffer_text(&out), "0: subject: CN=host.example\n", 28), 0);
	buffer_free(&out);
	tls_pair_free(&pair);
}
