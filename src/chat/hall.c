/* SPDX-License-Identifier: MIT */
/* The house of all rooms: who comes, who is heard, who leaves. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/utf8.h>
#include <sockutil/chat/clean.h>
#include <sockutil/chat/hall_parts.h>
#include <sockutil/chat/offers.h>

struct chat_hall *chat_hall_new(const struct chat_hall_options *options)
{
	struct chat_hall *hall = memory_zeroed(1, sizeof(*hall));
	struct failure ignored = { 0 };

	hall->options = *options;
	hall->offers = chat_offers_new();
	/* Before anybody can make one that looks like it, and so keep the others out. */
	chat_room_open(hall, chat_slice_of(options->room), &ignored);
	return hall;
}

void chat_hall_free(struct chat_hall *hall)
{
	if (!hall)
		return;
	hall->closed = true;
	while (hall->members)
		chat_hall_forget(hall, hall->members);
	while (hall->rooms)
		chat_room_close(hall, hall->rooms);
	chat_offers_free(hall->offers);
	chat_bans_free(hall);
	chat_names_free(&hall->nicks);
	chat_names_free(&hall->called);
	free(hall);
}

/* ------ coming ------ */

bool chat_hall_arrive(struct chat_hall *hall, struct chat_member *member,
		      const struct address *peer, bool hosting)
{
	member->origin = chat_origin_of(peer);
	member->hosting = hosting;
	if (!hosting && chat_banned_origin(hall, &member->origin)) {
		chat_hall_bye(hall, member, "out", "you are banned from this chat");
		return false;
	}
	member->arrived = true;
	member->all_next = hall->members;
	member->all_link = &hall->members;
	if (member->all_next)
		member->all_next->all_link = &member->all_next;
	hall->members = member;
	chat_hall_say(hall, member, CHAT_NOTICE, "Welcome to this sockutil chat. Your nick?");
	return true;
}

/* ------ speaking ------ */

/* What of a member's texts goes out: clean, and of bounded length. Those about files are not for
 * people; chat/offers.h sees to them. False: it was told why not. */
static bool clean_text(struct chat_hall *hall, struct chat_member *member, struct chat_said *said,
		       struct buffer *clean)
{
	const bool reason = said->command == CHAT_COMMAND_QUIT ||
			    said->command == CHAT_COMMAND_KICK || said->command == CHAT_COMMAND_BAN;
	const int most = reason ? CHAT_REASON_MAX : CHAT_SAID_MAX;
	size_t length;

	if (said->command < CHAT_COMMANDS &&
	    (chat_command_rows[said->command].flags & CHAT_COMMAND_RICH))
		return true;
	if (!chat_clean(clean, said->text.bytes, said->text.length)) {
		chat_hall_say(hall, member, CHAT_REFUSED, "the host has no memory for it");
		return false;
	}
	length = utf8_cut(buffer_bytes(clean), clean->length, (size_t)most);
	if (length < clean->length)
		chat_hall_say(hall, member, CHAT_NOTICE,
			      "what others see of your text is longer than %d bytes; the rest was "
			      "dropped",
			      most);
	said->text = (struct chat_slice){ buffer_bytes(clean), length };
	return true;
}

static enum chat_hearing hear_said(struct chat_hall *hall, struct chat_member *member,
				   struct chat_said *said)
{
	struct buffer clean = { 0 };
	enum chat_hearing hearing = CHAT_HEARING_ON;

	if (!member->room)
		hearing = chat_hall_enter(hall, member, said);
	else if (clean_text(hall, member, said, &clean))
		hearing = chat_hall_command(hall, member, said);
	buffer_free(&clean);
	return hearing;
}

enum chat_hearing chat_hall_hear(struct chat_hall *hall, struct chat_member *member,
				 const struct chat_lines_line *line, int64_t time_ms,
				 int64_t now_ms)
{
	struct chat_said said;
	struct failure why = { 0 };

	if (!member->arrived || hall->closed)
		return CHAT_HEARING_LEAVES;
	hall->time_ms = time_ms;
	hall->now_ms = now_ms;
	if (line->cut && member->room)
		chat_hall_say(hall, member, CHAT_NOTICE,
			      "your line was longer than %d bytes; the rest was dropped",
			      CHAT_LINE_MAX);
	if (chat_command_parse(&said, line->bytes, line->length, &why))
		return hear_said(hall, member, &said);
	if (!member->room)
		return chat_hall_turn_away(hall, member, &why);
	chat_hall_say(hall, member, CHAT_REFUSED, "%s", why.text);
	return CHAT_HEARING_ON;
}

