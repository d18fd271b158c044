/* SPDX-License-Identifier: MIT */
/* The hall's door: a nick is asked for until there is one that may be had. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/random.h>
#include <sockutil/chat/hall_parts.h>

/* ------ nicks ------ */

static bool may_have(struct chat_hall *hall, const struct chat_member *member,
		     const struct chat_nick_judged *nick, struct failure *why)
{
	const struct chat_nick_names *there =
		chat_names_find(&hall->nicks, &nick->keys, member->names);

	if (chat_nick_reserved(&nick->keys))
		fail(why, FAILURE_USAGE, "%s is no nick for a member", nick->name);
	else if (!member->hosting && chat_banned_keys(hall, &nick->keys))
		fail(why, FAILURE_USAGE, "%s is banned from this chat", nick->name);
	else if (there && strcmp(there->name, nick->name) == 0)
		fail(why, FAILURE_USAGE, "%s is here already", nick->name);
	else if (there)
		fail(why, FAILURE_USAGE, "%s looks like %s, who is here already", nick->name,
		     there->name);
	else
		return true;
	return false;
}

bool chat_hall_judge(struct chat_hall *hall, const struct chat_member *member,
		     struct chat_slice nick, struct chat_nick_judged *out, struct failure *why)
{
	return chat_nick_check(nick.bytes, nick.length, out->name, why) &&
	       chat_nick_keys(out->name, &out->keys, why) && may_have(hall, member, out, why);
}

/* ------ who cannot come in ------ */

enum chat_hearing chat_hall_shut_out(struct chat_hall *hall, struct chat_member *member,
				     const char *text)
{
	chat_hall_bye(hall, member, "out", text);
	chat_hall_forget(hall, member);
	return CHAT_HEARING_LEAVES;
}

enum chat_hearing chat_hall_turn_away(struct chat_hall *hall, struct chat_member *member,
				      const struct failure *why)
{
	chat_hall_say(hall, member, CHAT_REFUSED, member->rich ? "%s" : "%s. Another nick?",
		      why->text);
	if (++member->refusals < CHAT_REFUSALS_MAX)
		return CHAT_HEARING_ON;
	return chat_hall_shut_out(hall, member, "so many nicks, and none that can be had");
}

bool chat_hall_full(const struct chat_hall *hall, const struct chat_member *member)
{
	return !member->hosting && hall->entered >= hall->options.max_members;
}

enum chat_hearing chat_hall_refuse_full(struct chat_hall *hall, struct chat_member *member)
{
	char text[64];

	snprintf(text, sizeof(text), "the chat is full (%zu members)", hall->entered);
	return chat_hall_shut_out(hall, member, text);
}

/* ------ coming in ------ */

void chat_hall_show_room(struct chat_hall *hall, struct chat_member *member,
			 const struct chat_resume *resume)
{
	struct chat_room *room = member->room;

	chat_room_tell_members(hall, room, member);
	if (room->topic)
		chat_room_tell_topic(hall, room, member);
	chat_history_tell(hall, room, member, resume);
}

void chat_hall_welcome(struct chat_hall *hall, struct chat_member *member)
{
	struct chat_event event = chat_hall_event(hall, CHAT_WELCOME, member);
	char epoch[32];

	snprintf(epoch, sizeof(epoch), "%" PRIu64, hall->options.epoch);
	if (member->rich)
		random_text(member->token, CHAT_TOKEN_MAX - 1);
	event.other = chat_slice_of(epoch);
	event.id = hall->last_id;
	event.word = chat_slice_of(member->token);
	chat_hall_tell(hall, member, &event);
	if (!member->rich)
		chat_hall_say(hall, member, CHAT_NOTICE, "/help tells what you can say");
}

void chat_hall_settle(struct chat_hall *hall, struct chat_member *member,
		      const struct chat_nick_judged *nick, struct chat_room *room,
		      const struct chat_resume *resume)
{
	member->names = chat_names_new(nick->name, &nick->keys);
	member->nick = member->names->name;
	chat_names_list(&hall->nicks, member->names, member);
	chat_room_put(room, member);
	hall->entered++;
	chat_hall_welcome(hall, member);
	chat_hall_show_room(hall, member, resume);
	chat_news_joined(hall, member);
}

static enum chat_hearing enter_plain(struct chat_hall *hall, struct chat_member *member,
				     struct chat_slice nick)
{
	struct chat_nick_judged judged;
	struct failure why = { 0 };
	struct chat_room *room;

	if (member->rich) {
		fail(&why, FAILURE_USAGE, "/hello comes first");
		return chat_hall_turn_away(hall, member, &why);
	}
	if (!chat_hall_judge(hall, member, nick, &judged, &why))
		return chat_hall_turn_away(hall, member, &why);
	if (chat_hall_full(hall, member))
		return chat_hall_refuse_full(hall, member);
	room = chat_room_open(hall, chat_slice_of(hall->options.room), &why);
	if (!room)
		return chat_hall_turn_away(hall, member, &why);
	chat_hall_settle(hall, member, &judged, room, &(struct chat_resume){ 0 });
	return CHAT_HEARING_ON;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static struct chat_slice trimmed(struct chat_slice text)
{
	while (text.length && is_blank(text.bytes[text.length - 1]))
		text.length--;
	while (text.length && is_blank(*text.bytes)) {
		text.bytes++;
		text.length--;
	}
	return text;
}

enum chat_hearing chat_hall_enter(struct chat_hall *hall, struct chat_member *member,
				  const struct chat_said *said)
{
	struct failure why = { 0 };

	switch (said->command) {
	case CHAT_COMMAND_NONE:
	case CHAT_COMMAND_PONG:
		return CHAT_HEARING_ON;
	case CHAT_COMMAND_QUIT:
		chat_hall_quit(hall, member, (struct chat_slice){ 0 });
		return CHAT_HEARING_LEAVES;
	case CHAT_COMMAND_HELLO:
		return chat_hall_hello(hall, member, said->text);
	case CHAT_COMMAND_NICK:
		return enter_plain(hall, member, said->name);
	case CHAT_COMMAND_TEXT:
		return enter_plain(hall, member, trimmed(said->text));
	default:
		fail(&why, FAILURE_USAGE, "first a nick, then /%s",
		     chat_command_rows[said->command].word);
		return chat_hall_turn_away(hall, member, &why);
	}
}
