/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/verify_text.c Holds: dates with and without time; names in RFC 2253
 * order, empty ones empty; subjectAltName entries in words, cut at a limit, none when there are
 * none; a reason that has no words here is told in OpenSSL's; a subject that is longer than a
 * message is cut. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <openssl/x509v3.h>
#include <string.h>

#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/verify_text.h>

static X509 *named(const char *organization, const char *name)
{
	X509 *certificate = X509_new();
	X509_NAME *subject = X509_get_subject_name(certificate);

	if (organization)
		X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8,
					   (const unsigned char *)organization, -1, -1, 0);
	if (name)
		X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
					   (const unsigned char *)name, -1, -1, 0);
	return certificate;
}

Test(tls_verify_text, dates)
{
	ASN1_TIME *time = ASN1_TIME_new();
	char out[32];

	ASN1_TIME_set_string(time, "20270102030405Z");
	cr_assert_str_eq(verify_text_date(out, sizeof(out), time, false), "2027-01-02");
	cr_assert_str_eq(verify_text_date(out, sizeof(out), time, true), "2027-01-02T03:04:05Z");
	cr_assert_str_eq(verify_text_date(out, sizeof(out), NULL, true), "an unreadable date");
	ASN1_TIME_free(time);
}

Test(tls_verify_text, names)
{
	X509 *certificate = named("Org", "host");
	struct buffer out = { 0 };

	cr_assert(verify_text_name(&out, X509_get_subject_name(certificate)));
	cr_assert_str_eq(buffer_text(&out), "CN=host,O=Org");
	X509_free(certificate);
	buffer_free(&out);
	certificate = named(NULL, NULL);
	cr_assert(verify_text_name(&out, X509_get_subject_name(certificate)));
	cr_assert_str_eq(buffer_text(&out), "");
	X509_free(certificate);
	buffer_free(&out);
}

Test(tls_verify_text, alternative_names)
{
	X509 *certificate = named(NULL, "x");
	struct buffer out = { 0 };
	X509_EXTENSION *san = NULL;

	cr_assert_eq(verify_text_names(&out, certificate, 5), 0);
	cr_assert_str_eq(buffer_text(&out), "");
	san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
				  "DNS:a.x,email:b@x,IP:192.0.2.1,IP:2001:db8::1,DNS:c.x");
	X509_add_ext(certificate, san, -1);
	cr_assert_eq(verify_text_names(&out, certificate, 5), 4);
	cr_assert_str_eq(buffer_text(&out), "a.x, 192.0.2.1, 2001:db8:0:0:0:0:0:1, c.x");
	buffer_free(&out);
	cr_assert_eq(verify_text_names(&out, certificate, 1), 4);
	cr_assert_str_eq(buffer_text(&out), "a.x and 3 more");
	buffer_free(&out);
	X509_EXTENSION_free(san);
	X509_free(certificate);
}

static struct failure refusal(const char *name, int error)
{
	struct tls_context context = { 0 };
	struct verify verify = { .context = &context, .host = "h", .name = (char[]){ "h" } };
	X509 *certificate = named(NULL, name);
	struct failure why = { 0 };

	verify_text_refusal(&why, &verify, error, NULL, certificate);
	X509_free(certificate);
	return why;
}

Test(tls_verify_text, refusals)
{
	struct failure why = refusal("x", X509_V_ERR_CA_KEY_TOO_SMALL);

	cr_assert_eq(why.class, FAILURE_CERTIFICATE);
	cr_assert_str_eq(why.text, "authority's key is too weak (CN=x); --insecure goes on anyway");
	why = refusal("x", X509_V_ERR_SUBTREE_MINMAX);
	cr_assert_str_eq(why.text, "name constraints minimum and maximum not supported (CN=x); "
				   "--insecure goes on anyway");
}
