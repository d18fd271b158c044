/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/secret.c Holds: two sides with one secret understand each other without
 * any certificate; the key is the documented one; one final newline does not count; another
 * secret, no secret on either side and TLS 1.2 are refused in clear words; an empty, oversized
 * or unreadable file is refused, a short or open one is warned about; options about certificates
 * and --tls-max 1.2 contradict it. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/stream/tls/context.h>

TestSuite(tls_secret, .init = tls_support_begin, .fini = tls_support_end);

static struct tls_pair pair;
static enum io client, server;

static const char *file(const char *name, const char *content)
{
	return tls_support_write(name, content, strlen(content), 0600);
}

static void shake(const char *client_secret, const char *server_secret, const char *max)
{
	struct tls_options options = { .max = max };
	struct tls_options other = { 0 };

	if (client_secret)
		options.secret = file("client", client_secret);
	else
		options.insecure = true;
	if (server_secret)
		other.secret = file("server", server_secret);
	tls_pair_init(&pair, &options, &other, "host.example");
	tls_pair_shake(&pair, &client, &server);
	cr_assert_eq(ERR_peek_error(), 0);
}

Test(tls_secret, both_sides_know_it)
{
	struct tls_info seen;

	shake("correct horse battery staple", "correct horse battery staple\n", NULL);
	cr_assert_eq(client, IO_DONE, "%s", pair.client_why.text);
	cr_assert_eq(server, IO_DONE, "%s", pair.server_why.text);
	tls_pair_exchange(pair.client, pair.server, "x");
	tls_pair_exchange(pair.server, pair.client, "y");
	sockutil_tls_api.info(pair.client, &seen);
	cr_assert(seen.resumed && seen.verified);
	cr_assert_str_eq(seen.version, "TLSv1.3");
	cr_assert_str_neq(seen.group, "", "the exchange is ephemeral");
	cr_assert_str_empty(seen.subject);
	cr_assert_str_empty(seen.fingerprint);
	sockutil_tls_api.info(pair.server, &seen);
	cr_assert(seen.resumed && seen.verified);
	cr_assert_str_empty(sockutil_tls_api.context_pin(pair.server_context));
	cr_assert_str_empty(tls_support_warning);
	tls_pair_free(&pair);
}

Test(tls_secret, the_key_is_the_documented_one)
{
	/* python3: hashlib.scrypt(b'correct horse battery staple', salt=b'sockutil external PSK
	 * 1', n=32768, r=8, p=1, dklen=32) */
	static const unsigned char key[] = { 0x75, 0xaa, 0xde, 0x11, 0x68, 0xe3, 0xaa, 0xba,
					     0xc7, 0x1b, 0xc1, 0xbe, 0x47, 0xa0, 0xbb, 0x79,
					     0xf1, 0x6c, 0x01, 0xc7, 0x0f, 0xf8, 0x68, 0xa2,
					     0x9e, 0xcc, 0xd3, 0xf2, 0x1a, 0x67, 0x9a, 0x3a };
	struct failure why = { 0 };
	struct tls_context *context = sockutil_tls_api.client(
		&(struct tls_options){ .secret = file("s", "correct horse battery staple\r\n") },
		&why);

	cr_assert_not_null(context, "%s", why.text);
	cr_assert_arr_eq(context->secret_key, key, sizeof(key));
	sockutil_tls_api.context_free(context);
}

/* Only a line's end does not count: a carriage return alone is part of the secret. */
Test(tls_secret, a_return_alone_counts)
{
	struct failure why = { 0 };
	struct tls_context *with = sockutil_tls_api.client(
		&(struct tls_options){ .secret = file("a", "a secret of some length\r") }, &why);
	struct tls_context *without = sockutil_tls_api.client(
		&(struct tls_options){ .secret = file("b", "a secret of some length") }, &why);

	cr_assert_not_null(with);
	cr_assert_not_null(without);
	cr_assert_neq(memcmp(with->secret_key, without->secret_key, 32), 0);
	sockutil_tls_api.context_free(with);
	sockutil_tls_api.context_free(without);
}

static void refused(const char *client_text, const char *server_text)
{
	cr_assert_eq(client, IO_FAILED);
	cr_assert_eq(server, IO_FAILED);
	cr_assert_eq(pair.client_why.class, FAILURE_TLS);
	cr_assert_eq(pair.server_why.class, FAILURE_TLS);
	cr_assert_str_eq(pair.client_why.text, client_text);
	cr_assert_str_eq(pair.server_why.text, server_text);
	tls_pair_free(&pair);
}

