/* SPDX-License-Identifier: MIT */
/* pin.c - public keys by their hash. */
#include <openssl/evp.h>
#include <string.h>

#include <sockutil/stream/tls/pin.h>

static const char prefix[] = "sha256//";

void pin_of(const X509 *certificate, char out[static PIN_TEXT_MAX])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char *key = NULL;
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);

	out[0] = '\0';
	if (length > 0 && EVP_Digest(key, (size_t)length, digest, NULL, EVP_sha256(), NULL)) {
		memcpy(out, prefix, PIN_PREFIX);
		EVP_EncodeBlock((unsigned char *)out + PIN_PREFIX, digest, 32);
	}
	OPENSSL_free(key);
}

bool pin_valid(const char *text, size_t length)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";

	/* 32 bytes are 43 characters and one '='. */
	return length == PIN_TEXT_MAX - 1 && !memcmp(text, prefix, PIN_PREFIX) &&
	       text[length - 1] == '=' && strspn(text + PIN_PREFIX, alphabet) == 43;
}

bool pin_list_check(const char *list, struct failure *why)
{
	for (;;) {
		size_t length = strcspn(list, ";");

		if (!pin_valid(list, length)) {
			fail(why, FAILURE_USAGE,
			     "--pin \"%.*s\": expected sha256// and 44 characters of Base64",
			     length > 200 ? 200 : (int)length, list);
			return false;
		}
		if (!list[length])
			return true;
		list += length + 1;
	}
}

bool pin_list_has(const char *list, const char *pin)
{
	for (;;) {
		size_t length = strcspn(list, ";");

		if (length == strlen(pin) && !memcmp(list, pin, length))
			return true;
		if (!list[length])
			return false;
		list += length + 1;
	}
}
