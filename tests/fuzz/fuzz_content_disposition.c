/* SPDX-License-Identifier: MIT */
/* fuzz_content_disposition.c - proposed names fit where they go; what is quoted again is read the
 * same again. The first byte is the room for the name. */
#include "fuzz.h"

#include <sockutil/proto/content_disposition.h>

/* As a quoted string, every byte escaped: controls but TAB cannot be in one. */
static void check_again(const char *name)
{
	static const char start[] = "attachment; filename=\"";
	const size_t length = strlen(name);
	char *value = malloc(sizeof(start) + 2 * length + 1), *again = malloc(length + 1);
	size_t at = sizeof(start) - 1;

	fuzz_check(value && again);
	memcpy(value, start, at);
	for (size_t i = 0; i < length; i++) {
		value[at++] = '\\';
		value[at++] = name[i];
	}
	value[at++] = '"';
	if (strcspn(name, "\1\2\3\4\5\6\7\10\n\13\14\r\16\17\20\21\22\23\24\25\26\27\30\31\32\33"
			  "\34\35\36\37\177") == length) {
		fuzz_check(content_disposition_name(value, at, again, length + 1));
		fuzz_check(!strcmp(name, again));
		fuzz_check(!content_disposition_name(value, at, again, length));
	}
	free(value);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t room = fuzz_byte(&data, &size);
	char *out = malloc(room ? room : 1), *value = malloc(size ? size : 1);

	fuzz_check(out && value);
	if (size)
		memcpy(value, data, size);
	if (content_disposition_name(value, size, out, room)) {
		fuzz_check(memchr(out, '\0', room) && *out);
		check_again(out);
	}
	free(out);
	free(value);
	return 0;
}
