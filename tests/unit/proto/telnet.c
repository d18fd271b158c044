/* SPDX-License-Identifier: MIT */
/*
 * Holds: data passes, doubled IAC is one, NUL behind CR is dropped; WILL is answered DONT, DO is
 * answered WONT, WONT and DONT are not answered; other commands and suboptions disappear; all that
 * however it is cut; outgoing IAC is doubled.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/telnet.h>

/* Every way to cut the input in two. */
static void gives(const char *in, size_t length, const char *data, size_t data_length,
		  const char *replies, size_t reply_length)
{
	for (size_t cut = 0; cut <= length; cut++) {
		struct telnet t = { 0 };
		char bytes[100], out[104], first[102], second[102];
		size_t kept, more, replied, replied_more;

		memcpy(bytes, in, length);
		replied = telnet_receive(&t, bytes, cut, &kept, first);
		replied_more = telnet_receive(&t, bytes + cut, length - cut, &more, second);
		memmove(bytes + kept, bytes + cut, more);
		memcpy(out, first, replied);
		memcpy(out + replied, second, replied_more);
		cr_assert_eq(kept + more, data_length, "cut at %zu: %zu", cut, kept + more);
		cr_assert_eq(memcmp(bytes, data, data_length), 0);
		cr_assert_eq(replied + replied_more, reply_length, "cut at %zu", cut);
		cr_assert_eq(memcmp(out, replies, reply_length), 0);
		cr_assert_leq(replied_more, length - cut + 2);
	}
}

#define GIVES(in, data, replies)                                                                   \
	gives(in, sizeof(in) - 1, data, sizeof(data) - 1, replies, sizeof(replies) - 1)

Test(telnet, data)
{
	GIVES("hello\r\n", "hello\r\n", "");
	GIVES("a\xff\xff"
	      "b",
	      "a\xff"
	      "b",
	      "");
	GIVES("a\r\0b\0c", "a\rb\0c", "");
	GIVES("\r\xff\xff", "\r\xff", "");
}

Test(telnet, options_are_refused)
{
	GIVES("\xff\xfb\x01", "", "\xff\xfe\x01");
	GIVES("\xff\xfd\x18login: ", "login: ", "\xff\xfc\x18");
	GIVES("\xff\xfd\x01\xff\xfd\x03\xff\xfb\x05", "", "\xff\xfc\x01\xff\xfc\x03\xff\xfe\x05");
	GIVES("\xff\xfc\x01\xff\xfe\x01", "", "");
	GIVES("\xff\xfd\xff", "", "\xff\xfc\xff");
}

Test(telnet, other_commands_disappear)
{
	GIVES("a\xff\xf1"
	      "b\xff\xf9"
	      "c",
	      "abc", "");
	GIVES("a\xff\xfa\x18\x01 anything \xff\xff here\xff\xf0"
	      "b",
	      "ab", "");
}

Test(telnet, going_out)
{
	char out[20];

	cr_assert_eq(telnet_escape(out,
				   "a\xff"
				   "b\xff",
				   4),
		     6);
	cr_assert_eq(memcmp(out,
			    "a\xff\xff"
			    "b\xff\xff",
			    6),
		     0);
}
