/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/pin.c Holds: the pin of a certificate is the one that openssl(1)
 * computes; a list takes one or several; anything else is a usage failure that names the entry;
 * a pin is found anywhere in a list and only whole. */
#include <criterion/criterion.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/stream/tls/pin.h>

#define ONE   "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define OTHER "sha256//b1/+ZQ7MMQmDGc8cZAaPOAwgXdFtRQwTzJdOk9yFpZo="

/* A fixed P-256 key, and the Base64 SHA-256 of its SubjectPublicKeyInfo by `openssl pkey -pubout
 * -outform der | openssl dgst -sha256`. */
static const char key_pem[] = "-----BEGIN PUBLIC KEY-----\n"
			      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5Zcx/nlKQjjDuZDMTcUN11DLoQF2\n"
			      "R6yBNIZKbsWFZ0fLmgewakjnFtCrRSD4y48Fp5mr5lFotA4rNRaxtTPrng==\n"
			      "-----END PUBLIC KEY-----\n";
static const char key_pin[] = "sha256//TqC7YlQRxTXAF9Pokdgxnl67si7Zj/L+edyV6BXZWsY=";

Test(tls_pin, of_a_certificate)
{
	BIO *bio = BIO_new_mem_buf(key_pem, -1);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	X509 *certificate = X509_new();
	char pin[PIN_TEXT_MAX];

	cr_assert_not_null(key);
	X509_set_pubkey(certificate, key);
	pin_of(certificate, pin);
	cr_assert_str_eq(pin, key_pin);
	X509_free(certificate);
	EVP_PKEY_free(key);
	BIO_free(bio);
}

Test(tls_pin, lists_that_are_well_formed)
{
	struct failure why = { 0 };

	cr_assert(pin_list_check(ONE, &why));
	cr_assert(pin_list_check(ONE ";" OTHER, &why));
	cr_assert_eq(why.class, FAILURE_NONE);
}

static void wrong(const char *list, const char *entry)
{
	struct failure why = { 0 };
	char text[300];

	snprintf(text, sizeof(text), "--pin \"%s\": expected sha256// and 44 characters of Base64",
		 entry);
	cr_assert(!pin_list_check(list, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, text);
}

Test(tls_pin, lists_that_are_not)
{
	wrong("", "");
	wrong(ONE ";", "");
	wrong("sha256//abc", "sha256//abc");
	wrong("sha1//AAAA;" ONE, "sha1//AAAA");
	wrong("sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	      "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	wrong("sha256//AAAAAAAAAAAAAAAAAAAAA!AAAAAAAAAAAAAAAAAAAAA=",
	      "sha256//AAAAAAAAAAAAAAAAAAAAA!AAAAAAAAAAAAAAAAAAAAA=");
	wrong(ONE "," OTHER, ONE "," OTHER);
}

Test(tls_pin, found_in_a_list)
{
	cr_assert(pin_list_has(ONE, ONE));
	cr_assert(pin_list_has(OTHER ";" ONE, ONE));
	cr_assert(!pin_list_has(OTHER, ONE));
	cr_assert(!pin_list_has(ONE, ""));
}
