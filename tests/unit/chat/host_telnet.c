/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/host_telnet.c
 * Holds: commands are taken out and each asked option is refused, cut anywhere; what telnet(1)
 * sends at Ctrl-C; broken text stays text, and no command swallows the end of a line; who asks for
 * a thousand options gets a few answers. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/chat/host_telnet.h>

static struct chat_host_telnet telnet;
static char text[5000], replies[5000];
static size_t text_length, replied;

static void take(const char *bytes, size_t length)
{
	char room[CHAT_HOST_TELNET_BEGUN + 4096], *at = room + CHAT_HOST_TELNET_BEGUN;
	char answer[CHAT_HOST_TELNET_REPLIES];
	size_t kept, count = 0;

	memcpy(at, bytes, length);
	kept = chat_host_telnet(&telnet, &at, length, answer, &count);
	cr_assert(at >= room && kept <= length + CHAT_HOST_TELNET_BEGUN);
	cr_assert_leq(telnet.length, CHAT_HOST_TELNET_BEGUN);
	memcpy(text + text_length, at, kept);
	memcpy(replies + replied, answer, count);
	text_length += kept;
	replied += count;
}

static void start(void)
{
	telnet = (struct chat_host_telnet){ 0 };
	text_length = replied = 0;
}

/* Whole, and in pieces of every size. */
static void assert_becomes(const char *bytes, size_t length, const char *kept, size_t kept_length,
			   const char *answer, size_t answer_length)
{
	for (size_t step = length; step > 0; step--) {
		start();
		for (size_t at = 0; at < length; at += step)
			take(bytes + at, length - at < step ? length - at : step);
		cr_assert_eq(text_length, kept_length, "in pieces of %zu: %zu", step, text_length);
		cr_assert_eq(memcmp(text, kept, kept_length), 0);
		cr_assert_eq(replied, answer_length);
		cr_assert_eq(memcmp(replies, answer, answer_length), 0);
	}
}

#define BECOMES(bytes, kept, answer)                                                               \
	assert_becomes(bytes, sizeof(bytes) - 1, kept, sizeof(kept) - 1, answer, sizeof(answer) - 1)

TestSuite(host_telnet, .init = start, .timeout = 30);

Test(host_telnet, text_is_as_it_was)
{
	BECOMES("hello\n", "hello\n", "");
	BECOMES("\0\r\n\xf0\x9f\x99\x82", "\0\r\n\xf0\x9f\x99\x82", "");
}

Test(host_telnet, commands_are_taken_out_and_options_refused)
{
	BECOMES("a\xff\xfd\x18"
		"b\n",
		"ab\n", "\xff\xfc\x18");
	BECOMES("\xff\xfb\x1f\xff\xfd\x03ok", "ok", "\xff\xfe\x1f\xff\xfc\x03");
	BECOMES("\xff\xfc\x18\xff\xfe\x18\xff\xf1ok", "ok", "");
}

Test(host_telnet, ctrl_c_of_telnet)
{
	BECOMES("\xff\xf4\xff\xfd\x06hello\r\n", "hello\r\n", "\xff\xfc\x06");
}

Test(host_telnet, broken_text_stays_text)
{
	BECOMES("a\xff\n", "a\xff\n", "");
	BECOMES("\xff\xff\xff"
		"a",
		"\xff\xff\xff"
		"a",
		"");
	BECOMES("\xff\xfd\n", "\xff\xfd\n", "");
	BECOMES("\xff\xfa\x18\x00\xff\xf0\n", "\xff\xfa\x18\x00\xff\xf0\n", "");
	BECOMES("\xfe\xfd\x01\n", "\xfe\xfd\x01\n", "");
}

Test(host_telnet, a_command_may_end_with_its_connection)
{
	take("a\xff\xfd", 3);
	cr_assert_eq(text_length, 1);
	cr_assert_eq(telnet.length, 2);
	take("", 0);
	cr_assert_eq(text_length, 1);
}

Test(host_telnet, many_options_get_a_few_answers)
{
	char many[3000];

	for (size_t i = 0; i < sizeof(many); i += 3)
		memcpy(many + i, "\xff\xfd\x18", 3);
	take(many, sizeof(many));
	cr_assert_eq(text_length, 0);
	cr_assert_eq(replied, CHAT_HOST_TELNET_REPLIES);
}
