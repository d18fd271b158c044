/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_range.c
 * Holds: Content-Range with and without a total, and of a 416; positions are in order and below the
 * total; the arithmetic is exact up to 2^64 - 2; nothing else is taken and nothing written then;
 * what -r takes; an answer is held to the question.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include <sockutil/proto/http_range.h>

static struct http_content_range range;

static bool parse(const char *text)
{
	return http_content_range_parse(&range, text, strlen(text));
}

static void check(const char *text, uint64_t first, uint64_t last, uint64_t total)
{
	cr_assert(parse(text), "%s", text);
	cr_assert(range.satisfied);
	cr_assert_eq(range.first, first);
	cr_assert_eq(range.last, last);
	cr_assert_eq(range.total, total);
}

Test(http_range, what_is_sent)
{
	check("bytes 0-499/1234", 0, 499, 1234);
	check("bytes 0-0/1", 0, 0, 1);
	check("BYTES 500-999/*", 500, 999, HTTP_RANGE_UNKNOWN);
	check("bytes 0001-0002/0003", 1, 2, 3);
	check("bytes 18446744073709551612-18446744073709551613/18446744073709551614",
	      UINT64_MAX - 3, UINT64_MAX - 2, UINT64_MAX - 1);
	check("bytes 0-18446744073709551614/*", 0, UINT64_MAX - 1, HTTP_RANGE_UNKNOWN);
}

Test(http_range, what_could_not_be_sent)
{
	cr_assert(parse("bytes */1234"));
	cr_assert(!range.satisfied);
	cr_assert_eq(range.total, 1234);
	cr_assert(parse("bytes */0"));
	cr_assert_eq(range.total, 0);
}

Test(http_range, what_is_no_range)
{
	static const char *const none[] = {
		"",
		"bytes",
		"bytes ",
		"bytes 0-499",
		"bytes 0-499/",
		"bytes /1234",
		"bytes -/1234",
		"bytes 0-/1234",
		"bytes -499/1234",
		"bytes */*",
		"bytes 500-499/1234",
		"bytes 0-499/499",
		"bytes 0-0/0",
		"bytes 0-499/1234 ",
		" bytes 0-499/1234",
		"bytes  0-499/1234",
		"bytes=0-499/1234",
		"bytes: 0-499/1234",
		"bytes\t0-499/1234",
		"byte 0-499/1234",
		"lines 0-499/1234",
		"bytes 0-499/1234/5",
		"bytes 0-499-500/1234",
		"bytes +0-499/1234",
		"bytes 0--499/1234",
		"bytes 0x0-499/1234",
		"bytes 0-499/-1234",
		"bytes 0-499/**",
		"bytes **/1234",
		"bytes 0-18446744073709551615/*",
		"bytes 0-499/18446744073709551615",
		"bytes 0-499/18446744073709551616",
		"bytes 0-18446744073709551616/99999999999999999999999",
		"bytes 18446744073709551616-18446744073709551617/*",
		"/bytes 0-1",
		"b/1",
		"/",
	};
	struct http_content_range before;

	cr_assert(parse("bytes 1-2/3"));
	before = range;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		cr_assert(!parse(none[i]), "%s", none[i]);
		cr_assert_eq(range.satisfied, before.satisfied);
		cr_assert_eq(range.first, 1);
		cr_assert_eq(range.last, 2);
		cr_assert_eq(range.total, 3);
	}
	cr_assert(!http_content_range_parse(&range, "bytes 0-1/2\0", 12));
	cr_assert(http_content_range_parse(&range, "bytes 0-1/23", 11));
	cr_assert_eq(range.total, 2);
}

Test(http_range, what_a_user_asks_for)
{
	static const char *const valid[] = {
		"0-499", "500-", "-500", "0-0", "0-1,4-5", "0-,-1,5-6", "0-18446744073709551614",
		"-1",
	};
	static const char *const malformed[] = {
		"",
		"-",
		"0",
		"0-1,",
		",0-1",
		"0-1,,4-5",
		"1-0",
		"-0",
		"--1",
		"0--",
		"0-1-2",
		" 0-1",
		"0-1 ",
		"0-1, 4-5",
		"+0-1",
		"0x0-1",
		"a-b",
		"bytes=0-1",
		"0-18446744073709551615",
		"18446744073709551616-",
		"-18446744073709551616",
		"0-1\r\nX: y",
	};

	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++)
		cr_assert(http_range_valid(valid[i]), "%s", valid[i]);
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
		cr_assert(!http_range_valid(malformed[i]), "%s", malformed[i]);
}

Test(http_range, an_answer_is_held_to_the_question)
{
	static const struct {
		const char *spec, *answer;
		bool fits;
	} cases[] = {
		{ "0-4", "bytes 0-4/10", true },    { "0-4", "bytes 0-3/4", true },
		{ "0-4", "bytes 0-5/10", false },   { "0-4", "bytes 1-4/10", false },
		{ "0-4", "bytes */10", false },     { "5-", "bytes 5-9/10", true },
		{ "5-", "bytes 4-9/10", false },    { "-5", "bytes 5-9/10", true },
		{ "-5", "bytes 4-8/10", false },    { "-5", "bytes 4-8/9", true },
		{ "-5", "bytes 0-2/3", true },      { "-5", "bytes 1-5/*", true },
		{ "0-1,4-5", "bytes 3-3/9", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_content_range range;

		cr_assert(
			http_content_range_parse(&range, cases[i].answer, strlen(cases[i].answer)));
		cr_assert_eq(http_range_answers(cases[i].spec, &range), cases[i].fits, "%s %s",
			     cases[i].spec, cases[i].answer);
	}
}
