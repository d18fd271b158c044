/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/identity.c Holds: certificate and key from one file or two; the chain is
 * sent along; several certificates are chosen by the client's name, exactly before by wildcard,
 * the first one otherwise, and by key type; a key is decrypted with --key-passfile and never
 * asked for; what is unreadable, not PEM, encrypted or does not fit is said with file and
 * remedy; a key file that every user can read is warned about. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

TestSuite(tls_identity, .init = tls_support_begin, .fini = tls_support_end);

static struct tls_pair pair;

/* The CN of the certificate that a client who asks for a name is shown. */
static const char *shown(const struct tls_options *server, const char *name, const char *ciphers)
{
	static char subject[100];
	struct tls_info seen;

	tls_pair_init(&pair,
		      &(struct tls_options){ .insecure = true,
					     .servername = name,
					     .ciphers = ciphers,
					     .max = ciphers ? "1.2" : NULL },
		      server, "192.0.2.1");
	tls_pair_open(&pair);
	sockutil_tls_api.info(pair.client, &seen);
	snprintf(subject, sizeof(subject), "%s", seen.subject);
	tls_pair_free(&pair);
	return subject;
}

static const char *leaf(const char *file, const char *name, const char *san, bool rsa)
{
	return tls_support_certificate(
		&(struct tls_wish){ .file = file, .name = name, .san = san, .rsa = rsa });
}

Test(tls_identity, chosen_by_name)
{
	const char *list[] = { leaf("1.pem", "first", "DNS:a.example", false),
			       leaf("2.pem", "wild", "DNS:*.w.example", false),
			       leaf("3.pem", "exact", "DNS:b.w.example", false), NULL };
	const struct tls_options options = { .cert = list };

	cr_assert_str_eq(shown(&options, "a.example", NULL), "CN=first");
	cr_assert_str_eq(shown(&options, "b.w.example", NULL), "CN=exact");
	cr_assert_str_eq(shown(&options, "B.W.Example", NULL), "CN=exact");
	cr_assert_str_eq(shown(&options, "c.w.example", NULL), "CN=wild");
	cr_assert_str_eq(shown(&options, "c.d.w.example", NULL), "CN=first");
	cr_assert_str_eq(shown(&options, "", NULL), "CN=first");
}

Test(tls_identity, chosen_by_key_type)
{
	const char *list[] = { leaf("1.pem", "elliptic", "DNS:a.example", false),
			       leaf("2.pem", "rsa", "DNS:a.example", true), NULL };
	const struct tls_options options = { .cert = list };

	cr_assert_str_eq(shown(&options, "a.example", "ECDHE-RSA-AES128-GCM-SHA256"), "CN=rsa");
	cr_assert_str_eq(shown(&options, "a.example", "ECDHE-ECDSA-AES128-GCM-SHA256"),
			 "CN=elliptic");
}

Test(tls_identity, the_first_of_one_kind_wins)
{
	const char *list[] = { leaf("1.pem", "first", "DNS:a.example", false),
			       leaf("2.pem", "second", "DNS:a.example", false), NULL };

	cr_assert_str_eq(shown(&(struct tls_options){ .cert = list }, "a.example", NULL),
			 "CN=first");
	cr_assert_str_eq(shown(&(struct tls_options){ .cert = list }, "z", NULL), "CN=first");
}

Test(tls_identity, the_chain_is_sent_along)
{
	char both[16000];
	const char *list[] = { NULL, NULL }, *keys[] = { NULL, NULL };

	tls_support_certificate(
		&(struct tls_wish){ .file = "root.pem", .name = "Root", .authority = true });
	tls_support_certificate(&(struct tls_wish){
		.file = "mid.pem", .name = "Middle", .authority = true, .issuer = "root.pem" });
	tls_support_certificate(&(struct tls_wish){
		.file = "leaf.pem", .name = "leaf", .san = "DNS:a.example", .issuer = "mid.pem" });
	snprintf(both, sizeof(both), "%s", tls_support_read("leaf.pem"));
	snprintf(both + strlen(both), sizeof(both) - strlen(both), "%s",
		 tls_support_read("mid.pem"));
	list[0] = tls_support_write("chain.pem", both, strlen(both), 0600);
	keys[0] = tls_support_path("leaf.pem");
	tls_pair_init(&pair, &(struct tls_options){ .ca = tls_support_path("root.pem") },
		      &(struct tls_options){ .cert = list, .key = keys }, "a.example");
	tls_pair_open(&pair);
	tls_pair_free(&pair);
}

static void unusable(const struct tls_options *options, enum failure_class class, const char *text)
{
	struct failure why = { 0 };

	cr_assert_null(sockutil_tls_api.server(options, &why));
	cr_assert_eq(why.class, class, "%s", why.text);
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(ERR_peek_error(), 0);
}

