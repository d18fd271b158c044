/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/alpn.c Holds: the server's order decides; a side without --alpn agrees
 * on nothing and goes on; nothing in common is refused; empty and overlong names are usage
 * failures. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(tls_alpn, .init = tls_support_begin, .fini = tls_support_end);

static struct tls_pair pair;
static enum io client, server;

static void shake(const char *offered, const char *known)
{
	tls_pair_init(&pair, &(struct tls_options){ .insecure = true, .alpn = offered },
		      &(struct tls_options){ .alpn = known }, "host.example");
	tls_pair_shake(&pair, &client, &server);
}

static void agreed(const char *offered, const char *known, const char *chosen)
{
	struct tls_info seen;

	shake(offered, known);
	cr_assert_eq(client, IO_DONE, "%s", pair.client_why.text);
	cr_assert_eq(server, IO_DONE, "%s", pair.server_why.text);
	sockutil_tls_api.info(pair.client, &seen);
	cr_assert_str_eq(seen.alpn, chosen);
	sockutil_tls_api.info(pair.server, &seen);
	cr_assert_str_eq(seen.alpn, chosen);
	tls_pair_free(&pair);
}

Test(tls_alpn, agreed)
{
	agreed("h2,http/1.1", "http/1.1", "http/1.1");
	agreed("h2,http/1.1", "http/1.1,h2", "http/1.1");
	agreed("h2", NULL, "");
	agreed(NULL, "h2", "");
}

Test(tls_alpn, nothing_in_common)
{
	shake("h2,http/1.1", "mqtt");
	cr_assert_eq(client, IO_FAILED);
	cr_assert_eq(server, IO_FAILED);
	cr_assert_eq(pair.client_why.class, FAILURE_TLS);
	cr_assert_str_eq(pair.client_why.text, "the peer knows none of the --alpn protocols");
	cr_assert_str_eq(pair.server_why.text, "the client offers none of the --alpn protocols");
	tls_pair_free(&pair);
}

static void nonsense(const char *list, size_t length)
{
	char text[100];
	struct failure why = { 0 };

	snprintf(text, sizeof(text), "--alpn: a protocol's name has 1 to 255 bytes, not %zu",
		 length);
	cr_assert_null(sockutil_tls_api.client(&(struct tls_options){ .alpn = list }, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, text);
}

Test(tls_alpn, nonsense)
{
	char name[257];

	memset(name, 'x', 256);
	name[256] = '\0';
	nonsense("", 0);
	nonsense("h2,", 0);
	nonsense("h2,,http/1.1", 0);
	nonsense(name, 256);
}
