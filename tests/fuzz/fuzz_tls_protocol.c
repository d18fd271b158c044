/* SPDX-License-Identifier: MIT */
/* fuzz_tls_protocol.c - --tls-min, --tls-max, --ciphers and --groups, parted by NUL: what is taken
 * holds in the context. */
#include "fuzz.h"

#include <openssl/err.h>

#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/protocol.h>

enum { GIVEN = 4 };

static int version(const char *text, int fallback)
{
	if (!text)
		return fallback;
	return !strcmp(text, "1.2") ? TLS1_2_VERSION : !strcmp(text, "1.3") ? TLS1_3_VERSION : 0;
}

static bool has(SSL_CTX *ssl, const char *name)
{
	STACK_OF(SSL_CIPHER) *ciphers = SSL_CTX_get_ciphers(ssl);

	for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); i++)
		if (!strcmp(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i)), name))
			return true;
	return false;
}

/* Whether one of the words of text is that name. */
static bool names(const char *text, const char *name)
{
	for (const char *at = text; (at = strstr(at, name)); at++)
		if ((at == text || strchr(":, ", at[-1])) && strchr(":, ", at[strlen(name)]))
			return true;
	return false;
}

/* The suites of TLS 1.3 are those that were named, or the usual ones when none was. */
static void check_suites(SSL_CTX *ssl, const char *text)
{
	STACK_OF(SSL_CIPHER) *ciphers = SSL_CTX_get_ciphers(ssl);
	bool usual = !text || (strncmp(text, "TLS_", 4) && !strstr(text, ":TLS_") &&
			       !strstr(text, ",TLS_") && !strstr(text, " TLS_"));

	fuzz_check(sk_SSL_CIPHER_num(ciphers) > 0);
	for (int i = 0; i < sk_SSL_CIPHER_num(ciphers) && !usual; i++) {
		const char *name = SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i));

		fuzz_check(strncmp(name, "TLS_", 4) || names(text, name));
	}
	fuzz_check(!usual || has(ssl, "TLS_AES_128_GCM_SHA256"));
}

static void check(const struct tls_options *o)
{
	struct tls_context context = { .ssl = SSL_CTX_new(TLS_method()), .options = *o };
	struct failure why = { 0 };
	int min = version(o->min, TLS1_2_VERSION), max = version(o->max, TLS1_3_VERSION);

	fuzz_check(context.ssl != NULL);
	if (protocol_use(&context, &why)) {
		fuzz_check(min && max && min <= max);
		fuzz_check(SSL_CTX_get_min_proto_version(context.ssl) == min);
		fuzz_check(SSL_CTX_get_max_proto_version(context.ssl) == max);
		fuzz_check(SSL_CTX_get_security_level(context.ssl) == 2 ||
			   (o->ciphers && strstr(o->ciphers, "@SECLEVEL=")));
		check_suites(context.ssl, o->ciphers);
		fuzz_check(why.class == FAILURE_NONE);
	} else {
		fuzz_check(why.class == FAILURE_USAGE && !strncmp(why.text, "--", 2));
		fuzz_check(o->min || o->max || o->ciphers || o->groups);
	}
	fuzz_check(ERR_peek_error() == 0);
	SSL_CTX_free(context.ssl);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *at = text, *end = text + size;
	const char *given[GIVEN] = { NULL };

	/* An empty one is one that was not given. */
	for (int i = 0; i < GIVEN && at < end; i++) {
		given[i] = *at ? at : NULL;
		at += strlen(at) + 1;
	}
	check(&(struct tls_options){
		.min = given[0], .max = given[1], .ciphers = given[2], .groups = given[3] });
	free(text);
	return 0;
}
