/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_CONTEXT_H
#define SOCKUTIL_STREAM_TLS_CONTEXT_H
/* What many connections share: an SSL_CTX and what our call-backs need beside it. */
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/stream/tls.h>
#include <sockutil/stream/tls/identity.h>
#include <sockutil/stream/tls/pin.h>
#include <sockutil/stream/tls/secret.h>

/* Held by its maker and by each layer made from it: a server can put a new one in its place
 * while old connections go on. */
struct tls_context {
	unsigned references;
	bool server;
	SSL_CTX *ssl;
	struct tls_options options; /* strings borrowed */
	struct identity *identities;
	size_t identity_count;
	char pin[PIN_TEXT_MAX]; /* of the first identity, "" when there is none */
	bool has_secret;
	unsigned char secret_key[SECRET_KEY_SIZE];
	unsigned char *alpn; /* wire form: length byte, name, … */
	size_t alpn_length;
	int keylog;         /* descriptor or -1 */
	bool keylog_failed; /* and it was said */
};

struct tls_context *context_client(const struct tls_options *options, struct failure *why);
struct tls_context *context_server(const struct tls_options *options, struct failure *why);
const char *context_pin(const struct tls_context *context);
struct tls_context *context_hold(struct tls_context *context);
/* Gives up one hold; the last one frees. NULL is fine. */
void context_free(struct tls_context *context);

/* options.warn, when there is one. */
void context_warn(const struct tls_context *context, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Warns when anybody on the system can read a file that holds a secret; what: "key file". */
void context_warn_readable(const struct tls_context *context, const char *what, const char *file);
#endif
