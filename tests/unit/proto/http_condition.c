/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_condition.c
 * Holds: If-Match strongly, If-None-Match weakly, the asterisk by whether anything is there; dates
 * where there is no tag; the order of RFC 9110, 13.2.2; 304 to who reads and 412 to who writes;
 * malformed tags match nothing and malformed dates are not there; If-Range by a strong tag or by
 * the very date, of a second that is over.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/http_condition.h>

#define DATE    "Sun, 06 Nov 1994 08:49:37 GMT"
#define EARLIER "Sun, 06 Nov 1994 08:49:36 GMT"
#define LATER   "Sun, 06 Nov 1994 08:49:38 GMT"

enum { SECONDS = 784111777 };

static struct http_validators strong = { true, "\"abc\"", SECONDS };
static struct http_validators weak = { true, "W/\"abc\"", SECONDS };
static struct http_validators none = { true, NULL, HTTP_MODIFIED_UNKNOWN };
static struct http_validators gone = { false, NULL, HTTP_MODIFIED_UNKNOWN };

/* "Name: value" texts, the last one NULL. */
static const struct http_head *headed(const char *const *lines)
{
	static struct http_head head;

	head.field_count = 0;
	for (; *lines; lines++) {
		const char *colon = strchr(*lines, ':');

		head.fields[head.field_count++] =
			(struct http_field){ *lines, colon + 2, (size_t)(colon - *lines),
					     strlen(colon + 2) };
	}
	return &head;
}