Test(tls_secret, another_secret)
{
	shake("the secret of one side", "the secret of another", NULL);
	refused("the peer refused the secret: it has another one", "the client has another secret");
}

Test(tls_secret, a_server_without_one)
{
	shake("the secret of one side", NULL, NULL);
	refused("the peer does not know the secret: it shows a certificate instead",
		"the peer refused our certificate: bad certificate");
}

Test(tls_secret, a_client_without_one)
{
	shake(NULL, "the secret of one side", NULL);
	refused("the peer refused the handshake: no cipher, group or key type in common, or it "
		"wants a "
		"certificate (--cert)",
		"the client does not use --secret");
}

Test(tls_secret, a_client_of_tls_1_2)
{
	shake(NULL, "the secret of one side", "1.2");
	refused("no TLS version in common: the peer refused ours (protocol version)",
		"the client does not use --secret");
}

static void unusable(const struct tls_options *options, enum failure_class class, const char *text)
{
	struct failure why = { 0 };

	cr_assert_null(sockutil_tls_api.client(options, &why));
	cr_assert_eq(why.class, class, "%s", why.text);
	cr_assert_str_eq(why.text, text);
}

Test(tls_secret, files_that_hold_none)
{
	char text[300], *much = malloc(SECRET_MAX + 3);
	const char *name = file("empty", "\n");

	snprintf(text, sizeof(text),
		 "--secret %s: a secret has 1 to 65536 bytes, this one has none", name);
	unusable(&(struct tls_options){ .secret = name }, FAILURE_USAGE, text);
	memset(much, 'x', SECRET_MAX + 3);
	name = tls_support_write("much", much, SECRET_MAX + 1, 0600);
	snprintf(text, sizeof(text),
		 "--secret %s: a secret has 1 to 65536 bytes, this one has more", name);
	unusable(&(struct tls_options){ .secret = name }, FAILURE_USAGE, text);
	name = tls_support_path("absent");
	snprintf(text, sizeof(text), "cannot read --secret %s: No such file or directory", name);
	unusable(&(struct tls_options){ .secret = name }, FAILURE_INPUT, text);
	free(much);
}

Test(tls_secret, the_longest_is_taken_whole)
{
	char *much = malloc(SECRET_MAX + 1);
	struct failure why = { 0 };
	struct tls_context *context = NULL;

	memset(much, 'x', SECRET_MAX);
	much[SECRET_MAX] = '\n';
	context = sockutil_tls_api.client(
		&(struct tls_options){
			.secret = tls_support_write("much", much, SECRET_MAX + 1, 0600) },
		&why);
	cr_assert_not_null(context, "%s", why.text);
	sockutil_tls_api.context_free(context);
	free(much);
}

static void warned(const char *name, const char *text)
{
	struct failure why = { 0 };
	struct tls_context *context = sockutil_tls_api.client(
		&(struct tls_options){ .secret = name, .warn = tls_support_warn }, &why);

	cr_assert_not_null(context, "%s", why.text);
	cr_assert_str_eq(tls_support_warning, text);
	sockutil_tls_api.context_free(context);
}

Test(tls_secret, warnings)
{
	char text[300];
	const char *name = file("short", "fifteen letters");

	snprintf(text, sizeof(text), "--secret %s is short (15 bytes): use at least 16 random ones",
		 name);
	warned(name, text);
	name = tls_support_write("open", "sixteen letters!", 16, 0644);
	snprintf(text, sizeof(text),
		 "the secret file %s is open to every user (mode 0644): chmod 600 %s", name, name);
	warned(name, text);
}

Test(tls_secret, contradictions)
{
	const char *name = file("s", "sixteen letters!");
	const char *list[] = { name, NULL };

	unusable(&(struct tls_options){ .secret = name, .max = "1.2" }, FAILURE_USAGE,
		 "--secret needs TLS 1.3, --tls-max 1.2 forbids it");
	unusable(&(struct tls_options){ .secret = name, .cert = list }, FAILURE_USAGE,
		 "--secret replaces certificates: leave out --cert");
	unusable(&(struct tls_options){ .secret = name, .tofu = name }, FAILURE_USAGE,
		 "--secret replaces certificates: leave out --tofu");
}