/* ------ leaving ------ */

void chat_hall_forget(struct chat_hall *hall, struct chat_member *member)
{
	if (member->untold)
		chat_news_cancel(hall, member);
	if (member->room) {
		chat_offers_leave(hall, member);
		chat_room_take(hall, member);
		hall->entered--;
	}
	chat_ignore_free(member);
	if (member->names)
		chat_names_unlist(&hall->nicks, member->names);
	chat_names_drop(member->names);
	member->names = NULL;
	member->nick = NULL;
	if (member->all_next)
		member->all_next->all_link = member->all_link;
	*member->all_link = member->all_next;
	member->arrived = false;
}

static void leave_clean(struct chat_hall *hall, struct chat_member *member, enum chat_kind kind,
			struct chat_slice text)
{
	if (member->room && !hall->closed)
		chat_news_left(hall, member, kind, text);
	chat_hall_forget(hall, member);
}

void chat_hall_leave(struct chat_hall *hall, struct chat_member *member, enum chat_leaving how,
		     const char *text, int64_t time_ms, int64_t now_ms)
{
	struct buffer clean = { 0 };
	struct chat_slice cleaned = { 0 };

	if (!member->arrived)
		return;
	hall->time_ms = time_ms;
	hall->now_ms = now_ms;
	if (chat_clean(&clean, text, utf8_cut(text, strlen(text), CHAT_REASON_MAX)))
		cleaned = (struct chat_slice){ buffer_bytes(&clean), clean.length };
	leave_clean(hall, member, how == CHAT_LEAVING_LOST ? CHAT_LOST : CHAT_LEFT, cleaned);
	buffer_free(&clean);
}

void chat_hall_quit(struct chat_hall *hall, struct chat_member *member, struct chat_slice text)
{
	chat_hall_bye(hall, member, "quit", "");
	leave_clean(hall, member, CHAT_LEFT, text);
}

void chat_hall_put_out(struct chat_hall *hall, struct chat_member *who, const char *text,
		       const char *reason)
{
	chat_hall_bye(hall, who, "out", text);
	leave_clean(hall, who, CHAT_LEFT, chat_slice_of(text));
	hall->options.dismiss(hall->options.data, who, reason);
}

void chat_hall_close(struct chat_hall *hall, const char *text)
{
	for (struct chat_member *m = hall->members; m; m = m->all_next)
		chat_hall_bye(hall, m, "end", text);
	hall->closed = true;
}

/* ------ around ------ */

int64_t chat_hall_tick(struct chat_hall *hall, int64_t time_ms, int64_t now_ms)
{
	int64_t news, offers;

	if (hall->closed)
		return -1;
	hall->time_ms = time_ms;
	hall->now_ms = now_ms;
	news = chat_news_tick(hall);
	offers = chat_offers_tick(hall, now_ms);
	if (news < 0 || offers < 0)
		return news < 0 ? offers : news;
	return news < offers ? news : offers;
}

struct chat_member *chat_hall_find(struct chat_hall *hall, struct chat_slice nick)
{
	char name[CHAT_NICK_MAX];
	struct chat_nick_keys keys;
	struct failure why = { 0 };
	const struct chat_nick_names *names;

	if (!chat_nick_check(nick.bytes, nick.length, name, &why) ||
	    !chat_nick_keys(name, &keys, &why))
		return NULL;
	names = chat_names_find(&hall->nicks, &keys, NULL);
	return names ? names->owner : NULL;
}

bool chat_hall_ignores(const struct chat_member *whom, const struct chat_member *who)
{
	return whom->ignored && who->names && chat_ignore_has(whom, who->names);
}

struct chat_offers *chat_hall_offers(struct chat_hall *hall)
{
	return hall->offers;
}

const struct chat_hall_options *chat_hall_settings(const struct chat_hall *hall)
{
	return &hall->options;
}

size_t chat_hall_count(const struct chat_hall *hall)
{
	return hall->entered;
}