Test(tls_identity, files_that_are_not_there_or_hold_nothing)
{
	char text[400];
	const char *list[] = { tls_support_path("absent.pem"), NULL };
	const char *keys[] = { tls_support_path("empty.pem"), NULL };

	snprintf(text, sizeof(text), "cannot read --cert %s: No such file or directory", list[0]);
	unusable(&(struct tls_options){ .cert = list }, FAILURE_INPUT, text);
	list[0] = tls_support_write("empty.pem", "nothing\n", 8, 0600);
	snprintf(text, sizeof(text), "--cert %s holds no PEM certificate", list[0]);
	unusable(&(struct tls_options){ .cert = list }, FAILURE_INPUT, text);
	list[0] = leaf("1.pem", "x", NULL, false);
	snprintf(text, sizeof(text), "--key %s holds no PEM private key", keys[0]);
	unusable(&(struct tls_options){ .cert = list, .key = keys }, FAILURE_INPUT, text);
	keys[0] = tls_support_path("absent.pem");
	snprintf(text, sizeof(text), "cannot read --key %s: No such file or directory", keys[0]);
	unusable(&(struct tls_options){ .cert = list, .key = keys }, FAILURE_INPUT, text);
}

Test(tls_identity, a_certificate_without_its_key)
{
	char text[400], *key = NULL, content[4000];
	const char *list[] = { NULL, NULL };

	leaf("1.pem", "x", NULL, false);
	snprintf(content, sizeof(content), "%s", tls_support_read("1.pem"));
	key = strstr(content, "-----BEGIN PRIVATE");
	cr_assert_not_null(key);
	list[0] = tls_support_write("bare.pem", content, (size_t)(key - content), 0644);
	snprintf(text, sizeof(text),
		 "--cert %s holds no PEM private key; --key FILE names the file that does",
		 list[0]);
	unusable(&(struct tls_options){ .cert = list }, FAILURE_INPUT, text);
}

Test(tls_identity, a_key_of_another_certificate)
{
	char text[400];
	const char *list[] = { leaf("1.pem", "x", NULL, false), NULL };
	const char *keys[] = { leaf("2.pem", "y", NULL, false), NULL };

	snprintf(text, sizeof(text), "the key in %s does not belong to the certificate in %s",
		 keys[0], list[0]);
	unusable(&(struct tls_options){ .cert = list, .key = keys }, FAILURE_USAGE, text);
}

Test(tls_identity, numbers_that_do_not_fit)
{
	const char *list[] = { leaf("1.pem", "x", NULL, false), tls_support_path("1.pem"), NULL };
	const char *keys[] = { list[0], NULL };
	struct failure why = { 0 };

	unusable(&(struct tls_options){ .cert = list, .key = keys }, FAILURE_USAGE,
		 "2 --cert and 1 --key: each certificate needs its key");
	cr_assert_null(sockutil_tls_api.client(&(struct tls_options){ .cert = list }, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, "a client shows one certificate: give --cert once");
}

Test(tls_identity, encrypted_keys)
{
	char text[400];
	const char *list[] = { leaf("1.pem", "x", NULL, false), NULL };
	const char *keys[] = { tls_support_encrypted_key("key.pem", "1.pem", "open sesame"), NULL };
	struct tls_options options = { .cert = list, .key = keys };

	snprintf(text, sizeof(text),
		 "the key in %s is encrypted: --key-passfile FILE gives its passphrase", keys[0]);
	unusable(&options, FAILURE_USAGE, text);
	options.key_passfile = tls_support_write("pass", "wrong\n", 6, 0600);
	snprintf(text, sizeof(text), "the key in %s does not open with the passphrase in %s",
		 keys[0], options.key_passfile);
	unusable(&options, FAILURE_INPUT, text);
	tls_support_write("pass", "open sesame\n", 12, 0600);
	cr_assert_str_eq(shown(&options, "", NULL), "CN=x");
	options.key_passfile = tls_support_path("absent");
	snprintf(text, sizeof(text), "cannot read --key-passfile %s: No such file or directory",
		 options.key_passfile);
	unusable(&options, FAILURE_INPUT, text);
}

Test(tls_identity, a_key_that_every_user_can_read)
{
	char text[400];
	const char *list[] = { leaf("1.pem", "x", NULL, false), NULL };
	struct failure why = { 0 };
	struct tls_context *context = NULL;

	tls_support_write("copy.pem", tls_support_read("1.pem"), strlen(tls_support_read("1.pem")),
			  0644);
	list[0] = tls_support_path("copy.pem");
	context = sockutil_tls_api.server(
		&(struct tls_options){ .cert = list, .warn = tls_support_warn }, &why);
	cr_assert_not_null(context, "%s", why.text);
	snprintf(text, sizeof(text),
		 "the key file %s is open to every user (mode 0644): chmod 600 %s", list[0],
		 list[0]);
	cr_assert_str_eq(tls_support_warning, text);
	sockutil_tls_api.context_free(context);
}
