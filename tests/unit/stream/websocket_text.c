/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/stream/websocket_text.c
 * Holds: what is UTF-8 in one piece is in any pieces; wrong bytes are found at the first that
 * cannot go on; what a cut character has and lacks; the judgement is that of base/utf8.h.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/stream/websocket_parts.h>

static size_t good(const char *bytes)
{
	struct websocket_text text = { 0 };

	return websocket_text_check(&text, bytes, strlen(bytes));
}

Test(websocket_text, where_it_goes_wrong)
{
	cr_assert_eq(good("plain"), 5);
	cr_assert_eq(good("long enough to go eight by eight \xff"), 33);
	cr_assert_eq(good("\x80"), 0);
	cr_assert_eq(good("\xc0\xaf"), 0);
	cr_assert_eq(good("\xc1\x81"), 0);
	cr_assert_eq(good("\xe0\x9f\xbf"), 1);
	cr_assert_eq(good("\xed\xa0\x80"), 1);
	cr_assert_eq(good("\xf0\x8f\xbf\xbf"), 1);
	cr_assert_eq(good("\xf4\x90\x80\x80"), 1);
	cr_assert_eq(good("\xf5"), 0);
	cr_assert_eq(good("\xe2\x82"
			  "A"),
		     2);
	cr_assert_eq(good("\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xa4"), 9);
	cr_assert_eq(good("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"), 10);
}

Test(websocket_text, what_a_cut_character_has_and_lacks)
{
	struct websocket_text text = { 0 };

	cr_assert_eq(websocket_text_check(&text, "ab\xf0", 3), 3);
	cr_assert(text.have == 1 && text.need == 3);
	cr_assert_eq(websocket_text_check(&text, "\x9f\x98", 2), 2);
	cr_assert(text.have == 3 && text.need == 1);
	cr_assert_eq(websocket_text_check(&text, "\x80", 1), 1);
	cr_assert(text.have == 0 && text.need == 0);
}

/* Every pair and many triples of bytes, whole and byte by byte, against another judge. */
Test(websocket_text, as_the_other_judge_says)
{
	for (unsigned first = 0; first < 256; first++)
		for (unsigned rest = 0; rest < 65536; rest += rest < 256 ? 1 : 61) {
			const char bytes[] = { (char)first, (char)(rest >> 8), (char)rest, '\xbf' };

			for (size_t length = 1; length <= sizeof(bytes); length++) {
				struct websocket_text whole = { 0 }, single = { 0 };
				const size_t n = websocket_text_check(&whole, bytes, length);
				size_t one = 0;

				while (one < length &&
				       websocket_text_check(&single, bytes + one, 1) == 1)
					one++;
				cr_assert_eq(n, one);
				cr_assert_eq(n == length && !whole.need, utf8_valid(bytes, length));
			}
		}
}
