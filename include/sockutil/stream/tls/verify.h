/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_VERIFY_H
#define SOCKUTIL_STREAM_TLS_VERIFY_H
/*
 * Who the peer is. The chain, the validity, the purpose, the strength and the name
 * (subjectAltName only, IP addresses by their own kind of entry) are checked, unless --insecure.
 *
 * A key can be known: --pin names it, or the --tofu file has it, or it comes for the first time
 * under --tofu.
 *   - A pin that does not match, or another key than the known one, is FAILURE_PIN, --insecure
 *     or not.
 *   - A certificate that a trusted authority signed is checked in full; the pin comes on top.
 *   - A certificate that no trusted authority vouches for (self-signed, unknown issuer) is
 *     accepted for its known key alone: its name means nothing then, and no revocation list of
 *     its issuer is asked for. Validity, purpose and strength still count.
 *   - With --insecure everything but the key is let through.
 */
#include <openssl/ssl.h>
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/stream/tls/pin.h>

struct tls_context;

/* One handshake's verification. Hangs on the SSL as app data while the handshake lasts. */
struct verify {
	struct tls_context *context; /* borrowed */
	const char *host;            /* as dialled; NULL: we are the server */
	const char *port;
	char *name;              /* the name that is checked, "": none; owned */
	bool known_key;          /* by --pin or --tofu */
	bool first_use;          /* --tofu does not know this peer yet */
	bool unknown_issuer;     /* no trusted authority vouches for the chain */
	bool verified;           /* the peer's identity holds */
	bool asked;              /* the peer has sent a certificate */
	char pin[PIN_TEXT_MAX];  /* of the leaf */
	struct failure insecure; /* what --insecure let through; class NONE: nothing */
	struct failure why;      /* the refusal; class NONE: none */
};

/* For SSL_CTX_set_cert_verify_callback(). */
int verify_certificate(X509_STORE_CTX *store, void *unused);

/* Sets name (or address) and flags to check. FAILURE_USAGE when there is no name to check and
 * nothing else to go by. */
bool verify_expect(struct verify *v, SSL *ssl, struct failure *why);

/* After a client's handshake: the peer has shown something, a first-use key is recorded,
 * --insecure is said. */
bool verify_finish(struct verify *v, SSL *ssl, struct failure *why);
#endif
