/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/ephemeral.c Holds: P-256 and SHA-256; valid from yesterday for a year;
 * for localhost, this host, 127.0.0.1 and ::1; for servers only, no authority; a new positive
 * serial and key each time; a client gets in with the pin that the server tells, by any name. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/stream/tls/ephemeral.h>

TestSuite(tls_ephemeral, .init = tls_support_begin, .fini = tls_support_end);

static X509 *make(EVP_PKEY **key)
{
	X509 *certificate = NULL;
	struct failure why = { 0 };

	cr_assert(ephemeral_make(key, &certificate, &why), "%s", why.text);
	return certificate;
}

Test(tls_ephemeral, key_and_signature)
{
	EVP_PKEY *key = NULL;
	X509 *certificate = make(&key);
	char group[20] = "";
	int digest = 0;

	EVP_PKEY_get_group_name(key, group, sizeof(group), NULL);
	cr_assert_str_eq(group, "prime256v1");
	cr_assert_eq(X509_get_signature_info(certificate, &digest, NULL, NULL, NULL), 1);
	cr_assert_eq(digest, NID_sha256);
	cr_assert_eq(X509_verify(certificate, key), 1);
	cr_assert_eq(X509_check_private_key(certificate, key), 1);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

Test(tls_ephemeral, validity)
{
	EVP_PKEY *key = NULL;
	X509 *certificate = make(&key);
	int days = 0, seconds = 0;

	cr_assert(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(certificate), NULL));
	cr_assert_eq(days, 1);
	cr_assert(ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)));
	cr_assert(days == 364 || days == 365);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

Test(tls_ephemeral, names_and_purpose)
{
	EVP_PKEY *key = NULL;
	X509 *certificate = make(&key);
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	cr_assert_eq(X509_check_host(certificate, "localhost", 0, 0, NULL), 1);
	cr_assert_eq(X509_check_host(certificate, host, 0, 0, NULL), 1);
	cr_assert_eq(X509_check_ip_asc(certificate, "127.0.0.1", 0), 1);
	cr_assert_eq(X509_check_ip_asc(certificate, "::1", 0), 1);
	cr_assert_eq(X509_check_purpose(certificate, X509_PURPOSE_SSL_SERVER, 0), 1);
	cr_assert_eq(X509_check_purpose(certificate, X509_PURPOSE_SSL_CLIENT, 0), 0);
	cr_assert_eq(X509_check_ca(certificate), 0);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

Test(tls_ephemeral, a_new_one_each_time)
{
	EVP_PKEY *key = NULL, *other_key = NULL;
	X509 *certificate = make(&key), *other = make(&other_key);
	const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);

	cr_assert_neq(ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(other)), 0);
	cr_assert_eq(ASN1_STRING_type((const ASN1_STRING *)serial), V_ASN1_INTEGER, "positive");
	cr_assert_eq(ASN1_STRING_length((const ASN1_STRING *)serial), 16);
	cr_assert_eq(EVP_PKEY_eq(key, other_key), 0);
	X509_free(certificate);
	X509_free(other);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other_key);
}

Test(tls_ephemeral, the_pin_lets_a_client_in)
{
	struct failure why = { 0 };
	struct tls_pair pair = { 0 };
	char pin[100];

	/* The pin is known only once the server is there: made apart from the client. */
	tls_pair_init(&pair, &(struct tls_options){ .insecure = true }, &(struct tls_options){ 0 },
		      "192.0.2.1");
	snprintf(pin, sizeof(pin), "%s", sockutil_tls_api.context_pin(pair.server_context));
	cr_assert_eq(strncmp(pin, "sha256//", 8), 0);
	stream_free(pair.client);
	sockutil_tls_api.context_free(pair.client_context);
	pair.client_context = sockutil_tls_api.client(&(struct tls_options){ .pin = pin }, &why);
	pair.client = sockutil_tls_api.connect(pair.client_context, &pair.wire.a.stream,
					       "192.0.2.1", "1", &why);
	tls_pair_open(&pair);
	tls_pair_free(&pair);
}
