/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/line.c
 * Holds: both forms with their ends of line; what says nothing to people is nothing to plain
 * members; the id; a line lives as long as one holder; no text makes a second line in either form.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/chat/line.h>

static const char *bytes_for(const struct chat_line *line, enum chat_reader reader)
{
	static char texts[2][2000];
	struct chat_slice slice = chat_line_bytes(line, reader);

	cr_assert_lt(slice.length, sizeof texts[0]);
	memcpy(texts[reader], slice.bytes, slice.length);
	texts[reader][slice.length] = '\0';
	cr_assert_eq(slice.length, line->length[reader]);
	return texts[reader];
}

Test(chat_line, both_forms)
{
	const struct chat_event event = {
		.kind = CHAT_MESSAGE,
		.id = 7,
		.time_ms = 1700000000000,
		.room = chat_slice_of("lobby"),
		.nick = chat_slice_of("bob"),
		.text = chat_slice_of("hello"),
	};
	struct chat_line *line = chat_line_new(&event, NULL);

	cr_assert_str_eq(bytes_for(line, CHAT_PLAIN), "<bob> hello\n");
	cr_assert_str_eq(bytes_for(line, CHAT_RICH), "message 7 1700000000000 lobby bob hello\n");
	cr_assert_eq(line->id, 7);
	cr_assert_eq(line->holders, 1);
	chat_line_drop(line);
}

Test(chat_line, what_is_for_programs_is_nothing_to_plain_members)
{
	const struct chat_event event = { .kind = CHAT_TAKE, .number = 1 };
	struct chat_line *line = chat_line_new(&event, "bob");

	cr_assert_eq(chat_line_bytes(line, CHAT_PLAIN).length, 0);
	cr_assert_str_eq(bytes_for(line, CHAT_RICH), "take 1\n");
	cr_assert_eq(line->id, 0);
	chat_line_drop(line);
}

Test(chat_line, private_messages_are_for_one_reader)
{
	const struct chat_event event = {
		.kind = CHAT_PRIVATE,
		.time_ms = 1,
		.nick = chat_slice_of("bob"),
		.other = chat_slice_of("carol"),
		.text = chat_slice_of("psst"),
	};
	struct chat_line *own = chat_line_new(&event, "bob");
	struct chat_line *others = chat_line_new(&event, "carol");

	cr_assert_str_eq(bytes_for(own, CHAT_PLAIN), "[to carol] psst\n");
	cr_assert_str_eq(bytes_for(own, CHAT_RICH), "private 1 bob carol psst\n");
	cr_assert_str_eq(bytes_for(others, CHAT_PLAIN), "[bob] psst\n");
	cr_assert_str_eq(bytes_for(others, CHAT_RICH), "private 1 bob carol psst\n");
	chat_line_drop(own);
	chat_line_drop(others);
}

/* Bytes are looked at after each drop: a sanitizer sees one too many, and the leak of one too few.
 */
Test(chat_line, lives_as_long_as_one_holds_it)
{
	const struct chat_event event = { .kind = CHAT_NOTICE, .text = chat_slice_of("x") };
	struct chat_line *line = chat_line_new(&event, NULL);

	cr_assert_eq(chat_line_hold(line), line);
	chat_line_hold(line);
	cr_assert_eq(line->holders, 3);
	chat_line_drop(line);
	cr_assert_str_eq(bytes_for(line, CHAT_PLAIN), "* x\n");
	chat_line_drop(line);
	cr_assert_eq(line->holders, 1);
	cr_assert_str_eq(bytes_for(line, CHAT_RICH), "notice x\n");
	chat_line_drop(line);
	chat_line_drop(NULL);
}

Test(chat_line, no_text_makes_a_second_line)
{
	const struct chat_event event = {
		.kind = CHAT_MESSAGE,
		.nick = chat_slice_of("bob\n* root"),
		.room = chat_slice_of("r\n"),
		.text = chat_slice_of("x\n* root joined\r\nbye out"),
	};
	struct chat_line *line = chat_line_new(&event, NULL);

	for (enum chat_reader reader = 0; reader < CHAT_READERS; reader++) {
		struct chat_slice bytes = chat_line_bytes(line, reader);

		cr_assert_eq(memchr(bytes.bytes, '\n', bytes.length),
			     bytes.bytes + bytes.length - 1);
		cr_assert_null(memchr(bytes.bytes, '\r', bytes.length));
	}
	chat_line_drop(line);
}
