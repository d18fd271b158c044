/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/bundle.c Holds: a certificate is found by its subject among many, also
 * one with trust settings, also when names differ in case only; all of one subject are found;
 * what is not there is not found; the file is read at the first question, and one that is
 * absent, empty or broken answers none. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/stream/tls/bundle.h>

TestSuite(tls_bundle, .init = tls_support_begin, .fini = tls_support_end);

/* How many certificates with that CN the store gives. */
static int found(X509_STORE *store, const char *name)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	X509_NAME *subject = X509_NAME_new();
	STACK_OF(X509) *certificates = NULL;
	int count = 0;

	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
				   -1, 0);
	cr_assert(X509_STORE_CTX_init(context, store, NULL, NULL));
	certificates = X509_STORE_CTX_get1_certs(context, subject);
	count = sk_X509_num(certificates) < 0 ? 0 : sk_X509_num(certificates);
	sk_X509_pop_free(certificates, X509_free);
	X509_NAME_free(subject);
	X509_STORE_CTX_free(context);
	cr_assert_eq(ERR_peek_error(), 0);
	return count;
}

static const char *bundle_of(const char *file, const char *const *names)
{
	char text[16000] = "# a comment\n";

	for (; *names; names++) {
		tls_support_certificate(
			&(struct tls_wish){ .file = "one.pem", .name = *names, .authority = true });
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s",
			 tls_support_read("one.pem"));
	}
	return tls_support_write(file, text, strlen(text), 0600);
}

Test(tls_bundle, by_subject)
{
	X509_STORE *store = X509_STORE_new();

	cr_assert(bundle_add(store, bundle_of("all.pem", (const char *[]){ "one", "Two", "three",
									   "three", NULL })));
	cr_assert_eq(found(store, "one"), 1);
	cr_assert_eq(found(store, "one"), 1);
	cr_assert_eq(found(store, "tWO"), 1);
	cr_assert_eq(found(store, "three"), 2);
	cr_assert_eq(found(store, "four"), 0);
	X509_STORE_free(store);
}

Test(tls_bundle, with_trust_settings)
{
	X509_STORE *store = X509_STORE_new();
	const char *path = NULL;
	FILE *stream = NULL;
	X509 *certificate = NULL;

	bundle_of("plain.pem", (const char *[]){ "one", NULL });
	stream = fopen(tls_support_path("plain.pem"), "r");
	certificate = PEM_read_X509(stream, NULL, NULL, NULL);
	fclose(stream);
	X509_add1_trust_object(certificate, OBJ_nid2obj(NID_server_auth));
	path = tls_support_write("trusted.pem", "", 0, 0600);
	stream = fopen(path, "w");
	PEM_write_X509_AUX(stream, certificate);
	fclose(stream);
	X509_free(certificate);
	cr_assert_not_null(strstr(tls_support_read("trusted.pem"), "BEGIN TRUSTED CERTIFICATE"));
	cr_assert(bundle_add(store, path));
	cr_assert_eq(found(store, "one"), 1);
	X509_STORE_free(store);
}

static int found_in(const char *content)
{
	X509_STORE *store = X509_STORE_new();
	int count = 0;

	cr_assert(
		bundle_add(store, content ? tls_support_write("odd", content, strlen(content), 0600)
					  : tls_support_path("absent")));
	count = found(store, "one");
	X509_STORE_free(store);
	return count;
}

Test(tls_bundle, files_that_hold_none)
{
	cr_assert_eq(found_in(NULL), 0);
	cr_assert_eq(found_in(""), 0);
	cr_assert_eq(found_in("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"), 0);
	cr_assert_eq(found_in("-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"),
		     0);
	cr_assert_eq(found_in("-----BEGIN CERTIFICATE-----\nMIGAMIGA\n-----END CERTIFICATE-----\n"),
		     0);
}

Test(tls_bundle, read_at_the_first_question)
{
	X509_STORE *store = X509_STORE_new();
	const char *path = tls_support_path("later.pem");

	cr_assert(bundle_add(store, path));
	bundle_of("later.pem", (const char *[]){ "one", NULL });
	cr_assert_eq(found(store, "one"), 1);
	X509_STORE_free(store);
}
