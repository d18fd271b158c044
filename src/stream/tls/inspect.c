/* SPDX-License-Identifier: MIT */
/* inspect.c - what a finished handshake agreed on, in words. */
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/inspect.h>
#include <sockutil/stream/tls/layer_tls.h>
#include <sockutil/stream/tls/pin.h>
#include <sockutil/stream/tls/verify_text.h>

struct inspect_strings {
	char *subject;
	char *issuer;
	char *alpn;
	char not_after[24];
};

static char *name_string(const X509_NAME *name)
{
	struct buffer text = { 0 };
	char *copy = NULL;

	verify_text_name(&text, name);
	copy = memory_string(buffer_text(&text));
	buffer_free(&text);
	return copy;
}

static char *alpn_string(const SSL *ssl)
{
	const unsigned char *name = NULL;
	unsigned length = 0;
	char *copy = NULL;

	SSL_get0_alpn_selected(ssl, &name, &length);
	copy = memory_zeroed(1, length + 1);
	if (length)
		memcpy(copy, name, length);
	return copy;
}

void inspect_free(struct layer_tls *layer)
{
	struct inspect_strings *strings = layer->strings;

	if (!strings)
		return;
	free(strings->subject);
	free(strings->issuer);
	free(strings->alpn);
	free(strings);
	layer->strings = NULL;
}

/* Made at the first question: most connections are never asked. */
static const struct inspect_strings *strings_of(struct layer_tls *layer, X509 *leaf)
{
	struct inspect_strings *strings = layer->strings;

	if (strings)
		return strings;
	strings = layer->strings = memory_zeroed(1, sizeof(*strings));
	strings->alpn = alpn_string(layer->ssl);
	strings->subject = leaf ? name_string(X509_get_subject_name(leaf)) : memory_string("");
	strings->issuer = leaf ? name_string(X509_get_issuer_name(leaf)) : memory_string("");
	if (leaf)
		verify_text_date(strings->not_after, sizeof(strings->not_after),
				 X509_get0_notAfter(leaf), true);
	return strings;
}

static void fingerprint(const X509 *certificate, char *out, size_t size)
{
	unsigned char digest[EVP_MAX_MD_SIZE];

	out[0] = '\0';
	if (!X509_digest(certificate, EVP_sha256(), digest, NULL))
		return;
	for (size_t i = 0; i < 32 && 3 * i + 4 <= size; i++)
		snprintf(out + 3 * i, size - 3 * i, "%02X%s", digest[i], i < 31 ? ":" : "");
}

static const char *group_of(SSL *ssl)
{
	int group = (int)SSL_get_negotiated_group(ssl);
	const char *name = group ? SSL_group_to_name(ssl, group) : NULL;

	return name ? name : "";
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

void inspect_info(struct stream *s, struct tls_info *out)
{
	struct layer_tls *layer = (struct layer_tls *)s;
	X509 *leaf = SSL_get1_peer_certificate(layer->ssl);
	const struct inspect_strings *strings = strings_of(layer, leaf);

	memset(out, 0, sizeof(*out));
	out->version = SSL_get_version(layer->ssl);
	out->cipher = or_empty(SSL_get_cipher_name(layer->ssl));
	out->group = group_of(layer->ssl);
	out->alpn = strings->alpn;
	out->servername = or_empty(SSL_get_servername(layer->ssl, TLSEXT_NAMETYPE_host_name));
	out->resumed = SSL_session_reused(layer->ssl);
	out->verified = layer->verified;
	out->subject = strings->subject;
	out->issuer = strings->issuer;
	out->not_after = strings->not_after;
	if (leaf) {
		fingerprint(leaf, out->fingerprint, sizeof(out->fingerprint));
		pin_of(leaf, out->pin);
	}
	X509_free(leaf);
}

static bool add_key(struct buffer *out, X509 *certificate)
{
	EVP_PKEY *key = X509_get0_pubkey(certificate);

	return buffer_format(out, "   key: %s, %d bits\n",
			     key ? or_empty(EVP_PKEY_get0_type_name(key)) : "unknown",
			     key ? EVP_PKEY_get_bits(key) : 0);
}

static bool add_certificate(struct buffer *out, int number, X509 *certificate)
{
	struct buffer subject = { 0 }, issuer = { 0 }, names = { 0 };
	char from[24], to[24], print[100], pin[PIN_TEXT_MAX];
	bool good = verify_text_name(&subject, X509_get_subject_name(certificate)) &&
		    verify_text_name(&issuer, X509_get_issuer_name(certificate));

	verify_text_names(&names, certificate, 100);
	fingerprint(certificate, print, sizeof(print));
	pin_of(certificate, pin);
	good = good &&
	       buffer_format(out, "%d: subject: %s\n   issuer: %s\n   names: %s\n", number,
			     buffer_text(&subject), buffer_text(&issuer), buffer_text(&names)) &&
	       buffer_format(
		       out, "   valid: %s to %s\n",
		       verify_text_date(from, sizeof(from), X509_get0_notBefore(certificate), true),
		       verify_text_date(to, sizeof(to), X509_get0_notAfter(certificate), true)) &&
	       add_key(out, certificate) &&
	       buffer_format(out, "   SHA-256: %s\n   pin: %s\n", print, pin);
	buffer_free(&subject);
	buffer_free(&issuer);
	buffer_free(&names);
	return good;
}

static bool add_pem(struct buffer *out, X509 *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	bool good = bio && PEM_write_bio_X509(bio, certificate);

	if (good) {
		long length = BIO_get_mem_data(bio, &text);

		good = length > 0 && buffer_add(out, text, (size_t)length);
	}
	BIO_free(bio);
	return good;
}

bool inspect_chain(struct stream *s, struct buffer *out)
{
	struct layer_tls *layer = (struct layer_tls *)s;
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(layer->ssl);
	X509 *leaf = SSL_get1_peer_certificate(layer->ssl);
	/* A client sees the leaf at the front of the chain, a server does not. */
	bool apart = leaf && layer->context->server;
	bool good = true;
	int number = 0;

	if (apart)
		good = add_certificate(out, number++, leaf) && add_pem(out, leaf);
	for (int i = 0; good && i < sk_X509_num(chain); i++) {
		X509 *certificate = sk_X509_value(chain, i);

		good = add_certificate(out, number++, certificate) && add_pem(out, certificate);
	}
	if (!number)
		good = buffer_format(out, "the peer has shown no certificate\n");
	X509_free(leaf);
	return good;
}
