/* SPDX-License-Identifier: MIT */
/* tls_error.c - OpenSSL's error queue in words. */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <string.h>

#include <sockutil/stream/tls/tls_error.h>

/* SSL_AD_REASON_OFFSET: reasons from here on are alerts that came from the peer. */
static int alert_of(unsigned long error)
{
	int reason = ERR_GET_REASON(error);

	if (ERR_GET_LIB(error) != ERR_LIB_SSL || reason < SSL_AD_REASON_OFFSET ||
	    reason > SSL_AD_REASON_OFFSET + 255)
		return -1;
	return reason - SSL_AD_REASON_OFFSET;
}

const char *tls_error_reason(char *out, size_t size)
{
	unsigned long error = ERR_get_error();
	const char *text = ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error))
						   : ERR_reason_error_string(error);

	snprintf(out, size, "%s", error && text ? text : "unknown error");
	ERR_clear_error();
	return out;
}

enum io tls_error_fail(struct failure *why, enum failure_class class, const char *format, ...)
{
	char text[300];
	char reason[160];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return fail(why, class, "%s: %s", text, tls_error_reason(reason, sizeof(reason)));
}

bool tls_error_is_alert(void)
{
	return alert_of(ERR_peek_error()) >= 0;
}

/* Alerts by which a peer refuses our certificate, or the lack of one. */
static bool alert_is_about_certificate(int alert)
{
	switch (alert) {
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
	case SSL_AD_CERTIFICATE_REVOKED:
	case SSL_AD_CERTIFICATE_EXPIRED:
	case SSL_AD_CERTIFICATE_UNKNOWN:
	case SSL_AD_UNKNOWN_CA:
	case SSL_AD_CERTIFICATE_REQUIRED:
		return true;
	default:
		return false;
	}
}

static enum io fail_alert(struct failure *why, int alert, bool server, bool secret)
{
	const char *name = SSL_alert_desc_string_long(alert);

	if (secret && (alert == SSL_AD_ILLEGAL_PARAMETER || alert == SSL_AD_DECRYPT_ERROR))
		return fail(why, FAILURE_TLS, "the peer refused the secret: it has another one");
	if (secret && alert == SSL_AD_HANDSHAKE_FAILURE)
		return fail(why, FAILURE_TLS,
			    "the peer refused the handshake: it does not use --secret");
	if (alert == SSL_AD_CERTIFICATE_REQUIRED)
		return fail(why, FAILURE_TLS,
			    "the peer wants a certificate of ours; --cert FILE gives it one");
	if (alert_is_about_certificate(alert))
		return fail(why, FAILURE_TLS, "the peer refused our certificate: %s", name);
	if (alert == SSL_AD_PROTOCOL_VERSION)
		return fail(why, FAILURE_TLS,
			    "no TLS version in common: the peer refused ours (%s)", name);
	if (alert == SSL_AD_HANDSHAKE_FAILURE)
		return fail(
			why, FAILURE_TLS,
			"the peer refused the handshake: no cipher, group or key type in common%s",
			server ? "" : ", or it wants a certificate (--cert)");
	if (alert == SSL_AD_NO_APPLICATION_PROTOCOL)
		return fail(why, FAILURE_TLS, "the peer knows none of the --alpn protocols");
	return fail(why, FAILURE_TLS, "the peer sent the alert \"%s\"", name);
}

/* What reasons mean that OpenSSL's own words tell only to those who know it. */
static const struct {
	int reason;
	const char *meaning;
} meanings[] = {
	{ SSL_R_WRONG_VERSION_NUMBER, "the peer does not speak TLS" },
	{ SSL_R_HTTP_REQUEST, "the peer does not speak TLS: it sent a plain HTTP request" },
	{ SSL_R_HTTPS_PROXY_REQUEST,
	  "the peer does not speak TLS: it sent a plain CONNECT request" },
	{ SSL_R_UNKNOWN_PROTOCOL, "the peer does not speak TLS" },
	{ SSL_R_BAD_PROTOCOL_VERSION_NUMBER, "the peer does not speak TLS" },
	{ SSL_R_PACKET_LENGTH_TOO_LONG, "the peer does not speak TLS" },
	{ SSL_R_RECORD_LENGTH_MISMATCH, "the peer does not speak TLS" },
	{ SSL_R_UNSUPPORTED_PROTOCOL,
	  "no TLS version in common: the peer's are not within --tls-min and --tls-max" },
	{ SSL_R_VERSION_TOO_LOW, "no TLS version in common: the peer's is too old" },
	{ SSL_R_VERSION_TOO_HIGH, "no TLS version in common: the peer's is too new" },
	{ SSL_R_NO_SHARED_CIPHER, "no cipher in common with the peer" },
	{ SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, "no signature algorithm in common with the peer" },
	{ SSL_R_NO_SUITABLE_KEY_SHARE, "no group in common with the peer" },
	{ SSL_R_DH_KEY_TOO_SMALL, "the peer's Diffie-Hellman group is too small" },
	{ SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, "the client sent no certificate" },
	{ SSL_R_NO_APPLICATION_PROTOCOL, "the client offers none of the --alpn protocols" },
	{ SSL_R_BINDER_DOES_NOT_VERIFY, "the client has another secret" },
	{ SSL_R_INAPPROPRIATE_FALLBACK, "the client fell back to an older TLS version" },
};

static bool fail_meaning(struct failure *why, int reason)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (meanings[i].reason != reason)
			continue;
		fail(why, FAILURE_TLS, "%s", meanings[i].meaning);
		return true;
	}
	return false;
}

/* A server with a secret has no certificate to fall back on, which OpenSSL tells in several
 * ways. */
static bool lacks_secret(int reason)
{
	return reason == SSL_R_NO_SHARED_CIPHER ||
	       reason == SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM ||
	       reason == SSL_R_MISSING_SIGALGS_EXTENSION || reason == SSL_R_UNSUPPORTED_PROTOCOL;
}

enum io tls_error_handshake(struct failure *why, bool server, bool secret)
{
	unsigned long error = ERR_peek_error();
	int reason = ERR_GET_REASON(error);
	enum io result = IO_FAILED;

	if (alert_of(error) >= 0)
		result = fail_alert(why, alert_of(error), server, secret);
	else if (server && secret && ERR_GET_LIB(error) == ERR_LIB_SSL && lacks_secret(reason))
		result = fail(why, FAILURE_TLS, "the client does not use --secret");
	else if (ERR_GET_LIB(error) != ERR_LIB_SSL || !fail_meaning(why, reason))
		result = tls_error_fail(why, FAILURE_TLS, "TLS handshake failed");
	ERR_clear_error();
	return result;
}

enum io tls_error_record(struct failure *why)
{
	int alert = alert_of(ERR_peek_error());

	if (alert < 0)
		return tls_error_fail(why, FAILURE_TLS, "TLS failed");
	ERR_clear_error();
	return fail_alert(why, alert, false, false);
}
