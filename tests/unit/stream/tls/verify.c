/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/verify.c Holds: a chain to --ca is trusted, also when --ca holds the
 * leaf or an intermediate; self-signed, unknown issuer, expired, not yet valid, wrong name, no
 * name, wrong purpose and revoked are FAILURE_CERTIFICATE and name reason, subject and remedy;
 * names by subjectAltName only, addresses by their own kind; wildcards one label deep; the final
 * dot and a zone do not count; --verify-name and --servername decide what is checked; a server
 * without a name to check is a usage failure; --insecure goes on and warns with the fingerprint
 * and what it let through; a pin that fits replaces the authority and the name but not the
 * validity; one that does not is FAILURE_PIN, also with --insecure; the same for --tofu, which
 * adds a key at first use; client certificates: absent, unknown, wrong purpose, optional, by
 * pin. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sockutil/stream/tls/pin.h>

TestSuite(tls_verify, .init = tls_support_begin, .fini = tls_support_end);

static struct tls_pair pair;
static enum io client, server;

/* A handshake between a client with these options and a server that shows a certificate. */
static void shake(const struct tls_options *options, const char *certificate, const char *host)
{
	const char *certificates[] = { tls_support_path(certificate), NULL };

	tls_pair_init(&pair, options, &(struct tls_options){ .cert = certificates }, host);
	tls_pair_shake(&pair, &client, &server);
	cr_assert_eq(ERR_peek_error(), 0);
}

static struct tls_info info(void)
{
	struct tls_info out;

	sockutil_tls_api.info(pair.client, &out);
	return out;
}

static const char *pin_in(const char *file)
{
	static char text[PIN_TEXT_MAX];
	const char *certificates[] = { tls_support_path(file), NULL };
	struct failure why;
	struct tls_context *context =
		sockutil_tls_api.server(&(struct tls_options){ .cert = certificates }, &why);

	snprintf(text, sizeof(text), "%s", sockutil_tls_api.context_pin(context));
	sockutil_tls_api.context_free(context);
	return text;
}

static void trusted(const struct tls_options *options, const char *certificate, const char *host)
{
	shake(options, certificate, host);
	cr_assert_eq(client, IO_DONE, "%s", pair.client_why.text);
	cr_assert_eq(server, IO_DONE, "%s", pair.server_why.text);
	cr_assert(info().verified);
	tls_pair_free(&pair);
}

static void refused(const struct tls_options *options, const char *certificate, const char *host,
		    enum failure_class class, const char *text)
{
	shake(options, certificate, host);
	cr_assert_eq(client, IO_FAILED);
	cr_assert_eq(pair.client_why.class, class, "%s", pair.client_why.text);
	cr_assert_str_eq(pair.client_why.text, text);
	/* The server hears of it by an alert. */
	cr_assert_eq(server, IO_FAILED);
	cr_assert_eq(pair.server_why.class, FAILURE_TLS);
	tls_pair_free(&pair);
}

#define TRUST_CA                                                                                   \
	&(struct tls_options)                                                                      \
	{                                                                                          \
		.ca = tls_support_path("ca.pem")                                                   \
	}

Test(tls_verify, a_chain_to_the_authority_is_trusted)
{
	tls_support_usual();
	trusted(TRUST_CA, "server.pem", "host.example");
	trusted(TRUST_CA, "server.pem", "HOST.example");
	trusted(TRUST_CA, "server.pem", "host.example.");
	trusted(TRUST_CA, "server.pem", "127.0.0.1");
	cr_assert_str_empty(tls_support_warning);
}

Test(tls_verify, the_authority_may_be_the_certificate_itself)
{
	tls_support_usual();
	trusted(&(struct tls_options){ .ca = tls_support_path("server.pem") }, "server.pem",
		"host.example");
}

