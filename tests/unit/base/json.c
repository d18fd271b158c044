/* SPDX-License-Identifier: MIT */
/* tests/unit/base/json.c
 * Holds: quotes, backslashes, controls, DEL and C1 are escaped; UTF-8 passes; bytes that are not
 * UTF-8 become U+FFFD; members are separated by commas, the first one has none; a NULL text is
 * null. */
#include <criterion/criterion.h>

#include <sockutil/base/json.h>

Test(json, escapes_what_must_not_stand_in_a_string)
{
	struct buffer out = { 0 };

	cr_assert(json_string(&out, "a\"b\\c\n\r\t\x01\x7f\xc2\x80", 12));
	cr_assert_str_eq(buffer_text(&out), "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f\\u0080\"");
	buffer_free(&out);
}

Test(json, passes_utf8_and_replaces_what_is_none)
{
	struct buffer out = { 0 };

	cr_assert(json_string(&out, "\xe8\xaf\xb7\xff\xe8\xaf", 6));
	cr_assert_str_eq(buffer_text(&out), "\"\xe8\xaf\xb7\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	buffer_free(&out);
}

Test(json, separates_members)
{
	struct buffer out = { 0 };

	buffer_add(&out, "{", 1);
	cr_assert(json_member(&out, "a", "x"));
	cr_assert(json_member(&out, "b", NULL));
	cr_assert(json_member_integer(&out, "c", -5));
	cr_assert(json_member_bool(&out, "d", true));
	buffer_add(&out, "}", 1);
	cr_assert_str_eq(buffer_text(&out), "{\"a\":\"x\",\"b\":null,\"c\":-5,\"d\":true}");
	buffer_free(&out);
}
