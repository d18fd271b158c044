/* SPDX-License-Identifier: MIT */
/* fuzz_utf8.c - any bytes: what is masked or written as JSON is harmless, what is reversed or cut
 * stays whole. */
#include "fuzz.h"

#include <sockutil/base/json.h>
#include <sockutil/base/log.h>
#include <sockutil/base/utf8.h>

static void check_harmless(const char *text, size_t length)
{
	fuzz_check(utf8_valid(text, length));
	for (size_t at = 0; at < length;) {
		uint32_t point = 0;

		at += utf8_decode(text + at, length - at, &point);
		fuzz_check(point >= 0x20 && !(point >= 0x7f && point < 0xa0));
	}
}

static void check_mask(const char *source, size_t length)
{
	size_t needed = log_mask(NULL, 0, source, length);
	char *masked = malloc(needed + 1), *again = malloc(needed + 1);
	size_t cut = length % (needed + 1);

	fuzz_check(masked && again);
	fuzz_check(needed >= length && needed <= 4 * length);
	fuzz_check(log_mask(masked, needed + 1, source, length) == needed);
	fuzz_check(strlen(masked) == needed);
	check_harmless(masked, needed);
	for (const char *at = masked; (at = strstr(at, "\xe2\x80")); at++)
		fuzz_check((unsigned char)at[2] < 0xa8 || (unsigned char)at[2] > 0xae);
	fuzz_check(log_mask(again, needed + 1, masked, needed) == needed);
	fuzz_check(!memcmp(masked, again, needed));
	fuzz_check(log_mask(again, cut + 1, source, length) == needed);
	fuzz_check(strlen(again) <= cut && !memcmp(masked, again, strlen(again)));
	check_harmless(again, strlen(again));
	free(masked);
	free(again);
}

static void check_reverse(char *text, size_t length)
{
	bool valid = utf8_valid(text, length);
	char *before = fuzz_text((const uint8_t *)text, length);
	size_t width = utf8_width(text, length);

	utf8_reverse(text, length);
	fuzz_check(!valid || utf8_valid(text, length));
	fuzz_check(!valid || utf8_width(text, length) == width);
	utf8_reverse(text, length);
	fuzz_check(!valid || !memcmp(text, before, length));
	memcpy(text, before, length);
	free(before);
}

static void check_cut(const char *text, size_t length)
{
	for (size_t limit = 0; limit <= length && limit < 64; limit++) {
		size_t kept = utf8_cut(text, length, limit);

		fuzz_check(kept <= limit && limit - kept <= 3);
		fuzz_check(!utf8_valid(text, length) || utf8_valid(text, kept));
	}
	fuzz_check(utf8_cut(text, length, length) == length);
	fuzz_check(utf8_width(text, length) <= 2 * length);
}

static void check_json(const char *text, size_t length)
{
	struct buffer out = { 0 };
	const char *bytes;
	size_t quotes = 0;

	fuzz_check(json_string(&out, text, length));
	bytes = buffer_bytes(&out);
	check_harmless(bytes, out.length);
	for (size_t i = 0; i < out.length; i++) {
		quotes += bytes[i] == '"';
		i += bytes[i] == '\\';
	}
	fuzz_check(quotes == 2 && bytes[0] == '"' && bytes[out.length - 1] == '"');
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	check_mask(text, size);
	check_reverse(text, size);
	check_cut(text, size);
	check_json(text, size);
	free(text);
	return 0;
}
