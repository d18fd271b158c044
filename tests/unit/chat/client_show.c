/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/client_show.c
 * Holds: our nick is found as a word of its own, in either case, and not in another word; without
 * line editing lines are shown without times and colours; what is told is clean and one line. */
#include "chat_joined.h"

#include <criterion/criterion.h>

static struct joined j;

static bool names_bob(const char *text)
{
	return chat_client_names_us(chat_slice_of(text), "bob");
}

Test(client_show, our_nick_is_a_word_of_its_own)
{
	cr_assert(names_bob("bob"));
	cr_assert(names_bob("bob: hello"));
	cr_assert(names_bob("hello, Bob!"));
	cr_assert(names_bob("bobby and bob"));
	cr_assert(names_bob("(bob)"));
	cr_assert(!names_bob("bobby"));
	cr_assert(!names_bob("kebob"));
	cr_assert(!names_bob("bob_"));
	cr_assert(!names_bob("bob-cat"));
	cr_assert(!names_bob("bobé"));
	cr_assert(!names_bob("bo"));
	cr_assert(!names_bob(""));
	cr_assert(!chat_client_names_us(chat_slice_of("anything"), ""));
}

Test(client_show, a_bot_gets_the_sentence_alone)
{
	joined_prepare(&j);
	joined_start_in(&j);
	joined_say(&j, "message 1 1794474000000 lobby ann hello\n");
	cr_assert_str_eq(joined_see(&j), "<ann> hello");
	cr_assert(joined_is_silent(&j));
	joined_free(&j);
}

Test(client_show, what_is_told_is_clean)
{
	joined_prepare(&j);
	joined_start_in(&j);
	chat_client_tell(j.client, "%s", "a\033[2J\nb");
	cr_assert_str_eq(joined_see(&j), "* a\\x1b[2J\\x0ab");
	joined_free(&j);
}
