/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_ALPN_H
#define SOCKUTIL_STREAM_TLS_ALPN_H
/* Application protocols (RFC 7301). */
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

struct tls_context;

/* --alpn "h2,http/1.1". A client offers them in this order; a server takes the first of its own
 * that the client offers, and refuses (alert no_application_protocol) a client that offers none
 * of them. FAILURE_USAGE: an empty name or one over 255 bytes. */
bool alpn_use(struct tls_context *context, struct failure *why);
#endif
