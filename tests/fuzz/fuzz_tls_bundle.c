/* SPDX-License-Identifier: MIT */
/* fuzz_tls_bundle.c - a PEM file of authorities, or the DER of one, with anything in it: what
 * OpenSSL finds in the file is found by its subject, and no answer has another. */
#include "fuzz.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include <sockutil/stream/tls/bundle.h>

enum { IS_DER = 1, AUXILIARY = 2 };

static char path[40];

static void remove_file(void)
{
	unlink(path);
}

static void put(const uint8_t *data, size_t size)
{
	FILE *file;

	if (!*path) {
		snprintf(path, sizeof(path), "/tmp/sockutil-fuzz-XXXXXX");
		close(mkstemp(path));
		fuzz_check(!atexit(remove_file));
	}
	file = fopen(path, "w");
	fuzz_check(file && fwrite(data, 1, size, file) == size && !fclose(file));
}

/* So that a changed byte of the DER is no broken Base64. */
static void put_der(const uint8_t *data, size_t size, bool auxiliary)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long length;

	fuzz_check(bio != NULL);
	PEM_write_bio(bio, auxiliary ? PEM_STRING_X509_TRUSTED : PEM_STRING_X509, "", data,
		      (long)size);
	length = BIO_get_mem_data(bio, &text);
	put((const uint8_t *)text, (size_t)length);
	BIO_free(bio);
}

static X509 *ask(X509_STORE *store, const X509_NAME *subject)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	X509_OBJECT *answer;
	X509 *found = NULL;

	fuzz_check(context && X509_STORE_CTX_init(context, store, NULL, NULL));
	answer = X509_STORE_CTX_get_obj_by_subject(context, X509_LU_X509, subject);
	if (answer && X509_OBJECT_get0_X509(answer)) {
		found = X509_OBJECT_get0_X509(answer);
		X509_up_ref(found);
	}
	X509_OBJECT_free(answer);
	X509_STORE_CTX_free(context);
	return found;
}

/* A certificate as OpenSSL itself sees it. */
static void check_certificate(X509_STORE *store, const unsigned char *der, long length, bool aux)
{
	const unsigned char *at = der;
	X509 *certificate = aux ? d2i_X509_AUX(NULL, &at, length) : d2i_X509(NULL, &at, length);
	X509 *found;

	if (!certificate)
		return;
	found = ask(store, X509_get_subject_name(certificate));
	fuzz_check(found != NULL);
	fuzz_check(
		!X509_NAME_cmp(X509_get_subject_name(found), X509_get_subject_name(certificate)));
	X509_free(found);
	X509_free(certificate);
}

static void check_file(X509_STORE *store)
{
	BIO *bio = BIO_new_file(path, "r");
	char *name, *header;
	unsigned char *der;
	long length;

	while (bio && PEM_read_bio(bio, &name, &header, &der, &length)) {
		bool auxiliary = !strcmp(name, PEM_STRING_X509_TRUSTED);

		if (auxiliary || !strcmp(name, PEM_STRING_X509) ||
		    !strcmp(name, PEM_STRING_X509_OLD))
			check_certificate(store, der, length, auxiliary);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	BIO_free(bio);
}

static void check_stranger(X509_STORE *store)
{
	X509_NAME *name = X509_NAME_new();
	X509 *found;

	fuzz_check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					      (const unsigned char *)"nobody has this name", -1, -1,
					      0));
	found = ask(store, name);
	fuzz_check(!found || !X509_NAME_cmp(X509_get_subject_name(found), name));
	X509_free(found);
	X509_NAME_free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t kind = fuzz_byte(&data, &size);
	X509_STORE *store = X509_STORE_new();

	if (kind & IS_DER)
		put_der(data, size, kind & AUXILIARY);
	else
		put(data, size);
	fuzz_check(store && bundle_add(store, path));
	check_stranger(store);
	check_file(store);
	X509_STORE_free(store);
	ERR_clear_error();
	return 0;
}
