/* SPDX-License-Identifier: MIT */
/* tests/unit/http/coding_zlib.c
 * Holds: gzip members follow one another, and a cut in a later one is told; deflate comes with
 * zlib's wrapping or bare; damage is refused with the library's reason. */
#include "http_encoded.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(coding_zlib, .init = encoded_set_up, .fini = encoded_tear_down);

Test(coding_zlib, members_follow_one_another)
{
	for (size_t at_most = 0; at_most <= 1; at_most++) {
		encoded.source.at_most = at_most;
		encoded_gzip(&encoded.source.gives, encoded_text, 300);
		encoded_gzip(&encoded.source.gives, "", 0);
		encoded_gzip(&encoded.source.gives, encoded_text + 300, 200);
		encoded_open("gzip");
		cr_assert_eq(encoded_read(64), IO_END);
		encoded_assert_result(encoded_text, 500);
	}
}

Test(coding_zlib, a_cut_in_a_later_member_is_told)
{
	encoded_gzip(&encoded.source.gives, encoded_text, 300);
	cr_assert(buffer_add(&encoded.source.gives, "\x1f", 1));
	encoded_open("gzip");
	cr_assert_eq(encoded_read(64), IO_FAILED);
	cr_assert_eq(encoded.why.class, FAILURE_TRUNCATED);
	encoded_assert_result(encoded_text, 300);
}

Test(coding_zlib, deflate_is_taken_wrapped_and_bare)
{
	encoded_zlib(&encoded.source.gives, encoded_text, 1000);
	cr_assert_eq(*buffer_bytes(&encoded.source.gives), 0x78);
	encoded_open("deflate");
	cr_assert_eq(encoded_read(64), IO_END);
	encoded_assert_result(encoded_text, 1000);
	encoded_deflate(&encoded.source.gives, encoded_text, 1000);
	cr_assert_neq(*buffer_bytes(&encoded.source.gives), 0x78);
	encoded_open("deflate");
	cr_assert_eq(encoded_read(64), IO_END);
	encoded_assert_result(encoded_text, 1000);
}

Test(coding_zlib, a_gzip_file_is_no_deflate)
{
	encoded_gzip(&encoded.source.gives, encoded_text, 1000);
	encoded_open("deflate");
	cr_assert_eq(encoded_read(64), IO_FAILED);
	cr_assert_eq(encoded.why.class, FAILURE_ENCODING);
	cr_assert_str_eq(encoded.why.text, "the content is no deflate: invalid block type");
}

Test(coding_zlib, damage_is_refused_with_its_reason)
{
	encoded_assert_refused("gzip", "<html>", 6, "the content is no gzip: it starts otherwise");
	encoded_assert_refused("gzip", "\x1f<html>", 7,
			       "the content is no gzip: incorrect header check");
	encoded_assert_refused("gzip", "\x1f\x8b\x07\0\0\0\0\0\0\0", 10,
			       "the content is no gzip: unknown compression method");
	encoded_assert_refused("deflate", "<html>", 6,
			       "the content is no deflate: invalid code lengths set");
	encoded_assert_refused("deflate", "\x78\x9c\x07", 3,
			       "the content is no deflate: invalid block type");
	encoded_assert_refused("deflate", "\x78\xbb\0\0\0\0", 6,
			       "the content is no deflate: it wants a dictionary");
}