#define HEAD(...) headed((const char *const[]){ __VA_ARGS__, NULL })
#define READS(now, expected, ...)                                                                  \
	cr_assert_eq(http_condition_check(HEAD(__VA_ARGS__), true, &now), HTTP_CONDITION_##expected)
#define WRITES(now, expected, ...)                                                                 \
	cr_assert_eq(http_condition_check(HEAD(__VA_ARGS__), false, &now),                         \
		     HTTP_CONDITION_##expected)

Test(http_condition, without_one)
{
	READS(strong, GO, "Accept: *");
	WRITES(gone, GO, "Accept: *");
}

Test(http_condition, if_none_match)
{
	READS(strong, NOT_MODIFIED, "If-None-Match: \"abc\"");
	READS(strong, NOT_MODIFIED, "If-None-Match: W/\"abc\"");
	READS(weak, NOT_MODIFIED, "If-None-Match: \"abc\"");
	READS(weak, NOT_MODIFIED, "If-None-Match: \"x\", W/\"y\" ,\"abc\"");
	READS(strong, NOT_MODIFIED, "If-None-Match: \"x\"", "if-none-match: \"abc\"");
	READS(strong, NOT_MODIFIED, "If-None-Match: *");
	READS(strong, GO, "If-None-Match: \"abcd\"");
	READS(strong, GO, "If-None-Match: \"ab\"");
	READS(gone, GO, "If-None-Match: *");
	READS(none, GO, "If-None-Match: \"abc\"");
	READS(none, NOT_MODIFIED, "If-None-Match: *");
	WRITES(strong, FAILED, "If-None-Match: \"abc\"");
	WRITES(strong, FAILED, "If-None-Match: *");
	WRITES(gone, GO, "If-None-Match: *");
}

Test(http_condition, if_match)
{
	READS(strong, GO, "If-Match: \"abc\"");
	READS(strong, FAILED, "If-Match: W/\"abc\"");
	READS(weak, FAILED, "If-Match: W/\"abc\"");
	READS(weak, FAILED, "If-Match: \"abc\"");
	WRITES(strong, GO, "If-Match: \"x\",\"abc\"");
	WRITES(strong, GO, "If-Match: *");
	WRITES(gone, FAILED, "If-Match: *");
	WRITES(gone, FAILED, "If-Match: \"abc\"");
	WRITES(none, GO, "If-Match: *");
}

Test(http_condition, tags_that_are_none_match_nothing)
{
	READS(strong, GO, "If-None-Match: abc");
	READS(strong, GO, "If-None-Match: ");
	READS(strong, GO, "If-None-Match: \"abc");
	READS(strong, GO, "If-None-Match: \"abc\"x");
	READS(strong, GO, "If-None-Match: w/\"abc\"");
	READS(strong, GO, "If-None-Match: x, \"abc\"");
	READS(strong, FAILED, "If-Match: abc");
}

/* Nothing is escaped in a tag (RFC 9110, 8.8.3). */
Test(http_condition, tags_with_commas_and_backslashes)
{
	struct http_validators odd = { true, "\"a,\\\"", SECONDS };

	READS(odd, NOT_MODIFIED, "If-None-Match: \"x\\\", \"a,\\\"");
	READS(odd, GO, "If-None-Match: \"a,\"");
}

Test(http_condition, if_modified_since)
{
	READS(strong, NOT_MODIFIED, "If-Modified-Since: " DATE);
	READS(strong, NOT_MODIFIED, "If-Modified-Since: " LATER);
	READS(strong, GO, "If-Modified-Since: " EARLIER);
	READS(strong, GO, "If-Modified-Since: yesterday");
	READS(strong, GO, "If-Modified-Since: " DATE, "If-Modified-Since: " DATE);
	READS(none, GO, "If-Modified-Since: " DATE);
	READS(gone, GO, "If-Modified-Since: " DATE);
	WRITES(strong, GO, "If-Modified-Since: " DATE);
}

Test(http_condition, if_unmodified_since)
{
	WRITES(strong, GO, "If-Unmodified-Since: " DATE);
	WRITES(strong, GO, "If-Unmodified-Since: " LATER);
	WRITES(strong, FAILED, "If-Unmodified-Since: " EARLIER);
	READS(strong, FAILED, "If-Unmodified-Since: " EARLIER);
	WRITES(strong, GO, "If-Unmodified-Since: yesterday");
	WRITES(none, GO, "If-Unmodified-Since: " EARLIER);
}

Test(http_condition, tags_go_before_dates)
{
	READS(strong, GO, "If-None-Match: \"x\"", "If-Modified-Since: " DATE);
	READS(strong, NOT_MODIFIED, "If-None-Match: \"abc\"", "If-Modified-Since: " EARLIER);
	WRITES(strong, GO, "If-Match: \"abc\"", "If-Unmodified-Since: " EARLIER);
	WRITES(strong, FAILED, "If-Match: \"x\"", "If-Unmodified-Since: " LATER);
}

Test(http_condition, what_protects_goes_first)
{
	READS(strong, FAILED, "If-None-Match: \"abc\"", "If-Match: \"x\"");
	READS(strong, NOT_MODIFIED, "If-None-Match: \"abc\"", "If-Match: \"abc\"");
	READS(strong, FAILED, "If-Modified-Since: " DATE, "If-Unmodified-Since: " EARLIER);
}

#define RANGE(now, expected, ...)                                                                  \
	cr_assert_eq(http_condition_if_range(HEAD(__VA_ARGS__), &now, SECONDS + 1), expected)

Test(http_condition, if_range)
{
	RANGE(strong, true, "Range: bytes=0-");
	RANGE(strong, true, "If-Range: \"abc\"");
	RANGE(strong, false, "If-Range: \"x\"");
	RANGE(strong, false, "If-Range: W/\"abc\"");
	RANGE(weak, false, "If-Range: W/\"abc\"");
	RANGE(weak, false, "If-Range: \"abc\"");
	RANGE(strong, false, "If-Range: *");
	RANGE(strong, false, "If-Range: ");
	RANGE(strong, false, "If-Range: \"abc\", \"x\"");
	RANGE(strong, false, "If-Range: \"abc\"", "If-Range: \"abc\"");
	RANGE(none, false, "If-Range: \"abc\"");
	RANGE(gone, false, "If-Range: \"abc\"");
}

Test(http_condition, if_range_by_a_date)
{
	RANGE(strong, true, "If-Range: " DATE);
	RANGE(strong, false, "If-Range: " LATER);
	RANGE(strong, false, "If-Range: " EARLIER);
	RANGE(none, false, "If-Range: " DATE);
	/* It may still change in that second. */
	cr_assert_not(http_condition_if_range(HEAD("If-Range: " DATE), &strong, SECONDS));
}
