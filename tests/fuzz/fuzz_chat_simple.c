/* SPDX-License-Identifier: MIT */
/* fuzz_chat_simple.c - what single reads bring: shown lines steer nothing, and where the reads were
 * cut changes no word of them. */
#include "fuzz.h"

#include <sockutil/base/buffer.h>
#include <sockutil/chat/clean.h>
#include <sockutil/chat/simple_heard.h>

enum { ROOM = 4096 };

static void take_line(void *data, const char *text, size_t length)
{
	fuzz_check(length == 0 || text != NULL);
	fuzz_check(chat_is_clean(text, length));
	fuzz_check(length == 0 || !memchr(text, '\n', length));
	fuzz_check(length == 0 || buffer_add(data, text, length));
}

static void hear(struct chat_simple_heard *heard, const char *text, size_t length, bool last,
		 struct buffer *shown)
{
	char *room = malloc(CHAT_SIMPLE_CUT + length);

	fuzz_check(room != NULL);
	if (length)
		memcpy(room + CHAT_SIMPLE_CUT, text, length);
	fuzz_check(chat_simple_hear(heard, room + CHAT_SIMPLE_CUT, length, last, take_line, shown));
	fuzz_check(heard->cut_length <= CHAT_SIMPLE_CUT);
	fuzz_check(!last || heard->cut_length == 0);
	free(room);
}

/* All of it in reads of at most step bytes. */
static struct buffer hear_all(const char *text, size_t length, size_t step)
{
	struct chat_simple_heard heard = { 0 };
	struct buffer shown = { 0 };

	for (size_t at = 0, n; at < length; at += n) {
		n = length - at < step ? length - at : step;
		hear(&heard, text + at, n, false, &shown);
	}
	hear(&heard, "", 0, true, &shown);
	return shown;
}

/* Marks and joiners depend on what stands before them in a line; plain text does not. */
static bool is_plain(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t step = (size_t)fuzz_byte(&data, &size) % 16 + 1;
	char *text = fuzz_text(data, size < ROOM ? size : ROOM);
	const size_t length = size < ROOM ? size : ROOM;
	struct buffer whole = hear_all(text, length, ROOM), cut = hear_all(text, length, step);

	if (is_plain(text, length)) {
		fuzz_check(whole.length == cut.length);
		fuzz_check(whole.length == 0 ||
			   memcmp(buffer_bytes(&whole), buffer_bytes(&cut), cut.length) == 0);
	}
	buffer_free(&whole);
	buffer_free(&cut);
	free(text);
	return 0;
}
