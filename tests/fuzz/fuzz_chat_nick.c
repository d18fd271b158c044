/* SPDX-License-Identifier: MIT */
/* fuzz_chat_nick.c - names: one that may be had is short, visible, stays as it is and has keys; a
 * refusal has its sentence. A line is a name; each is compared with the one in front of it. */
#include "fuzz.h"

#include <sockutil/base/utf8.h>
#include <sockutil/chat/clean.h>
#include <sockutil/chat/nick_icu.h>

static void check_name(const char *name)
{
	const size_t length = strlen(name);
	size_t characters = 0;

	fuzz_check(length && length < CHAT_NICK_MAX);
	fuzz_check(utf8_valid(name, length) && utf8_width(name, length));
	fuzz_check(chat_is_clean(name, length));
	fuzz_check(!strpbrk(name, " \t<>[]~*/:\\"));
	for (const char *c = name; *c; c++)
		characters += ((unsigned char)*c & 0xc0) != 0x80;
	fuzz_check(characters <= CHAT_NICK_CHARACTERS);
	fuzz_check(name[strspn(name, "-_")]);
}

/* In ASCII both ways to its keys must agree. */
static void check_keys(const char *name, struct chat_nick_keys *keys)
{
	struct chat_nick_keys other;
	struct failure why = { 0 };

	fuzz_check(chat_nick_keys(name, keys, &why));
	fuzz_check(*keys->written && *keys->folded && chat_nick_alike(keys, keys));
	fuzz_check(chat_nick_icu_keys(name, &other, &why));
	fuzz_check(!strcmp(keys->written, other.written) && !strcmp(keys->folded, other.folded));
}

static void check_one(const char *text, size_t length, struct chat_nick_keys *keys)
{
	char out[CHAT_NICK_MAX], again[CHAT_NICK_MAX];
	struct failure why = { 0 };

	*keys = (struct chat_nick_keys){ 0 };
	if (!chat_nick_check(text, length, out, &why)) {
		fuzz_check(why.class == FAILURE_USAGE && *why.text);
		return;
	}
	check_name(out);
	fuzz_check(chat_nick_check(out, strlen(out), again, &why) && !strcmp(out, again));
	check_keys(out, keys);
	(void)chat_nick_reserved(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct chat_nick_keys keys[2] = { 0 };
	int turn = 0;

	while (size) {
		const uint8_t *end = memchr(data, '\n', size);
		const size_t length = end ? (size_t)(end - data) : size;
		char *text = fuzz_text(data, length);

		check_one(text, length, &keys[turn]);
		fuzz_check(chat_nick_alike(&keys[0], &keys[1]) ==
			   chat_nick_alike(&keys[1], &keys[0]));
		free(text);
		turn = !turn;
		data += length + (end != NULL);
		size -= length + (end != NULL);
	}
	return 0;
}
