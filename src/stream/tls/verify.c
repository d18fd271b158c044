/* SPDX-License-Identifier: MIT */
/* verify.c - who the peer is. */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/tofu.h>
#include <sockutil/stream/tls/verify.h>
#include <sockutil/stream/tls/verify_text.h>

/* Nobody that we trust has signed this chain; it says nothing else against it. */
static bool is_unknown_issuer(int error)
{
	switch (error) {
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_UNTRUSTED:
		return true;
	default:
		return false;
	}
}

/* What an authority would have to vouch for: means nothing when the key itself is known and
 * there is no authority. */
static bool is_authoritys_word(int error)
{
	switch (error) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
		return true;
	default:
		return false;
	}
}

static struct verify *verify_of(X509_STORE_CTX *store)
{
	return SSL_get_app_data(
		X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
}

/* Called for each error (ok 0) and each good certificate (ok 1); returns whether to go on. */
static int judge(int ok, X509_STORE_CTX *store)
{
	struct verify *v = verify_of(store);
	int error = X509_STORE_CTX_get_error(store);

	if (ok)
		return 1;
	if (is_unknown_issuer(error)) {
		v->unknown_issuer = true;
		if (v->known_key || v->first_use)
			return 1;
	}
	if (v->unknown_issuer && (v->known_key || v->first_use) && is_authoritys_word(error))
		return 1;
	if (!v->context->options.insecure)
		return 0;
	if (v->insecure.class == FAILURE_NONE)
		verify_text_refusal(&v->insecure, v, error, X509_STORE_CTX_get_current_cert(store),
				    X509_STORE_CTX_get0_cert(store));
	return 1;
}

/* Pins and known keys; false: v->why says what differs. */
static bool check_key(struct verify *v, const X509 *leaf)
{
	const struct tls_options *o = &v->context->options;

	if (o->pin && !pin_list_has(o->pin, v->pin)) {
		struct buffer name = { 0 };

		verify_text_name(&name, X509_get_subject_name(leaf));
		fail(&v->why, FAILURE_PIN, "the peer's key %s is not the one --pin names (%s)",
		     v->pin, buffer_text(&name));
		buffer_free(&name);
		return false;
	}
	v->known_key = o->pin != NULL;
	if (!o->tofu || !v->host)
		return true;
	switch (tofu_ask(o->tofu, v->host, v->port, v->pin, &v->why)) {
	case TOFU_KNOWN:
		v->known_key = true;
		return true;
	case TOFU_UNKNOWN:
		v->first_use = true;
		return true;
	default:
		return false;
	}
}

/* There is a certificate where both sides should have used the secret. */
static int refuse_certificate(struct verify *v, X509_STORE_CTX *store)
{
	fail(&v->why, FAILURE_TLS,
	     "the peer does not know the secret: it shows a certificate instead");
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	return 0;
}

int verify_certificate(X509_STORE_CTX *store, void *unused)
{
	struct verify *v = verify_of(store);
	X509 *leaf = X509_STORE_CTX_get0_cert(store);
	int good = 0;

	(void)unused;
	v->asked = true;
	if (v->context->has_secret)
		return refuse_certificate(v, store);
	pin_of(leaf, v->pin);
	if (!check_key(v, leaf)) {
		X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
		return 0;
	}
	X509_STORE_CTX_set_verify_cb(store, judge);
	good = X509_verify_cert(store);
	if (good != 1 && !v->context->options.insecure) {
		verify_text_refusal(&v->why, v, X509_STORE_CTX_get_error(store),
				    X509_STORE_CTX_get_current_cert(store), leaf);
		ERR_clear_error();
		return 0;
	}
	v->verified = v->known_key ||
		      (good == 1 && !v->unknown_issuer && v->insecure.class == FAILURE_NONE);
	ERR_clear_error();
	return 1;
}

/* A copy of host without a zone ("fe80::1%eth0") or a final dot. */
static char *bare_name(const char *host)
{
	char *name = memory_string(host);
	size_t length = strcspn(name, "%");

	name[length] = '\0';
	if (length > 1 && name[length - 1] == '.')
		name[length - 1] = '\0';
	return name;
}

static bool is_address(const char *name)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

static bool set_name(SSL *ssl, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
						       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (is_address(name))
		return X509_VERIFY_PARAM_set1_ip_asc(param, name);
	return X509_VERIFY_PARAM_set1_host(param, name, 0);
}

/* SNI: --servername, else the host unless it is an address (RFC 6066, 3). */
static bool set_servername(const struct verify *v, SSL *ssl, const char *bare)
{
	const char *asked = v->context->options.servername;
	const char *name = asked ? asked : bare;

	if (!*name || (!asked && is_address(name)))
		return true;
	return is_ascii(name) && strlen(name) < 256 && SSL_set_tlsext_host_name(ssl, name);
}

/* Something else than a name tells who the peer is. */
static bool needs_no_name(const struct tls_options *o)
{
	return o->insecure || o->secret || o->pin;
}

static const char *checked_name(const struct tls_options *o, const char *bare)
{
	if (o->verify_name && *o->verify_name)
		return o->verify_name;
	return o->servername && *o->servername ? o->servername : bare;
}

bool verify_expect(struct verify *v, SSL *ssl, struct failure *why)
{
	const struct tls_options *o = &v->context->options;
	char *bare = bare_name(v->host);
	char *name = bare_name(checked_name(o, bare));
	bool good = false;

	if (!*name && !needs_no_name(o))
		fail(why, FAILURE_USAGE,
		     "no name to check the certificate against: --verify-name NAME gives one");
	else if (o->tofu && !*bare)
		fail(why, FAILURE_USAGE, "--tofu needs a host and port to know the key by");
	else if (!set_servername(v, ssl, bare) ||
		 (*name && (!is_ascii(name) || !set_name(ssl, name))))
		fail(why, FAILURE_USAGE, "\"%.200s\" is not a name that TLS can send or check%s",
		     name, is_ascii(name) ? "" : ": write it in its ASCII form, xn--");
	else
		good = true;
	ERR_clear_error();
	free(bare);
	v->name = name;
	return good;
}

static bool remember_key(struct verify *v, struct failure *why)
{
	const struct tls_options *o = &v->context->options;

	if (!v->first_use)
		return true;
	if (tofu_add(o->tofu, v->host, v->port, v->pin, why) != TOFU_KNOWN)
		return false;
	context_warn(v->context, "the key of %s:%s is new: added to %s as %s", v->host, v->port,
		     o->tofu, v->pin);
	return true;
}

static void warn_insecure(const struct verify *v, SSL *ssl)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char text[3 * 32 + 1] = "unknown";
	X509 *leaf = SSL_get1_peer_certificate(ssl);

	if (leaf && X509_digest(leaf, EVP_sha256(), digest, NULL))
		for (int i = 0; i < 32; i++)
			snprintf(text + 3 * i, 4, "%02X%s", digest[i], i < 31 ? ":" : "");
	X509_free(leaf);
	context_warn(v->context,
		     "--insecure: the certificate is not checked%s%s; SHA-256 fingerprint %s, %s",
		     v->insecure.class == FAILURE_NONE ? "" : " and would be refused: ",
		     v->insecure.text, text, v->pin);
}

bool verify_finish(struct verify *v, SSL *ssl, struct failure *why)
{
	if (v->context->has_secret) {
		if (!SSL_session_reused(ssl)) {
			fail(why, FAILURE_TLS, "the peer does not use the secret");
			return false;
		}
		v->verified = true;
		return true;
	}
	if (!v->host)
		return true;
	if (!v->asked) {
		fail(why, FAILURE_CERTIFICATE, "the server has shown no certificate");
		return false;
	}
	if (!remember_key(v, why))
		return false;
	if (v->context->options.insecure && !v->known_key)
		warn_insecure(v, ssl);
	return true;
}
