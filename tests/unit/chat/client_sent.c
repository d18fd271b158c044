/* SPDX-License-Identifier: MIT */
/* tests/unit/chat/client_sent.c
 * Holds: lines come out as they went in; texts, /me and /msg come back, nothing else; an echo
 * answers everything before it; a refusal answers the first; what never fails is not kept; the
 * oldest is forgotten; what is left is given without what never comes back. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/chat/client_sent.h>

static void send_line(struct client_sent *sent, enum chat_command command, const char *text)
{
	struct client_lines lines = { 0 };

	client_lines_add(&lines, command, text, strlen(text));
	client_sent_add(sent, client_lines_take(&lines));
	cr_assert(lines.first == NULL && lines.last == NULL && lines.count == 0);
}

static void assert_next(struct client_sent *sent, const char *text)
{
	struct client_line *line = client_sent_take(sent);

	cr_assert(line, "nothing, not %s", text);
	cr_assert_str_eq(line->bytes, text);
	free(line);
}

static void assert_sane(const struct client_sent *sent)
{
	size_t count = 0, unseen = 0;

	for (const struct client_line *line = sent->lines.first; line; line = line->next) {
		count++;
		unseen += client_sent_returns(line->command) ? 1 : 0;
		cr_assert(line->next || line == sent->lines.last);
	}
	cr_assert_eq(count, sent->lines.count);
	cr_assert_eq(unseen, sent->unseen);
}

Test(client_lines, come_out_as_they_went_in)
{
	struct client_lines lines = { 0 };
	struct client_line *line;

	cr_assert(client_lines_take(&lines) == NULL);
	client_lines_add(&lines, CHAT_COMMAND_TEXT, "a\0b", 3);
	client_lines_add(&lines, CHAT_COMMAND_ME, "", 0);
	cr_assert_eq(lines.count, 2);
	line = client_lines_take(&lines);
	cr_assert_eq(line->length, 3);
	cr_assert_eq(memcmp(line->bytes, "a\0b", 4), 0);
	cr_assert_eq(line->command, CHAT_COMMAND_TEXT);
	free(line);
	client_lines_free(&lines);
	cr_assert(lines.first == NULL && lines.last == NULL && lines.count == 0);
}

Test(client_sent, an_echo_answers_everything_before_it)
{
	struct client_sent sent = { 0 };

	send_line(&sent, CHAT_COMMAND_TEXT, "one");
	send_line(&sent, CHAT_COMMAND_MSG, "/msg nobody two");
	send_line(&sent, CHAT_COMMAND_TOPIC, "/topic tea");
	send_line(&sent, CHAT_COMMAND_ME, "/me three");
	send_line(&sent, CHAT_COMMAND_TEXT, "four");
	cr_assert_eq(sent.unseen, 4);
	client_sent_seen(&sent, CHAT_COMMAND_ME);
	assert_sane(&sent);
	cr_assert_eq(sent.unseen, 1);
	assert_next(&sent, "four");
	cr_assert(client_sent_take(&sent) == NULL);
	assert_sane(&sent);
}

Test(client_sent, an_echo_of_nothing_answers_nothing)
{
	struct client_sent sent = { 0 };

	client_sent_seen(&sent, CHAT_COMMAND_TEXT);
	send_line(&sent, CHAT_COMMAND_TEXT, "one");
	client_sent_seen(&sent, CHAT_COMMAND_MSG);
	assert_sane(&sent);
	cr_assert_eq(sent.unseen, 1);
	client_sent_free(&sent);
	assert_sane(&sent);
}

Test(client_sent, a_refusal_answers_the_first)
{
	struct client_sent sent = { 0 };

	client_sent_refused(&sent);
	send_line(&sent, CHAT_COMMAND_NICK, "/nick root");
	send_line(&sent, CHAT_COMMAND_MSG, "/msg ann one");
	client_sent_refused(&sent);
	assert_sane(&sent);
	cr_assert_eq(sent.unseen, 1);
	client_sent_refused(&sent);
	assert_sane(&sent);
	cr_assert_eq(sent.lines.count, 0);
}

Test(client_sent, what_never_fails_is_not_kept)
{
	struct client_sent sent = { 0 };

	send_line(&sent, CHAT_COMMAND_WHO, "/who");
	send_line(&sent, CHAT_COMMAND_ROOMS, "/rooms");
	cr_assert_eq(sent.lines.count, 0);
}

Test(client_sent, what_never_comes_back_is_not_missed)
{
	struct client_sent sent = { 0 };

	send_line(&sent, CHAT_COMMAND_NICK, "/nick ann");
	send_line(&sent, CHAT_COMMAND_TEXT, "one");
	send_line(&sent, CHAT_COMMAND_KICK, "/kick cy");
	assert_next(&sent, "one");
	cr_assert(client_sent_take(&sent) == NULL);
	cr_assert_eq(sent.lines.count, 0);
}

Test(client_sent, the_oldest_is_forgotten)
{
	struct client_sent sent = { 0 };

	send_line(&sent, CHAT_COMMAND_TEXT, "oldest");
	for (int i = 0; i < CLIENT_SENT_MAX; i++)
		send_line(&sent, CHAT_COMMAND_TEXT, "next");
	assert_sane(&sent);
	cr_assert_eq(sent.unseen, (size_t)CLIENT_SENT_MAX);
	assert_next(&sent, "next");
	client_sent_free(&sent);
}
