/* SPDX-License-Identifier: MIT */
/* trust.c - whose certificates are believed. */
#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/stream/tls/bundle.h>
#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/tls_error.h>
#include <sockutil/stream/tls/trust.h>

static bool is_hash_link(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] >= '0' &&
	       name[9] <= '9';
}

bool trust_directory_is_hashed(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry = NULL;
	bool found = false;

	while (directory && !found && (entry = readdir(directory)) != NULL)
		found = is_hash_link(entry->d_name);
	if (directory)
		closedir(directory);
	return found;
}

/* what: the option or variable, for messages. */
static bool add(X509_STORE *store, const char *what, const char *path, struct failure *why)
{
	struct stat status;

	if (stat(path, &status) != 0 || access(path, R_OK) != 0) {
		fail_errno(why, FAILURE_INPUT, errno, "cannot read %s %s", what, path);
		return false;
	}
	if (S_ISDIR(status.st_mode)) {
		if (!trust_directory_is_hashed(path)) {
			fail(why, FAILURE_INPUT,
			     "%s %s has no certificates by hash; `openssl rehash %s` makes the "
			     "links",
			     what, path, path);
			return false;
		}
		if (X509_STORE_load_path(store, path))
			return true;
	} else if (X509_STORE_load_file(store, path)) {
		return true;
	}
	ERR_clear_error();
	fail(why, FAILURE_INPUT, "%s %s holds no PEM certificate", what, path);
	return false;
}

/* SSL_CERT_DIR is a list with colons, SSL_CERT_FILE one file; what is not there is passed over,
 * as OpenSSL does. */
static bool add_environment(X509_STORE *store)
{
	const char *file = getenv(X509_get_default_cert_file_env());
	const char *directory = getenv(X509_get_default_cert_dir_env());

	if ((!file || !*file) && (!directory || !*directory))
		return false;
	if (file && *file)
		bundle_add(store, file);
	if (directory && *directory)
		X509_STORE_load_path(store, directory);
	ERR_clear_error();
	return true;
}

static void add_system(X509_STORE *store)
{
	if (trust_directory_is_hashed(X509_get_default_cert_dir()))
		X509_STORE_load_path(store, X509_get_default_cert_dir());
	else
		bundle_add(store, X509_get_default_cert_file());
	ERR_clear_error();
}

static X509_STORE *store_of(struct tls_context *context)
{
	return SSL_CTX_get_cert_store(context->ssl);
}

bool trust_servers(struct tls_context *context, struct failure *why)
{
	X509_STORE *store = store_of(context);

	if (context->options.ca) {
		X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
		return add(store, "--ca", context->options.ca, why);
	}
	if (!add_environment(store))
		add_system(store);
	return true;
}

/* The names a server sends along with its wish for a certificate, so that a client can choose. */
static void name_authorities(struct tls_context *context, const char *path)
{
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
	struct stat status;

	if (names && stat(path, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			SSL_add_dir_cert_subjects_to_stack(names, path);
		else
			SSL_add_file_cert_subjects_to_stack(names, path);
	}
	ERR_clear_error();
	SSL_CTX_set_client_CA_list(context->ssl, names);
}

bool trust_clients(struct tls_context *context, struct failure *why)
{
	X509_STORE *store = store_of(context);

	if (!context->options.client_ca)
		return true;
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	if (!add(store, "--client-ca", context->options.client_ca, why))
		return false;
	name_authorities(context, context->options.client_ca);
	return true;
}

bool trust_revocations(struct tls_context *context, struct failure *why)
{
	const char *file = context->options.crl;
	X509_LOOKUP *lookup = NULL;

	if (!file)
		return true;
	if (access(file, R_OK) != 0) {
		fail_errno(why, FAILURE_INPUT, errno, "cannot read --crl %s", file);
		return false;
	}
	lookup = X509_STORE_add_lookup(store_of(context), X509_LOOKUP_file());
	if (!lookup || X509_load_crl_file(lookup, file, X509_FILETYPE_PEM) < 1) {
		ERR_clear_error();
		fail(why, FAILURE_INPUT, "--crl %s holds no PEM certificate revocation list", file);
		return false;
	}
	X509_STORE_set_flags(store_of(context), X509_V_FLAG_CRL_CHECK);
	return true;
}
