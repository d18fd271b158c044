/* SPDX-License-Identifier: MIT */
/*
 * Holds: defaults come before the command line; every way to write a value; letters in a bundle;
 * options behind operands; "--" and "-"; the last of two values counts, lists grow, counts count;
 * an optional argument only when attached; the rest of the line; --help anywhere, and no further;
 * given_at; secrets are copied and wiped in argv; nothing is left when parsing fails; rows by name
 * and by letter; shared rows that a mode is without.
 */
#include "made_up.h"

#include <criterion/criterion.h>
#include <string.h>

Test(option, defaults_come_first)
{
	struct made_up_line l;

	MADE_UP_READ(&l, "80");
	cr_assert(l.good);
	cr_assert_str_eq(l.args.text, "hello");
	cr_assert_eq(l.args.ttl, 64);
	cr_assert_eq(l.args.timeout_ms, 30000);
	cr_assert_eq(l.args.color, 2);
	cr_assert_not(l.args.ttl_given, "a default is not given");
	cr_assert_eq(l.args.size, 0);
	cr_assert_null(l.args.file);
	cr_assert_null(l.args.list.items);
	cr_assert_eq(l.count, 1);
	cr_assert_str_eq(l.operands[0], "80");
	cr_assert_null(l.operands[1]);
	made_up_end(&l);
}

Test(option, no_words_at_all)
{
	struct made_up args = { 0 };
	char *argv[] = { "sockutil", NULL };
	struct failure why = { 0 };
	char **operands;
	size_t count;
	int help;

	cr_assert(options_parse(&made_up_mode, 1, argv, 2, &args, &operands, &count, &help, &why));
	cr_assert_eq(count, 0);
	cr_assert_null(operands[0]);
	options_free(&made_up_mode, &args);
	free(operands);
}

Test(option, every_way_to_write_a_value)
{
	static const char *const ways[][3] = {
		{ "--text", "abc", NULL }, { "--text=abc", NULL }, { "-t", "abc", NULL },
		{ "-tabc", NULL },         { "-vtabc", NULL },     { "-vt", "abc", NULL },
	};

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct made_up_line l;

		made_up_read(&l, ways[i]);
		cr_assert(l.good, "%s: %s", ways[i][0], l.why.text);
		cr_assert_str_eq(l.args.text, "abc");
		cr_assert_eq(l.count, 0);
		cr_assert_eq(l.args.count, ways[i][0][1] == 'v');
		made_up_end(&l);
	}
}

Test(option, a_value_may_look_like_an_option_or_be_empty)
{
	struct made_up_line l;

	MADE_UP_READ(&l, "-t", "--flag", "--cert", "-", "-s", "");
	cr_assert(l.good);
	cr_assert_str_eq(l.args.text, "--flag");
	cr_assert_not(l.args.flag);
	cr_assert_str_eq(l.args.files.items[0], "-");
	cr_assert_str_eq(l.args.list.items[0], "");
	made_up_end(&l);
	MADE_UP_READ(&l, "--text=", "--text=a=b");
	cr_assert_str_eq(l.args.text, "a=b");
	made_up_end(&l);
}

Test(option, options_anywhere_until_two_dashes)
{
	struct made_up_line l;

	MADE_UP_READ(&l, "host", "-f", "80", "-", "--", "-v", "--");
	cr_assert(l.good);
	cr_assert(l.args.flag);
	cr_assert_eq(l.args.count, 0);
	cr_assert_eq(l.count, 5);
	cr_assert_str_eq(l.operands[0], "host");
	cr_assert_str_eq(l.operands[1], "80");
	cr_assert_str_eq(l.operands[2], "-");
	cr_assert_str_eq(l.operands[3], "-v");
	cr_assert_str_eq(l.operands[4], "--");
	cr_assert_null(l.operands[5]);
	made_up_end(&l);
}

Test(option, repeated)
{
	struct made_up_line l;

	MADE_UP_READ(&l, "-vv", "--verbose", "-4", "-6", "-f", "-f", "--ttl", "1", "--ttl=2");
	cr_assert(l.good);
	cr_assert_eq(l.args.count, 3);
	cr_assert_eq(l.args.family, 6, "the last wins");
	cr_assert_eq(l.args.ttl, 2);
	cr_assert(l.args.ttl_given);
	cr_assert(l.args.flag);
	made_up_end(&l);
}

Test(option, lists_keep_order_and_end_with_null)
{
	struct made_up_line l;

	MADE_UP_READ(&l, "-sa", "--send", "b", "-s", "c", "--send=d", "-s", "e", "--cert", "x");
	cr_assert_eq(l.args.list.count, 5);
	for (size_t i = 0; i < 5; i++)
		cr_assert_eq(l.args.list.items[i][0], "abcde"[i]);
	cr_assert_null(l.args.list.items[5]);
	cr_assert_eq(l.args.files.count, 1);
	cr_assert_null(l.args.files.items[1]);
	made_up_end(&l);
}

Test(option, optional_arguments_are_attached)
{
	struct made_up_line l;

	MADE_UP_READ(&l, "--wait", "80");
	cr_assert_str_eq(l.args.wait, "bare");
	cr_assert_str_eq(l.operands[0], "80");
	made_up_end(&l);
	MADE_UP_READ(&l, "--wait=5s");
	cr_assert_str_eq(l.args.wait, "5s");
	made_up_end(&l);
	MADE_UP_READ(&l, "-W5s");
	cr_assert_str_eq(l.args.wait, "5s");
	made_up_end(&l);
	MADE_UP_READ(&l, "-fW", "80");
	cr_assert_str_eq(l.args.wait, "bare");
	cr_assert_str_eq(l.operands[0], "80");
	made_up_end(&l);
	MADE_UP_READ(&l, "80");
	cr_assert_null(l.args.wait);
	made_up_end(&l);
}

