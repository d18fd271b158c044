/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/command.c
 * Holds: texts, texts that begin with a slash, empty and blank lines; every command with its words;
 * blanks between them; case; what may be missing; what is missing, too much, no number, no UTF-8 or
 * a control is refused with a sentence that holds nothing of it; mistyped commands find their name,
 * and none that is for programs; NUL; lines of 4096 bytes; every row has what /help needs.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/chat/command.h>

static struct chat_said said;
static struct failure why;

static bool parsed_bytes(const char *line, size_t length)
{
	static char *exact;

	free(exact);
	exact = malloc(length ? length : 1);
	cr_assert_not_null(exact);
	memcpy(exact, line, length);
	why = (struct failure){ 0 };
	/* What was there before must not stay. */
	memset(&said, 0x5a, sizeof said);
	return chat_command_parse(&said, exact, length, &why);
}

static void parsed(const char *line, enum chat_command command)
{
	cr_assert(parsed_bytes(line, strlen(line)), "%s: %s", line, why.text);
	cr_assert_eq(said.command, command, "%s: %d", line, said.command);
	cr_assert_eq(why.class, FAILURE_NONE);
}

static void refused(const char *line, const char *sentence)
{
	cr_assert(!parsed_bytes(line, strlen(line)), "%s", line);
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, sentence);
}

#define is(slice, expected)                                                                        \
	cr_assert(chat_slice_is((slice), (expected)), "'%.*s'", (int)(slice).length, (slice).bytes)

Test(chat_command, a_text)
{
	parsed("hello, world ", CHAT_COMMAND_TEXT);
	is(said.text, "hello, world ");
	is(said.name, "");
	cr_assert(!said.number && !said.size);
	parsed("  /me waves", CHAT_COMMAND_TEXT);
	is(said.text, "  /me waves");
	parsed("\xff\x1b", CHAT_COMMAND_TEXT);
	is(said.text, "\xff\x1b");
}

Test(chat_command, two_slashes_begin_a_text)
{
	parsed("//etc/passwd", CHAT_COMMAND_TEXT);
	is(said.text, "/etc/passwd");
	parsed("//", CHAT_COMMAND_TEXT);
	is(said.text, "/");
	parsed("///", CHAT_COMMAND_TEXT);
	is(said.text, "//");
}

Test(chat_command, nothing)
{
	parsed("", CHAT_COMMAND_NONE);
	parsed("  \t ", CHAT_COMMAND_NONE);
	is(said.text, "");
	is(said.name, "");
}

Test(chat_command, those_of_people)
{
	parsed("/nick robert", CHAT_COMMAND_NICK);
	is(said.name, "robert");
	parsed("/me waves at  all", CHAT_COMMAND_ME);
	is(said.text, "waves at  all");
	is(said.name, "");
	parsed("/msg bob psst, you ", CHAT_COMMAND_MSG);
	is(said.name, "bob");
	is(said.text, "psst, you ");
	parsed("/who", CHAT_COMMAND_WHO);
	parsed("/join attic", CHAT_COMMAND_JOIN);
	is(said.name, "attic");
	parsed("/rooms", CHAT_COMMAND_ROOMS);
	parsed("/topic the weather", CHAT_COMMAND_TOPIC);
	is(said.text, "the weather");
	parsed("/ignore eve", CHAT_COMMAND_IGNORE);
	is(said.name, "eve");
	parsed("/send bob my report.pdf", CHAT_COMMAND_SEND);
	is(said.name, "bob");
	is(said.text, "my report.pdf");
	parsed("/accept bob my report.pdf", CHAT_COMMAND_ACCEPT);
	is(said.text, "my report.pdf");
	parsed("/kick eve", CHAT_COMMAND_KICK);
	parsed("/ban eve too loud", CHAT_COMMAND_BAN);
	is(said.name, "eve");
	is(said.text, "too loud");
	parsed("/clear", CHAT_COMMAND_CLEAR);
	parsed("/help", CHAT_COMMAND_HELP);
	parsed("/quit", CHAT_COMMAND_QUIT);
}

