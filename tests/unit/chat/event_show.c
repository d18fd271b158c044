/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/event_show.c
 * Holds: the sentence of every kind, with and without a text; one's own private messages; a topic
 * of nobody and one that is taken away; kinds that say nothing to people; no end of line and no
 * control comes out of any field; sentences stand behind what was there.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/chat/event.h>

#define TEXT(member, content) .member = { .bytes = (content), .length = sizeof(content) - 1 }

static const char *shown_to(struct chat_event event, const char *to)
{
	static char text[2000];
	struct buffer out = { 0 };

	cr_assert(chat_event_show(&out, &event, to));
	cr_assert_lt(out.length, sizeof text);
	memcpy(text, out.length ? buffer_bytes(&out) : "", out.length);
	text[out.length] = '\0';
	buffer_free(&out);
	return text;
}

static const char *shown(struct chat_event event)
{
	return shown_to(event, "alice");
}

Test(chat_event_show, what_is_said)
{
	struct chat_event event = { .kind = CHAT_MESSAGE, TEXT(nick, "bob"), TEXT(text, "hello") };

	cr_assert_str_eq(shown(event), "<bob> hello");
	event.kind = CHAT_ACTION;
	cr_assert_str_eq(shown(event), "~ bob hello");
}

Test(chat_event_show, private_messages_either_way)
{
	const struct chat_event event = {
		.kind = CHAT_PRIVATE,
		TEXT(nick, "bob"),
		TEXT(other, "carol"),
		TEXT(text, "psst"),
	};

	cr_assert_str_eq(shown_to(event, "carol"), "[bob] psst");
	cr_assert_str_eq(shown_to(event, "bob"), "[to carol] psst");
	cr_assert_str_eq(shown_to(event, NULL), "[bob] psst");
	cr_assert_str_eq(shown_to(event, ""), "[bob] psst");
	cr_assert_str_eq(shown_to(event, "bo"), "[bob] psst");
}

Test(chat_event_show, who_comes_and_goes)
{
	struct chat_event event = { .kind = CHAT_JOINED, TEXT(nick, "bob"), TEXT(other, "robert") };

	cr_assert_str_eq(shown(event), "* bob joined");
	event.kind = CHAT_RENAMED;
	cr_assert_str_eq(shown(event), "* bob is now robert");
	event.kind = CHAT_LEFT;
	cr_assert_str_eq(shown(event), "* bob left");
	event.kind = CHAT_LOST;
	cr_assert_str_eq(shown(event), "* bob was lost");
	event.text = chat_slice_of("it {rains} $n");
	cr_assert_str_eq(shown(event), "* bob was lost (it {rains} $n)");
	event.kind = CHAT_LEFT;
	cr_assert_str_eq(shown(event), "* bob left (it {rains} $n)");
}

Test(chat_event_show, topics)
{
	struct chat_event event = { .kind = CHAT_TOPIC, TEXT(nick, "bob"), TEXT(text, "weather") };

	cr_assert_str_eq(shown(event), "* bob set the topic: weather");
	event.text.length = 0;
	cr_assert_str_eq(shown(event), "* bob took the topic away");
	event.nick.length = 0;
	cr_assert_str_eq(shown(event), "* no topic");
	event.text = chat_slice_of("weather");
	cr_assert_str_eq(shown(event), "* the topic: weather");
}

Test(chat_event_show, members)
{
	struct chat_event event = {
		.kind = CHAT_MEMBERS,
		.number = 3,
		TEXT(text, "alice bob carol"),
	};

	cr_assert_str_eq(shown(event), "* 3 here: alice, bob, carol");
	event.text = chat_slice_of("alice");
	event.number = 1;
	cr_assert_str_eq(shown(event), "* 1 here: alice");
	event.text.length = 0;
	cr_assert_str_eq(shown(event), "* 1 here");
	event.text = chat_slice_of(" a  b ");
	cr_assert_str_eq(shown(event), "* 1 here: , a, , b");
}

