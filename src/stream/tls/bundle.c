/* SPDX-License-Identifier: MIT */
/* bundle.c - a PEM file of many authorities, of which few are needed. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/tls/bundle.h>

/* One certificate: its bytes (OpenSSL's memory), and the subject by which it is found. */
struct bundle_entry {
	unsigned char *der;
	long length;
	bool auxiliary; /* "TRUSTED CERTIFICATE": trust settings behind it */
	X509_NAME *subject;
};

/* Invariant: entries is NULL until the first question. */
struct bundle {
	char *file;
	bool read;
	struct bundle_entry *entries;
	size_t count, room;
};

/* Over one element's head, and its content too unless it is to be entered. */
static bool step(const unsigned char **at, const unsigned char *end, bool enter)
{
	long length = 0;
	int tag = 0, class = 0;

	if (ASN1_get_object(at, &length, &tag, &class, end - *at) & 0x80)
		return false;
	if (!enter)
		*at += length;
	return true;
}

/* TBSCertificate (RFC 5280, 4.1): version, serialNumber, signature, issuer, validity, subject. */
static X509_NAME *subject_of(const unsigned char *der, long length)
{
	const unsigned char *at = der, *end = der + length;

	if (!step(&at, end, true) || !step(&at, end, true))
		return NULL;
	if (at < end && *at == 0xa0 && !step(&at, end, false))
		return NULL;
	for (int i = 0; i < 4; i++)
		if (!step(&at, end, false))
			return NULL;
	return d2i_X509_NAME(NULL, &at, end - at);
}

static void add_entry(struct bundle *b, unsigned char *der, long length, bool auxiliary)
{
	if (b->count == b->room) {
		struct bundle_entry *more = NULL;

		b->room = b->room ? 2 * b->room : 256;
		more = memory_zeroed(b->room, sizeof(*more));
		if (b->count)
			memcpy(more, b->entries, b->count * sizeof(*more));
		free(b->entries);
		b->entries = more;
	}
	b->entries[b->count++] = (struct bundle_entry){
		.der = der,
		.length = length,
		.auxiliary = auxiliary,
		.subject = subject_of(der, length),
	};
}

static void read_entries(struct bundle *b)
{
	BIO *bio = BIO_new_file(b->file, "re");
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long length = 0;

	b->read = true;
	while (bio && PEM_read_bio(bio, &name, &header, &der, &length)) {
		bool auxiliary = !strcmp(name, PEM_STRING_X509_TRUSTED);

		if (auxiliary || !strcmp(name, PEM_STRING_X509) ||
		    !strcmp(name, PEM_STRING_X509_OLD))
			add_entry(b, der, length, auxiliary);
		else
			OPENSSL_free(der);
		OPENSSL_free(name);
		OPENSSL_free(header);
	}
	BIO_free(bio);
	ERR_clear_error(); /* the end of the file is one */
}

static X509 *parse(const struct bundle_entry *entry)
{
	const unsigned char *at = entry->der;

	return entry->auxiliary ? d2i_X509_AUX(NULL, &at, entry->length)
				: d2i_X509(NULL, &at, entry->length);
}

/*
 * Every certificate of that subject goes into the store; the first is the answer. An answer's
 * certificate belongs to the store, as with OpenSSL's own ways to look up: the asker counts its
 * own reference.
 */
static int find(X509_LOOKUP *lookup, X509_LOOKUP_TYPE type, const X509_NAME *name,
		X509_OBJECT *answer)
{
	struct bundle *b = X509_LOOKUP_get_method_data(lookup);
	int found = 0;

	if (type != X509_LU_X509)
		return 0;
	if (!b->read)
		read_entries(b);
	for (size_t i = 0; i < b->count; i++) {
		const struct bundle_entry *entry = &b->entries[i];
		X509 *certificate = NULL;

		if (!entry->subject || X509_NAME_cmp(entry->subject, name) != 0)
			continue;
		certificate = parse(entry);
		if (certificate &&
		    X509_STORE_add_cert(X509_LOOKUP_get_store(lookup), certificate) && !found &&
		    X509_OBJECT_set1_X509(answer, certificate)) {
			X509_free(certificate); /* what set1 counted */
			found = 1;
		}
		X509_free(certificate);
	}
	return found;
}

static void bundle_free(X509_LOOKUP *lookup)
{
	struct bundle *b = X509_LOOKUP_get_method_data(lookup);

	if (!b)
		return;
	for (size_t i = 0; i < b->count; i++) {
		OPENSSL_free(b->entries[i].der);
		X509_NAME_free(b->entries[i].subject);
	}
	free(b->entries);
	free(b->file);
	free(b);
}

bool bundle_add(X509_STORE *store, const char *file)
{
	static X509_LOOKUP_METHOD *method; /* one for the process, never freed */
	X509_LOOKUP *lookup = NULL;
	struct bundle *b = NULL;

	if (!method) {
		method = X509_LOOKUP_meth_new("bundle");
		if (!method)
			return false;
		X509_LOOKUP_meth_set_get_by_subject(method, find);
		X509_LOOKUP_meth_set_free(method, bundle_free);
	}
	lookup = X509_STORE_add_lookup(store, method);
	if (!lookup)
		return false;
	b = X509_LOOKUP_get_method_data(lookup);
	if (b) /* a store has one lookup of a kind */
		return false;
	b = memory_zeroed(1, sizeof(*b));
	b->file = memory_string(file);
	return X509_LOOKUP_set_method_data(lookup, b);
}
