/* SPDX-License-Identifier: MIT */
/* context.c - what many connections share. */
#include <openssl/err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/tls/alpn.h>
#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/keylog.h>
#include <sockutil/stream/tls/protocol.h>
#include <sockutil/stream/tls/tls_error.h>
#include <sockutil/stream/tls/transport.h>
#include <sockutil/stream/tls/trust.h>
#include <sockutil/stream/tls/verify.h>

void context_warn(const struct tls_context *context, const char *format, ...)
{
	char text[500];
	va_list arguments;

	if (!context->options.warn)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	context->options.warn(context->options.warn_data, text);
}

void context_warn_readable(const struct tls_context *context, const char *what, const char *file)
{
	struct stat status;

	if (stat(file, &status) == 0 && (status.st_mode & (S_IROTH | S_IWOTH)))
		context_warn(context,
			     "the %s file %s is open to every user (mode %04o): chmod 600 %s", what,
			     file, (unsigned)status.st_mode & 07777, file);
}

/* What holds for both roles. */
static void harden(SSL_CTX *ssl)
{
	/* No tickets: one that nobody reads makes the client's close a reset. Nothing is
	 * resumed, so nothing is cached. */
	SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					 SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_num_tickets(ssl, 0);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_early_data(ssl, 0);
	SSL_CTX_set_recv_max_early_data(ssl, 0);
	SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
	/* So that reading tells after each handshake message, and a flood of them can be
	 * counted. */
	SSL_CTX_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_read_ahead(ssl, 1);
	SSL_CTX_set_default_read_buffer_len(ssl, TRANSPORT_GATHER);
	SSL_CTX_set_dh_auto(ssl, 1);
}

static struct tls_context *context_new(const struct tls_options *options, bool server,
				       struct failure *why)
{
	struct tls_context *context = memory_zeroed(1, sizeof(*context));

	/* At the end of the process its memory goes anyway: taking it apart costs 0.2 ms. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	ERR_clear_error();
	context->references = 1;
	context->server = server;
	context->keylog = -1;
	context->options = *options;
	context->ssl = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	if (!context->ssl) {
		tls_error_fail(why, FAILURE_TLS, "cannot start OpenSSL");
		context_free(context);
		return NULL;
	}
	SSL_CTX_set_app_data(context->ssl, context);
	SSL_CTX_set_cert_verify_callback(context->ssl, verify_certificate, NULL);
	harden(context->ssl);
	return context;
}

/* With a secret there are no certificates: an option about them would be without effect. */
static bool secret_alone(const struct tls_options *o, struct failure *why)
{
	const struct {
		bool given;
		const char *name;
	} options[] = {
		{ o->cert && o->cert[0], "--cert" },
		{ o->key && o->key[0], "--key" },
		{ o->pin != NULL, "--pin" },
		{ o->tofu != NULL, "--tofu" },
		{ o->ca != NULL, "--ca" },
		{ o->crl != NULL, "--crl" },
		{ o->client_ca != NULL, "--client-ca" },
		{ o->client_cert, "--client-cert" },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].given) {
			fail(why, FAILURE_USAGE, "--secret replaces certificates: leave out %s",
			     options[i].name);
			return false;
		}
	return true;
}

static bool use_secret(struct tls_context *context, struct failure *why)
{
	if (!secret_alone(&context->options, why) ||
	    !secret_read(context, context->options.secret, why))
		return false;
	secret_use(context);
	return true;
}

static bool use_common(struct tls_context *context, struct failure *why)
{
	const struct tls_options *o = &context->options;

	return protocol_use(context, why) && alpn_use(context, why) && keylog_use(context, why) &&
	       (!o->pin || pin_list_check(o->pin, why)) && (!o->secret || use_secret(context, why));
}

static bool set_up_client(struct tls_context *context, struct failure *why)
{
	const struct tls_options *o = &context->options;

	SSL_CTX_set_verify(context->ssl, SSL_VERIFY_PEER, NULL);
	return use_common(context, why) &&
	       (o->secret || (identity_load_all(context, why) && trust_servers(context, why) &&
			      trust_revocations(context, why)));
}

/* A client's certificate is known by its issuer or by its pin. */
static bool want_clients(struct tls_context *context, struct failure *why)
{
	const struct tls_options *o = &context->options;
	int mode = SSL_VERIFY_NONE;

	if (o->client_cert != TLS_CLIENT_CERT_NONE || o->client_ca)
		mode = SSL_VERIFY_PEER;
	if (mode && o->client_cert != TLS_CLIENT_CERT_OPTIONAL)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	if (mode && !o->client_ca && !o->pin) {
		fail(why, FAILURE_USAGE,
		     "--client-cert needs --client-ca FILE, or --pin with the clients' keys");
		return false;
	}
	SSL_CTX_set_verify(context->ssl, mode, NULL);
	return trust_clients(context, why) && (!mode || trust_revocations(context, why));
}

static bool set_up_server(struct tls_context *context, struct failure *why)
{
	SSL_CTX_set_session_id_context(context->ssl, (const unsigned char *)"sockutil", 8);
	if (!use_common(context, why))
		return false;
	if (context->options.secret)
		return true;
	if (!identity_load_all(context, why) ||
	    (!context->identity_count && !identity_make(context, why)))
		return false;
	return want_clients(context, why);
}

struct tls_context *context_client(const struct tls_options *options, struct failure *why)
{
	struct tls_context *context = context_new(options, false, why);

	if (context && set_up_client(context, why))
		return context;
	context_free(context);
	return NULL;
}

struct tls_context *context_server(const struct tls_options *options, struct failure *why)
{
	struct tls_context *context = context_new(options, true, why);

	if (context && set_up_server(context, why))
		return context;
	context_free(context);
	return NULL;
}

const char *context_pin(const struct tls_context *context)
{
	return context->pin;
}

struct tls_context *context_hold(struct tls_context *context)
{
	context->references++;
	return context;
}

void context_free(struct tls_context *context)
{
	if (!context || --context->references)
		return;
	identity_free_all(context);
	keylog_close(context);
	SSL_CTX_free(context->ssl);
	memory_wipe(context->secret_key, sizeof(context->secret_key));
	free(context->alpn);
	free(context);
}
