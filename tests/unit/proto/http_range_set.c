/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_range_set.c
 * Holds: parts from, to, and of the end, cut at the size; what lies behind the end is left out, and
 * 416 when nothing is left; parts that overlap or touch are joined, others keep their order; at
 * most eight; malformed and reversed ones, other units and several fields are ignored; numbers of
 * any length are exact; what has no bytes.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/http_range_set.h>

static struct http_range_set set;

/* "0-4,7-9"; "whole"; "416". */
static const char *parsed(const char *value, uint64_t size)
{
	static char text[400];
	size_t at = 0;

	memset(&set, 0xee, sizeof set);
	switch (http_range_set_parse(&set, value, strlen(value), size)) {
	case HTTP_RANGE_WHOLE:
		return "whole";
	case HTTP_RANGE_UNSATISFIABLE:
		cr_assert_eq(set.count, 0);
		return "416";
	default:
		break;
	}
	cr_assert(set.count > 0 && set.count <= HTTP_RANGE_SET_MAX);
	for (size_t i = 0; i < set.count; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%" PRIu64 "-%" PRIu64,
				       i ? "," : "", set.parts[i].first, set.parts[i].last);
	return text;
}

#define PARSED(value, size, expected) cr_assert_str_eq(parsed(value, size), expected)

Test(http_range_set, one_part)
{
	PARSED("bytes=0-0", 10, "0-0");
	PARSED("bytes=2-4", 10, "2-4");
	PARSED("bytes=2-", 10, "2-9");
	PARSED("bytes=9-9", 10, "9-9");
	PARSED("bytes=2-100", 10, "2-9");
	PARSED("bytes=0-", 10, "0-9");
	PARSED("BYTES=0-1", 10, "0-1");
	PARSED("bytes=  0-1 ,", 10, "0-1");
	PARSED("bytes=000-0001", 10, "0-1");
}

Test(http_range_set, the_end_of_it)
{
	PARSED("bytes=-1", 10, "9-9");
	PARSED("bytes=-10", 10, "0-9");
	PARSED("bytes=-11", 10, "0-9");
	PARSED("bytes=-0", 10, "416");
	PARSED("bytes=-0,1-1", 10, "1-1");
}

Test(http_range_set, behind_the_end)
{
	PARSED("bytes=10-", 10, "416");
	PARSED("bytes=10-20,30-", 10, "416");
	PARSED("bytes=10-20,5-6", 10, "5-6");
}

Test(http_range_set, several_in_their_order)
{
	PARSED("bytes=0-1,4-5", 10, "0-1,4-5");
	PARSED("bytes=-1,0-0,5-5", 10, "9-9,0-0,5-5");
	PARSED("bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14", 100,
	       "0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14");
}

Test(http_range_set, more_than_eight_are_ignored)
{
	PARSED("bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16", 100, "whole");
	PARSED("bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-", 100, "whole");
	PARSED("bytes=90-,90-,90-,90-,90-,90-,90-,90-,0-0", 10, "whole");
}

Test(http_range_set, joined)
{
	PARSED("bytes=0-4,3-6", 10, "0-6");
	PARSED("bytes=0-4,5-6", 10, "0-6");
	PARSED("bytes=0-,0-,0-,0-", 10, "0-9");
	PARSED("bytes=5-6,0-1,2-4", 10, "0-6");
	PARSED("bytes=8-9,0-0,1-7", 10, "0-9");
	PARSED("bytes=4-4,0-0,2-2,1-3", 10, "0-4");
	PARSED("bytes=0-4,1-2", 10, "0-4");
}

Test(http_range_set, malformed_ones_are_ignored)
{
	PARSED("bytes=", 10, "whole");
	PARSED("bytes=,", 10, "whole");
	PARSED("bytes", 10, "whole");
	PARSED("", 10, "whole");
	PARSED("bytes=-", 10, "whole");
	PARSED("bytes=5", 10, "whole");
	PARSED("bytes=5-4", 10, "whole");
	PARSED("bytes=0-1,5-4", 10, "whole");
	PARSED("bytes=a-b", 10, "whole");
	PARSED("bytes=1-2-3", 10, "whole");
	PARSED("bytes=--1", 10, "whole");
	PARSED("bytes=+1-2", 10, "whole");
	PARSED("bytes=1 - 2", 10, "whole");
	PARSED("bytes = 1-2", 10, "whole");
	PARSED("bytes=0x1-2", 10, "whole");
	PARSED("lines=0-1", 10, "whole");
	PARSED("bytes=100-20", 10, "whole");
}

Test(http_range_set, numbers_of_any_length)
{
	PARSED("bytes=0-18446744073709551616", 10, "0-9");
	PARSED("bytes=18446744073709551616-", 10, "416");
	PARSED("bytes=18446744073709551617-18446744073709551618", 10, "416");
	PARSED("bytes=18446744073709551618-18446744073709551617", 10, "whole");
	PARSED("bytes=-18446744073709551617", 10, "0-9");
	PARSED("bytes=1-99999999999999999999999999999999999999", 10, "1-9");
	PARSED("bytes=0000000000000000000000000000000000001-1", 10, "1-1");
	PARSED("bytes=18446744073709551614-18446744073709551614", UINT64_MAX,
	       "18446744073709551614-18446744073709551614");
	PARSED("bytes=0-18446744073709551615", UINT64_MAX, "0-18446744073709551614");
	PARSED("bytes=18446744073709551615-", UINT64_MAX, "416");
}

Test(http_range_set, what_has_no_bytes)
{
	PARSED("bytes=0-", 0, "416");
	PARSED("bytes=0-0", 0, "416");
	PARSED("bytes=-1", 0, "whole");
	PARSED("bytes=-0", 0, "416");
}

Test(http_range_set, of_a_head)
{
	struct http_head head = { .field_count = 1,
				  .fields = { { "range", "bytes=1-2", 5, 9 },
					      { "Range", "bytes=1-2", 5, 9 } } };

	cr_assert_eq(http_range_set_of(&set, &head, 10), HTTP_RANGE_PARTS);
	cr_assert(set.count == 1 && set.parts[0].first == 1 && set.parts[0].last == 2);
	head.field_count = 2;
	cr_assert_eq(http_range_set_of(&set, &head, 10), HTTP_RANGE_WHOLE);
	cr_assert_eq(set.count, 0);
	head.field_count = 0;
	cr_assert_eq(http_range_set_of(&set, &head, 10), HTTP_RANGE_WHOLE);
}