Test(option, the_rest_of_the_line)
{
	static const char *const ways[][5] = {
		{ "--exec", "cat", "-f", "--", NULL },
		{ "-e", "cat", "-f", "--", NULL },
		{ "-ecat", "-f", "--", NULL },
		{ "--exec=cat", "-f", "--", NULL },
	};

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct made_up_line l;

		made_up_read(&l, ways[i]);
		cr_assert(l.good);
		cr_assert_eq(l.args.rest.count, 3);
		cr_assert_str_eq(l.args.rest.items[0], "cat");
		cr_assert_str_eq(l.args.rest.items[1], "-f");
		cr_assert_str_eq(l.args.rest.items[2], "--");
		cr_assert_null(l.args.rest.items[3]);
		cr_assert_not(l.args.flag);
		cr_assert_eq(l.count, 0);
		made_up_end(&l);
	}
}

Test(option, help_stops_the_reading)
{
	static const struct {
		const char *words[4];
		int help;
	} lines[] = {
		{ { "-h" }, 1 },
		{ { "--help", "--nonsense" }, 1 },
		{ { "80", "-fh", "-z" }, 1 },
		{ { "-hz" }, 1 },
		{ { "--help-all" }, 2 },
		{ { "--help=all" }, 1 },
		{ { "-o", "x", "-h" }, 1 }, /* needs unmet */
		{ { "--", "-h", "--help" }, 0 },
	};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct made_up_line l;

		made_up_read(&l, lines[i].words);
		cr_assert(l.good, "%s", l.why.text);
		cr_assert_eq(l.help, lines[i].help);
		made_up_end(&l);
	}
}

Test(option, secrets_are_copied_and_wiped)
{
	static const char *const ways[][3] = {
		{ "--password", "hush", NULL },
		{ "--password=hush", NULL },
		{ "-p", "hush", NULL },
		{ "-fphush", NULL },
	};

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct made_up_line l;

		made_up_read(&l, ways[i]);
		cr_assert_str_eq(l.args.password, "hush");
		for (int a = 0; a < l.argc; a++)
			cr_assert_null(strstr(l.argv[a], "hush"), "%s", ways[i][0]);
		made_up_end(&l);
		cr_assert_null(l.args.password);
	}
}

Test(option, secrets_given_twice_or_in_lists)
{
	struct made_up_line l;

	MADE_UP_READ(&l, "-p", "one", "-ptwo", "--token=a", "--token", "b");
	cr_assert_str_eq(l.args.password, "two");
	cr_assert_eq(l.args.tokens.count, 2);
	cr_assert_str_eq(l.args.tokens.items[0], "a");
	cr_assert_str_eq(l.args.tokens.items[1], "b");
	cr_assert_str_eq(l.argv[3], "");
	cr_assert_str_eq(l.argv[4], "-p");
	cr_assert_str_eq(l.argv[5], "--token=");
	cr_assert_str_eq(l.argv[7], "");
	made_up_end(&l);
	cr_assert_null(l.args.tokens.items);
	cr_assert_eq(l.args.tokens.count, 0);
}

Test(option, nothing_is_left_when_it_fails)
{
	struct made_up_line l;

	MADE_UP_READ(&l, "80", "-s", "a", "-p", "hush", "--token=b", "--nonsense");
	cr_assert_not(l.good);
	cr_assert_eq(l.why.class, FAILURE_USAGE);
	cr_assert_null(l.operands);
	cr_assert_eq(l.count, 0);
	cr_assert_null(l.args.list.items);
	cr_assert_null(l.args.password);
	cr_assert_null(l.args.tokens.items);
	made_up_end(&l);
}

Test(option, rows_by_name_and_letter)
{
	cr_assert_str_eq(option_find(&made_up_mode, "timeout")->name, "timeout");
	cr_assert_null(option_find(&made_up_mode, "timeou"));
	cr_assert_null(option_find(&made_up_mode, "timeouts"));
	cr_assert_null(option_find(&made_up_mode, ""));
	cr_assert_str_eq(option_find_bytes(&made_up_mode, "ttl=5", 3)->name, "ttl");
	cr_assert_str_eq(option_find_letter(&made_up_mode, 'w')->name, "timeout");
	cr_assert_null(option_find_letter(&made_up_mode, 'z'));
	cr_assert_null(option_find_letter(&made_up_mode, '\0'));
}

Test(option, walk_over_all_tables)
{
	struct option_cursor cursor = { 0 };
	const struct option_row *row, *last = NULL;
	size_t count = 0;

	while ((row = option_next(&made_up_mode, &cursor))) {
		last = row;
		cr_assert_eq(cursor.count, ++count);
	}
	cr_assert_eq(option_count(&made_up_mode), count);
	cr_assert_str_eq(last->name, "exec");
	cr_assert_eq(option_count(&(struct mode){ 0 }), 0);
}

Test(option, rows_a_mode_is_without)
{
	struct mode mode = made_up_mode;
	struct option_cursor cursor = { 0 };
	const struct option_row *row;
	size_t count = 0;

	mode.without = "flag ttl  responder";
	while ((row = option_next(&mode, &cursor)))
		cr_assert_eq(++count, cursor.count);
	cr_assert_eq(count, option_count(&made_up_mode) - 2);
	cr_assert_not_null(option_find(&mode, "flag"), "a table of its own");
	cr_assert_null(option_find(&mode, "ttl"));
	cr_assert_null(option_find(&mode, "responder"));
	cr_assert_null(option_find_letter(&mode, 'R'));
	cr_assert_not_null(option_find(&mode, "timeout"));
	mode.own = 2;
	cr_assert_eq(option_count(&mode), option_count(&made_up_mode));
}
