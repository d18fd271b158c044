/* SPDX-License-Identifier: MIT */
/* Holds: the argument's word or its short choices; defaults, ranges, long choices, repetition, and
 * when each is said; groups in order, each once; examples with the mode's operands in their places.
 */
#include "made_up.h"

#include <criterion/criterion.h>

#include <sockutil/cli/option_text.h>

static void expect(const char *name, const char *argument, const char *some, const char *all)
{
	const struct option_row *row = option_find(&made_up_mode, name);
	char text[OPTION_TEXT_MAX];

	cr_assert_str_eq(option_text_argument(text, row), argument);
	cr_assert_str_eq(option_text_notes(text, row, false), some);
	cr_assert_str_eq(option_text_notes(text, row, true), all);
}

Test(option_text, words_and_notes)
{
	expect("flag", "", "", "");
	expect("text", "TEXT", "default: hello", "default: hello");
	expect("ttl", "N", "default: 64", "1-255, default: 64");
	expect("offset", "N", "default: none", "-5-5 seconds, default: none");
	expect("jobs", "N", "default: as many as there are processors",
	       "2 or more, default: as many as there are processors");
	expect("limit-rate", "RATE", "default: none", "default: none");
	expect("color", "auto|always|never", "default: never", "default: never");
	expect("responder", "NAME",
	       "one of: echo time greet prefix reverse discard chargen daytime",
	       "one of: echo time greet prefix reverse discard chargen daytime");
	expect("send", "TEXT", "", "repeat for more");
	expect("cert", "F", "", "repeat for more");
}

Test(option_text, groups_in_order)
{
	static const char *const groups[] = { "options", "files", "numbers", "choices" };
	struct option_cursor cursor = { 0 };

	for (size_t i = 0; i < 4; i++)
		cr_assert_str_eq(option_text_next_group(&made_up_mode, &cursor), groups[i]);
	cr_assert_null(option_text_next_group(&made_up_mode, &cursor));
}

static void expect_example(const char *example, const char *filled)
{
	const struct mode mode = {
		.address = "localhost 8080",
		.tls_address = "--tls localhost 8443",
		.listener = "-l 8080",
		.tls_listener = "-l --tls 8443",
		.file_listener = "-l unix:s",
	};
	const struct option_row row = { .name = "x", .example = example };
	char text[OPTION_EXAMPLE_MAX];

	cr_assert_str_eq(option_text_example(text, &mode, &row), filled);
}

Test(option_text, examples)
{
	char text[OPTION_EXAMPLE_MAX];

	expect_example("-t abc 80", "-t abc 80");
	expect_example("--ttl 1 {address}", "--ttl 1 localhost 8080");
	expect_example("--ca f {tls address}", "--ca f --tls localhost 8443");
	expect_example("{address} -e cat", "localhost 8080 -e cat");
	expect_example("--allow h {listener}", "--allow h -l 8080");
	expect_example("--client-ca f {tls listener}", "--client-ca f -l --tls 8443");
	expect_example("--mode 660 {file listener}", "--mode 660 -l unix:s");
	expect_example(NULL, "");
	cr_assert_str_eq(option_text_example(text, &made_up_mode,
					     &(struct option_row){ .example = "-x {address}" }),
			 "-x {address}", "the mode has none");
}
