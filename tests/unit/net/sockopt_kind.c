/* SPDX-License-Identifier: MIT */
/* How the values of socket options are written and shown.
 * Holds: each kind takes what its words promise, with the exact bytes for the kernel, and refuses
 * everything else: wrong words, signs, blanks, numbers too large; times convert to the unit of the
 * option, a plain number is in that unit; every kind that can be set says what it expects; values
 * of a length that does not fit are not shown. */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <sockutil/net/sockopt_table.h>

static const struct sockopt_word words[] = { { "dont", 0 }, { "do", 2 }, { 0 } };
static const struct sockopt_row row = { .name = "X", .words = words };

static bool takes(const struct sockopt_kind *kind, const char *text)
{
	struct sockopt_value value;

	return kind->parse(&row, text, &value);
}

/* The int that goes to the kernel; INT_MIN when refused. */
static int as_int(const struct sockopt_kind *kind, const char *text)
{
	struct sockopt_value value;
	int number;

	if (!kind->parse(&row, text, &value))
		return INT_MIN;
	cr_assert_eq(value.length, sizeof(int));
	memcpy(&number, value.bytes, sizeof(number));
	return number;
}

static const char *shown(const struct sockopt_kind *kind, const void *bytes, size_t length)
{
	static char text[100];
	struct buffer out = { 0 };
	bool printed = kind->print(&row, bytes, (socklen_t)length, &out);

	snprintf(text, sizeof(text), "%s", printed ? buffer_text(&out) : "(not shown)");
	buffer_free(&out);
	return text;
}

/* What is written comes back the same way. */
static const char *back(const struct sockopt_kind *kind, const char *text)
{
	struct sockopt_value value;

	return kind->parse(&row, text, &value) ? shown(kind, value.bytes, value.length)
					       : "(refused)";
}

Test(sockopt_kind, bool)
{
	static const char *const on[] = { "1", "on", "yes", "true", "ON" };
	static const char *const off[] = { "0", "off", "no", "false", "No" };

	for (size_t i = 0; i < 5; i++) {
		cr_assert_eq(as_int(&sockopt_kind_bool, on[i]), 1);
		cr_assert_eq(as_int(&sockopt_kind_bool, off[i]), 0);
	}
	cr_assert_not(takes(&sockopt_kind_bool, "2"));
	cr_assert_not(takes(&sockopt_kind_bool, ""));
	cr_assert_not(takes(&sockopt_kind_bool, "maybe"));
}

Test(sockopt_kind, integer)
{
	cr_assert_eq(as_int(&sockopt_kind_integer, "17"), 17);
	cr_assert_eq(as_int(&sockopt_kind_integer, "-1"), -1);
	cr_assert_eq(as_int(&sockopt_kind_integer, "0x1F"), 31);
	cr_assert_eq(as_int(&sockopt_kind_integer, "2147483647"), INT_MAX);
	cr_assert_str_eq(back(&sockopt_kind_integer, "-2147483648"), "-2147483648");
	cr_assert_not(takes(&sockopt_kind_integer, "2147483648"));
	cr_assert_not(takes(&sockopt_kind_integer, "-2147483649"));
	cr_assert_not(takes(&sockopt_kind_integer, "--1"));
	cr_assert_not(takes(&sockopt_kind_integer, "+1"));
	cr_assert_not(takes(&sockopt_kind_integer, " 1"));
	cr_assert_not(takes(&sockopt_kind_integer, "0x"));
	cr_assert_not(takes(&sockopt_kind_integer, "0x1g"));
	cr_assert_not(takes(&sockopt_kind_integer, "0x10000000000000000"));
	cr_assert_not(takes(&sockopt_kind_integer, ""));
}

Test(sockopt_kind, hops)
{
	cr_assert_eq(as_int(&sockopt_kind_hops, "1"), 1);
	cr_assert_eq(as_int(&sockopt_kind_hops, "255"), 255);
	cr_assert_not(takes(&sockopt_kind_hops, "0"));
	cr_assert_not(takes(&sockopt_kind_hops, "256"));
}

Test(sockopt_kind, unsigned)
{
	cr_assert_str_eq(back(&sockopt_kind_unsigned, "4294967295"), "4294967295");
	cr_assert_str_eq(back(&sockopt_kind_unsigned, "0xffffffff"), "4294967295");
	cr_assert_str_eq(back(&sockopt_kind_unsigned, "16K"), "16384");
	cr_assert_not(takes(&sockopt_kind_unsigned, "4294967296"));
	cr_assert_not(takes(&sockopt_kind_unsigned, "-1"));
}

Test(sockopt_kind, sizes)
{
	cr_assert_eq(as_int(&sockopt_kind_size, "64K"), 65536);
	cr_assert_eq(as_int(&sockopt_kind_size, "512"), 512);
	cr_assert_not(takes(&sockopt_kind_size, "2G"));
	cr_assert_not(takes(&sockopt_kind_size, "64Q"));
	cr_assert_str_eq(back(&sockopt_kind_long, "8G"), "8589934592");
	cr_assert_str_eq(back(&sockopt_kind_rate, "1M"), "1048576");
	cr_assert_str_eq(back(&sockopt_kind_rate, "unlimited"), "unlimited");
	cr_assert_not(takes(&sockopt_kind_rate, "fast"));
}

