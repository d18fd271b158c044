/* SPDX-License-Identifier: MIT */
/* fuzz_tls_pin.c - --pin: a list is well formed exactly when each of its pins is, and has its own
 * pins and no others. */
#include "fuzz.h"

#include <openssl/evp.h>

#include <sockutil/stream/tls/pin.h>

/* 32 bytes of Base64 behind the prefix. */
static void check_pin(const char *pin)
{
	unsigned char digest[36];

	fuzz_check(strlen(pin) == PIN_TEXT_MAX - 1 && !strncmp(pin, "sha256//", PIN_PREFIX));
	fuzz_check(EVP_DecodeBlock(digest, (const unsigned char *)pin + PIN_PREFIX, 44) == 33);
}

/* Whether every pin of the list is one; each that is must be found in it. */
static bool check_each(const char *list, char *copy)
{
	bool good = true;

	for (char *pin; (pin = strsep(&copy, ";"));) {
		bool valid = pin_valid(pin, strlen(pin));

		good = good && valid;
		if (!valid)
			continue;
		check_pin(pin);
		fuzz_check(pin_list_has(list, pin));
		pin[PIN_PREFIX] = pin[PIN_PREFIX] == 'A' ? 'B' : 'A';
		fuzz_check(!pin_list_has(list, pin) || strchr(list, ';'));
	}
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *list = fuzz_text(data, size), *copy = fuzz_text(data, size);
	struct failure why = { 0 };
	bool good = check_each(list, copy);

	fuzz_check(pin_list_check(list, &why) == good);
	fuzz_check(good == (why.class == FAILURE_NONE));
	fuzz_check(good || (why.class == FAILURE_USAGE && !strncmp(why.text, "--pin", 5)));
	/* Here no NUL is behind the bytes that count. */
	if (size == PIN_TEXT_MAX - 1 && strlen(list) == size && !strchr(list, ';'))
		fuzz_check(pin_valid((const char *)data, size) == good);
	free(list);
	free(copy);
	return 0;
}
