/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/event.c
 * Holds: every kind is written as docs/chat.md has it, and read again is the same; empty words are
 * "-", a word "-" is not taken for one; further fields and unknown words; fields that are missing,
 * too large, not digits, behind a blank too many, not UTF-8 or with controls are refused and leave
 * what was there alone; texts are taken as they are, with blanks, NUL and any byte; a written line
 * is one line whatever the event holds; lines of 4096 bytes; words and slices.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/chat/event.h>

static const char *shown(struct chat_slice slice)
{
	static char texts[8][5000];
	static unsigned next;
	char *text = texts[next++ % 8];

	cr_assert_lt(slice.length, sizeof texts[0]);
	memcpy(text, slice.bytes, slice.length);
	text[slice.length] = '\0';
	return text;
}

/* What is read lives until the next call. */
static bool parsed(struct chat_event *event, const char *line)
{
	static char *exact;
	const size_t length = strlen(line);

	/* Of exactly its size, so that a step too far is seen. */
	free(exact);
	exact = malloc(length ? length : 1);
	cr_assert_not_null(exact);
	memcpy(exact, line, length);
	return chat_event_parse(event, exact, length);
}

/* The line without its LF, which it has. */
static const char *written(const struct chat_event *event)
{
	static char line[70000];
	struct buffer out = { 0 };

	cr_assert(chat_event_write(&out, event));
	cr_assert_lt(out.length, sizeof line);
	memcpy(line, buffer_bytes(&out), out.length);
	cr_assert_eq(line[out.length - 1], '\n');
	line[out.length - 1] = '\0';
	cr_assert_eq(strlen(line), out.length - 1);
	buffer_free(&out);
	return line;
}

static void same_again(const char *line)
{
	struct chat_event event;

	cr_assert(parsed(&event, line), "%s", line);
	cr_assert_str_eq(written(&event), line);
}

static void refused(const char *line)
{
	struct chat_event event = { .kind = CHAT_KEPT, .number = 7 };

	cr_assert(!parsed(&event, line), "%s", line);
	cr_assert(event.kind == CHAT_KEPT && event.number == 7, "%s", line);
}

Test(chat_event, every_kind_is_read_and_written)
{
	same_again("welcome alice lobby 5f2c 42 c0ffee");
	same_again("message 43 1700000000000 lobby bob hello, world");
	same_again("action 44 1700000000000 lobby bob waves");
	same_again("private 1700000000000 bob alice psst");
	same_again("joined 1 lobby bob");
	same_again("left 1 lobby bob gone home");
	same_again("left 1 lobby bob");
	same_again("lost 1 lobby bob reset by peer");
	same_again("renamed 1 lobby bob robert");
	same_again("topic 1 lobby - the weather");
	same_again("members lobby 3 alice bob carol");
	same_again("notice twelve came");
	same_again("refused no");
	same_again("ping x9");
	same_again("bye out kicked by alice");
	same_again("offering 1 bob 12 a.txt");
	same_again("offered 1 bob 12 a b.txt");
	same_again("take 1");
	same_again("data 1 aGVsbG8=");
	same_again("taken 1 65536");
	same_again("done 1 00ff");
	same_again("kept 1");
	same_again("dropped 1 too slow");
}

Test(chat_event, fields_are_where_the_row_says)
{
	struct chat_event event;

	cr_assert(parsed(&event, "message 43 1700000000001 lobby bob hello, world"));
	cr_assert_eq(event.kind, CHAT_MESSAGE);
	cr_assert_eq(event.id, 43);
	cr_assert_eq(event.time_ms, 1700000000001);
	cr_assert_str_eq(shown(event.room), "lobby");
	cr_assert_str_eq(shown(event.nick), "bob");
	cr_assert_str_eq(shown(event.text), "hello, world");
	cr_assert(parsed(&event, "welcome alice lobby 5f2c 42 c0ffee"));
	cr_assert_eq(event.kind, CHAT_WELCOME);
	cr_assert_str_eq(shown(event.nick), "alice");
	cr_assert_str_eq(shown(event.other), "5f2c");
	cr_assert_str_eq(shown(event.word), "c0ffee");
	cr_assert_eq(event.id, 42);
	cr_assert(parsed(&event, "offered 3 bob 12 a b.txt"));
	cr_assert_eq(event.number, 3);
	cr_assert_eq(event.size, 12);
	cr_assert_str_eq(shown(event.text), "a b.txt");
	cr_assert_eq(event.room.length, 0);
}