Test(tls_verify, self_signed)
{
	char text[400];

	tls_support_usual();
	tls_support_certificate(
		&(struct tls_wish){ .file = "self.pem", .name = "x", .san = "DNS:host.example" });
	snprintf(text, sizeof(text),
		 "self-signed certificate (CN=x); --ca FILE trusts it, --pin %s accepts this key, "
		 "--insecure goes on anyway",
		 pin_in("self.pem"));
	refused(TRUST_CA, "self.pem", "host.example", FAILURE_CERTIFICATE, text);
}

Test(tls_verify, unknown_issuer)
{
	char text[400];

	tls_support_usual();
	tls_support_certificate(
		&(struct tls_wish){ .file = "other.pem", .name = "Other CA", .authority = true });
	snprintf(text, sizeof(text),
		 "certificate's issuer is not known here (CN=Test CA) (CN=host.example); --ca FILE "
		 "trusts an authority, --pin %s accepts this key, --insecure goes on anyway",
		 pin_in("server.pem"));
	refused(&(struct tls_options){ .ca = tls_support_path("other.pem") }, "server.pem",
		"host.example", FAILURE_CERTIFICATE, text);
}

/* The day of a time so many days from now, as messages write it. */
static const char *day(int offset)
{
	static char text[16];
	time_t at = time(NULL) + offset * 86400L;
	struct tm parts;

	strftime(text, sizeof(text), "%Y-%m-%d", gmtime_r(&at, &parts));
	return text;
}

Test(tls_verify, expired)
{
	char text[400];

	tls_support_usual();
	tls_support_certificate(&(struct tls_wish){ .file = "old.pem",
						    .name = "host.example",
						    .san = "DNS:host.example",
						    .issuer = "ca.pem",
						    .from = -30,
						    .to = -2 });
	snprintf(text, sizeof(text),
		 "certificate expired on %s (CN=host.example); --insecure goes on anyway", day(-2));
	refused(TRUST_CA, "old.pem", "host.example", FAILURE_CERTIFICATE, text);
}

Test(tls_verify, not_yet_valid)
{
	char text[400];

	tls_support_usual();
	tls_support_certificate(&(struct tls_wish){ .file = "new.pem",
						    .name = "host.example",
						    .san = "DNS:host.example",
						    .issuer = "ca.pem",
						    .from = 2,
						    .to = 30 });
	snprintf(
		text, sizeof(text),
		"certificate is not valid before %s (CN=host.example); check this machine's clock, "
		"--insecure goes on anyway",
		day(2));
	refused(TRUST_CA, "new.pem", "host.example", FAILURE_CERTIFICATE, text);
}

Test(tls_verify, another_name)
{
	tls_support_usual();
	refused(TRUST_CA, "server.pem", "other.example", FAILURE_CERTIFICATE,
		"certificate is for host.example, 127.0.0.1, not for other.example "
		"(CN=host.example); --verify-name NAME checks for another name, --insecure goes on "
		"anyway");
	refused(TRUST_CA, "server.pem", "::1", FAILURE_CERTIFICATE,
		"certificate is for host.example, 127.0.0.1, not for ::1 (CN=host.example); "
		"--verify-name NAME checks for another name, --insecure goes on anyway");
}

Test(tls_verify, a_common_name_is_no_name)
{
	tls_support_usual();
	tls_support_certificate(
		&(struct tls_wish){ .file = "cn.pem", .name = "host.example", .issuer = "ca.pem" });
	refused(TRUST_CA, "cn.pem", "host.example", FAILURE_CERTIFICATE,
		"certificate names no host (no subjectAltName), so it is not for host.example "
		"(CN=host.example); --verify-name NAME checks for another name, --insecure goes on "
		"anyway");
}

Test(tls_verify, an_address_written_as_a_name_is_no_address)
{
	tls_support_usual();
	tls_support_certificate(&(struct tls_wish){
		.file = "ip.pem", .name = "x", .san = "DNS:127.0.0.1", .issuer = "ca.pem" });
	refused(TRUST_CA, "ip.pem", "127.0.0.1", FAILURE_CERTIFICATE,
		"certificate is for 127.0.0.1, not for 127.0.0.1 (CN=x); --verify-name NAME checks "
		"for "
		"another name, --insecure goes on anyway");
}

