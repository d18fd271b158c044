/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_H
#define SOCKUTIL_STREAM_TLS_H
/*
 * TLS around any stream, without its library: everything behind struct tls_api lives in
 * src/stream/tls/, which is a module loaded on first use (sockutil-tls.so beside the program,
 * else in the directory given at build time), built in (TLS=builtin), or absent (TLS=0).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <sockutil/stream/stream.h>

/* CLI.md, row TLS. Strings are borrowed for the life of the context; NULL: not given. Lists end
 * with NULL. */
struct tls_options {
	bool insecure;
	/* FILE or DIR (with hash links); replaces the system store. What it holds is trusted as
	 * it is, an intermediate or a leaf too. NULL: SSL_CERT_FILE and SSL_CERT_DIR when either
	 * is set, else the system's. */
	const char *ca;
	const char *const *cert; /* PEM, leaf first then chain; several: by SNI (server) */
	const char *const *key;  /* same number as cert, or none when the cert file holds the key */
	const char *key_passfile;
	const char *servername;  /* SNI sent; "" sends none */
	const char *verify_name; /* name checked, instead of the host */
	/*
	 * sha256//B64[;sha256//B64...] of the SubjectPublicKeyInfo (RFC 7469, 2.4) of the peer's
	 * own certificate. Another key is FAILURE_PIN, with insecure too. A certificate that no
	 * trusted authority vouches for is accepted for its pinned key alone, whatever its name;
	 * one that a trusted authority signed is checked in full, and the pin comes on top.
	 * Validity and purpose always count.
	 */
	const char *pin;
	/* File of "HOST:PORT sha256//B64" lines; the same rule as for pin, and a new peer is
	 * added. */
	const char *tofu;
	const char *crl;       /* PEM file; needs a list of the leaf's issuer, without the leaf */
	const char *alpn;      /* "h2,http/1.1" */
	const char *min, *max; /* "1.2", "1.3"; NULL: from 1.2 on */
	const char *ciphers; /* OpenSSL names; TLS 1.3 suites are told apart by their TLS_ prefix */
	const char *groups;
	const char *keylog; /* NSS key log file; SSLKEYLOGFILE when NULL */
	/* File with the shared secret (the key is made of it as stream/tls/secret.h says). No
	 * certificate on either side: options about them are FAILURE_USAGE beside it. */
	const char *secret;
	/* Server: who signs client certificates. Given alone it means TLS_CLIENT_CERT_REQUIRED;
	 * clients can be known by pin instead. */
	const char *client_ca;
	enum {
		TLS_CLIENT_CERT_NONE,
		TLS_CLIENT_CERT_OPTIONAL,
		TLS_CLIENT_CERT_REQUIRED
	} client_cert;
	/* Something the user should see that is no failure (a key file others can read,
	 * --insecure and the fingerprint). May be NULL. */
	void (*warn)(void *data, const char *text);
	void *warn_data;
};

struct tls_context;

/* What a finished handshake agreed on, for --info, -v and the environment of programs. Strings
 * live as long as the stream. */
struct tls_info {
	const char *version; /* "TLSv1.3" */
	const char *cipher;
	const char *group;      /* "" when unknown */
	const char *alpn;       /* "" when none */
	const char *servername; /* SNI as sent or received, "" when none */
	bool resumed;           /* also true for an external PSK */
	bool verified;          /* the peer's identity was checked and holds */
	const char *subject;    /* of the peer's certificate, one line, "" when none */
	const char *issuer;
	const char *not_after; /* "2027-01-02T03:04:05Z" */
	char fingerprint[100]; /* SHA-256 of the certificate, "AB:CD:…" */
	char pin[64];          /* sha256//B64 of its public key */
};

struct tls_api {
	unsigned size; /* sizeof(struct tls_api) of the module: must equal the program's */
	const char *(*library)(void); /* "OpenSSL 3.0.19 27 Jan 2026" */

	/* FAILURE_USAGE (bad option value), FAILURE_INPUT (unreadable file), FAILURE_OUTPUT
	 * (keylog), FAILURE_CERTIFICATE, FAILURE_TLS. A server without cert (and without secret)
	 * makes a P-256 key and self-signed certificate in memory. */
	struct tls_context *(*client)(const struct tls_options *options, struct failure *why);
	struct tls_context *(*server)(const struct tls_options *options, struct failure *why);
	/* The pin clients can use, "sha256//…": of the first certificate, or the ephemeral one.
	 * "" when there is none (secret). */
	const char *(*context_pin)(const struct tls_context *context);
	/* Layers made from it go on: a server can load new certificates while old connections
	 * last. */
	void (*context_free)(struct tls_context *context);

	/*
	 * A layer that shakes hands in open. host is the name (ASCII: IDN as xn--) or address
	 * dialled (SNI unless an IP, and the name checked); "" when there is none, then
	 * verify_name or a pin has to do. port is for messages and the tofu file. Both are
	 * copied. NULL on failure (FAILURE_USAGE); below stays the caller's then. What open can
	 * fail with: FAILURE_TLS, FAILURE_CERTIFICATE, FAILURE_PIN, FAILURE_INPUT and
	 * FAILURE_OUTPUT (tofu).
	 */
	struct stream *(*connect)(struct tls_context *context, struct stream *below,
				  const char *host, const char *port, struct failure *why);
	struct stream *(*accept)(struct tls_context *context, struct stream *below,
				 struct failure *why);

	/* s: the layer that connect or accept made. */
	void (*info)(struct stream *s, struct tls_info *out);
	/* --show-cert: the peer's chain in words and PEM. */
	bool (*show_chain)(struct stream *s, struct buffer *out);
};

/* The module, loaded at the first call. NULL and FAILURE_USAGE when this build has no TLS or the
 * module is not there (names the path tried). */
const struct tls_api *tls_load(struct failure *why);

/* For --version, without loading anything: "module PATH", "built in", "none". */
const char *tls_kind(void);
#endif
