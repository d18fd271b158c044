/* SPDX-License-Identifier: MIT */
/* fuzz_tls_alpn.c - --alpn: the wire form holds the names of the list, in their order and whole. */
#include "fuzz.h"

#include <sockutil/stream/tls/alpn.h>
#include <sockutil/stream/tls/context.h>

/* Names of 1 to 255 bytes, commas between, as many bytes as a ClientHello has room for. */
static bool expected(const char *list)
{
	size_t length;

	if (strlen(list) + 1 > 65535)
		return false;
	for (;; list += length + 1) {
		length = strcspn(list, ",");
		if (length < 1 || length > 255)
			return false;
		if (!list[length])
			return true;
	}
}

static void check_wire(const struct tls_context *context, const char *list)
{
	const unsigned char *at = context->alpn, *end = at + context->alpn_length;

	fuzz_check(context->alpn_length == strlen(list) + 1);
	while (at < end) {
		size_t length = *at++;

		fuzz_check(length > 0 && length <= (size_t)(end - at));
		fuzz_check(!memcmp(list, at, length) && (list[length] == ',' || !list[length]));
		list += length + (list[length] == ',');
		at += length;
	}
	fuzz_check(!*list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static SSL_CTX *ssl;
	char *list = fuzz_text(data, size);

	if (!ssl)
		ssl = SSL_CTX_new(TLS_method());
	for (int server = 0; server < 2; server++) {
		struct tls_context context = { .server = server, .ssl = ssl };
		struct failure why = { 0 };

		context.options.alpn = list;
		fuzz_check(alpn_use(&context, &why) == expected(list));
		if (expected(list))
			check_wire(&context, list);
		else
			fuzz_check(why.class == FAILURE_USAGE && !strncmp(why.text, "--alpn", 6));
		free(context.alpn);
	}
	free(list);
	return 0;
}
