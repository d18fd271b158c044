/* SPDX-License-Identifier: MIT */
/* alpn.c - application protocols offered and chosen. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/tls/alpn.h>
#include <sockutil/stream/tls/context.h>

enum { ALPN_LIST_MAX = 65535 };

/* "h2,http/1.1" as length-prefixed names. */
static bool parse(struct tls_context *context, const char *list, struct failure *why)
{
	size_t total = strlen(list) + 1;
	unsigned char *out = memory_zeroed(1, total);
	size_t at = 0;

	context->alpn = out;
	for (;;) {
		size_t length = strcspn(list, ",");

		if (length < 1 || length > 255 || total > ALPN_LIST_MAX) {
			fail(why, FAILURE_USAGE,
			     "--alpn: a protocol's name has 1 to 255 bytes, not %zu", length);
			return false;
		}
		out[at++] = (unsigned char)length;
		memcpy(out + at, list, length);
		at += length;
		if (!list[length])
			break;
		list += length + 1;
	}
	context->alpn_length = at;
	return true;
}

static int choose(SSL *ssl, const unsigned char **out, unsigned char *out_length,
		  const unsigned char *in, unsigned in_length, void *data)
{
	const struct tls_context *context = data;
	unsigned char *chosen = NULL;

	(void)ssl;
	if (SSL_select_next_proto(&chosen, out_length, context->alpn,
				  (unsigned)context->alpn_length, in,
				  in_length) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

bool alpn_use(struct tls_context *context, struct failure *why)
{
	if (!context->options.alpn)
		return true;
	if (!parse(context, context->options.alpn, why))
		return false;
	if (context->server)
		SSL_CTX_set_alpn_select_cb(context->ssl, choose, context);
	else
		SSL_CTX_set_alpn_protos(context->ssl, context->alpn,
					(unsigned)context->alpn_length);
	return true;
}
