/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_SECRET_H
#define SOCKUTIL_STREAM_TLS_SECRET_H
/*
 * --secret: both sides prove that they know one shared secret; there is no certificate on either
 * side. An external PSK of TLS 1.3 (RFC 8446, 4.2.11) with an ephemeral key exchange
 * (psk_dhe_ke):
 *
 *   identity  "sockutil"
 *   key       32 bytes of scrypt (RFC 7914) over the secret, N = 32768, r = 8, p = 1,
 *             salt "sockutil external PSK 1"
 *   hash      SHA-256: the session is one of TLS_AES_128_GCM_SHA256
 *
 * The secret is the content of the file without one final newline ("\n" or "\r\n"), 1 to 65536
 * bytes.
 */
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

enum { SECRET_KEY_SIZE = 32, SECRET_MAX = 65536, SECRET_SHORT = 16 };

struct tls_context;

/* Reads and stretches. FAILURE_INPUT: the file cannot be read; FAILURE_USAGE: it is empty or too
 * long. Warns through the context about a short secret and a file that others can read. */
bool secret_read(struct tls_context *context, const char *file, struct failure *why);

/* Sets the call-backs that offer or find the key; the context has it. */
void secret_use(struct tls_context *context);
#endif
