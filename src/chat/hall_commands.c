/* SPDX-License-Identifier: MIT */
/* What a member that has entered says, and what comes of it. */
#include <stdio.h>
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/chat/hall_parts.h>
#include <sockutil/chat/offers.h>

/* Blanks of Unicode (Zs) that are not ASCII's. */
static bool is_blank(uint32_t point)
{
	return point == ' ' || point == '\t' || point == 0xa0 || point == 0x1680 ||
	       (point >= 0x2000 && point <= 0x200a) || point == 0x202f || point == 0x205f ||
	       point == 0x3000;
}

static bool says_nothing(struct chat_slice text)
{
	for (size_t at = 0, step; at < text.length; at += step) {
		uint32_t point = 0;

		step = utf8_decode(text.bytes + at, text.length - at, &point);
		if (!step || !is_blank(point))
			return false;
	}
	return true;
}

/* ------ talk ------ */

static void speak(struct chat_hall *hall, struct chat_member *member, enum chat_kind kind,
		  struct chat_slice text)
{
	struct chat_event event = chat_hall_event(hall, kind, member);
	struct chat_line *line;

	if (says_nothing(text))
		return;
	event.id = hall->last_id + 1;
	event.text = text;
	line = chat_hall_line(hall, member, &event, NULL);
	if (!line)
		return;
	hall->last_id++;
	chat_hall_record(hall, &event);
	chat_history_add(hall, member->room, line, member->names);
	chat_room_cast(hall, member->room, line, member->names, member->rich ? NULL : member);
	chat_line_drop(line);
}

static void do_text(struct chat_hall *hall, struct chat_member *member,
		    const struct chat_said *said)
{
	speak(hall, member, CHAT_MESSAGE, said->text);
}

static void do_me(struct chat_hall *hall, struct chat_member *member, const struct chat_said *said)
{
	speak(hall, member, CHAT_ACTION, said->text);
}

static void refuse_absent(struct chat_hall *hall, struct chat_member *member,
			  struct chat_slice nick)
{
	chat_hall_say(hall, member, CHAT_REFUSED, "nobody here is called %.*s", (int)nick.length,
		      nick.bytes);
}

static void do_msg(struct chat_hall *hall, struct chat_member *member, const struct chat_said *said)
{
	struct chat_member *to = chat_hall_find(hall, said->name);
	struct chat_event event = chat_hall_event(hall, CHAT_PRIVATE, member);
	struct chat_line *line;

	if (says_nothing(said->text))
		return;
	if (!to) {
		refuse_absent(hall, member, said->name);
		return;
	}
	if (to == member || chat_hall_ignores(to, member)) {
		chat_hall_say(hall, member, CHAT_REFUSED,
			      to == member ? "%s is you yourself" : "%s does not want to hear you",
			      to->nick);
		return;
	}
	event.other = chat_slice_of(to->nick);
	event.text = said->text;
	line = chat_hall_line(hall, member, &event, to->nick);
	if (!line)
		return;
	chat_hall_deliver(hall, to, line);
	if (member->rich)
		chat_hall_deliver(hall, member, line);
	chat_line_drop(line);
}

/* ------ names and rooms ------ */

static void do_nick(struct chat_hall *hall, struct chat_member *member,
		    const struct chat_said *said)
{
	struct chat_event event = chat_hall_event(hall, CHAT_RENAMED, member);
	struct chat_nick_judged judged;
	struct failure why = { 0 };
	struct chat_line *line;

	if (!chat_hall_judge(hall, member, said->name, &judged, &why)) {
		chat_hall_say(hall, member, CHAT_REFUSED, "%s", why.text);
		return;
	}
	if (strcmp(judged.name, member->nick) == 0) {
		chat_hall_say(hall, member, CHAT_REFUSED, "you are %s already", member->nick);
		return;
	}
	event.other = chat_slice_of(judged.name);
	line = chat_hall_line(hall, member, &event, NULL);
	if (!line)
		return;
	chat_hall_record(hall, &event);
	chat_ignore_follow(hall, member->names);
	chat_names_change(&hall->nicks, member->names, judged.name, &judged.keys);
	member->nick = member->names->name;
	chat_room_cast(hall, member->room, line, member->names, NULL);
	chat_line_drop(line);
}

static void do_join(struct chat_hall *hall, struct chat_member *member,
		    const struct chat_said *said)
{
	struct failure why = { 0 };
	struct chat_room *room = chat_room_open(hall, said->name, &why);
	struct chat_event event;

	if (!room || room == member->room) {
		chat_hall_say(hall, member, CHAT_REFUSED, room ? "you are in %s already" : "%s",
			      room ? room->names->name : why.text);
		return;
	}
	chat_news_left(hall, member, CHAT_LEFT, (struct chat_slice){ 0 });
	chat_room_take(hall, member);
	chat_room_put(room, member);
	event = chat_hall_event(hall, CHAT_JOINED, member);
	if (member->rich)
		chat_hall_tell(hall, member, &event);
	else
		chat_hall_say(hall, member, CHAT_NOTICE, "you are in %s", room->names->name);
	chat_hall_show_room(hall, member, &(struct chat_resume){ 0 });
	chat_news_joined(hall, member);
}

