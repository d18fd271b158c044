/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_TLS_ERROR_H
#define SOCKUTIL_STREAM_TLS_TLS_ERROR_H
/* OpenSSL's error queue in words. Every function here leaves the queue empty. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

/* The oldest error of the queue: "no start line"; "unknown error" when the queue is empty. */
const char *tls_error_reason(char *out, size_t size);

/* fail() with `: ` and that reason behind the text. */
enum io tls_error_fail(struct failure *why, enum failure_class class, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Whether the oldest error is a fatal alert that the peer sent (RFC 8446, 6.2). Does not drain. */
bool tls_error_is_alert(void);

/* What a failed handshake means to a user, FAILURE_TLS. server: our role; secret: --secret is
 * used. */
enum io tls_error_handshake(struct failure *why, bool server, bool secret);

/* A failure after the handshake: an alert of the peer or a record that does not decrypt,
 * FAILURE_TLS. */
enum io tls_error_record(struct failure *why);
#endif
