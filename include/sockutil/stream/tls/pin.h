/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_PIN_H
#define SOCKUTIL_STREAM_TLS_PIN_H
/* Pins: "sha256//" and the Base64 SHA-256 of a SubjectPublicKeyInfo (RFC 7469, 2.4), as curl
 * writes them. */
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

/* "sha256//" + 44 characters + NUL. */
enum { PIN_TEXT_MAX = 53, PIN_PREFIX = 8 };

/* The pin of a certificate's key; "" when it has none. */
void pin_of(const X509 *certificate, char out[static PIN_TEXT_MAX]);

/* Whether list, "sha256//…[;sha256//…]", is well formed. FAILURE_USAGE names the wrong entry. */
bool pin_list_check(const char *list, struct failure *why);

/* Whether pin is in a well-formed list. */
bool pin_list_has(const char *list, const char *pin);

/* Whether text[0..length) is one well-formed pin. */
bool pin_valid(const char *text, size_t length);
#endif
