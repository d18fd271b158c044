/* SPDX-License-Identifier: MIT */
/* fuzz_http_basic.c - Basic credentials: what is taken has no controls, and is the same when it is
 * written again. */
#include "fuzz.h"

#include <sockutil/base/base64.h>
#include <sockutil/proto/http_auth.h>
#include <sockutil/proto/http_basic.h>

static void check_decoded(const char *text, size_t size)
{
	char *bytes = malloc(size + 1);
	struct buffer again = { 0 };
	size_t count;

	fuzz_check(bytes != NULL);
	if (base64_decode(bytes, size, &count, text, size)) {
		fuzz_check(count <= size && base64_add(&again, bytes, count));
		fuzz_check(again.length == size &&
			   (!size || !memcmp(buffer_bytes(&again), text, size)));
	} else {
		fuzz_check(count == 0);
	}
	buffer_free(&again);
	free(bytes);
}

static void check_given(const struct http_basic *given)
{
	const struct http_credentials who = { given->user, given->password };
	struct buffer out = { 0 };
	struct http_basic again;

	fuzz_check(strlen(given->user) < HTTP_BASIC_MAX && !strchr(given->user, ':'));
	fuzz_check(strlen(given->password) < HTTP_BASIC_MAX);
	fuzz_check(http_basic_match(given, given->user, given->password));
	fuzz_check(!http_basic_match(given, "nobody:", given->password));
	fuzz_check(http_auth_basic(&out, &who));
	fuzz_check(http_basic_parse(&again, buffer_bytes(&out), out.length));
	fuzz_check(!strcmp(again.user, given->user) && !strcmp(again.password, given->password));
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *value = fuzz_text(data, size);
	struct http_basic given;

	check_decoded(value, size);
	if (http_basic_parse(&given, value, size))
		check_given(&given);
	free(value);
	return 0;
}