static void do_rooms(struct chat_hall *hall, struct chat_member *member,
		     const struct chat_said *said)
{
	struct chat_list list = { .hall = hall,
				  .to = member,
				  .event = { .kind = CHAT_NOTICE },
				  .lead = "rooms: ",
				  .separator = ", " };
	char text[CHAT_NICK_MAX + 24];

	(void)said;
	for (const struct chat_room *room = hall->rooms; room; room = room->next) {
		if (!room->members)
			continue;
		snprintf(text, sizeof(text), "%s %zu", room->names->name, room->count);
		chat_list_add(&list, text);
	}
	chat_list_end(&list, "no rooms");
}

static void do_who(struct chat_hall *hall, struct chat_member *member, const struct chat_said *said)
{
	(void)said;
	chat_room_tell_members(hall, member->room, member);
}

static void do_topic(struct chat_hall *hall, struct chat_member *member,
		     const struct chat_said *said)
{
	if (says_nothing(said->text))
		chat_room_tell_topic(hall, member->room, member);
	else
		chat_room_set_topic(hall, member->room, member, said->text);
}

/* ------ the others ------ */

static void do_ignore(struct chat_hall *hall, struct chat_member *member,
		      const struct chat_said *said)
{
	chat_ignore(hall, member, said->name);
}

static bool is_for(const struct chat_command_row *row, const struct chat_member *member)
{
	if (!row->help)
		return false;
	if (row->flags & CHAT_COMMAND_HOST)
		return member->hosting;
	return member->rich || !(row->flags & CHAT_COMMAND_LOCAL);
}

static void do_help(struct chat_hall *hall, struct chat_member *member,
		    const struct chat_said *said)
{
	(void)said;
	for (size_t i = 0; i < CHAT_COMMANDS; i++) {
		const struct chat_command_row *row = &chat_command_rows[i];

		if (is_for(row, member))
			chat_hall_say(hall, member, CHAT_NOTICE, "/%s%s%s: %s", row->word,
				      *row->usage ? " " : "", row->usage, row->help);
	}
	chat_hall_say(hall, member, CHAT_NOTICE, "// begins a text with a slash");
}

static void do_hello(struct chat_hall *hall, struct chat_member *member,
		     const struct chat_said *said)
{
	(void)said;
	chat_hall_say(hall, member, CHAT_REFUSED, "you are in already, as %s", member->nick);
}

/* That it came is all there is to it. */
static void do_nothing(struct chat_hall *hall, struct chat_member *member,
		       const struct chat_said *said)
{
	(void)hall;
	(void)member;
	(void)said;
}

static void do_offer(struct chat_hall *hall, struct chat_member *member,
		     const struct chat_said *said)
{
	if (member->rich)
		chat_offers_hear(hall, member, said, hall->now_ms);
	else
		chat_hall_say(hall, member, CHAT_REFUSED,
			      "files go between clients that know how: join with sockutil chat");
}

static void do_local(struct chat_hall *hall, struct chat_member *member,
		     const struct chat_said *said)
{
	chat_hall_say(hall, member, CHAT_REFUSED,
		      "/%s is for clients that know how: join with sockutil chat",
		      chat_command_rows[said->command].word);
}

static void do_ban(struct chat_hall *hall, struct chat_member *member, const struct chat_said *said)
{
	if (member->hosting)
		chat_ban(hall, member, said);
	else
		chat_hall_say(hall, member, CHAT_REFUSED, "/%s is for who hosts the chat",
			      chat_command_rows[said->command].word);
}

typedef void doing(struct chat_hall *, struct chat_member *, const struct chat_said *);

static doing *const doings[] = {
	[CHAT_COMMAND_NICK] = do_nick,    [CHAT_COMMAND_ME] = do_me,
	[CHAT_COMMAND_MSG] = do_msg,      [CHAT_COMMAND_WHO] = do_who,
	[CHAT_COMMAND_JOIN] = do_join,    [CHAT_COMMAND_ROOMS] = do_rooms,
	[CHAT_COMMAND_TOPIC] = do_topic,  [CHAT_COMMAND_IGNORE] = do_ignore,
	[CHAT_COMMAND_SEND] = do_local,   [CHAT_COMMAND_ACCEPT] = do_local,
	[CHAT_COMMAND_KICK] = do_ban,     [CHAT_COMMAND_BAN] = do_ban,
	[CHAT_COMMAND_CLEAR] = do_local,  [CHAT_COMMAND_HELP] = do_help,
	[CHAT_COMMAND_HELLO] = do_hello,  [CHAT_COMMAND_PONG] = do_nothing,
	[CHAT_COMMAND_OFFER] = do_offer,  [CHAT_COMMAND_TAKE] = do_offer,
	[CHAT_COMMAND_DROP] = do_offer,   [CHAT_COMMAND_DATA] = do_offer,
	[CHAT_COMMAND_TAKEN] = do_offer,  [CHAT_COMMAND_DONE] = do_offer,
	[CHAT_COMMAND_KEPT] = do_offer,   [CHAT_COMMAND_TEXT] = do_text,
	[CHAT_COMMAND_NONE] = do_nothing,
};

enum chat_hearing chat_hall_command(struct chat_hall *hall, struct chat_member *member,
				    const struct chat_said *said)
{
	if (said->command == CHAT_COMMAND_QUIT) {
		chat_hall_quit(hall, member, said->text);
		return CHAT_HEARING_LEAVES;
	}
	doings[said->command](hall, member, said);
	return CHAT_HEARING_ON;
}
