/* SPDX-License-Identifier: MIT */
/* tests/unit/http/coding_brotli.c
 * Holds: damage is refused with the library's reason; what lies behind the end is not read as
 * more of it. */
#include "http_encoded.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(coding_brotli, .init = encoded_set_up, .fini = encoded_tear_down);

/* The reason is the library's own, and a word in capitals. */
Test(coding_brotli, damage_is_refused_with_its_reason)
{
	static const char start[] = "the content is no br: ";

	cr_assert(buffer_add(&encoded.source.gives, "<html><body>", 12));
	encoded_open("br");
	cr_assert_eq(encoded_read(64), IO_FAILED);
	cr_assert_eq(encoded.why.class, FAILURE_ENCODING);
	cr_assert_eq(strncmp(encoded.why.text, start, sizeof(start) - 1), 0);
	cr_assert(strlen(encoded.why.text) > sizeof(start));
}

/* RFC 9841's windows of up to 1 GiB are not of this coding. */
Test(coding_brotli, large_windows_are_refused)
{
	cr_assert(buffer_add(&encoded.source.gives, "\x11\x1e\0\0\0\0\0\0", 8));
	encoded_open("br");
	cr_assert_eq(encoded_read(64), IO_FAILED);
	cr_assert_eq(encoded.why.class, FAILURE_ENCODING);
}

Test(coding_brotli, one_does_not_follow_another)
{
	encoded_brotli(&encoded.source.gives, encoded_text, 300);
	encoded_brotli(&encoded.source.gives, encoded_text, 300);
	encoded_open("br");
	cr_assert_eq(encoded_read(64), IO_FAILED);
	cr_assert_str_eq(encoded.why.text, "the content has bytes behind the end of its br coding");
	encoded_assert_result(encoded_text, 300);
}
