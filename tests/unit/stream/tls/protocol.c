/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/protocol.c Holds: TLS 1.3 is agreed on by default and 1.2 where asked;
 * no version in common is told to both; --tls-min, --tls-max, --ciphers and --groups choose;
 * nonsense in them is a usage failure that names the value, also one unknown name among known
 * ones. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/stream/tls/context.h>

TestSuite(tls_protocol, .init = tls_support_begin, .fini = tls_support_end);

static struct tls_pair pair;
static enum io client, server;

static void shake(struct tls_options *one, const struct tls_options *other)
{
	one->insecure = true;
	tls_pair_init(&pair, one, other, "host.example");
	tls_pair_shake(&pair, &client, &server);
	cr_assert_eq(ERR_peek_error(), 0);
}

static struct tls_info agreed(struct tls_options one, struct tls_options other)
{
	static char group[40];
	struct tls_info seen;

	shake(&one, &other);
	cr_assert_eq(client, IO_DONE, "%s", pair.client_why.text);
	cr_assert_eq(server, IO_DONE, "%s", pair.server_why.text);
	sockutil_tls_api.info(pair.client, &seen);
	/* Strings live as long as the stream; the other ones are static in OpenSSL. */
	snprintf(group, sizeof(group), "%s", seen.group);
	seen.group = group;
	tls_pair_free(&pair);
	return seen;
}

Test(tls_protocol, by_default)
{
	struct tls_info seen = agreed((struct tls_options){ 0 }, (struct tls_options){ 0 });

	cr_assert_str_eq(seen.version, "TLSv1.3");
	cr_assert_str_eq(seen.cipher, "TLS_AES_128_GCM_SHA256");
	cr_assert_str_neq(seen.group, "");
	cr_assert(!seen.resumed);
}

Test(tls_protocol, versions)
{
	cr_assert_str_eq(
		agreed((struct tls_options){ .max = "1.2" }, (struct tls_options){ 0 }).version,
		"TLSv1.2");
	cr_assert_str_eq(
		agreed((struct tls_options){ 0 }, (struct tls_options){ .max = "1.2" }).version,
		"TLSv1.2");
	cr_assert_str_eq(agreed((struct tls_options){ .min = "1.2", .max = "1.3" },
				(struct tls_options){ .min = "1.3" })
				 .version,
			 "TLSv1.3");
}

static void refused(struct tls_options one, struct tls_options other, const char *client_text,
		    const char *server_text)
{
	shake(&one, &other);
	cr_assert_eq(client, IO_FAILED);
	cr_assert_eq(server, IO_FAILED);
	cr_assert_eq(pair.client_why.class, FAILURE_TLS);
	cr_assert_str_eq(pair.client_why.text, client_text);
	cr_assert_str_eq(pair.server_why.text, server_text);
	tls_pair_free(&pair);
}

Test(tls_protocol, no_version_in_common)
{
	refused((struct tls_options){ .max = "1.2" }, (struct tls_options){ .min = "1.3" },
		"no TLS version in common: the peer refused ours (protocol version)",
		"no TLS version in common: the peer's are not within --tls-min and --tls-max");
	refused((struct tls_options){ .min = "1.3" }, (struct tls_options){ .max = "1.2" },
		"no TLS version in common: the peer refused ours (protocol version)",
		"no TLS version in common: the peer's are not within --tls-min and --tls-max");
}

static const char no_cipher[] = "the peer refused the handshake: no cipher, group or key type in "
				"common, or it wants a certificate (--cert)";

Test(tls_protocol, ciphers)
{
	cr_assert_str_eq(agreed((struct tls_options){ .ciphers = "TLS_CHACHA20_POLY1305_SHA256" },
				(struct tls_options){ 0 })
				 .cipher,
			 "TLS_CHACHA20_POLY1305_SHA256");
	cr_assert_str_eq(
		agreed((struct tls_options){ .ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384:!MD5",
					     .max = "1.2" },
		       (struct tls_options){ 0 })
			.cipher,
		"ECDHE-ECDSA-AES256-GCM-SHA384");
	/* The two lists are apart: one leaves the other as it was. */
	cr_assert_str_eq(agreed((struct tls_options){ .ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384" },
				(struct tls_options){ 0 })
				 .cipher,
			 "TLS_AES_128_GCM_SHA256");
	refused((struct tls_options){ .ciphers = "TLS_AES_128_GCM_SHA256", .min = "1.3" },
		(struct tls_options){ .ciphers = "TLS_AES_256_GCM_SHA384", .min = "1.3" },
		no_cipher, "no cipher in common with the peer");
}

Test(tls_protocol, a_server_without_a_certificate_is_refused)
{
	struct tls_options one = { .ciphers = "aNULL:@SECLEVEL=0", .max = "1.2" };

	shake(&one, &one);
	cr_assert_eq(client, IO_FAILED);
	cr_assert_eq(pair.client_why.class, FAILURE_CERTIFICATE);
	cr_assert_str_eq(pair.client_why.text, "the server has shown no certificate");
	tls_pair_free(&pair);
}

Test(tls_protocol, weak_keys_are_refused)
{
	struct failure why = { 0 };
	struct tls_context *context =
		sockutil_tls_api.client(&(struct tls_options){ .insecure = true }, &why);

	cr_assert_eq(SSL_CTX_get_security_level(context->ssl), 2);
	cr_assert_eq(SSL_CTX_get_min_proto_version(context->ssl), TLS1_2_VERSION);
	sockutil_tls_api.context_free(context);
}

Test(tls_protocol, groups)
{
	cr_assert_str_eq(
		agreed((struct tls_options){ .groups = "P-384" }, (struct tls_options){ 0 }).group,
		"secp384r1");
	/* The client's first guess is not the server's choice: a second hello. */
	cr_assert_str_eq(agreed((struct tls_options){ .groups = "X25519:P-521" },
				(struct tls_options){ .groups = "P-521" })
				 .group,
			 "secp521r1");
}

static void nonsense(const struct tls_options *options, const char *text)
{
	struct failure why = { 0 };

	cr_assert_null(sockutil_tls_api.client(options, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(ERR_peek_error(), 0);
}

Test(tls_protocol, nonsense)
{
	char text[300];

	nonsense(&(struct tls_options){ .min = "1.1" }, "--tls-min takes 1.2 or 1.3, not \"1.1\"");
	nonsense(&(struct tls_options){ .max = "" }, "--tls-max takes 1.2 or 1.3, not \"\"");
	nonsense(&(struct tls_options){ .min = "1.3", .max = "1.2" },
		 "--tls-min 1.3 is above --tls-max 1.2");
	snprintf(text, sizeof(text), "--ciphers: \"NOSUCH\" is unknown to this %s",
		 sockutil_tls_api.library());
	nonsense(&(struct tls_options){ .ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384:NOSUCH" }, text);
	snprintf(text, sizeof(text), "--ciphers: \"TLS_NOSUCH\" is unknown to this %s",
		 sockutil_tls_api.library());
	nonsense(&(struct tls_options){ .ciphers = "TLS_AES_128_GCM_SHA256:TLS_NOSUCH" }, text);
	snprintf(text, sizeof(text), "--groups \"P-256:none\": a group is unknown to this %s",
		 sockutil_tls_api.library());
	nonsense(&(struct tls_options){ .groups = "P-256:none" }, text);
}