Test(chat_event, a_dash_stands_for_an_empty_word)
{
	struct chat_event event;

	cr_assert(parsed(&event, "topic 0 lobby - x"));
	cr_assert_eq(event.nick.length, 0);
	event.nick = chat_slice_of("-");
	cr_assert_str_eq(written(&event), "topic 0 lobby \\x2d x");
	event.nick = chat_slice_of(NULL);
	cr_assert_str_eq(written(&event), "topic 0 lobby - x");
	event.nick = chat_slice_of("--");
	cr_assert_str_eq(written(&event), "topic 0 lobby -- x");
	refused("take -");
}

Test(chat_event, further_fields_are_ignored)
{
	struct chat_event event;

	cr_assert(parsed(&event, "kept 5 and more"));
	cr_assert_eq(event.number, 5);
	cr_assert(parsed(&event, "joined 1 lobby bob  "));
	cr_assert_str_eq(shown(event.nick), "bob");
}

Test(chat_event, unknown_words_are_refused)
{
	refused("");
	refused(" ");
	refused("mess 1 1 lobby bob x");
	refused("messages 1 1 lobby bob x");
	refused("Message 1 1 lobby bob x");
	refused(" message 1 1 lobby bob x");
	refused("message\t1 1 lobby bob x");
	refused("<bob> hello");
	refused("* bob joined");
}

Test(chat_event, missing_fields_are_refused)
{
	refused("message");
	refused("message ");
	refused("message 1");
	refused("message 1 1");
	refused("message 1 1 lobby");
	refused("message 1 1 lobby ");
	refused("welcome alice lobby 5f2c 42");
	refused("taken 1");
	refused("ping");
}

Test(chat_event, a_blank_too_many_is_refused)
{
	refused("message  1 1 lobby bob x");
	refused("message 1  1 lobby bob x");
	refused("message 1 1  lobby bob x");
	refused("message 1 1 lobby  bob x");
	refused("members lobby  3 alice");
}

Test(chat_event, numbers_are_digits_that_fit)
{
	struct chat_event event;

	cr_assert(parsed(&event, "message 9223372036854775807 9223372036854775807 r b x"));
	cr_assert_eq(event.id, INT64_MAX);
	cr_assert_eq(event.time_ms, INT64_MAX);
	refused("take 9223372036854775808");
	refused("take 18446744073709551617");
	refused("take 99999999999999999999999999999999");
	refused("take -1");
	refused("take +1");
	refused("take 0x1");
	refused("take 1.5");
	refused("take 1a");
	refused("take \xd9\xa1");
}

Test(chat_event, numbers_that_no_line_can_hold_are_written_as_the_largest)
{
	struct chat_event event = { .kind = CHAT_TAKEN, .number = 1, .size = UINT64_MAX };

	cr_assert_str_eq(written(&event), "taken 1 9223372036854775807");
}

Test(chat_event, names_are_utf8_without_controls)
{
	same_again("joined 1 lobby Zo\xc3\xab");
	refused("joined 1 lobby bob\xff");
	refused("joined 1 lobby \xc3");
	refused("joined 1 lobby \xed\xa0\x80");
	refused("joined 1 lobby bob\x1b[31m");
	refused("joined 1 lobby bob\r");
	refused("joined 1 lobby bob\tx");
	refused("joined 1 lobby bob\x7f");
	refused("joined 1 lobby bob\xc2\x9b");
	refused("joined 1 lob\x07 bob");
}