Test(sockopt_kind, times)
{
	cr_assert_eq(as_int(&sockopt_kind_seconds, "60"), 60);
	cr_assert_eq(as_int(&sockopt_kind_seconds, "2m"), 120);
	cr_assert_not(takes(&sockopt_kind_seconds, "250ms"));
	cr_assert_not(takes(&sockopt_kind_seconds, "0.5"));
	cr_assert_eq(as_int(&sockopt_kind_milliseconds, "30"), 30);
	cr_assert_eq(as_int(&sockopt_kind_milliseconds, "30s"), 30000);
	cr_assert_eq(as_int(&sockopt_kind_milliseconds, "250ms"), 250);
	cr_assert_eq(as_int(&sockopt_kind_microseconds, "50"), 50);
	cr_assert_eq(as_int(&sockopt_kind_microseconds, "2ms"), 2000);
	cr_assert_not(takes(&sockopt_kind_microseconds, "1h"));
	cr_assert_not(takes(&sockopt_kind_milliseconds, "99999999999"));
	cr_assert_not(takes(&sockopt_kind_milliseconds, "soon"));
	cr_assert_str_eq(back(&sockopt_kind_timeval, "0.5"), "0.500000s");
	cr_assert_str_eq(back(&sockopt_kind_timeval, "2"), "2.000000s");
	cr_assert_not(takes(&sockopt_kind_timeval, "-1"));
}

Test(sockopt_kind, linger)
{
	cr_assert_str_eq(back(&sockopt_kind_linger, "off"), "off");
	cr_assert_str_eq(back(&sockopt_kind_linger, "0"), "0s");
	cr_assert_str_eq(back(&sockopt_kind_linger, "5"), "5s");
	cr_assert_str_eq(back(&sockopt_kind_linger, "1m"), "60s");
	cr_assert_not(takes(&sockopt_kind_linger, "on"));
	cr_assert_not(takes(&sockopt_kind_linger, "-1"));
}

Test(sockopt_kind, text)
{
	cr_assert_str_eq(back(&sockopt_kind_text, "reno"), "reno");
	cr_assert_str_eq(back(&sockopt_kind_text, "fifteen-letters"), "fifteen-letters");
	cr_assert_not(takes(&sockopt_kind_text, "sixteen--letters"));
	cr_assert_not(takes(&sockopt_kind_text, ""));
	cr_assert_str_eq(shown(&sockopt_kind_text, "", 0), "(none)");
	cr_assert_str_eq(shown(&sockopt_kind_text, "lo\0xx", 5), "lo");
}

Test(sockopt_kind, words)
{
	cr_assert_eq(as_int(&sockopt_kind_word, "do"), 2);
	cr_assert_eq(as_int(&sockopt_kind_word, "DONT"), 0);
	cr_assert_eq(as_int(&sockopt_kind_word, "5"), 5);
	cr_assert_str_eq(back(&sockopt_kind_word, "2"), "do");
	cr_assert_str_eq(back(&sockopt_kind_word, "5"), "5");
	cr_assert_not(takes(&sockopt_kind_word, "never"));
}

Test(sockopt_kind, code_points)
{
	cr_assert_eq(as_int(&sockopt_kind_dscp, "46"), 46 << 2);
	cr_assert_eq(as_int(&sockopt_kind_dscp, "ef"), 46 << 2);
	cr_assert_eq(as_int(&sockopt_kind_dscp, "AF41"), 34 << 2);
	cr_assert_eq(as_int(&sockopt_kind_dscp, "cs5"), 40 << 2);
	cr_assert_eq(as_int(&sockopt_kind_dscp, "le"), 1 << 2);
	cr_assert_eq(as_int(&sockopt_kind_dscp, "be"), 0);
	cr_assert_eq(as_int(&sockopt_kind_dscp, "63"), 63 << 2);
	cr_assert_not(takes(&sockopt_kind_dscp, "64"));
	cr_assert_not(takes(&sockopt_kind_dscp, "af44"));
}

Test(sockopt_kind, what_can_be_set_says_what_it_expects)
{
	const struct sockopt_row *rows[SOCKOPT_ROWS_MAX];
	size_t count = sockopt_rows(rows);

	for (size_t i = 0; i < count; i++)
		cr_assert(!(rows[i]->access & SOCKOPT_SET) || rows[i]->kind->expected, "%s",
			  rows[i]->name);
	cr_assert_not(takes(&sockopt_kind_structure, "1"));
}

Test(sockopt_kind, a_length_that_does_not_fit_is_not_shown)
{
	static const char bytes[16] = { 7 };

	cr_assert_str_eq(shown(&sockopt_kind_integer, bytes, 2), "(not shown)");
	cr_assert_str_eq(shown(&sockopt_kind_integer, bytes, 1), "7");
	cr_assert_str_eq(shown(&sockopt_kind_long, bytes, 4), "(not shown)");
	cr_assert_str_eq(shown(&sockopt_kind_rate, bytes, 4), "(not shown)");
	cr_assert_str_eq(shown(&sockopt_kind_timeval, bytes, 8), "(not shown)");
	cr_assert_str_eq(shown(&sockopt_kind_linger, bytes, 4), "(not shown)");
	cr_assert_str_eq(shown(&sockopt_kind_word, bytes, 0), "(not shown)");
}