Test(tls_verify, a_wildcard_is_one_label)
{
	tls_support_usual();
	tls_support_certificate(&(struct tls_wish){ .file = "wild.pem",
						    .name = "x",
						    .san = "DNS:*.b.example,DNS:f*.c.example",
						    .issuer = "ca.pem" });
	trusted(TRUST_CA, "wild.pem", "a.b.example");
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = { "z.a.b.example", "b.example",
						     "foo.c.example" };

		shake(TRUST_CA, "wild.pem", names[i]);
		cr_assert_eq(client, IO_FAILED);
		cr_assert_eq(pair.client_why.class, FAILURE_CERTIFICATE);
		tls_pair_free(&pair);
	}
}

Test(tls_verify, many_names_are_cut)
{
	tls_support_usual();
	tls_support_certificate(
		&(struct tls_wish){ .file = "many.pem",
				    .name = "x",
				    .san = "DNS:a.x,DNS:b.x,DNS:c.x,DNS:d.x,DNS:e.x,DNS:f.x,IP:::1",
				    .issuer = "ca.pem" });
	refused(TRUST_CA, "many.pem", "z.x", FAILURE_CERTIFICATE,
		"certificate is for a.x, b.x, c.x, d.x, e.x and 2 more, not for z.x (CN=x); "
		"--verify-name NAME checks for another name, --insecure goes on anyway");
}

Test(tls_verify, a_certificate_for_clients_is_none_for_a_server)
{
	tls_support_usual();
	tls_support_certificate(&(struct tls_wish){ .file = "eku.pem",
						    .name = "x",
						    .san = "DNS:host.example",
						    .usage = "clientAuth",
						    .issuer = "ca.pem" });
	refused(TRUST_CA, "eku.pem", "host.example", FAILURE_CERTIFICATE,
		"certificate is not meant for this use (CN=x); --insecure goes on anyway");
}

Test(tls_verify, revoked)
{
	struct tls_options options = { 0 };

	tls_support_usual();
	options.ca = tls_support_path("ca.pem");
	options.crl = tls_support_crl("crl.pem", "ca.pem", "server.pem");
	refused(&options, "server.pem", "host.example", FAILURE_CERTIFICATE,
		"certificate was revoked (CN=host.example); --insecure goes on anyway");
	options.crl = tls_support_crl("empty.pem", "ca.pem", NULL);
	trusted(&options, "server.pem", "host.example");
}

Test(tls_verify, no_list_of_the_authority)
{
	tls_support_usual();
	tls_support_certificate(
		&(struct tls_wish){ .file = "other.pem", .name = "Other CA", .authority = true });
	refused(&(struct tls_options){ .ca = tls_support_path("ca.pem"),
				       .crl = tls_support_crl("crl.pem", "other.pem", NULL) },
		"server.pem", "host.example", FAILURE_CERTIFICATE,
		"no list of its authority is in --crl (CN=host.example); --insecure goes on "
		"anyway");
}

Test(tls_verify, names_given_by_options)
{
	struct tls_options options = { 0 };

	tls_support_usual();
	options.ca = tls_support_path("ca.pem");
	options.verify_name = "host.example";
	trusted(&options, "server.pem", "192.0.2.1");
	options.servername = "other.example";
	shake(&options, "server.pem", "third.example");
	cr_assert_eq(client, IO_DONE);
	cr_assert_str_eq(info().servername, "other.example");
	tls_pair_free(&pair);
	options.verify_name = NULL;
	refused(&options, "server.pem", "host.example", FAILURE_CERTIFICATE,
		"certificate is for host.example, 127.0.0.1, not for other.example "
		"(CN=host.example); --verify-name NAME checks for another name, --insecure goes on "
		"anyway");
}

