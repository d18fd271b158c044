/* SPDX-License-Identifier: MIT */
/* fuzz_chat_clean.c - any bytes: what comes out is harmless, bounded and stays as it is. */
#include "fuzz.h"

#include <sockutil/base/utf8.h>
#include <sockutil/chat/clean.h>

static void check_plain(uint32_t point)
{
	fuzz_check(point >= 0x20 || point == '\t');
	fuzz_check(point < 0x7f || point >= 0xa0);
	fuzz_check(point < 0x2028 || point > 0x202e);
	fuzz_check(point < 0x2060 || point > 0x206f);
	fuzz_check(point != 0x061c && point != 0x200b && point != 0x200e && point != 0x200f);
	fuzz_check(point != 0xfeff && point != 0xad && point != 0x3164);
	fuzz_check((point & 0xfffe) != 0xfffe);
}

/* Joiners and looks have no columns either: one at most to each mark, and one more. */
static void check_harmless(const char *text, size_t length)
{
	size_t stack = 0;
	uint32_t before = 0;

	for (size_t at = 0, count; at < length; at += count) {
		uint32_t point = 0;

		count = utf8_decode(text + at, length - at, &point);
		fuzz_check(count > 0);
		check_plain(point);
		if (point >= 0xe0000 && point <= 0xe0fff) {
			fuzz_check(before == 0x1f3f4 || before >= 0xe0000);
			stack = 0;
		} else {
			stack = utf8_width(text + at, count) ? 0 : stack + 1;
		}
		fuzz_check(stack <= CHAT_CLEAN_MARKS + 1);
		before = point;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct buffer once = { 0 }, twice = { 0 };

	fuzz_check(chat_clean(&once, text, size));
	fuzz_check(once.length <= 4 * size);
	check_harmless(buffer_bytes(&once), once.length);
	fuzz_check(chat_is_clean(buffer_bytes(&once), once.length));
	fuzz_check(chat_clean(&twice, buffer_bytes(&once), once.length));
	fuzz_check(twice.length == once.length);
	fuzz_check(!once.length || !memcmp(buffer_bytes(&once), buffer_bytes(&twice), once.length));
	fuzz_check(chat_is_clean(text, size) ==
		   (once.length == size && (!size || !memcmp(text, buffer_bytes(&once), size))));
	buffer_free(&once);
	buffer_free(&twice);
	free(text);
	return 0;
}
