/* SPDX-License-Identifier: MIT */
/* verify_text.c - certificates, and what is wrong with them, in words. */
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/verify_text.h>

bool verify_text_name(struct buffer *out, const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	bool good = false;

	/* Control characters stay escaped; UTF-8 is shown as it is. */
	if (bio &&
	    X509_NAME_print_ex(bio, name, 0,
			       XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
		long length = BIO_get_mem_data(bio, &text);

		good = length <= 0 || buffer_add(out, text, (size_t)length);
	}
	BIO_free(bio);
	return good;
}

const char *verify_text_date(char *out, size_t size, const ASN1_TIME *time, bool with_time)
{
	struct tm parts;

	if (!time || !ASN1_TIME_to_tm(time, &parts) ||
	    !strftime(out, size, with_time ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%d", &parts))
		snprintf(out, size, "an unreadable date");
	return out;
}

static bool add_general_name(struct buffer *out, const GENERAL_NAME *name)
{
	int kind = 0;
	const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &kind);
	const unsigned char *bytes = NULL;
	int length = 0;

	if (kind != GEN_DNS && kind != GEN_IPADD)
		return false;
	if (!out)
		return true;
	bytes = ASN1_STRING_get0_data(value);
	length = ASN1_STRING_length(value);
	if (out->length)
		buffer_add(out, ", ", 2);
	if (kind == GEN_DNS)
		return buffer_add(out, bytes, (size_t)length);
	if (length == 4)
		return buffer_format(out, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
	for (int i = 0; i + 1 < length; i += 2)
		buffer_format(out, "%s%x", i ? ":" : "", (unsigned)(bytes[i] << 8 | bytes[i + 1]));
	return true;
}

size_t verify_text_names(struct buffer *out, const X509 *certificate, size_t limit)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	size_t count = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		count += add_general_name(count < limit ? out : NULL,
					  sk_GENERAL_NAME_value(names, i));
	if (count > limit)
		buffer_format(out, " and %zu more", count - limit);
	GENERAL_NAMES_free(names);
	return count;
}

/* Errors that need no more than a sentence. */
static const struct {
	int error;
	const char *reason;
} reasons[] = {
	{ X509_V_ERR_INVALID_PURPOSE, "certificate is not meant for this use" },
	{ X509_V_ERR_INVALID_CA, "certificate was signed by one that is no authority" },
	{ X509_V_ERR_PATH_LENGTH_EXCEEDED,
	  "certificate chain is longer than its authority allows" },
	{ X509_V_ERR_CERT_CHAIN_TOO_LONG, "certificate chain is too long" },
	{ X509_V_ERR_PERMITTED_VIOLATION,
	  "certificate is for a name that its authority may not sign" },
	{ X509_V_ERR_EXCLUDED_VIOLATION,
	  "certificate is for a name that its authority may not sign" },
	{ X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION,
	  "certificate has a critical extension that is unknown here" },
	{ X509_V_ERR_EE_KEY_TOO_SMALL, "certificate's key is too weak" },
	{ X509_V_ERR_CA_KEY_TOO_SMALL, "authority's key is too weak" },
	{ X509_V_ERR_CA_MD_TOO_WEAK, "certificate's signature is too weak" },
	{ X509_V_ERR_CERT_SIGNATURE_FAILURE, "certificate's signature is wrong" },
	{ X509_V_ERR_CERT_REVOKED, "certificate was revoked" },
	{ X509_V_ERR_CRL_HAS_EXPIRED, "the --crl list for this certificate is out of date" },
	{ X509_V_ERR_CRL_NOT_YET_VALID, "the --crl list for this certificate is not valid yet" },
	{ X509_V_ERR_CRL_SIGNATURE_FAILURE, "the --crl list's signature is wrong" },
	{ X509_V_ERR_UNABLE_TO_GET_CRL, "no list of its authority is in --crl" },
};

static const char *reason_of(int error)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].error == error)
			return reasons[i].reason;
	return X509_verify_cert_error_string(error);
}

/* "certificate is for a, b, not for c" */
static void add_mismatch(struct buffer *out, const struct verify *v, const X509 *leaf)
{
	struct buffer names = { 0 };

	if (verify_text_names(&names, leaf, 5))
		buffer_format(out, "certificate is for %s, not for %s", buffer_text(&names),
			      v->name);
	else
		buffer_format(out,
			      "certificate names no host (no subjectAltName), so it is not for %s",
			      v->name);
	buffer_free(&names);
}

static void add_reason(struct buffer *out, const struct verify *v, int error, const X509 *current,
		       const X509 *leaf)
{
	char date[32];

	switch (error) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		add_mismatch(out, v, leaf);
		break;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		buffer_format(
			out, "certificate expired on %s",
			verify_text_date(date, sizeof(date), X509_get0_notAfter(current), false));
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		buffer_format(
			out, "certificate is not valid before %s",
			verify_text_date(date, sizeof(date), X509_get0_notBefore(current), false));
		break;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		buffer_format(out, "self-signed certificate");
		break;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		buffer_format(out, "certificate of an authority that is not trusted");
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		buffer_format(out, "certificate's issuer is not known here (");
		verify_text_name(out, X509_get_issuer_name(current));
		buffer_format(out, ")");
		break;
	default:
		buffer_format(out, "%s", reason_of(error));
	}
}

/* What a client's user can do about it. */
static void add_remedy(struct buffer *out, const struct verify *v, int error)
{
	switch (error) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		buffer_format(out, "--verify-name NAME checks for another name, ");
		break;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		buffer_format(out, "--ca FILE trusts it, --pin %s accepts this key, ", v->pin);
		break;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		buffer_format(out, "--ca FILE trusts an authority, --pin %s accepts this key, ",
			      v->pin);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		buffer_format(out, "check this machine's clock, ");
		break;
	default:
		break;
	}
	buffer_format(out, "--insecure goes on anyway");
}

void verify_text_refusal(struct failure *why, const struct verify *v, int error,
			 const X509 *current, const X509 *leaf)
{
	struct buffer reason = { 0 }, subject = { 0 }, remedy = { 0 };

	if (!current)
		current = leaf;
	add_reason(&reason, v, error, current, leaf);
	verify_text_name(&subject, X509_get_subject_name(current));
	if (v->host && !v->context->options.insecure) {
		buffer_format(&remedy, "; ");
		add_remedy(&remedy, v, error);
	}
	fail(why, FAILURE_CERTIFICATE, "%s%s (%s)%s", v->host ? "" : "client's ",
	     buffer_text(&reason), buffer_text(&subject), buffer_text(&remedy));
	buffer_free(&reason);
	buffer_free(&subject);
	buffer_free(&remedy);
}
