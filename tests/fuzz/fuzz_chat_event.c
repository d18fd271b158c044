/* SPDX-License-Identifier: MIT */
/* fuzz_chat_event.c - what a chat's client reads: a line that is taken means the same when written
 * again, and any event at all is one line that can be read, and one sentence. */
#include "fuzz.h"

#include <sockutil/base/utf8.h>
#include <sockutil/chat/line.h>

static bool same(struct chat_slice a, struct chat_slice b)
{
	return a.length == b.length && (!a.length || !memcmp(a.bytes, b.bytes, a.length));
}

static void check_same(const struct chat_event *a, const struct chat_event *b)
{
	fuzz_check(a->kind == b->kind && a->id == b->id && a->time_ms == b->time_ms);
	fuzz_check(a->number == b->number && a->size == b->size);
	fuzz_check(same(a->room, b->room) && same(a->nick, b->nick) && same(a->other, b->other));
	fuzz_check(same(a->word, b->word) && same(a->text, b->text));
}

static bool is_control(char byte)
{
	return ((unsigned char)byte < 0x20 && byte != '\t') || byte == 0x7f;
}

static bool has_controls(struct chat_slice slice)
{
	for (size_t i = 0; i < slice.length; i++)
		if (is_control(slice.bytes[i]))
			return true;
	return false;
}

/* Nothing, or a line with one end, without which it holds no control. */
static void check_line(struct chat_slice line)
{
	if (!line.length)
		return;
	fuzz_check(line.bytes[line.length - 1] == '\n');
	line.length--;
	fuzz_check(!has_controls(line));
}

/* As a member gets it; the richer form without its end is read into *out. */
static struct chat_line *check_forms(struct chat_event *out, const struct chat_event *event)
{
	struct chat_line *line = chat_line_new(event, "bob");
	struct chat_slice rich;

	fuzz_check(line != NULL && line->id == event->id);
	rich = chat_line_bytes(line, CHAT_RICH);
	check_line(chat_line_bytes(line, CHAT_PLAIN));
	check_line(rich);
	fuzz_check(rich.length > 0 && chat_event_parse(out, rich.bytes, rich.length - 1));
	return line;
}

static void check_words(const struct chat_event *event)
{
	const struct chat_slice words[] = { event->room, event->nick, event->other, event->word };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		fuzz_check(!words[i].length || chat_slice_is_word(words[i]));
		fuzz_check(!chat_slice_is(words[i], "-"));
		fuzz_check(!has_controls(words[i]) && utf8_valid(words[i].bytes, words[i].length));
	}
	fuzz_check(event->time_ms >= 0 && event->id <= INT64_MAX);
	fuzz_check(event->number <= INT64_MAX && event->size <= INT64_MAX);
}

static void check_parsed(const char *line, size_t length)
{
	struct chat_event event, again;
	struct chat_line *made;

	memset(&event, 0x5a, sizeof event);
	again = event;
	if (!chat_event_parse(&event, line, length)) {
		fuzz_check(!memcmp(&event, &again, sizeof event));
		return;
	}
	fuzz_check(event.kind < CHAT_KINDS);
	check_words(&event);
	made = check_forms(&again, &event);
	if (!has_controls(event.text))
		check_same(&event, &again);
	chat_line_drop(made);
}

static uint64_t take_number(const uint8_t **data, size_t *size)
{
	uint64_t number = 0;
	uint8_t count = fuzz_byte(data, size) % 9;

	while (count--)
		number = number << 8 | fuzz_byte(data, size);
	return number;
}

static struct chat_slice take_slice(const uint8_t **data, size_t *size)
{
	struct chat_slice slice = { .length = fuzz_byte(data, size) };

	if (slice.length > *size)
		slice.length = *size;
	slice.bytes = (const char *)*data;
	*data += slice.length;
	*size -= slice.length;
	return slice;
}

/* A field that the kind does not have is empty when it is read. */
static void check_word(struct chat_slice made, struct chat_slice read)
{
	fuzz_check(!read.length || same(made, read) || !chat_slice_is_word(made) ||
		   chat_slice_is(made, "-"));
}

static void check_number(uint64_t made, uint64_t read)
{
	fuzz_check(!read || read == (made > INT64_MAX ? INT64_MAX : made));
}

static void check_made(const uint8_t *data, size_t size)
{
	struct chat_event event = { .kind = fuzz_byte(&data, &size) % CHAT_KINDS }, again, third;
	struct chat_line *first, *second;

	event.id = take_number(&data, &size);
	event.time_ms = (int64_t)take_number(&data, &size);
	event.number = take_number(&data, &size);
	event.size = take_number(&data, &size);
	event.room = take_slice(&data, &size);
	event.nick = take_slice(&data, &size);
	event.other = take_slice(&data, &size);
	event.word = take_slice(&data, &size);
	event.text = take_slice(&data, &size);
	first = check_forms(&again, &event);
	check_words(&again);
	fuzz_check(again.kind == event.kind);
	check_number(event.id, again.id);
	check_number((uint64_t)event.time_ms, (uint64_t)again.time_ms);
	check_number(event.number, again.number);
	check_number(event.size, again.size);
	check_word(event.room, again.room);
	check_word(event.nick, again.nick);
	check_word(event.other, again.other);
	check_word(event.word, again.word);
	fuzz_check(!again.text.length || same(again.text, event.text) || has_controls(event.text));
	second = check_forms(&third, &again);
	check_same(&again, &third);
	chat_line_drop(first);
	chat_line_drop(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Without a NUL: a line has none. */
	char *line = malloc(size ? size : 1);

	fuzz_check(line != NULL);
	if (size)
		memcpy(line, data, size);
	check_parsed(line, size);
	free(line);
	check_made(data, size);
	return 0;
}
