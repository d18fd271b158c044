/* SPDX-License-Identifier: MIT */
/* protocol.c - versions, ciphers and groups. */
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/protocol.h>

enum { SECURITY_LEVEL = 2 };

/* OpenSSL's, but AES-128 first: a tenth faster than AES-256, and nobody breaks it either. */
static const char suites_default[] =
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

/* 0 when text is neither; fallback when NULL. */
static int version_of(const char *text, int fallback)
{
	if (!text)
		return fallback;
	if (!strcmp(text, "1.2"))
		return TLS1_2_VERSION;
	return strcmp(text, "1.3") ? 0 : TLS1_3_VERSION;
}

static bool use_versions(struct tls_context *context, struct failure *why)
{
	const struct tls_options *o = &context->options;
	int min = version_of(o->min, o->secret ? TLS1_3_VERSION : TLS1_2_VERSION);
	int max = version_of(o->max, TLS1_3_VERSION);

	if (!min || !max) {
		fail(why, FAILURE_USAGE, "%s takes 1.2 or 1.3, not \"%s\"",
		     min ? "--tls-max" : "--tls-min", min ? o->max : o->min);
	} else if (o->secret && max < TLS1_3_VERSION) {
		fail(why, FAILURE_USAGE, "--secret needs TLS 1.3, --tls-max 1.2 forbids it");
	} else if (min > max) {
		fail(why, FAILURE_USAGE, "--tls-min %s is above --tls-max %s", o->min, o->max);
	} else {
		SSL_CTX_set_min_proto_version(context->ssl, o->secret ? TLS1_3_VERSION : min);
		SSL_CTX_set_max_proto_version(context->ssl, max);
		return true;
	}
	return false;
}

/* Whether an SSL_CTX holds a suite of that name. */
static bool has_cipher(const SSL_CTX *ssl, const char *name)
{
	STACK_OF(SSL_CIPHER) *ciphers = SSL_CTX_get_ciphers(ssl);

	for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); i++)
		if (!strcmp(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i)), name))
			return true;
	return false;
}

/* OpenSSL passes over names it does not know; a user's mistake should be said. Rules with an
 * operator (!aNULL, @STRENGTH) are left to it. */
static bool known_cipher(SSL_CTX *ssl, const char *name)
{
	if (!strncmp(name, "TLS_", 4))
		return SSL_CTX_set_ciphersuites(ssl, name) && has_cipher(ssl, name);
	return strchr("!+-@", name[0]) || SSL_CTX_set_cipher_list(ssl, name);
}

/* Appends to one of the two lists, which have room for all of it. */
static void append(char *list, size_t size, const char *name)
{
	size_t length = strlen(list);

	snprintf(list + length, size - length, "%s%s", length ? ":" : "", name);
}

static bool use_ciphers(struct tls_context *context, struct failure *why)
{
	const char *text = context->options.ciphers;
	size_t size = text ? strlen(text) + 1 : 0;
	char *copy = NULL, *list = NULL, *suites = NULL, *rest = NULL;
	bool good = true;

	SSL_CTX_set_ciphersuites(context->ssl, suites_default);
	if (!text)
		return SSL_CTX_set_cipher_list(context->ssl, "DEFAULT");
	copy = memory_string(text);
	list = memory_zeroed(1, size);
	suites = memory_zeroed(1, size);
	for (char *name = strtok_r(copy, ":, ", &rest); name && good;
	     name = strtok_r(NULL, ":, ", &rest)) {
		good = known_cipher(context->ssl, name);
		append(strncmp(name, "TLS_", 4) ? list : suites, size, name);
		if (!good)
			fail(why, FAILURE_USAGE, "--ciphers: \"%.100s\" is unknown to this %s",
			     name, OpenSSL_version(OPENSSL_VERSION));
	}
	if (good && !((!*suites || SSL_CTX_set_ciphersuites(context->ssl, suites)) &&
		      SSL_CTX_set_cipher_list(context->ssl, *list ? list : "DEFAULT"))) {
		good = false;
		fail(why, FAILURE_USAGE, "--ciphers \"%.200s\" leaves none", text);
	}
	free(copy);
	free(list);
	free(suites);
	return good;
}

static bool use_groups(struct tls_context *context, struct failure *why)
{
	const char *groups = context->options.groups;

	if (!groups || SSL_CTX_set1_groups_list(context->ssl, groups))
		return true;
	fail(why, FAILURE_USAGE, "--groups \"%.200s\": a group is unknown to this %s", groups,
	     OpenSSL_version(OPENSSL_VERSION));
	return false;
}

bool protocol_use(struct tls_context *context, struct failure *why)
{
	bool good = false;

	SSL_CTX_set_security_level(context->ssl, SECURITY_LEVEL);
	good = use_versions(context, why) && use_ciphers(context, why) && use_groups(context, why);
	ERR_clear_error();
	return good;
}
