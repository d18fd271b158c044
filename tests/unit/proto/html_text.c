/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/html_text.c
 * Holds: what could end text or an attribute becomes a reference; controls, overrides of direction,
 * invisible characters and malformed bytes become U+FFFD; other text stays; it goes behind what is
 * there.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/html_text.h>

#define REPLACED "\xef\xbf\xbd"

static void assert_shown(const char *text, size_t length, const char *expected)
{
	struct buffer out = { 0 };

	cr_assert(buffer_add(&out, ">", 1));
	cr_assert(html_text_add(&out, text, length));
	cr_assert_str_eq(buffer_text(&out) + 1, expected);
	buffer_free(&out);
}

#define SHOWN(text, expected) assert_shown(text, sizeof text - 1, expected)

Test(html_text, text)
{
	SHOWN("", "");
	SHOWN("a b", "a b");
	SHOWN("\xc3\xa4\xe4\xb8\xad\xf0\x9f\x98\x80", "\xc3\xa4\xe4\xb8\xad\xf0\x9f\x98\x80");
}

Test(html_text, markup)
{
	SHOWN("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
	SHOWN("\" onclick='x'", "&quot; onclick=&#39;x&#39;");
	SHOWN("&lt;", "&amp;lt;");
}

Test(html_text, controls)
{
	SHOWN("a\x1b[2J\n\r\t\0b\x7f",
	      "a" REPLACED "[2J" REPLACED REPLACED REPLACED REPLACED "b" REPLACED);
	SHOWN("\xc2\x9b", REPLACED);
	SHOWN("a\xe2\x80\xae"
	      "b",
	      "a" REPLACED "b");
	SHOWN("\xe2\x80\x8b", REPLACED);
}

Test(html_text, malformed_bytes)
{
	SHOWN("\xff\xc3", REPLACED REPLACED);
	SHOWN("\xc0\xbc", REPLACED REPLACED);
	SHOWN("\xed\xa0\x80", REPLACED REPLACED REPLACED);
}
