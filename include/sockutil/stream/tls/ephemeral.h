/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_EPHEMERAL_H
#define SOCKUTIL_STREAM_TLS_EPHEMERAL_H
/* A server's key and certificate made in memory, gone with the process. */
#include <openssl/x509.h>
#include <stdbool.h>

#include <sockutil/base/failure.h>

/*
 * P-256, SHA-256, random 127-bit serial, valid from yesterday for one year, for "localhost",
 * this host's name, 127.0.0.1 and ::1; server use only. The caller owns both. FAILURE_TLS.
 */
bool ephemeral_make(EVP_PKEY **key, X509 **certificate, struct failure *why);
#endif
