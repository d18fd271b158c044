/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_TRUST_H
#define SOCKUTIL_STREAM_TLS_TRUST_H
/*
 * Whose certificates are believed. For a server's certificate: --ca FILE or DIR alone; else
 * SSL_CERT_FILE and SSL_CERT_DIR alone when either is set; else the system's hashed directory
 * when it has hash links (costs nothing until a certificate is looked up), else the system's
 * bundle, which bundle.h looks into without parsing it all. For a client's: --client-ca.
 *
 * What --ca and --client-ca name is trusted as it is: an intermediate or a leaf there needs no
 * root above it.
 */
#include <openssl/ssl.h>
#include <stdbool.h>

#include <sockutil/base/failure.h>

struct tls_context;

/* FAILURE_INPUT: a file or directory that cannot be used. */
bool trust_servers(struct tls_context *context, struct failure *why);
bool trust_clients(struct tls_context *context, struct failure *why);

/* --crl FILE: the leaf is looked up in it. FAILURE_INPUT. */
bool trust_revocations(struct tls_context *context, struct failure *why);

/* Whether a directory has links named by hash, "5ed36f99.0" (openssl-rehash(1)). */
bool trust_directory_is_hashed(const char *path);
#endif
