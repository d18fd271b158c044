/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tap_json.c
 * Holds: the line of a text piece, of each direction; quotes, controls and other scripts in it;
 * bytes that are not UTF-8 as base64 of every length remainder (RFC 4648, section 10). */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/stream/tap_json.h>

static void assert_line(bool received, uint64_t offset, const char *bytes, size_t length,
			const char *expected)
{
	struct buffer out = { 0 };
	const struct tap_piece piece = {
		.time = "2026-11-21T09:00:00.123Z",
		.connection = 7,
		.received = received,
		.offset = offset,
		.bytes = bytes,
		.length = length,
	};

	cr_assert(buffer_add(&out, "before\n", 7));
	cr_assert(tap_json_line(&out, &piece));
	cr_assert_str_eq(buffer_text(&out) + 7, expected);
	buffer_free(&out);
}

#define HEAD "{\"time\":\"2026-11-21T09:00:00.123Z\",\"connection\":7,"

Test(tap_json, text)
{
	assert_line(false, 0, "hi", 2,
		    HEAD "\"direction\":\"sent\",\"offset\":0,\"text\":\"hi\"}\n");
	assert_line(true, 1234567890123, "a\"\\\r\n\033\xc3\xa9", 8,
		    HEAD "\"direction\":\"received\",\"offset\":1234567890123,"
			 "\"text\":\"a\\\"\\\\\\r\\n\\u001b\xc3\xa9\"}\n");
}

Test(tap_json, base64)
{
	assert_line(true, 0, "\xff", 1,
		    HEAD "\"direction\":\"received\",\"offset\":0,\"data_base64\":\"/w==\"}\n");
	assert_line(true, 0, "\xff\xfe", 2,
		    HEAD "\"direction\":\"received\",\"offset\":0,\"data_base64\":\"//4=\"}\n");
	assert_line(true, 0, "\xff\xfe\xfd", 3,
		    HEAD "\"direction\":\"received\",\"offset\":0,\"data_base64\":\"//79\"}\n");
	assert_line(true, 0, "foobar\x80", 7,
		    HEAD
		    "\"direction\":\"received\",\"offset\":0,\"data_base64\":\"Zm9vYmFygA==\"}\n");
}
