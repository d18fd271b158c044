/* SPDX-License-Identifier: MIT */
/* tests/unit/http/coding_zstd.c
 * Holds: frames follow one another, and some are skipped; windows are limited; damage and what
 * came before the format had its RFC are refused with a reason. */
#include "http_encoded.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(coding_zstd, .init = encoded_set_up, .fini = encoded_tear_down);

Test(coding_zstd, frames_follow_one_another)
{
	static const char skipped[] = "\x51\x2a\x4d\x18\3\0\0\0xyz";

	for (size_t at_most = 0; at_most <= 1; at_most++) {
		encoded.source.at_most = at_most;
		encoded_zstd(&encoded.source.gives, encoded_text, 300);
		cr_assert(buffer_add(&encoded.source.gives, skipped, sizeof(skipped) - 1));
		encoded_zstd(&encoded.source.gives, encoded_text + 300, 200);
		encoded_open("zstd");
		cr_assert_eq(encoded_read(64), IO_END);
		encoded_assert_result(encoded_text, 500);
	}
}

Test(coding_zstd, a_skipped_frame_may_come_first)
{
	cr_assert(buffer_add(&encoded.source.gives, "\x5f\x2a\x4d\x18\0\0\0\0", 8));
	encoded_zstd(&encoded.source.gives, encoded_text, 300);
	encoded_open("zstd");
	cr_assert_eq(encoded_read(64), IO_END);
	encoded_assert_result(encoded_text, 300);
}

Test(coding_zstd, windows_are_limited)
{
	enum { LENGTH = 40 << 20 };
	char *zeros = calloc(LENGTH, 1);

	encoded_zstd_window(&encoded.source.gives, 23, zeros, LENGTH);
	encoded_open("zstd");
	cr_assert_eq(encoded_read(300000), IO_END);
	cr_assert_eq(encoded.result.length, LENGTH);
	encoded_zstd_window(&encoded.source.gives, 24, zeros, LENGTH);
	encoded_open("zstd");
	cr_assert_eq(encoded_read(64), IO_FAILED);
	cr_assert_eq(encoded.why.class, FAILURE_ENCODING);
	cr_assert_str_eq(encoded.why.text,
			 "the content is no zstd: Frame requires too much memory for decoding");
	free(zeros);
}

Test(coding_zstd, damage_is_refused_with_its_reason)
{
	encoded_assert_refused("zstd", "<html>", 6, "the content is no zstd: it starts otherwise");
	encoded_assert_refused("zstd", "\x28<html>", 7,
			       "the content is no zstd: Unknown frame descriptor");
	encoded_assert_refused("zstd", "\x28\xb5\x2f\xfd\0\x58\7\0\0", 9,
			       "the content is no zstd: Data corruption detected");
}

Test(coding_zstd, old_formats_are_refused)
{
	char frame[] = "\x1e\xb5\x2f\xfd\0\x58\1\0\0";

	for (; frame[0] < 0x28; frame[0]++)
		encoded_assert_refused("zstd", frame, 9,
				       "the content is no zstd: it starts otherwise");
}
