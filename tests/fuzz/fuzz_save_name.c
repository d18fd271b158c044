/* SPDX-License-Identifier: MIT */
/* fuzz_save_name.c - a pattern of file names and, behind a NUL, a peer's address: no peer chooses a
 * folder or hides an escape. */
#include "fuzz.h"

#include <sockutil/serve/save.h>

static void fill_peer(struct address *peer, const uint8_t *data, size_t size)
{
	static const sa_family_t families[] = { AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC };
	uint8_t kind = fuzz_byte(&data, &size);

	memset(peer, 0, sizeof(*peer));
	memcpy(&peer->storage, data, size < sizeof(peer->storage) ? size : sizeof(peer->storage));
	peer->any.sa_family = families[kind % 4];
	peer->length = kind % 4 == 0   ? sizeof(peer->v4)
		       : kind % 4 == 1 ? sizeof(peer->v6)
				       : sizeof(peer->local);
	peer->local.sun_path[sizeof(peer->local.sun_path) - 1] = '\0';
}

static size_t count_of(const char *text, char c)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == c;
	return count;
}

/* "%p" alone. */
static void check_peer(const struct save_name *name)
{
	char text[SAVE_NAME_MAX];

	fuzz_check(save_name_make(text, "%p", name));
	fuzz_check(*text != '\0' && *text != '-' && *text != '.');
	for (const char *c = text; *c; c++)
		fuzz_check((*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
			   (*c >= 'a' && *c <= 'z') || strchr("._-", *c));
}

/* The pattern with each % doubled is itself again. */
static void check_doubled(const char *pattern, const struct save_name *name)
{
	char *doubled = malloc(2 * strlen(pattern) + 1), *to = doubled;
	char text[SAVE_NAME_MAX];
	struct failure why = { 0 };

	fuzz_check(doubled != NULL);
	for (const char *from = pattern; *from; from++) {
		*to++ = *from;
		if (*from == '%')
			*to++ = '%';
	}
	*to = '\0';
	fuzz_check(save_pattern_check(doubled, &why) == (*pattern != '\0'));
	fuzz_check(save_name_make(text, doubled, name) == (strlen(pattern) < SAVE_NAME_MAX));
	fuzz_check(strlen(pattern) >= SAVE_NAME_MAX || !strcmp(text, pattern));
	free(doubled);
}

static void check_made(const char *pattern, const struct save_name *name)
{
	struct save_name second = *name;
	char text[SAVE_NAME_MAX], again[SAVE_NAME_MAX];

	if (!save_name_make(text, pattern, name))
		return;
	fuzz_check(*text != '\0' && strlen(text) < SAVE_NAME_MAX);
	fuzz_check(count_of(text, '/') == count_of(pattern, '/'));
	fuzz_check(count_of(text, '%') <= count_of(pattern, '%') / 2);
	second.attempt = 12;
	if (!save_name_make(again, pattern, &second))
		return;
	fuzz_check(!strncmp(again, text, strlen(text)));
	fuzz_check(!strcmp(again + strlen(text), "-12"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *pattern = fuzz_text(data, size);
	size_t length = strlen(pattern);
	struct address peer;
	struct save_name name = { &peer, "20261121T090000Z", (uint64_t)size << 40 | size, 1 };
	struct failure why = { 0 };

	fill_peer(&peer, data + length, size - length);
	if (length < size)
		fill_peer(&peer, data + length + 1, size - length - 1);
	check_peer(&name);
	check_doubled(pattern, &name);
	if (save_pattern_check(pattern, &why))
		check_made(pattern, &name);
	else
		fuzz_check(why.class == FAILURE_USAGE && !strncmp(why.text, "--save", 6));
	free(pattern);
	return 0;
}