Test(chat_event, nothing_in_a_line_ends_it)
{
	static const char line[] = "joined 1 lobby b\0b";
	static const char text[] = "notice a\0b\nc";
	struct chat_event event;

	cr_assert(!chat_event_parse(&event, line, sizeof line - 1));
	cr_assert(chat_event_parse(&event, text, sizeof text - 1));
	cr_assert_eq(event.text.length, 5);
	cr_assert_str_eq(written(&event), "notice a\\x00b\\x0ac");
}

Test(chat_event, a_text_is_the_rest_as_it_is)
{
	struct chat_event event;

	cr_assert(parsed(&event, "notice   two before, two behind  "));
	cr_assert_str_eq(shown(event.text), "  two before, two behind  ");
	cr_assert(parsed(&event, "notice \xff\x1b[31m"));
	cr_assert_str_eq(shown(event.text), "\xff\x1b[31m");
	cr_assert(parsed(&event, "notice"));
	cr_assert_eq(event.text.length, 0);
	cr_assert(parsed(&event, "notice "));
	cr_assert_eq(event.text.length, 0);
	cr_assert(parsed(&event, "notice -"));
	cr_assert_str_eq(shown(event.text), "-");
}

Test(chat_event, what_is_written_is_one_line)
{
	const struct chat_event event = {
		.kind = CHAT_MESSAGE,
		.id = 1,
		.time_ms = 2,
		.room = chat_slice_of("a room"),
		.nick = chat_slice_of("bob\nbye out"),
		.text = chat_slice_of("one\r\nbye out two\tthree\x7f\x1b"),
	};
	struct chat_event again;

	cr_assert_str_eq(written(&event), "message 1 2 a\\x20room bob\\x0abye\\x20out "
					  "one\\x0d\\x0abye out two\tthree\\x7f\\x1b");
	cr_assert(parsed(&again, written(&event)));
	cr_assert_str_eq(shown(again.nick), "bob\\x0abye\\x20out");
}

Test(chat_event, words_that_are_none_are_escaped)
{
	const struct chat_event event = {
		.kind = CHAT_PING,
		.word = chat_slice_of("\xff\xc2\x9b\xc3\xa9\x7f"),
	};

	cr_assert_str_eq(written(&event), "ping \\xff\\xc2\\x9b\xc3\xa9\\x7f");
}

Test(chat_event, a_line_of_4096_bytes_is_read_and_written)
{
	static char line[4097];

	memset(line, 'x', sizeof line - 1);
	memcpy(line, "message 1 2 lobby bob ", 22);
	same_again(line);
	/* A name is judged by whoever made it. */
	memcpy(line, "joined 1 lobby ", 15);
	memset(line + 15, 'y', 7);
	same_again(line);
	memset(line, '1', sizeof line - 1);
	memcpy(line, "take ", 5);
	refused(line);
}

Test(chat_event, writing_adds_behind_what_is_there)
{
	const struct chat_event event = { .kind = CHAT_TAKE, .number = 4 };
	struct buffer out = { 0 };

	cr_assert(chat_event_write(&out, &event) && chat_event_write(&out, &event));
	cr_assert_str_eq(buffer_text(&out), "take 4\ntake 4\n");
	buffer_free(&out);
}

Test(chat_event, slices)
{
	const struct chat_slice nothing = { 0 };

	cr_assert(chat_slice_is(chat_slice_of("bob"), "bob"));
	cr_assert(!chat_slice_is(chat_slice_of("bob"), "bobo"));
	cr_assert(!chat_slice_is(chat_slice_of("bob"), "Bob"));
	cr_assert(chat_slice_is(chat_slice_of(NULL), ""));
	cr_assert(chat_slice_is(nothing, ""));
	cr_assert(!chat_slice_is(nothing, "x"));
	cr_assert_not_null(chat_slice_of(NULL).bytes);
	cr_assert(!chat_slice_is_word(nothing));
	cr_assert(chat_slice_is_word(chat_slice_of("-")));
	cr_assert(!chat_slice_is_word(chat_slice_of("a b")));
}
