/* SPDX-License-Identifier: MIT */
/*
 * Holds: one line for each way a command line is wrong, in its exact words, and the nearest valid
 * thing in it: unknown names and letters, names with one dash, letters with two, the other case,
 * missing and surplus arguments, conflicts, needs; what was typed is cut when it is long.
 */
#include "made_up.h"

#include <criterion/criterion.h>
#include <string.h>

struct mistake {
	const char *words[6];
	const char *message;
};

static void expect(const struct mistake *mistakes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct made_up_line l;

		made_up_read(&l, mistakes[i].words);
		cr_assert_not(l.good, "%s", mistakes[i].message);
		cr_assert_eq(l.why.class, FAILURE_USAGE);
		cr_assert_str_eq(l.why.text, mistakes[i].message);
		cr_assert_null(strchr(l.why.text, '\n'));
		made_up_end(&l);
	}
}
#define EXPECT(mistakes) expect((mistakes), sizeof(mistakes) / sizeof *(mistakes))

Test(option_mistake, unknown_names)
{
	static const struct mistake mistakes[] = {
		{ { "--tiemout", "5s" }, "unknown option --tiemout: did you mean --timeout?" },
		{ { "--tiemout=5s" }, "unknown option --tiemout: did you mean --timeout?" },
		{ { "--time" }, "unknown option --time: did you mean --timeout?" },
		{ { "--Color=never" }, "unknown option --Color: did you mean --color?" },
		{ { "--hepl" }, "unknown option --hepl: did you mean --help?" },
		{ { "--help-al" }, "unknown option --help-al: did you mean --help-all?" },
		{ { "--w" }, "unknown option --w: did you mean -w?" },
		{ { "--frobnicate" }, "--frobnicate: no such option; --help-all lists them" },
		{ { "--=x" }, "--: no such option; --help-all lists them" },
		{ { "---flag" }, "unknown option ---flag: did you mean --flag?" },
	};

	EXPECT(mistakes);
}

Test(option_mistake, unknown_letters)
{
	static const struct mistake mistakes[] = {
		{ { "-z" }, "-z: no such option; --help-all lists them" },
		{ { "-vz" }, "-z in -vz: no such option; --help-all lists them" },
		{ { "-zv" }, "-z in -zv: no such option; --help-all lists them" },
		{ { "-F" }, "-F: no such option; did you mean -f (--flag)?" },
		{ { "-fV" }, "-V in -fV: no such option; did you mean -v (--verbose)?" },
		{ { "-ttl" }, NULL }, /* -t takes "tl" */
		{ { "-cert", "x" }, "unknown option -cert: did you mean --cert?" },
		{ { "-limit-rate=5" }, "unknown option -limit-rate: did you mean --limit-rate?" },
		{ { "-\xc3\xa9" }, "-\xc3\xa9: no such option; --help-all lists them" },
		{ { "-v\xc3\xa9z" },
		  "-\xc3\xa9 in -v\xc3\xa9z: no such option; --help-all lists them" },
		{ { "-\xff" }, "-\xff: no such option; --help-all lists them" },
	};
	struct made_up_line l;

	expect(mistakes, 5);
	expect(mistakes + 6, sizeof mistakes / sizeof *mistakes - 6);
	made_up_read(&l, mistakes[5].words);
	cr_assert_str_eq(l.args.text, "tl");
	made_up_end(&l);
}

Test(option_mistake, arguments)
{
	static const struct mistake mistakes[] = {
		{ { "80", "--timeout" },
		  "--timeout needs an argument: TIME, as in: sockutil made -w 500ms 80" },
		{ { "-w" }, "-w needs an argument: TIME, as in: sockutil made -w 500ms 80" },
		{ { "-fo" }, "-o needs an argument: F" },
		{ { "-e" }, "-e needs an argument: CMD" },
		{ { "--flag=yes" },
		  "--flag takes no argument, but \"yes\" was given: just --flag" },
		{ { "--verbose=" },
		  "--verbose takes no argument, but \"\" was given: just --verbose" },
		{ { "-w", "5x" },
		  "-w: \"5x\" is not a duration (examples: 250ms, 0.5, 5s, 2m, 1h)" },
		{ { "-w5x" }, "-w: \"5x\" is not a duration (examples: 250ms, 0.5, 5s, 2m, 1h)" },
		{ { "--ttl=300" }, "--ttl: 300 is outside 1-255" },
		{ { "-R", "ehco" },
		  "-R: \"ehco\" is not one of echo time greet prefix reverse discard chargen "
		  "daytime" },
	};

	EXPECT(mistakes);
}

Test(option_mistake, together)
{
	static const struct mistake mistakes[] = {
		{ { "-f", "-O" }, "--flag cannot be given together with --other" },
		{ { "-O", "-f" }, "--flag cannot be given together with --other" },
		{ { "--rcvbuf", "1", "-O" }, "--rcvbuf cannot be given together with --other" },
		{ { "--rcvbuf=1", "--limit-rate=1" },
		  "--rcvbuf cannot be given together with --limit-rate" },
		{ { "-o", "x" }, "--file needs --flag, --text or --size" },
	};
	static const char *const good[][4] = {
		{ "-o", "x", "-f" },
		{ "-t", "x", "-ox" },
		{ "-ox", "--size", "5" },
		{ "-O" },
	};

	EXPECT(mistakes);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct made_up_line l;

		made_up_read(&l, good[i]);
		cr_assert(l.good, "%s", l.why.text);
		made_up_end(&l);
	}
}

Test(option_mistake, a_long_word_is_cut_and_the_reason_stays)
{
	struct made_up_line l;
	char word[1000];

	memset(word, 'x', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	word[0] = word[1] = '-';
	MADE_UP_READ(&l, word);
	cr_assert_not(l.good);
	cr_assert(strstr(l.why.text, "xxx...: no such option; --help-all lists them"));
	made_up_end(&l);
	word[1] = 'x';
	MADE_UP_READ(&l, word);
	cr_assert(strstr(l.why.text, "xxx...: no such option; --help-all lists them"), "%s",
		  l.why.text);
	made_up_end(&l);
	MADE_UP_READ(&l, "-w", word);
	cr_assert(strstr(l.why.text, "xxx...\" is not a duration (examples: 250ms"));
	made_up_end(&l);
}
