/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/simple_heard.c
 * Holds: a read without an end of line is shown as it is; one end, LF or CR LF, is not shown; each
 * line comes on its own, empty ones too; an end that comes alone belongs to the line before it; a
 * character cut by a read waits for its rest, at every cut, and so does a CR; at the end what
 * waited is shown; bytes that are no character wait for nothing; what steers terminals is text. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/chat/simple_heard.h>

static struct chat_simple_heard heard;
static char shown[1000];

/* "[line]" for each. */
static void note(void *data, const char *text, size_t length)
{
	const size_t at = strlen(shown);

	cr_assert_eq(data, &heard);
	snprintf(shown + at, sizeof(shown) - at, "[%.*s]", (int)length, text);
}

static const char *hear_bytes(const char *bytes, size_t length, bool last)
{
	char room[CHAT_SIMPLE_CUT + 500];

	shown[0] = '\0';
	memcpy(room + CHAT_SIMPLE_CUT, bytes, length);
	cr_assert(chat_simple_hear(&heard, room + CHAT_SIMPLE_CUT, length, last, note, &heard));
	cr_assert_leq(heard.cut_length, CHAT_SIMPLE_CUT);
	return shown;
}

static const char *hear(const char *text)
{
	return hear_bytes(text, strlen(text), false);
}

static const char *hear_end(void)
{
	return hear_bytes("", 0, true);
}

static void set_up(void)
{
	heard = (struct chat_simple_heard){ 0 };
}

TestSuite(simple_heard, .init = set_up, .timeout = 30);

Test(simple_heard, a_read_without_an_end_of_line_is_shown_as_it_is)
{
	cr_assert_str_eq(hear("hello"), "[hello]");
	cr_assert_str_eq(hear("there"), "[there]");
	cr_assert_str_eq(hear_end(), "");
}

Test(simple_heard, one_end_of_line_is_not_shown)
{
	cr_assert_str_eq(hear("hello\n"), "[hello]");
	cr_assert_str_eq(hear("hello\r\n"), "[hello]");
	cr_assert_str_eq(hear("\n"), "[]");
	cr_assert_str_eq(hear("hello\n\n"), "[hello][]");
}

Test(simple_heard, each_line_comes_on_its_own)
{
	cr_assert_str_eq(hear("one\ntwo\r\n\nthree"), "[one][two][][three]");
}

Test(simple_heard, an_end_alone_belongs_to_the_line_before)
{
	cr_assert_str_eq(hear("one"), "[one]");
	cr_assert_str_eq(hear("\n"), "");
	cr_assert_str_eq(hear("\ntwo"), "[][two]");
	cr_assert_str_eq(hear("\nthree\n"), "[three]");
	cr_assert_str_eq(hear("\n"), "[]");
}

Test(simple_heard, a_character_may_be_cut_anywhere)
{
	static const char text[] = "é你🙂";
	const size_t length = sizeof(text) - 1;

	for (size_t cut = 1; cut < length; cut++) {
		char all[1000];

		heard = (struct chat_simple_heard){ 0 };
		snprintf(all, sizeof(all), "%s", hear_bytes(text, cut, false));
		strncat(all, hear_bytes(text + cut, length - cut, false), 500);
		cr_assert_not(strchr(all, '\\'), "cut behind %zu: %s", cut, all);
	}
	heard = (struct chat_simple_heard){ 0 };
	for (size_t i = 0; i < length; i++)
		cr_assert_str_eq(hear_bytes(text + i, 1, false), i == 1   ? "[é]"
								 : i == 4 ? "[你]"
								 : i == 8 ? "[🙂]"
									  : "");
}

Test(simple_heard, a_carriage_return_waits_for_its_newline)
{
	cr_assert_str_eq(hear("one\r"), "[one]");
	cr_assert_str_eq(hear("\ntwo\r\n"), "[two]");
	cr_assert_str_eq(hear("three\r"), "[three]");
	cr_assert_str_eq(hear("four"), "[\\x0dfour]");
}

Test(simple_heard, what_waited_is_shown_at_the_end)
{
	cr_assert_str_eq(hear("a\xe4\xbd"), "[a]");
	cr_assert_str_eq(hear_end(), "[\\xe4\\xbd]");
	cr_assert_str_eq(hear_end(), "");
}

Test(simple_heard, bytes_that_are_no_character_wait_for_nothing)
{
	cr_assert_str_eq(hear("\xff"), "[\\xff]");
	cr_assert_str_eq(hear("\x80\x80\x80\x80"), "[\\x80\\x80\\x80\\x80]");
	cr_assert_str_eq(hear("a\xc0"), "[a\\xc0]");
}

Test(simple_heard, what_steers_terminals_is_text)
{
	cr_assert_str_eq(hear("a\x1b[2Jb\rc\n"), "[a\\x1b[2Jb\\x0dc]");
	cr_assert_str_eq(hear_bytes("a\0b\n", 4, false), "[a\\x00b]");
}
