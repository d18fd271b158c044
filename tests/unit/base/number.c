/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/base/number.c
 * Holds: each parser takes the whole text or nothing and leaves its result alone then; limits are
 * exact and nothing overflows; sizes in K M G T with fractions, optional B or iB; durations in ms s
 * m h, plain numbers are seconds, at most 24 days, more than nothing is never nothing; sizes and
 * durations are written with few digits.
 */
#include <criterion/criterion.h>

#include <sockutil/base/number.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

Test(number, takes_decimal_digits_up_to_the_limit)
{
	uint64_t value = 1;

	cr_assert(number_parse("0", 0, &value));
	cr_assert_eq(value, 0);
	cr_assert(number_parse("65535", 65535, &value));
	cr_assert_eq(value, 65535);
	cr_assert(number_parse("007", 7, &value));
	cr_assert_eq(value, 7);
	cr_assert(number_parse("18446744073709551615", UINT64_MAX, &value));
	cr_assert_eq(value, UINT64_MAX);
}

Test(number, refuses_all_else_and_leaves_the_result_alone)
{
	static const char *const wrong[] = { "",    " 1",  "1 ",    "+1",    "-1", "0x1",
					     "1.0", "1e3", "65536", "99999", "1a", "\xd9\xa1" };
	uint64_t value = 42;

	for (size_t i = 0; i < COUNT(wrong); i++)
		cr_assert_not(number_parse(wrong[i], 65535, &value), "%s", wrong[i]);
	cr_assert_not(number_parse("18446744073709551616", UINT64_MAX, &value));
	cr_assert_not(number_parse("99999999999999999999", UINT64_MAX, &value));
	cr_assert_eq(value, 42);
}

Test(number, reads_no_further_than_told)
{
	uint64_t value = 0;

	cr_assert(number_parse_bytes("12345", 2, 100, &value));
	cr_assert_eq(value, 12);
	cr_assert_not(number_parse_bytes("12345", 0, 100, &value));
	cr_assert_not(number_parse_bytes("1\0", 2, 100, &value));
}

Test(number, reads_sizes)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {
		{ "0", 0 },
		{ "512", 512 },
		{ "512B", 512 },
		{ "64K", 65536 },
		{ "64k", 65536 },
		{ "64KB", 65536 },
		{ "64KiB", 65536 },
		{ "64kib", 65536 },
		{ "1.5M", 1572864 },
		{ "0.5K", 512 },
		{ "0.001K", 1 },
		{ "3G", UINT64_C(3) << 30 },
		{ "16777215T", UINT64_C(16777215) << 40 },
		{ "16777215.999999T", UINT64_C(18446744073708452104) },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t bytes = 42;

		cr_assert(size_parse(rows[i].text, &bytes), "%s", rows[i].text);
		cr_assert_eq(bytes, rows[i].bytes, "%s: %llu", rows[i].text,
			     (unsigned long long)bytes);
	}
}

Test(number, refuses_what_is_no_size)
{
	static const char *const wrong[] = {
		"",           "K",     "1.5",    "1.5B",      "1.K",
		".5K",        "-1K",   "1 K",    "1KK",       "1X",
		"1iB",        "1KiBs", "1Kb ",   "1Ki",       "0x1K",
		"1.0000001K", "1,5K",  "1.5.5K", "16777216T", "18446744073709551616",
		"1.-5K",
	};
	uint64_t bytes = 42;

	for (size_t i = 0; i < COUNT(wrong); i++)
		cr_assert_not(size_parse(wrong[i], &bytes), "%s", wrong[i]);
	cr_assert_eq(bytes, 42);
}

Test(number, reads_durations)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "0", 0 },        { "5", 5000 },          { "0.5", 500 },
		{ "250ms", 250 },  { "5s", 5000 },         { "2m", 120000 },
		{ "1.5m", 90000 }, { "1h", 3600000 },      { "0.25h", 900000 },
		{ "0.0001", 1 },   { "0.4ms", 1 },         { "1.9ms", 1 },
		{ "0.000", 0 },    { "576h", 2073600000 }, { "2073600000ms", 2073600000 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = 42;

		cr_assert(duration_parse(rows[i].text, &ms), "%s", rows[i].text);
		cr_assert_eq(ms, rows[i].ms, "%s: %lld", rows[i].text, (long long)ms);
	}
}

Test(number, refuses_what_is_no_duration)
{
	static const char *const wrong[] = {
		"",
		"s",
		"-1",
		"+1s",
		"1 s",
		"1S",
		"1d",
		"1sec",
		"1.",
		".5",
		"1.s",
		"1e3",
		"577h",
		"576.01h",
		"2073600001ms",
		"18446744073709551615",
		"18446744073709551615h",
		"1ms ",
		"0.1234567s",
		"inf",
	};
	int64_t ms = 42;

	for (size_t i = 0; i < COUNT(wrong); i++)
		cr_assert_not(duration_parse(wrong[i], &ms), "%s", wrong[i]);
	cr_assert_eq(ms, 42);
}

Test(number, writes_sizes)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {
		{ 0, "0 B" },
		{ 12, "12 B" },
		{ 999, "999 B" },
		{ 1000, "0.977 KiB" },
		{ 1024, "1 KiB" },
		{ 1536, "1.5 KiB" },
		{ 12600, "12.3 KiB" },
		{ 1023 * 1024, "0.999 MiB" },
		{ UINT64_C(3435973837), "3.2 GiB" },
		{ UINT64_C(999) << 40, "999 TiB" },
		{ UINT64_MAX, "16 EiB" },
	};
	char text[32];

	for (size_t i = 0; i < COUNT(rows); i++)
		cr_assert_str_eq(size_text(text, sizeof text, rows[i].bytes), rows[i].text);
	cr_assert_str_eq(size_text(text, 4, 1536), "1.5");
}

Test(number, writes_durations)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{ -5, "0ms" },
		{ 0, "0ms" },
		{ 12, "12ms" },
		{ 999, "999ms" },
		{ 1500, "1.50s" },
		{ 59999, "59.99s" },
		{ 60000, "1m00s" },
		{ 125000, "2m05s" },
		{ 3599999, "59m59s" },
		{ 3720000, "1h02m" },
		{ 360000000, "100h00m" },
	};
	char text[32];

	for (size_t i = 0; i < COUNT(rows); i++)
		cr_assert_str_eq(duration_text(text, sizeof text, rows[i].ms), rows[i].text);
	cr_assert_str_eq(duration_text(text, 3, 1500), "1.");
}
