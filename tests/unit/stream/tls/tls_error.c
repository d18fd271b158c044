/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/tls_error.c Holds: the oldest error is told and the queue is empty
 * afterwards; an empty queue is an unknown error; alerts are told from errors of our own; each
 * kind of handshake failure has its words; what has none is told in OpenSSL's. */
#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sockutil/stream/tls/tls_error.h>

static struct failure why;

/* The texts of errors, which the first SSL_CTX loads otherwise. */
static void load_texts(void)
{
	OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
}

TestSuite(tls_error, .init = load_texts);

Test(tls_error, the_oldest_is_told)
{
	char out[100];

	cr_assert_str_eq(tls_error_reason(out, sizeof(out)), "unknown error");
	ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
	cr_assert_str_eq(tls_error_reason(out, sizeof(out)), "no start line");
	cr_assert_eq(ERR_peek_error(), 0);
	ERR_raise(ERR_LIB_SYS, ENOSPC);
	cr_assert_str_eq(tls_error_reason(out, sizeof(out)), "No space left on device");
}

Test(tls_error, fail)
{
	ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
	cr_assert_eq(tls_error_fail(&why, FAILURE_INPUT, "reading %s", "x"), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_INPUT);
	cr_assert_str_eq(why.text, "reading x: no start line");
}

Test(tls_error, alerts)
{
	cr_assert(!tls_error_is_alert());
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
	cr_assert(!tls_error_is_alert());
	ERR_clear_error();
	ERR_raise(ERR_LIB_X509, SSL_AD_REASON_OFFSET + SSL_AD_UNKNOWN_CA);
	cr_assert(!tls_error_is_alert());
	ERR_clear_error();
	ERR_raise(ERR_LIB_SSL, SSL_AD_REASON_OFFSET + SSL_AD_UNKNOWN_CA);
	cr_assert(tls_error_is_alert());
	cr_assert_neq(ERR_peek_error(), 0);
}

static void handshake(int reason, bool server, bool secret, const char *text)
{
	ERR_clear_error();
	ERR_raise(ERR_LIB_SSL, reason);
	cr_assert_eq(tls_error_handshake(&why, server, secret), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_TLS);
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(ERR_peek_error(), 0);
}

Test(tls_error, handshakes)
{
	handshake(SSL_R_WRONG_VERSION_NUMBER, false, false, "the peer does not speak TLS");
	handshake(SSL_R_DH_KEY_TOO_SMALL, false, false,
		  "the peer's Diffie-Hellman group is too small");
	handshake(SSL_R_NO_SHARED_CIPHER, true, false, "no cipher in common with the peer");
	handshake(SSL_R_NO_SHARED_CIPHER, true, true, "the client does not use --secret");
	handshake(SSL_R_BAD_LENGTH, false, false, "TLS handshake failed: bad length");
}

static void alert(int number, bool server, bool secret, const char *text)
{
	handshake(SSL_AD_REASON_OFFSET + number, server, secret, text);
}

Test(tls_error, alerts_in_handshakes)
{
	alert(SSL_AD_UNKNOWN_CA, true, false, "the peer refused our certificate: unknown CA");
	alert(SSL_AD_CERTIFICATE_EXPIRED, true, false,
	      "the peer refused our certificate: certificate expired");
	alert(SSL_AD_CERTIFICATE_REQUIRED, false, false,
	      "the peer wants a certificate of ours; --cert FILE gives it one");
	alert(SSL_AD_HANDSHAKE_FAILURE, true, false,
	      "the peer refused the handshake: no cipher, group or key type in common");
	alert(SSL_AD_HANDSHAKE_FAILURE, false, true,
	      "the peer refused the handshake: it does not use --secret");
	alert(SSL_AD_ILLEGAL_PARAMETER, false, true,
	      "the peer refused the secret: it has another one");
	alert(SSL_AD_ILLEGAL_PARAMETER, false, false,
	      "the peer sent the alert \"illegal parameter\"");
}

Test(tls_error, records)
{
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
	cr_assert_eq(tls_error_record(&why), IO_FAILED);
	cr_assert_str_eq(why.text, "TLS failed: bad length");
	ERR_raise(ERR_LIB_SSL, SSL_AD_REASON_OFFSET + SSL_AD_INTERNAL_ERROR);
	tls_error_record(&why);
	cr_assert_eq(why.class, FAILURE_TLS);
	cr_assert_str_eq(why.text, "the peer sent the alert \"internal error\"");
	cr_assert_eq(ERR_peek_error(), 0);
}