Test(chat_command, those_of_programs)
{
	parsed("/hello chat/1 alice lobby 5f 42 c0ffee", CHAT_COMMAND_HELLO);
	is(said.text, "chat/1 alice lobby 5f 42 c0ffee");
	parsed("/pong x9", CHAT_COMMAND_PONG);
	is(said.name, "x9");
	parsed("/offer bob 12 a b.txt", CHAT_COMMAND_OFFER);
	is(said.name, "bob");
	cr_assert_eq(said.size, 12);
	is(said.text, "a b.txt");
	parsed("/take 9223372036854775807", CHAT_COMMAND_TAKE);
	cr_assert_eq(said.number, INT64_MAX);
	parsed("/drop 3", CHAT_COMMAND_DROP);
	cr_assert_eq(said.number, 3);
	parsed("/drop 3 no room", CHAT_COMMAND_DROP);
	is(said.text, "no room");
	parsed("/data 3 aGVsbG8=", CHAT_COMMAND_DATA);
	is(said.text, "aGVsbG8=");
	parsed("/taken 3 4096", CHAT_COMMAND_TAKEN);
	cr_assert_eq(said.number, 3);
	cr_assert_eq(said.size, 4096);
	parsed("/done 3 00ff", CHAT_COMMAND_DONE);
	is(said.text, "00ff");
	parsed("/kept 3", CHAT_COMMAND_KEPT);
}

Test(chat_command, programs_may_say_more)
{
	parsed("/kept 3 of a newer one", CHAT_COMMAND_KEPT);
	parsed("/pong x9 y", CHAT_COMMAND_PONG);
	is(said.name, "x9");
}

Test(chat_command, blanks_between_words_are_one)
{
	parsed("/msg   bob \t psst", CHAT_COMMAND_MSG);
	is(said.name, "bob");
	is(said.text, "psst");
	parsed("/nick  robert  ", CHAT_COMMAND_NICK);
	is(said.name, "robert");
	parsed("/who ", CHAT_COMMAND_WHO);
	parsed("/take  7 ", CHAT_COMMAND_TAKE);
	cr_assert_eq(said.number, 7);
}

Test(chat_command, case_of_the_word_does_not_matter)
{
	parsed("/ME waves", CHAT_COMMAND_ME);
	parsed("/Nick Robert", CHAT_COMMAND_NICK);
	is(said.name, "Robert");
}

Test(chat_command, what_may_be_missing)
{
	parsed("/topic", CHAT_COMMAND_TOPIC);
	is(said.text, "");
	parsed("/topic  ", CHAT_COMMAND_TOPIC);
	is(said.text, "");
	parsed("/ignore", CHAT_COMMAND_IGNORE);
	is(said.name, "");
	parsed("/accept bob", CHAT_COMMAND_ACCEPT);
	is(said.text, "");
	parsed("/quit", CHAT_COMMAND_QUIT);
}

Test(chat_command, what_is_missing)
{
	refused("/nick", "/nick NAME: NAME is missing");
	cr_assert_eq(said.command, CHAT_COMMAND_NICK);
	refused("/nick  ", "/nick NAME: NAME is missing");
	refused("/me", "/me TEXT: TEXT is missing");
	refused("/msg", "/msg NICK TEXT: NICK is missing");
	refused("/msg bob ", "/msg NICK TEXT: TEXT is missing");
	refused("/send bob", "/send NICK FILE: FILE is missing");
	refused("/kick", "/kick NICK [REASON]: NICK is missing");
	refused("/take", "/take: NUMBER is missing");
	refused("/taken 3", "/taken: SIZE is missing");
	refused("/offer", "/offer: WORD is missing");
	refused("/hello", "/hello: WORD is missing");
}

Test(chat_command, people_learn_that_they_said_too_much)
{
	refused("/nick bob smith", "/nick NAME: one word alone");
	refused("/join the attic", "/join ROOM: one word alone");
	refused("/ignore eve bob", "/ignore [NICK]: one word alone");
	refused("/who is there", "/who stands alone");
}

Test(chat_command, numbers_are_digits_that_fit)
{
	refused("/take x", "/take: NUMBER is not digits alone, or too much");
	refused("/take -1", "/take: NUMBER is not digits alone, or too much");
	refused("/take 9223372036854775808", "/take: NUMBER is not digits alone, or too much");
	refused("/taken 3 1K", "/taken: SIZE is not digits alone, or too much");
	refused("/offer bob 99999999999999999999999 x",
		"/offer: SIZE is not digits alone, or too much");
}

