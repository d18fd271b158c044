/* SPDX-License-Identifier: MIT */
/* secret.c - a shared secret instead of certificates (external PSK of TLS 1.3). */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/secret.h>
#include <sockutil/stream/tls/tls_error.h>

static const char identity[] = "sockutil";
static const char salt[] = "sockutil external PSK 1";

enum { SCRYPT_N = 32768, SCRYPT_R = 8, SCRYPT_P = 1, SCRYPT_MEMORY = 64 << 20 };

/* All of it, at most SECRET_MAX + 2 bytes (a final newline does not count); -1 with errno. */
static ssize_t read_all(const char *file, unsigned char *bytes, size_t size)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t count = 0;

	if (fd < 0)
		return -1;
	while (length < size && (count = read(fd, bytes + length, size - length)) != 0) {
		if (count < 0 && errno != EINTR)
			break;
		if (count > 0)
			length += (size_t)count;
	}
	close(fd);
	return count < 0 ? -1 : (ssize_t)length;
}

static size_t without_newline(const unsigned char *bytes, size_t length)
{
	if (!length || bytes[length - 1] != '\n')
		return length;
	length--;
	return length && bytes[length - 1] == '\r' ? length - 1 : length;
}

static bool stretch(struct tls_context *context, const unsigned char *bytes, size_t length,
		    struct failure *why)
{
	if (EVP_PBE_scrypt((const char *)bytes, length, (const unsigned char *)salt,
			   sizeof(salt) - 1, SCRYPT_N, SCRYPT_R, SCRYPT_P, SCRYPT_MEMORY,
			   context->secret_key, SECRET_KEY_SIZE)) {
		context->has_secret = true;
		return true;
	}
	tls_error_fail(why, FAILURE_TLS, "cannot stretch the secret");
	return false;
}

bool secret_read(struct tls_context *context, const char *file, struct failure *why)
{
	unsigned char *bytes = memory_zeroed(1, SECRET_MAX + 3);
	ssize_t count = read_all(file, bytes, SECRET_MAX + 3);
	size_t length = count > 0 ? without_newline(bytes, (size_t)count) : 0;
	bool good = false;

	if (count < 0) {
		fail_errno(why, FAILURE_INPUT, errno, "cannot read --secret %s", file);
	} else if (length == 0 || length > SECRET_MAX) {
		fail(why, FAILURE_USAGE, "--secret %s: a secret has 1 to %d bytes, this one has %s",
		     file, SECRET_MAX, length ? "more" : "none");
	} else {
		if (length < SECRET_SHORT)
			context_warn(
				context,
				"--secret %s is short (%zu bytes): use at least %d random ones",
				file, length, SECRET_SHORT);
		context_warn_readable(context, "secret", file);
		good = stretch(context, bytes, length, why);
	}
	memory_wipe(bytes, SECRET_MAX + 3);
	free(bytes);
	return good;
}

/* The session that both sides start from. */
static SSL_SESSION *session_make(const struct tls_context *context, SSL *ssl)
{
	static const unsigned char suite[] = { 0x13, 0x01 }; /* TLS_AES_128_GCM_SHA256 */
	const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, suite);
	SSL_SESSION *session = SSL_SESSION_new();

	if (session && cipher &&
	    SSL_SESSION_set1_master_key(session, context->secret_key, SECRET_KEY_SIZE) &&
	    SSL_SESSION_set_cipher(session, cipher) &&
	    SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION))
		return session;
	SSL_SESSION_free(session);
	return NULL;
}

static int offer(SSL *ssl, const EVP_MD *hash, const unsigned char **id, size_t *id_length,
		 SSL_SESSION **session)
{
	*session = NULL;
	*id = NULL;
	*id_length = 0;
	/* Asked again after a HelloRetryRequest, then with the hash of the chosen cipher. */
	if (hash && EVP_MD_get_type(hash) != NID_sha256)
		return 1;
	*session = session_make(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)), ssl);
	if (!*session)
		return 0;
	*id = (const unsigned char *)identity;
	*id_length = sizeof(identity) - 1;
	return 1;
}

static int find(SSL *ssl, const unsigned char *id, size_t id_length, SSL_SESSION **session)
{
	*session = NULL;
	if (id_length != sizeof(identity) - 1 || memcmp(id, identity, id_length) != 0)
		return 1;
	*session = session_make(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)), ssl);
	return *session != NULL;
}

void secret_use(struct tls_context *context)
{
	if (context->server)
		SSL_CTX_set_psk_find_session_callback(context->ssl, find);
	else
		SSL_CTX_set_psk_use_session_callback(context->ssl, offer);
}
