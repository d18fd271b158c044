/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/trust.c Holds: --ca takes a file or a directory with hash links;
 * SSL_CERT_FILE and SSL_CERT_DIR are honoured, and --ca comes before them; a bare directory, a
 * file without certificates and what cannot be read are FAILURE_INPUT; the same for --crl and
 * --client-ca; a hash link is told from other names. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/stream/tls/trust.h>

TestSuite(tls_trust, .init = tls_support_begin, .fini = tls_support_end);

/* A directory with a hash link to a certificate, as openssl-rehash(1) makes it. */
static const char *hashed(const char *folder, const char *file)
{
	const char *path = tls_support_path(folder);
	FILE *stream = fopen(tls_support_path(file), "r");
	X509 *certificate = PEM_read_X509(stream, NULL, NULL, NULL);
	char link[300];

	cr_assert_eq(mkdir(path, 0700), 0);
	snprintf(link, sizeof(link), "%s/%08lx.0", path,
		 X509_NAME_hash_ex(X509_get_subject_name(certificate), NULL, NULL, NULL));
	cr_assert_eq(symlink(tls_support_path(file), link), 0);
	X509_free(certificate);
	fclose(stream);
	return path;
}

static bool trusts(const char *ca)
{
	struct tls_pair pair;
	enum io client, server;
	const char *list[] = { tls_support_path("server.pem"), NULL };

	tls_pair_init(&pair, &(struct tls_options){ .ca = ca },
		      &(struct tls_options){ .cert = list }, "host.example");
	tls_pair_shake(&pair, &client, &server);
	tls_pair_free(&pair);
	return client == IO_DONE;
}

Test(tls_trust, a_file_or_a_directory)
{
	tls_support_usual();
	cr_assert(trusts(tls_support_path("ca.pem")));
	cr_assert(trusts(hashed("store", "ca.pem")));
}

Test(tls_trust, the_system_does_not_know_our_authority)
{
	tls_support_usual();
	unsetenv("SSL_CERT_FILE");
	unsetenv("SSL_CERT_DIR");
	cr_assert(!trusts(NULL));
}

Test(tls_trust, the_environment)
{
	tls_support_usual();
	tls_support_certificate(
		&(struct tls_wish){ .file = "other.pem", .name = "Other", .authority = true });
	unsetenv("SSL_CERT_DIR");
	setenv("SSL_CERT_FILE", tls_support_path("ca.pem"), 1);
	cr_assert(trusts(NULL));
	cr_assert(!trusts(tls_support_path("other.pem")));
	setenv("SSL_CERT_FILE", "", 1);
	cr_assert(!trusts(NULL));
	setenv("SSL_CERT_DIR", hashed("store", "ca.pem"), 1);
	cr_assert(trusts(NULL));
	setenv("SSL_CERT_FILE", tls_support_path("other.pem"), 1);
	cr_assert(trusts(NULL));
	setenv("SSL_CERT_DIR", tls_support_path("absent"), 1);
	cr_assert(!trusts(NULL));
}

static void unusable(const struct tls_options *options, const char *text)
{
	struct failure why = { 0 };

	cr_assert_null((options->client_ca ? sockutil_tls_api.server
					   : sockutil_tls_api.client)(options, &why));
	cr_assert_eq(why.class, FAILURE_INPUT, "%s", why.text);
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(ERR_peek_error(), 0);
}

Test(tls_trust, what_cannot_be_used)
{
	char text[600];
	const char *empty = tls_support_write("empty", "nothing\n", 8, 0600);
	const char *bare = tls_support_path("bare");
	const char *absent = tls_support_path("absent");

	cr_assert_eq(mkdir(bare, 0700), 0);
	snprintf(text, sizeof(text), "cannot read --ca %s: No such file or directory", absent);
	unusable(&(struct tls_options){ .ca = absent }, text);
	snprintf(text, sizeof(text), "--ca %s holds no PEM certificate", empty);
	unusable(&(struct tls_options){ .ca = empty }, text);
	snprintf(text, sizeof(text),
		 "--ca %s has no certificates by hash; `openssl rehash %s` makes the links", bare,
		 bare);
	unusable(&(struct tls_options){ .ca = bare }, text);
	snprintf(text, sizeof(text), "--client-ca %s holds no PEM certificate", empty);
	unusable(&(struct tls_options){ .client_ca = empty }, text);
	snprintf(text, sizeof(text), "--crl %s holds no PEM certificate revocation list", empty);
	unusable(&(struct tls_options){ .crl = empty }, text);
	snprintf(text, sizeof(text), "cannot read --crl %s: No such file or directory", absent);
	unusable(&(struct tls_options){ .crl = absent }, text);
}

Test(tls_trust, hash_links)
{
	const char *path = tls_support_path("store");
	static const char *const others[] = { "5ED36F99.0", "5ed36f9.0",   "5ed36f99",
					      "5ed36f99.x", "5ed36f990.0", "ca.pem" };
	char name[300];

	cr_assert(!trust_directory_is_hashed(path));
	cr_assert_eq(mkdir(path, 0700), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(name, sizeof(name), "store/%s", others[i]);
		tls_support_write(name, "", 0, 0600);
		cr_assert(!trust_directory_is_hashed(path), "%s", others[i]);
	}
	tls_support_write("store/5ed36f99.12", "", 0, 0600);
	cr_assert(trust_directory_is_hashed(path));
}
