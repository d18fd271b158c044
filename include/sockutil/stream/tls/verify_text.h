/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_VERIFY_TEXT_H
#define SOCKUTIL_STREAM_TLS_VERIFY_TEXT_H
/* Certificates in words. */
#include <openssl/x509.h>
#include <stdbool.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <sockutil/stream/tls/verify.h>

/* "CN=example.org,O=Example" (RFC 2253 order and escapes); "" for an empty name. Appends; false
 * when memory is short. */
bool verify_text_name(struct buffer *out, const X509_NAME *name);

/* "2027-01-02", or with the time "2027-01-02T03:04:05Z" (21 bytes); "an unreadable date"
 * otherwise. */
const char *verify_text_date(char *out, size_t size, const ASN1_TIME *time, bool with_time);

/* "a.example, b.example, 192.0.2.1 and 998 more": at most limit subjectAltName entries of kind
 * DNS and IP; how many there are in all. */
size_t verify_text_names(struct buffer *out, const X509 *certificate, size_t limit);

/* FAILURE_CERTIFICATE: reason, subject and remedy of what X509_verify_cert() says
 * (X509_V_ERR_…). current: the certificate concerned, or NULL; leaf: the peer's own. */
void verify_text_refusal(struct failure *why, const struct verify *v, int error,
			 const X509 *current, const X509 *leaf);
#endif
