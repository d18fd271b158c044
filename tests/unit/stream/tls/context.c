/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/context.c Holds: a context may be freed while connections made from it
 * go on; --client-cert needs something to know clients by; a wrong --pin is refused at once;
 * freeing NULL is fine. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(tls_context, .init = tls_support_begin, .fini = tls_support_end);

Test(tls_context, connections_outlive_it)
{
	struct tls_pair pair;

	tls_pair_usual(&pair);
	sockutil_tls_api.context_free(pair.client_context);
	sockutil_tls_api.context_free(pair.server_context);
	pair.client_context = pair.server_context = NULL;
	tls_pair_open(&pair);
	tls_pair_exchange(pair.client, pair.server, "x");
	tls_pair_free(&pair);
}

static void unusable(const struct tls_options *options, const char *text)
{
	struct failure why = { 0 };

	cr_assert_null(sockutil_tls_api.server(options, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, text);
}

Test(tls_context, contradictions)
{
	unusable(&(struct tls_options){ .client_cert = TLS_CLIENT_CERT_OPTIONAL },
		 "--client-cert needs --client-ca FILE, or --pin with the clients' keys");
	unusable(&(struct tls_options){ .pin = "x" },
		 "--pin \"x\": expected sha256// and 44 characters of Base64");
}
