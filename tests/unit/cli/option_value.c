/* SPDX-License-Identifier: MIT */
/*
 * Holds: each type's value; each refusal in its exact words; bounds on both sides, one side, none;
 * signs only where they make sense; nothing is stored when it is refused; ranges as help shows
 * them; long values are cut at a character.
 */
#include "made_up.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/cli/option_value.h>

struct made {
	struct made_up args;
	struct failure why;
};

static bool store(struct made *m, const char *name, const char *text)
{
	char spelled[40];

	snprintf(spelled, sizeof spelled, "--%s", name);
	m->why = (struct failure){ 0 };
	return option_value_store(option_find(&made_up_mode, name), spelled, text, &m->args,
				  &m->why);
}

Test(option_value, good)
{
	struct made m = { 0 };

	cr_assert(store(&m, "ttl", "1") && m.args.ttl == 1);
	cr_assert(store(&m, "ttl", "255") && m.args.ttl == 255);
	cr_assert(store(&m, "offset", "-5") && m.args.offset == -5);
	cr_assert(store(&m, "jobs", "9223372036854775807") && m.args.jobs == INT64_MAX);
	cr_assert(store(&m, "timeout", "250ms") && m.args.timeout_ms == 250);
	cr_assert(store(&m, "timeout", "0.5") && m.args.timeout_ms == 500);
	cr_assert(store(&m, "timeout", "1h") && m.args.timeout_ms == 3600000);
	cr_assert(store(&m, "rcvbuf", "64K") && m.args.size == 65536);
	cr_assert(store(&m, "size", "0") && m.args.size == 0);
	cr_assert(store(&m, "limit-rate", "1.5M") && m.args.rate == 1572864);
	cr_assert(store(&m, "color", "always") && m.args.color == 1);
}

Test(option_value, refused_in_these_words)
{
	static const struct {
		const char *name, *text, *message;
	} refused[] = {
		{ "timeout", "5x",
		  "--timeout: \"5x\" is not a duration (examples: 250ms, 0.5, 5s, 2m, 1h)" },
		{ "timeout", "",
		  "--timeout: \"\" is not a duration (examples: 250ms, 0.5, 5s, 2m, 1h)" },
		{ "timeout", "-1",
		  "--timeout: \"-1\" is not a duration (examples: 250ms, 0.5, 5s, 2m, 1h)" },
		{ "timeout", "0", "--timeout: 0 is outside 1ms-1h00m" },
		{ "timeout", "2h", "--timeout: 2h is outside 1ms-1h00m" },
		{ "ttl", "300", "--ttl: 300 is outside 1-255" },
		{ "ttl", "0", "--ttl: 0 is outside 1-255" },
		{ "ttl", "-1", "--ttl: -1 is outside 1-255" },
		{ "ttl", "99999999999999999999", "--ttl: 99999999999999999999 is outside 1-255" },
		{ "ttl", "abc", "--ttl: \"abc\" is not a whole number" },
		{ "ttl", "1.5", "--ttl: \"1.5\" is not a whole number" },
		{ "ttl", "+1", "--ttl: \"+1\" is not a whole number" },
		{ "ttl", "", "--ttl: \"\" is not a whole number" },
		{ "ttl", "-", "--ttl: \"-\" is not a whole number" },
		{ "ttl", " 1", "--ttl: \" 1\" is not a whole number" },
		{ "offset", "6", "--offset: 6 is outside -5-5 seconds" },
		{ "jobs", "1", "--jobs: 1 is too small: 2 or more" },
		{ "rcvbuf", "2M", "--rcvbuf: 2M is outside 0 B-1 MiB" },
		{ "rcvbuf", "99999999T",
		  "--rcvbuf: \"99999999T\" is not a size (examples: 512, 64K, 1.5M, 2G)" },
		{ "rcvbuf", "1X", "--rcvbuf: \"1X\" is not a size (examples: 512, 64K, 1.5M, 2G)" },
		{ "rcvbuf", "-1", "--rcvbuf: \"-1\" is not a size (examples: 512, 64K, 1.5M, 2G)" },
		{ "limit-rate", "fast",
		  "--limit-rate: \"fast\" is not a rate in bytes a second (examples: 800, 64K, "
		  "1.5M)" },
		{ "limit-rate", "0", "--limit-rate: 0 is too small: 1 B or more" },
		{ "color", "Never", "--color: \"Never\" is not one of auto always never" },
		{ "color", "", "--color: \"\" is not one of auto always never" },
	};

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct made m = { 0 }, before = { 0 };

		cr_assert_not(store(&m, refused[i].name, refused[i].text), "%s", refused[i].text);
		cr_assert_eq(m.why.class, FAILURE_USAGE);
		cr_assert_str_eq(m.why.text, refused[i].message);
		cr_assert_eq(memcmp(&m.args, &before.args, sizeof m.args), 0);
	}
}

Test(option_value, above_what_a_field_holds)
{
	struct made m = { 0 };

	cr_assert_not(store(&m, "size", "16777215T"), "above INT64_MAX");
	cr_assert_str_eq(m.why.text,
			 "--size: \"16777215T\" is not a size (examples: 512, 64K, 1.5M, 2G)");
}

Test(option_value, a_list_grows_without_end)
{
	struct made m = { 0 };

	for (size_t i = 0; i < 100; i++) {
		cr_assert(store(&m, "send", "x"));
		cr_assert_eq(m.args.list.count, i + 1);
		cr_assert_null(m.args.list.items[i + 1]);
	}
	for (size_t i = 0; i < 100; i++)
		cr_assert_str_eq(m.args.list.items[i], "x");
	option_value_free(option_find(&made_up_mode, "send"), &m.args);
	cr_assert_null(m.args.list.items);
}

Test(option_value, range)
{
	char range[OPTION_RANGE_MAX];

	cr_assert_str_eq(option_value_range(range, option_find(&made_up_mode, "ttl")), "1-255");
	cr_assert_str_eq(option_value_range(range, option_find(&made_up_mode, "offset")),
			 "-5-5 seconds");
	cr_assert_str_eq(option_value_range(range, option_find(&made_up_mode, "jobs")),
			 "2 or more");
	cr_assert_str_eq(option_value_range(range, option_find(&made_up_mode, "timeout")),
			 "1ms-1h00m");
	cr_assert_str_eq(option_value_range(range, option_find(&made_up_mode, "text")), "");
	cr_assert_str_eq(option_value_range(range, option_find(&made_up_mode, "size")), "");
}

Test(option_value, shown_is_cut_at_a_character)
{
	char shown[OPTION_SHOWN_MAX];
	char text[200];

	cr_assert_str_eq(option_value_shown(shown, "short"), "short");
	memset(text, 'x', sizeof text);
	text[60] = '\0';
	cr_assert_str_eq(option_value_shown(shown, text), text, "60 fit");
	memcpy(text + 59,
	       "\xc3\xa9"
	       "abc",
	       6);
	option_value_shown(shown, text);
	cr_assert_eq(strlen(shown), 62);
	cr_assert_str_eq(shown + 57, "xx...");
}