Test(chat_command, names_are_utf8_without_controls)
{
	parsed("/nick Zo\xc3\xab", CHAT_COMMAND_NICK);
	refused("/nick bob\xff", "/nick NAME: NAME has controls or bytes that are not UTF-8");
	refused("/msg bob\x1b[2J x",
		"/msg NICK TEXT: NICK has controls or bytes that are not UTF-8");
	refused("/ignore \xc2\x9b",
		"/ignore [NICK]: NICK has controls or bytes that are not UTF-8");
	refused("/pong \x07", "/pong: WORD has controls or bytes that are not UTF-8");
}

Test(chat_command, a_mistyped_one_finds_its_name)
{
	refused("/mgs bob x", "no command /mgs; /msg?");
	cr_assert_eq(said.command, CHAT_COMMANDS);
	refused("/nik", "no command /nik; /nick?");
	refused("/qiut", "no command /qiut; /quit?");
	refused("/xyzzy", "no command /xyzzy; /help tells which there are");
	refused("/etc/passwd", "no command /etc/passwd; /help tells which there are");
	/* /offer is no word for people. */
	refused("/ofer", "no command /ofer; /help tells which there are");
}

Test(chat_command, what_is_no_word_does_not_come_back)
{
	static const char sentence[] = "no such command; // begins a text with a slash";

	refused("/", sentence);
	refused("/ me waves", sentence);
	refused("/\x1b[2J", sentence);
	refused("/me\xff", sentence);
	refused("/abcdefghijklmnop", sentence);
	refused("/me\r\nbye", sentence);
}

Test(chat_command, nul_is_no_end)
{
	static const char word[] = "/nic\0k", name[] = "/nick b\0b", text[] = "/me a\0b";

	cr_assert(!parsed_bytes(word, sizeof word - 1));
	cr_assert_str_eq(why.text, "no such command; // begins a text with a slash");
	cr_assert(!parsed_bytes(name, sizeof name - 1));
	cr_assert_str_eq(why.text, "/nick NAME: NAME has controls or bytes that are not UTF-8");
	cr_assert(parsed_bytes(text, sizeof text - 1));
	cr_assert_eq(said.text.length, 3);
}

Test(chat_command, lines_of_4096_bytes)
{
	static char line[4097];

	memset(line, 'x', sizeof line - 1);
	parsed(line, CHAT_COMMAND_TEXT);
	cr_assert_eq(said.text.length, 4096);
	memcpy(line, "/msg bob ", 9);
	parsed(line, CHAT_COMMAND_MSG);
	cr_assert_eq(said.text.length, 4096 - 9);
	memset(line, 'x', sizeof line - 1);
	memcpy(line, "/nick ", 6);
	parsed(line, CHAT_COMMAND_NICK);
	memcpy(line, "/mexxx", 6);
	refused(line, "no such command; // begins a text with a slash");
	memset(line, '/', sizeof line - 1);
	parsed(line, CHAT_COMMAND_TEXT);
	cr_assert_eq(said.text.length, 4095);
}

/* usage has a word for each argument, in brackets where it may be missing. */
static void usage_fits(const struct chat_command_row *row)
{
	char copy[64], *rest = copy, *word;
	const char *letter = row->arguments;

	snprintf(copy, sizeof copy, "%s", row->usage);
	while ((word = strsep(&rest, " ")) && *word) {
		cr_assert_eq(*word == '[', *letter == 'N' || *letter == 'X', "/%s", row->word);
		letter++;
	}
	cr_assert_eq(*letter, '\0', "/%s", row->word);
}

Test(chat_command, every_row_is_whole)
{
	for (size_t i = 0; i < CHAT_COMMANDS; i++) {
		const struct chat_command_row *row = &chat_command_rows[i];

		cr_assert_not_null(row->word);
		cr_assert_not_null(row->arguments);
		cr_assert_eq(!row->usage, !row->help, "/%s", row->word);
		cr_assert_eq(!row->usage, !!(row->flags & CHAT_COMMAND_RICH), "/%s", row->word);
		if (row->usage)
			usage_fits(row);
	}
}
