/* SPDX-License-Identifier: MIT */
/* identity.c - our own certificates and keys, and which of them a client sees. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/ephemeral.h>
#include <sockutil/stream/tls/identity.h>
#include <sockutil/stream/tls/tls_error.h>

enum { PASSPHRASE_MAX = 1024 };

/* What the passphrase call-back needs: nobody is ever asked at a terminal. */
struct passphrase {
	const char *text; /* NULL: none given */
	bool asked;
};

static int passphrase_give(char *out, int size, int writing, void *data)
{
	struct passphrase *p = data;
	size_t length = p->text ? strlen(p->text) : 0;

	(void)writing;
	p->asked = true;
	if (!p->text || length > (size_t)size)
		return -1;
	memcpy(out, p->text, length);
	return (int)length;
}

static BIO *open_file(const char *option, const char *file, struct failure *why)
{
	BIO *bio = NULL;

	errno = 0;
	bio = BIO_new_file(file, "re");
	if (bio)
		return bio;
	fail_errno(why, FAILURE_INPUT, errno ? errno : ENOENT, "cannot read %s %s", option, file);
	ERR_clear_error();
	return NULL;
}

/* The first line of --key-passfile into text; false on failure, "" without the option. */
static bool passphrase_read(const struct tls_context *context, char text[static PASSPHRASE_MAX],
			    struct failure *why)
{
	const char *file = context->options.key_passfile;
	BIO *bio = NULL;
	int length = 0;

	text[0] = '\0';
	if (!file)
		return true;
	bio = open_file("--key-passfile", file, why);
	if (!bio)
		return false;
	length = BIO_gets(bio, text, PASSPHRASE_MAX);
	BIO_free(bio);
	if (length <= 0)
		text[0] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	context_warn_readable(context, "passphrase", file);
	return true;
}

static bool load_chain(struct identity *identity, const char *file, struct failure *why)
{
	BIO *bio = open_file("--cert", file, why);
	X509 *next = NULL;

	if (!bio)
		return false;
	identity->certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
	if (!identity->certificate)
		fail(why, FAILURE_INPUT, "--cert %s holds no PEM certificate", file);
	else
		identity->chain = sk_X509_new_null();
	while (identity->chain && (next = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		if (!sk_X509_push(identity->chain, next))
			X509_free(next);
	ERR_clear_error(); /* the end of the file is one */
	BIO_free(bio);
	return identity->certificate != NULL;
}

static bool load_key(struct tls_context *context, struct identity *identity, const char *file,
		     bool own_file, struct failure *why)
{
	char text[PASSPHRASE_MAX];
	struct passphrase passphrase = { .text = context->options.key_passfile ? text : NULL };
	BIO *bio = NULL;

	if (!passphrase_read(context, text, why))
		return false;
	bio = open_file(own_file ? "--key" : "--cert", file, why);
	if (!bio)
		return false;
	identity->key = PEM_read_bio_PrivateKey(bio, NULL, passphrase_give, &passphrase);
	BIO_free(bio);
	memory_wipe(text, sizeof(text));
	ERR_clear_error();
	if (identity->key) {
		context_warn_readable(context, "key", file);
		return true;
	}
	if (passphrase.asked && !passphrase.text)
		fail(why, FAILURE_USAGE,
		     "the key in %s is encrypted: --key-passfile FILE gives its passphrase", file);
	else if (passphrase.asked)
		fail(why, FAILURE_INPUT, "the key in %s does not open with the passphrase in %s",
		     file, context->options.key_passfile);
	else
		fail(why, FAILURE_INPUT, "%s %s holds no PEM private key%s",
		     own_file ? "--key" : "--cert", file,
		     own_file ? "" : "; --key FILE names the file that does");
	return false;
}

static bool use(SSL_CTX *ssl, const struct identity *identity, const char *file,
		struct failure *why)
{
	if (SSL_CTX_use_cert_and_key(ssl, identity->certificate, identity->key, identity->chain, 1))
		return true;
	tls_error_fail(why, FAILURE_CERTIFICATE, "cannot use the certificate in %s", file);
	return false;
}

static bool load_one(struct tls_context *context, const char *cert, const char *key,
		     struct failure *why)
{
	struct identity *identity = &context->identities[context->identity_count++];

	if (!load_chain(identity, cert, why) ||
	    !load_key(context, identity, key ? key : cert, key != NULL, why))
		return false;
	if (!X509_check_private_key(identity->certificate, identity->key)) {
		ERR_clear_error();
		fail(why, FAILURE_USAGE, "the key in %s does not belong to the certificate in %s",
		     key ? key : cert, cert);
		return false;
	}
	return use(context->ssl, identity, cert, why);
}

static size_t list_length(const char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

/* How well a certificate fits a name: 2 exactly, 1 by a wildcard, 0 not. */
static int fit(const struct identity *identity, const char *name)
{
	unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

	if (X509_check_host(identity->certificate, name, 0, flags | X509_CHECK_FLAG_NO_WILDCARDS,
			    NULL) == 1)
		return 2;
	return X509_check_host(identity->certificate, name, 0, flags, NULL) == 1;
}

/* Certificate call-back of a server with several: those that fit the name best, one a key type,
 * the first given first. */
static int choose(SSL *ssl, void *data)
{
	const struct tls_context *context = data;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	int best = 0;

	for (size_t i = 0; name && i < context->identity_count; i++) {
		int one = fit(&context->identities[i], name);

		best = one > best ? one : best;
	}
	SSL_certs_clear(ssl);
	for (size_t i = best ? context->identity_count : 1; i-- > 0;) {
		const struct identity *one = &context->identities[i];

		if ((!best || fit(one, name) == best) &&
		    !SSL_use_cert_and_key(ssl, one->certificate, one->key, one->chain, 1))
			return 0;
	}
	return 1;
}

bool identity_load_all(struct tls_context *context, struct failure *why)
{
	const struct tls_options *options = &context->options;
	size_t certs = list_length(options->cert);
	size_t keys = list_length(options->key);

	if (keys && keys != certs) {
		fail(why, FAILURE_USAGE, "%zu --cert and %zu --key: each certificate needs its key",
		     certs, keys);
		return false;
	}
	if (certs > 1 && !context->server) {
		fail(why, FAILURE_USAGE, "a client shows one certificate: give --cert once");
		return false;
	}
	if (!certs)
		return true;
	context->identities = memory_zeroed(certs, sizeof(*context->identities));
	/* What the SSL_CTX itself holds counts only when there is one: see choose(). */
	for (size_t i = 0; i < certs; i++)
		if (!load_one(context, options->cert[i], keys ? options->key[i] : NULL, why))
			return false;
	if (certs > 1)
		SSL_CTX_set_cert_cb(context->ssl, choose, context);
	pin_of(context->identities[0].certificate, context->pin);
	return true;
}

bool identity_make(struct tls_context *context, struct failure *why)
{
	struct identity *identity = memory_zeroed(1, sizeof(*identity));

	context->identities = identity;
	context->identity_count = 1;
	if (!ephemeral_make(&identity->key, &identity->certificate, why) ||
	    !use(context->ssl, identity, "memory", why))
		return false;
	pin_of(identity->certificate, context->pin);
	return true;
}

void identity_free_all(struct tls_context *context)
{
	for (size_t i = 0; i < context->identity_count; i++) {
		X509_free(context->identities[i].certificate);
		EVP_PKEY_free(context->identities[i].key);
		sk_X509_pop_free(context->identities[i].chain, X509_free);
	}
	free(context->identities);
}
