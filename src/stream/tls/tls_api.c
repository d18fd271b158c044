/* SPDX-License-Identifier: MIT */
/* tls_api.c - the table that the program finds in this room. */
#include <openssl/crypto.h>

#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/inspect.h>
#include <sockutil/stream/tls/layer_tls.h>
#include <sockutil/stream/tls/tls_api.h>

static const char *library(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}

const struct tls_api sockutil_tls_api = {
	.size = sizeof(struct tls_api),
	.library = library,
	.client = context_client,
	.server = context_server,
	.context_pin = context_pin,
	.context_free = context_free,
	.connect = layer_tls_connect,
	.accept = layer_tls_accept,
	.info = inspect_info,
	.show_chain = inspect_chain,
};
