/* SPDX-License-Identifier: MIT */
/* fuzz_trace.c - --trace: whatever heads and bodies come, no line is forged, no secret is shown,
 * and sizes add up. */
#include "fuzz.h"

#include <strings.h>

#include <sockutil/base/utf8.h>
#include <sockutil/get/trace.h>

static void check_line(const char *line, size_t length, uint64_t *told)
{
	static const char *const secrets[] = { "authorization:", "proxy-authorization:", "cookie:",
					       "set-cookie:" };
	const char *text = line + 2;
	unsigned long long count;
	char *after;

	fuzz_check(length >= 2 && strchr("><{}", line[0]) && line[1] == ' ');
	for (size_t i = 0; i < length; i++)
		fuzz_check((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
	if (strchr("{}", line[0])) {
		count = strtoull(text, &after, 10);
		fuzz_check(count > 0 && strncmp(after, " bytes\n", 7) == 0);
		*told += count;
		return;
	}
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
		if (strncasecmp(text, secrets[i], strlen(secrets[i])) == 0)
			fuzz_check(strncmp(text + strlen(secrets[i]), " ***\n", 5) == 0);
}

/* Each byte first says how many follow and what they are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trace_source source = { 0 };
	struct buffer out = { 0 };
	uint64_t moved = 0, told = 0;
	const char *at, *end;

	while (size > 0) {
		uint8_t what = fuzz_byte(&data, &size);
		size_t length = (size_t)(what >> 2) * 4;
		char *text;

		length = length > size ? size : length;
		text = fuzz_text(data, length);
		if (what & 2)
			moved += length;
		fuzz_check(trace_format(&out, &source, what & 1, what & 2 ? NULL : text, length));
		free(text);
		data += length;
		size -= length;
	}
	fuzz_check(trace_format_end(&out, &source));
	fuzz_check(!source.sent && !source.received);
	fuzz_check(utf8_valid(buffer_bytes(&out), out.length));
	at = buffer_bytes(&out);
	for (const char *last = at ? at + out.length : at; at < last; at = end + 1) {
		end = memchr(at, '\n', (size_t)(last - at));
		fuzz_check(end != NULL);
		check_line(at, (size_t)(end - at), &told);
	}
	fuzz_check(moved == told);
	buffer_free(&out);
	return 0;
}
