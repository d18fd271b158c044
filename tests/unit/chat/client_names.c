/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/client_names.c
 * Holds: names are known once, newest last; what is too long to be a nick is none; when it is full
 * the oldest is forgotten; a first word that begins with / is completed to commands for people,
 * with a blank where words follow; other words to nicks in either case, newest first, with ": "
 * behind a first one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/chat/client_names.h>

static char found[1 << 17];

static void add(void *list, const char *candidate)
{
	cr_assert_eq(list, found);
	snprintf(found + strlen(found), sizeof found - strlen(found), "[%s]", candidate);
}

static const char *complete(const struct client_names *names, const char *word, bool first)
{
	found[0] = '\0';
	client_names_complete(names, word, strlen(word), first, add, found);
	return found;
}

static void know(struct client_names *names, const char *list)
{
	client_names_add_all(names, chat_slice_of(list));
}

Test(client_names, are_known_once_and_newest_first)
{
	struct client_names names = { 0 };

	know(&names, "ann bob cy");
	client_names_add(&names, chat_slice_of("ann"));
	cr_assert_eq(names.count, 3);
	cr_assert_str_eq(complete(&names, "", false), "[ann][cy][bob]");
	client_names_remove(&names, chat_slice_of("cy"));
	client_names_remove(&names, chat_slice_of("nobody"));
	cr_assert_str_eq(complete(&names, "", false), "[ann][bob]");
	client_names_free(&names);
	cr_assert_eq(names.count, 0);
	cr_assert_str_eq(complete(&names, "", false), "");
}

Test(client_names, what_is_no_nick_is_not_kept)
{
	struct client_names names = { 0 };
	char longest[97] = "", too_long[98] = "";

	memset(longest, 'x', 96);
	memset(too_long, 'y', 97);
	know(&names, "  ");
	client_names_add(&names, chat_slice_of(NULL));
	client_names_add(&names, chat_slice_of(too_long));
	cr_assert_eq(names.count, 0);
	client_names_add(&names, chat_slice_of(longest));
	cr_assert_eq(names.count, 1);
	cr_assert_eq(strlen(complete(&names, "x", true)), 2 + 96 + 2);
	client_names_free(&names);
}

Test(client_names, the_oldest_is_forgotten)
{
	struct client_names names = { 0 };
	char name[16];

	for (int i = 0; i <= CLIENT_NAMES_MAX; i++) {
		snprintf(name, sizeof name, "n%d", i);
		client_names_add(&names, chat_slice_of(name));
	}
	cr_assert_eq(names.count, (size_t)CLIENT_NAMES_MAX);
	cr_assert_str_eq(names.names[0], "n1");
	cr_assert_str_eq(names.names[CLIENT_NAMES_MAX - 1], name);
	client_names_free(&names);
}

Test(client_names, commands_for_a_first_word)
{
	struct client_names names = { 0 };

	know(&names, "ann");
	cr_assert_str_eq(complete(&names, "/m", true), "[/me ][/msg ]");
	cr_assert_str_eq(complete(&names, "/W", true), "[/who]");
	cr_assert_str_eq(complete(&names, "/q", true), "[/quit ]");
	/* Those for programs are not offered to people. */
	cr_assert_str_eq(complete(&names, "/da", true), "");
	cr_assert_str_eq(complete(&names, "/he", true), "[/help]");
	cr_assert_str_eq(complete(&names, "/m", false), "");
	client_names_free(&names);
}

Test(client_names, nicks_elsewhere)
{
	struct client_names names = { 0 };

	know(&names, "ann Anton bob Ärmel");
	cr_assert_str_eq(complete(&names, "an", false), "[Anton][ann]");
	cr_assert_str_eq(complete(&names, "AN", true), "[Anton: ][ann: ]");
	cr_assert_str_eq(complete(&names, "Ä", false), "[Ärmel]");
	cr_assert_str_eq(complete(&names, "annx", false), "");
	client_names_free(&names);
}
