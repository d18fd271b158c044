/* SPDX-License-Identifier: MIT */
/* fuzz_file_name.c - names from the network: one name in this folder, nothing hidden, nothing that
 * steers a terminal, and the same when judged again. */
#include "fuzz.h"

#include <sockutil/base/utf8.h>
#include <sockutil/proto/file_name.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	char out[FILE_NAME_MAX], again[FILE_NAME_MAX];
	uint32_t point = 0;

	if (file_name_from_network(text, out)) {
		const size_t length = strlen(out);

		fuzz_check(length >= 1 && length <= 255 && *out != '.' && strcmp(out, "-") != 0);
		fuzz_check(length <= strlen(text) && !strcmp(text + strlen(text) - length, out));
		for (size_t i = 0, step; i < length; i += step) {
			step = utf8_decode(out + i, length - i, &point);
			fuzz_check(step > 0 && point >= 0x20 && !(point >= 0x7f && point < 0xa0));
			fuzz_check(point != '/' && point != '\\');
			fuzz_check(point < 0x202a || point > 0x202e);
		}
		fuzz_check(file_name_from_network(out, again) && !strcmp(out, again));
	}
	free(text);
	return 0;
}
