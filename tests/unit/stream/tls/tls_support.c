/* SPDX-License-Identifier: MIT */
/* tls_support.c - certificates and connections for the tests of TLS. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
char tls_support_warning[600];

void tls_support_begin(void)
{
	snprintf(folder, sizeof(folder), "/tmp/sockutil-tls-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	tls_support_warning[0] = '\0';
}

static void remove_folder(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry = NULL;
	char name[400];

	while (directory && (entry = readdir(directory)) != NULL) {
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.' && unlink(name) != 0)
			remove_folder(name);
	}
	if (directory)
		closedir(directory);
	rmdir(path);
}

void tls_support_end(void)
{
	remove_folder(folder);
}

const char *tls_support_path(const char *file)
{
	static char ring[16][200];
	static unsigned next;
	char *out = ring[next++ % 16];

	snprintf(out, sizeof(ring[0]), "%s/%s", folder, file);
	return out;
}

const char *tls_support_write(const char *file, const void *bytes, size_t length, int mode)
{
	const char *path = tls_support_path(file);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	cr_assert(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
	fchmod(fd, (mode_t)mode);
	close(fd);
	return path;
}

const char *tls_support_read(const char *file)
{
	static char text[8192];
	FILE *stream = fopen(tls_support_path(file), "r");
	size_t length = stream ? fread(text, 1, sizeof(text) - 1, stream) : 0;

	text[length] = '\0';
	if (stream)
		fclose(stream);
	return text;
}

static X509 *load_certificate(const char *file)
{
	FILE *stream = fopen(tls_support_path(file), "r");
	X509 *certificate = PEM_read_X509(stream, NULL, NULL, NULL);

	fclose(stream);
	cr_assert_not_null(certificate);
	return certificate;
}

static EVP_PKEY *load_key(const char *file)
{
	FILE *stream = fopen(tls_support_path(file), "r");
	EVP_PKEY *key = PEM_read_PrivateKey(stream, NULL, NULL, NULL);

	fclose(stream);
	cr_assert_not_null(key);
	return key;
}

static void extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *one = NULL;

	if (!value)
		return;
	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	one = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	cr_assert_not_null(one);
	X509_add_ext(certificate, one, -1);
	X509_EXTENSION_free(one);
}

static void fill(X509 *certificate, const struct tls_wish *wish, X509 *issuer)
{
	static long serial = 1;
	X509_NAME *subject = X509_get_subject_name(certificate);
	int from = wish->from || wish->to ? wish->from : -1;
	int to = wish->from || wish->to ? wish->to : 30;

	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
	X509_gmtime_adj(X509_getm_notBefore(certificate), from * 86400L);
	X509_gmtime_adj(X509_getm_notAfter(certificate), to * 86400L);
	if (wish->name)
		X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
					   (const unsigned char *)wish->name, -1, -1, 0);
	X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
	extension(certificate, issuer, NID_basic_constraints,
		  wish->authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
	extension(certificate, issuer, NID_subject_alt_name, wish->san);
	extension(certificate, issuer, NID_ext_key_usage, wish->usage);
}

const char *tls_support_certificate(const struct tls_wish *wish)
{
	EVP_PKEY *key = wish->rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	X509 *issuer = wish->issuer ? load_certificate(wish->issuer) : certificate;
	EVP_PKEY *signer = wish->issuer ? load_key(wish->issuer) : key;
	const char *path = tls_support_write(wish->file, "", 0, 0600);
	FILE *stream = fopen(path, "w");

	X509_set_pubkey(certificate, key);
	fill(certificate, wish, issuer);
	cr_assert(X509_sign(certificate, signer, EVP_sha256()) > 0);
	PEM_write_X509(stream, certificate);
	PEM_write_PrivateKey(stream, key, NULL, NULL, 0, NULL, NULL);
	fclose(stream);
	if (wish->issuer) {
		X509_free(issuer);
		EVP_PKEY_free(signer);
	}
	X509_free(certificate);
	EVP_PKEY_free(key);
	return path;
}

const char *tls_support_encrypted_key(const char *file, const char *from, const char *passphrase)
{
	EVP_PKEY *key = load_key(from);
	const char *path = tls_support_write(file, "", 0, 0600);
	FILE *stream = fopen(path, "w");

	PEM_write_PrivateKey(stream, key, EVP_aes_128_cbc(), (const unsigned char *)passphrase,
			     (int)strlen(passphrase), NULL, NULL);
	fclose(stream);
	EVP_PKEY_free(key);
	return path;
}

const char *tls_support_crl(const char *file, const char *issuer, const char *revoked)
{
	X509 *authority = load_certificate(issuer);
	EVP_PKEY *key = load_key(issuer);
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, -3600);
	ASN1_TIME *next = X509_gmtime_adj(NULL, 86400);
	const char *path = tls_support_write(file, "", 0, 0600);
	FILE *stream = fopen(path, "w");

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(authority));
	X509_CRL_set1_lastUpdate(crl, now);
	X509_CRL_set1_nextUpdate(crl, next);
	if (revoked) {
		X509 *certificate = load_certificate(revoked);
		X509_REVOKED *entry = X509_REVOKED_new();

		X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate));
		X509_REVOKED_set_revocationDate(entry, now);
		X509_CRL_add0_revoked(crl, entry);
		X509_free(certificate);
	}
	X509_CRL_sign(crl, key, EVP_sha256());
	PEM_write_X509_CRL(stream, crl);
	fclose(stream);
	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
	X509_CRL_free(crl);
	X509_free(authority);
	EVP_PKEY_free(key);
	return path;
}

void tls_support_usual(void)
{
	tls_support_certificate(
		&(struct tls_wish){ .file = "ca.pem", .name = "Test CA", .authority = true });
	tls_support_certificate(&(struct tls_wish){ .file = "server.pem",
						    .name = "host.example",
						    .san = "DNS:host.example,IP:127.0.0.1",
						    .issuer = "ca.pem" });
}

void tls_support_warn(void *data, const char *text)
{
	(void)data;
	snprintf(tls_support_warning, sizeof(tls_support_warning), "%s", text);
}

void tls_pair_init(struct tls_pair *p, const struct tls_options *client,
		   const struct tls_options *server, const char *host)
{
	const struct tls_api *api = &sockutil_tls_api;
	struct tls_options own = *client;

	memset(p, 0, sizeof(*p));
	tls_memory_init(&p->wire);
	own.warn = tls_support_warn;
	p->client_context = api->client(&own, &p->client_why);
	cr_assert_not_null(p->client_context, "%s", p->client_why.text);
	p->server_context = api->server(server, &p->server_why);
	cr_assert_not_null(p->server_context, "%s", p->server_why.text);
	p->client = api->connect(p->client_context, &p->wire.a.stream, host, "443", &p->client_why);
	cr_assert_not_null(p->client, "%s", p->client_why.text);
	p->server = api->accept(p->server_context, &p->wire.b.stream, &p->server_why);
	cr_assert_not_null(p->server);
}

void tls_pair_usual(struct tls_pair *p)
{
	static const char *certificates[2];

	tls_support_usual();
	certificates[0] = tls_support_path("server.pem");
	tls_pair_init(p, &(struct tls_options){ .ca = tls_support_path("ca.pem") },
		      &(struct tls_options){ .cert = certificates }, "host.example");
}

void tls_pair_shake(struct tls_pair *p, enum io *client, enum io *server)
{
	size_t before = 1, after = 0;

	*client = *server = IO_AGAIN;
	/* Until a whole round moves no byte. */
	while (before != after) {
		before = p->wire.way[0].total + p->wire.way[1].total + p->wire.way[0].reads +
			 p->wire.way[1].reads;
		if (*client == IO_AGAIN)
			*client = stream_open(p->client, &p->client_why);
		if (*server == IO_AGAIN)
			*server = stream_open(p->server, &p->server_why);
		after = p->wire.way[0].total + p->wire.way[1].total + p->wire.way[0].reads +
			p->wire.way[1].reads;
	}
}

void tls_pair_open(struct tls_pair *p)
{
	enum io client, server;

	tls_pair_shake(p, &client, &server);
	cr_assert_eq(client, IO_DONE, "client: %s", p->client_why.text);
	cr_assert_eq(server, IO_DONE, "server: %s", p->server_why.text);
}

void tls_pair_free(struct tls_pair *p)
{
	stream_free(p->client);
	stream_free(p->server);
	sockutil_tls_api.context_free(p->client_context);
	sockutil_tls_api.context_free(p->server_context);
	tls_memory_free(&p->wire);
}

void tls_pair_exchange(struct stream *from, struct stream *to, const char *text)
{
	struct failure why = { 0 };
	char got[200] = "";
	size_t count = 0;

	cr_assert_eq(stream_write(from, text, strlen(text), &count, &why), IO_DONE, "%s", why.text);
	cr_assert_eq(count, strlen(text));
	cr_assert_eq(stream_flush(from, &why), IO_DONE, "%s", why.text);
	cr_assert_eq(stream_read(to, got, sizeof(got), &count, &why), IO_DONE, "%s", why.text);
	cr_assert_eq(count, strlen(text));
	cr_assert_str_eq(got, text);
}
