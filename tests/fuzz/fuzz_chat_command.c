/* SPDX-License-Identifier: MIT */
/* fuzz_chat_command.c - what a chat's member says: slices lie in the line, names are words, a
 * sentence that refuses holds nothing that steers a terminal, and what was meant, said again in so
 * many words, means the same. */
#include "fuzz.h"

#include <inttypes.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/utf8.h>
#include <sockutil/chat/command.h>

static bool same(struct chat_slice a, struct chat_slice b)
{
	return a.length == b.length && (!a.length || !memcmp(a.bytes, b.bytes, a.length));
}

static void check_inside(struct chat_slice slice, const char *line, size_t length)
{
	fuzz_check(!slice.length ||
		   (slice.bytes >= line && slice.bytes + slice.length <= line + length));
}

static void check_refused(const struct chat_said *said, const struct failure *why)
{
	fuzz_check(why->class == FAILURE_USAGE && *why->text && said->command <= CHAT_COMMANDS);
	fuzz_check(utf8_valid(why->text, strlen(why->text)));
	for (const char *at = why->text; *at; at++)
		fuzz_check((unsigned char)*at >= 0x20 && *at != 0x7f);
}

/* Says an argument; false: it is not there, and neither is anything behind it. */
static bool say(struct buffer *out, const struct chat_said *said, char letter)
{
	switch (letter) {
	case '#':
		return buffer_format(out, " %" PRIu64, said->number);
	case 'z':
		return buffer_format(out, " %" PRIu64, said->size);
	case 'n':
	case 'N':
		fuzz_check(letter == 'N' || said->name.length);
		return said->name.length && buffer_add(out, " ", 1) &&
		       buffer_add(out, said->name.bytes, said->name.length);
	default:
		fuzz_check(letter == 'X' || said->text.length);
		return said->text.length && buffer_add(out, " ", 1) &&
		       buffer_add(out, said->text.bytes, said->text.length);
	}
}

static void say_again(struct buffer *out, const struct chat_said *said)
{
	const struct chat_command_row *row;
	const char *letter;

	if (said->command >= CHAT_COMMANDS) {
		if (said->text.length && *said->text.bytes == '/')
			fuzz_check(buffer_add(out, "/", 1));
		fuzz_check(!said->text.length ||
			   buffer_add(out, said->text.bytes, said->text.length));
		return;
	}
	row = &chat_command_rows[said->command];
	fuzz_check(buffer_format(out, "/%s", row->word));
	for (letter = row->arguments; *letter && say(out, said, *letter); letter++)
		;
}

static void check_again(const struct chat_said *said)
{
	struct buffer line = { 0 };
	struct failure why = { 0 };
	struct chat_said again;

	say_again(&line, said);
	fuzz_check(chat_command_parse(&again, line.length ? buffer_bytes(&line) : "", line.length,
				      &why));
	fuzz_check(again.command == said->command && again.number == said->number);
	fuzz_check(again.size == said->size && same(again.name, said->name));
	fuzz_check(same(again.text, said->text));
	buffer_free(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct failure why = { 0 };
	struct chat_said said;
	char *line = malloc(size ? size : 1);

	fuzz_check(line != NULL);
	if (size)
		memcpy(line, data, size);
	if (chat_command_parse(&said, line, size, &why)) {
		fuzz_check(why.class == FAILURE_NONE && said.command != CHAT_COMMANDS);
		fuzz_check(!said.name.length || chat_slice_is_word(said.name));
		fuzz_check(said.number <= INT64_MAX && said.size <= INT64_MAX);
		check_inside(said.name, line, size);
		check_inside(said.text, line, size);
		check_again(&said);
	} else {
		check_refused(&said, &why);
	}
	free(line);
	return 0;
}
