/* SPDX-License-Identifier: MIT */
/* ephemeral.c - a key and a self-signed certificate in memory. */
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/stream/tls/ephemeral.h>
#include <sockutil/stream/tls/tls_error.h>

enum { DAY = 24 * 60 * 60 };

/* "" when this host's name is not one that a certificate can hold. */
static void host_name(char *out, size_t size)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789-.";

	if (gethostname(out, size) != 0)
		out[0] = '\0';
	out[size - 1] = '\0';
	if (strspn(out, alphabet) != strlen(out) || strlen(out) > 64)
		out[0] = '\0';
}

static bool set_serial(X509 *certificate)
{
	unsigned char bytes[16];
	BIGNUM *number = NULL;
	bool good = false;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40); /* positive, never zero */
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	good = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
	BN_free(number);
	return good;
}

static bool set_name(X509 *certificate, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(certificate);

	return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name,
					  -1, -1, 0) &&
	       X509_set_issuer_name(certificate, subject);
}

static bool add_extension(X509 *certificate, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension = NULL;
	bool good = false;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	good = extension && X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
	return good;
}

static bool add_extensions(X509 *certificate, const char *host)
{
	char names[400]; /* the host has 255 bytes at most */

	snprintf(names, sizeof(names), "DNS:localhost,%s%s%sIP:127.0.0.1,IP:::1",
		 host[0] ? "DNS:" : "", host, host[0] ? "," : "");
	return add_extension(certificate, NID_subject_alt_name, names) &&
	       add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
	       add_extension(certificate, NID_subject_key_identifier, "hash");
}

static bool fill(X509 *certificate, EVP_PKEY *key)
{
	char host[256];

	host_name(host, sizeof(host));
	return X509_set_version(certificate, X509_VERSION_3) && set_serial(certificate) &&
	       X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY) &&
	       X509_gmtime_adj(X509_getm_notAfter(certificate), 365L * DAY) &&
	       set_name(certificate, host[0] ? host : "localhost") &&
	       X509_set_pubkey(certificate, key) && add_extensions(certificate, host) &&
	       X509_sign(certificate, key, EVP_sha256()) > 0;
}

bool ephemeral_make(EVP_PKEY **key, X509 **certificate, struct failure *why)
{
	*key = EVP_EC_gen("P-256");
	*certificate = X509_new();
	if (*key && *certificate && fill(*certificate, *key))
		return true;
	EVP_PKEY_free(*key);
	X509_free(*certificate);
	*key = NULL;
	*certificate = NULL;
	tls_error_fail(why, FAILURE_TLS, "cannot make a certificate");
	return false;
}
