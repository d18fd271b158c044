/* SPDX-License-Identifier: MIT */
#ifndef TLS_SUPPORT_H
#define TLS_SUPPORT_H
/* Certificates and connections for the tests of TLS. Each test process has its own folder,
 * removed at its end. */
#include "tls_memory.h"

#include <sockutil/stream/tls.h>
#include <sockutil/stream/tls/tls_api.h>

/* A certificate to be made. Days are relative to today. */
struct tls_wish {
	const char *file;   /* name in the folder, "server.pem": certificate and key */
	const char *name;   /* CN, NULL: empty subject */
	const char *san;    /* "DNS:a.example,IP:127.0.0.1"; NULL: none */
	const char *issuer; /* file of a certificate made before; NULL: self-signed */
	const char *usage;  /* extendedKeyUsage; NULL: none */
	bool authority;
	int from, to; /* days; both 0: -1 to 30 */
	bool rsa;     /* instead of P-256 */
};

/* Criterion's .init and .fini of a suite. */
void tls_support_begin(void);
void tls_support_end(void);

/* Path of a file in the folder (a ring of static buffers). */
const char *tls_support_path(const char *file);
/* Writes a file into the folder; returns its path. */
const char *tls_support_write(const char *file, const void *bytes, size_t length, int mode);
/* The content of a file, static; "" when there is none. */
const char *tls_support_read(const char *file);
/* Makes it; returns its path. */
const char *tls_support_certificate(const struct tls_wish *wish);
/* The same with a key encrypted by passphrase. */
const char *tls_support_encrypted_key(const char *file, const char *from, const char *passphrase);
/* A CRL of issuer that revokes the certificate in file (NULL: nothing). */
const char *tls_support_crl(const char *file, const char *issuer, const char *revoked);
/* ca.pem and server.pem (DNS:host.example, IP:127.0.0.1), signed by it. */
void tls_support_usual(void);

/* Both sides over memory. */
struct tls_pair {
	struct tls_memory wire; /* a: client */
	struct tls_context *client_context, *server_context;
	struct stream *client, *server;
	struct failure client_why, server_why;
};

extern char tls_support_warning[600]; /* the last one, "" none */
void tls_support_warn(void *data, const char *text);

/* Contexts and layers, no handshake yet. Fails the test when a context cannot be made. */
void tls_pair_init(struct tls_pair *p, const struct tls_options *client,
		   const struct tls_options *server, const char *host);
/* The usual server and a client that trusts ca.pem. */
void tls_pair_usual(struct tls_pair *p);
/* Drives both until neither can go on. Results in *client, *server. */
void tls_pair_shake(struct tls_pair *p, enum io *client, enum io *server);
/* shake, and both must be done. */
void tls_pair_open(struct tls_pair *p);
void tls_pair_free(struct tls_pair *p);
/* Writes all, flushes, reads all at the other end, compares; both sides open. */
void tls_pair_exchange(struct stream *from, struct stream *to, const char *text);
#endif