Test(chat_event_show, the_hosts_own_words)
{
	struct chat_event event = { .kind = CHAT_NOTICE, TEXT(text, "slower, please") };

	cr_assert_str_eq(shown(event), "* slower, please");
	event.kind = CHAT_REFUSED;
	cr_assert_str_eq(shown(event), "* slower, please");
	event.kind = CHAT_BYE;
	event.word = chat_slice_of("out");
	cr_assert_str_eq(shown(event), "* goodbye: slower, please");
	event.text.length = 0;
	cr_assert_str_eq(shown(event), "* goodbye");
}

Test(chat_event_show, a_welcome_says_who_one_is)
{
	const struct chat_event event = {
		.kind = CHAT_WELCOME,
		TEXT(nick, "alice2"),
		TEXT(room, "lobby"),
		TEXT(other, "epoch"),
		TEXT(word, "token"),
	};

	cr_assert_str_eq(shown(event), "* you are alice2, in lobby");
}

Test(chat_event_show, an_offer_says_how_to_take_it)
{
	const struct chat_event event = {
		.kind = CHAT_OFFERED,
		.number = 4,
		.size = 1258291,
		TEXT(nick, "bob"),
		TEXT(text, "report.pdf"),
	};

	cr_assert_str_eq(shown(event), "* bob offers report.pdf (1.2 MiB); /accept bob report.pdf");
}

Test(chat_event_show, the_rest_says_nothing_to_people)
{
	static const enum chat_kind silent[] = {
		CHAT_PING,  CHAT_OFFERING, CHAT_TAKE, CHAT_DATA,
		CHAT_TAKEN, CHAT_DONE,     CHAT_KEPT, CHAT_DROPPED,
	};
	const struct chat_event event = {
		TEXT(nick, "bob"),
		TEXT(text, "x"),
		TEXT(word, "y"),
		.number = 1,
	};
	size_t speaking = 0;

	for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
		struct chat_event one = event;

		one.kind = silent[i];
		cr_assert_str_eq(shown(one), "");
	}
	for (enum chat_kind kind = 0; kind < CHAT_KINDS; kind++) {
		struct chat_event one = event;

		one.kind = kind;
		speaking += *shown(one) != '\0';
	}
	cr_assert_eq(speaking + sizeof silent / sizeof *silent, CHAT_KINDS);
}

Test(chat_event_show, no_field_begins_a_line)
{
	const struct chat_event event = {
		TEXT(room, "r\n* root joined"),
		TEXT(nick, "bob\r\n* root joined\x1b\xff"),
		TEXT(other, "c\n<eve> x"),
		TEXT(word, "w\n"),
		TEXT(text, "x\n* root joined\r\0\x1b[2J\x7f\ty"),
	};

	for (enum chat_kind kind = 0; kind < CHAT_KINDS; kind++) {
		struct chat_event one = event;
		const char *text;

		one.kind = kind;
		text = shown(one);
		for (const char *at = text; *at; at++)
			cr_assert((unsigned char)*at >= 0x20 || *at == '\t', "%s", text);
		cr_assert_null(strchr(text, 0x7f), "%s", text);
	}
	cr_assert_str_eq(shown((struct chat_event){ .kind = CHAT_MESSAGE,
						    TEXT(nick, "bob\n"),
						    TEXT(text, "a\nb\0c") }),
			 "<bob\\x0a> a\\x0ab\\x00c");
}

Test(chat_event_show, stands_behind_what_was_there)
{
	const struct chat_event event = { .kind = CHAT_NOTICE, TEXT(text, "b") };
	struct buffer out = { 0 };

	cr_assert(buffer_add(&out, "a ", 2) && chat_event_show(&out, &event, NULL));
	cr_assert_str_eq(buffer_text(&out), "a * b");
	buffer_free(&out);
}