Test(tls_verify, the_name_sent_is_the_host_and_never_an_address)
{
	tls_support_usual();
	shake(TRUST_CA, "server.pem", "host.example.");
	cr_assert_str_eq(info().servername, "host.example");
	tls_pair_free(&pair);
	shake(TRUST_CA, "server.pem", "127.0.0.1");
	cr_assert_str_eq(info().servername, "");
	tls_pair_free(&pair);
	shake(&(struct tls_options){ .ca = tls_support_path("ca.pem"), .servername = "" },
	      "server.pem", "host.example");
	cr_assert_eq(client, IO_DONE);
	cr_assert_str_eq(info().servername, "");
	tls_pair_free(&pair);
}

static void no_layer(const struct tls_options *options, const char *host, const char *text)
{
	struct failure why = { 0 };
	struct tls_memory wire;
	struct tls_context *context = sockutil_tls_api.client(options, &why);

	cr_assert_not_null(context, "%s", why.text);
	tls_memory_init(&wire);
	cr_assert_null(sockutil_tls_api.connect(context, &wire.a.stream, host, "1", &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, text);
	sockutil_tls_api.context_free(context);
	tls_memory_free(&wire);
}

Test(tls_verify, without_a_name_there_is_nothing_to_check)
{
	tls_support_usual();
	no_layer(TRUST_CA, "",
		 "no name to check the certificate against: --verify-name NAME gives one");
	no_layer(
		TRUST_CA,
		"stra\xc3\x9f"
		"e.example",
		"\"stra\xc3\x9f"
		"e.example\" is not a name that TLS can send or check: write it in its ASCII form, "
		"xn--");
}

Test(tls_verify, insecure_goes_on_and_says_so)
{
	char start[] =
		"--insecure: the certificate is not checked and would be refused: self-signed "
		"certificate (CN=x); SHA-256 fingerprint ";
	struct tls_info seen;

	tls_support_certificate(&(struct tls_wish){
		.file = "self.pem", .name = "x", .san = "DNS:x", .from = -9, .to = -2 });
	shake(&(struct tls_options){ .insecure = true }, "self.pem", "host.example");
	cr_assert_eq(client, IO_DONE, "%s", pair.client_why.text);
	seen = info();
	cr_assert(!seen.verified);
	cr_assert_eq(strncmp(tls_support_warning, start, strlen(start)), 0, "%s",
		     tls_support_warning);
	cr_assert_not_null(strstr(tls_support_warning, seen.fingerprint));
	cr_assert_not_null(strstr(tls_support_warning, seen.pin));
	tls_pair_free(&pair);
}

Test(tls_verify, a_pin_alone_is_enough_for_a_key_that_nobody_vouches_for)
{
	char pins[200];

	tls_support_usual();
	tls_support_certificate(
		&(struct tls_wish){ .file = "self.pem", .name = "x", .san = "DNS:y" });
	snprintf(pins, sizeof(pins), "sha256//%044d;%s", 0, pin_in("self.pem"));
	pins[51] = '=';
	trusted(&(struct tls_options){ .pin = pins }, "self.pem", "192.0.2.7");
	trusted(&(struct tls_options){ .pin = pins, .insecure = true }, "self.pem", "192.0.2.7");
	cr_assert_str_empty(tls_support_warning);
}

Test(tls_verify, a_pin_needs_no_revocation_list)
{
	tls_support_usual();
	tls_support_certificate(&(struct tls_wish){ .file = "self.pem", .name = "x" });
	trusted(&(struct tls_options){ .pin = pin_in("self.pem"),
				       .crl = tls_support_crl("crl.pem", "ca.pem", NULL) },
		"self.pem", "x");
}

Test(tls_verify, a_pin_does_not_excuse_a_name_that_an_authority_denies)
{
	tls_support_usual();
	refused(&(struct tls_options){ .ca = tls_support_path("ca.pem"),
				       .pin = pin_in("server.pem") },
		"server.pem", "other.example", FAILURE_CERTIFICATE,
		"certificate is for host.example, 127.0.0.1, not for other.example "
		"(CN=host.example); --verify-name NAME checks for another name, --insecure goes on "
		"anyway");
}

Test(tls_verify, a_pin_does_not_excuse_an_expired_certificate)
{
	char text[400];

	tls_support_certificate(
		&(struct tls_wish){ .file = "old.pem", .name = "x", .from = -9, .to = -2 });
	snprintf(text, sizeof(text), "certificate expired on %s (CN=x); --insecure goes on anyway",
		 day(-2));
	refused(&(struct tls_options){ .pin = pin_in("old.pem") }, "old.pem", "x",
		FAILURE_CERTIFICATE, text);
}

Test(tls_verify, another_pin_is_refused_whatever_else_holds)
{
	static const char pin[] = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	char text[400];

	tls_support_usual();
	snprintf(text, sizeof(text),
		 "the peer's key %s is not the one --pin names (CN=host.example)",
		 pin_in("server.pem"));
	refused(&(struct tls_options){ .ca = tls_support_path("ca.pem"), .pin = pin }, "server.pem",
		"host.example", FAILURE_PIN, text);
	refused(&(struct tls_options){ .insecure = true, .pin = pin }, "server.pem", "host.example",
		FAILURE_PIN, text);
}

Test(tls_verify, trust_on_first_use)
{
	struct tls_options options = { 0 };
	char first[PIN_TEXT_MAX], text[500], line[200];

	tls_support_certificate(&(struct tls_wish){ .file = "one.pem", .name = "x" });
	tls_support_certificate(&(struct tls_wish){ .file = "two.pem", .name = "x" });
	options.tofu = tls_support_path("known");
	snprintf(first, sizeof(first), "%s", pin_in("one.pem"));
	shake(&options, "one.pem", "host.example");
	cr_assert_eq(client, IO_DONE, "%s", pair.client_why.text);
	cr_assert(!info().verified, "the first time it is believed, not checked");
	tls_pair_free(&pair);
	snprintf(line, sizeof(line), "host.example:443 %s\n", first);
	cr_assert_str_eq(tls_support_read("known"), line);
	snprintf(text, sizeof(text), "the key of host.example:443 is new: added to %s as %s",
		 options.tofu, first);
	cr_assert_str_eq(tls_support_warning, text);
	tls_support_warning[0] = '\0';
	trusted(&options, "one.pem", "host.example");
	cr_assert_str_empty(tls_support_warning);
	snprintf(text, sizeof(text),
		 "the key of host.example:443 is not the known one: %s line 1 has %s, the peer "
		 "shows "
		 "%s; somebody may be in between, or the key was changed: then remove that line",
		 options.tofu, first, pin_in("two.pem"));
	refused(&options, "two.pem", "host.example", FAILURE_PIN, text);
	options.insecure = true;
	refused(&options, "two.pem", "host.example", FAILURE_PIN, text);
	cr_assert_str_eq(tls_support_read("known"), line);
}

Test(tls_verify, a_known_keys_file_that_cannot_be_used)
{
	char text[300];
	const char *file = NULL;

	tls_support_certificate(&(struct tls_wish){ .file = "one.pem", .name = "x" });
	file = tls_support_path("absent/known");
	snprintf(text, sizeof(text), "cannot write --tofu %s: No such file or directory", file);
	shake(&(struct tls_options){ .tofu = file }, "one.pem", "host.example");
	cr_assert_eq(client, IO_FAILED);
	cr_assert_eq(pair.client_why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(pair.client_why.text, text);
	tls_pair_free(&pair);
}

/* --- client certificates --------------------------------------------------- */

static void shake_client(const char *certificate, const struct tls_options *more)
{
	const char *own[] = { certificate ? tls_support_path(certificate) : NULL, NULL };
	const char *certificates[] = { NULL, NULL };
	struct tls_options options = *more;

	tls_support_usual();
	certificates[0] = tls_support_path("server.pem");
	options.cert = certificates;
	tls_pair_init(&pair,
		      &(struct tls_options){ .ca = tls_support_path("ca.pem"),
					     .cert = certificate ? own : NULL },
		      &options, "host.example");
	tls_pair_shake(&pair, &client, &server);
}

static void clients(void)
{
	tls_support_certificate(
		&(struct tls_wish){ .file = "people.pem", .name = "People", .authority = true });
	tls_support_certificate(&(struct tls_wish){ .file = "alice.pem",
						    .name = "alice",
						    .usage = "clientAuth",
						    .issuer = "people.pem" });
	tls_support_certificate(&(struct tls_wish){ .file = "wrong.pem",
						    .name = "wrong",
						    .usage = "serverAuth",
						    .issuer = "people.pem" });
	tls_support_certificate(&(struct tls_wish){ .file = "self.pem", .name = "self" });
}

Test(tls_verify, a_client_is_known_by_its_authority)
{
	struct tls_info seen;

	clients();
	shake_client("alice.pem",
		     &(struct tls_options){ .client_ca = tls_support_path("people.pem"),
					    .client_cert = TLS_CLIENT_CERT_REQUIRED });
	cr_assert_eq(server, IO_DONE, "%s", pair.server_why.text);
	sockutil_tls_api.info(pair.server, &seen);
	cr_assert(seen.verified);
	cr_assert_str_eq(seen.subject, "CN=alice");
	cr_assert_str_eq(seen.issuer, "CN=People");
	cr_assert_str_eq(seen.servername, "host.example");
	tls_pair_free(&pair);
}

static void client_refused(const char *certificate, enum failure_class class, const char *text)
{
	clients();
	shake_client(certificate,
		     &(struct tls_options){ .client_ca = tls_support_path("people.pem"),
					    .client_cert = TLS_CLIENT_CERT_REQUIRED });
	cr_assert_eq(server, IO_FAILED);
	cr_assert_eq(pair.server_why.class, class);
	cr_assert_str_eq(pair.server_why.text, text);
	tls_pair_free(&pair);
}

Test(tls_verify, a_client_without_a_certificate)
{
	client_refused(NULL, FAILURE_TLS, "the client sent no certificate");
}

Test(tls_verify, a_client_with_one_for_servers)
{
	client_refused("wrong.pem", FAILURE_CERTIFICATE,
		       "client's certificate is not meant for this use (CN=wrong)");
}

Test(tls_verify, a_client_that_signed_itself)
{
	client_refused("self.pem", FAILURE_CERTIFICATE,
		       "client's self-signed certificate (CN=self)");
}

Test(tls_verify, an_optional_client_certificate)
{
	struct tls_info seen;

	clients();
	shake_client(NULL, &(struct tls_options){ .client_ca = tls_support_path("people.pem"),
						  .client_cert = TLS_CLIENT_CERT_OPTIONAL });
	cr_assert_eq(server, IO_DONE);
	sockutil_tls_api.info(pair.server, &seen);
	cr_assert(!seen.verified);
	cr_assert_str_empty(seen.subject);
	tls_pair_free(&pair);
	shake_client("self.pem", &(struct tls_options){ .client_ca = tls_support_path("people.pem"),
							.client_cert = TLS_CLIENT_CERT_OPTIONAL });
	cr_assert_eq(server, IO_FAILED, "a wrong one is worse than none");
	tls_pair_free(&pair);
}

Test(tls_verify, a_client_is_known_by_its_pin)
{
	clients();
	shake_client("self.pem", &(struct tls_options){ .client_cert = TLS_CLIENT_CERT_REQUIRED,
							.pin = pin_in("self.pem") });
	cr_assert_eq(server, IO_DONE, "%s", pair.server_why.text);
	tls_pair_free(&pair);
	shake_client("alice.pem", &(struct tls_options){ .client_cert = TLS_CLIENT_CERT_REQUIRED,
							 .pin = pin_in("self.pem") });
	cr_assert_eq(server, IO_FAILED);
	cr_assert_eq(pair.server_why.class, FAILURE_PIN);
	tls_pair_free(&pair);
}
