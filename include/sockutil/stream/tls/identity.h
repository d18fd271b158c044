/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_IDENTITY_H
#define SOCKUTIL_STREAM_TLS_IDENTITY_H
/* Our own certificates and keys. */
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

/* One certificate with its key and the chain to send. */
struct identity {
	X509 *certificate;
	EVP_PKEY *key;
	STACK_OF(X509) * chain; /* intermediates; NULL: none */
};

struct tls_context;

/* Loads every --cert/--key of the context's options. FAILURE_INPUT: unreadable or not PEM;
 * FAILURE_USAGE: the numbers or a key and its certificate do not fit; FAILURE_CERTIFICATE:
 * OpenSSL refuses it (too weak). A server's SNI choice is set up when there are several. */
bool identity_load_all(struct tls_context *context, struct failure *why);

/* A server without any: a P-256 key and a self-signed certificate, in memory. */
bool identity_make(struct tls_context *context, struct failure *why);

void identity_free_all(struct tls_context *context);
#endif
