/* SPDX-License-Identifier: MIT */
/* Rooms: made with their first member, gone with the last but for the one where everybody starts;
 * what all in one are told. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/utf8.h>
#include <sockutil/chat/hall_parts.h>

static struct chat_room *room_new(struct chat_hall *hall, const char *name,
				  const struct chat_nick_keys *keys)
{
	struct chat_room *room = memory_zeroed(1, sizeof(*room));

	room->names = chat_names_new(name, keys);
	chat_names_list(&hall->called, room->names, room);
	room->last = &room->members;
	room->born = hall->last_id;
	room->next = hall->rooms;
	room->link = &hall->rooms;
	if (room->next)
		room->next->link = &room->next;
	hall->rooms = room;
	hall->room_count++;
	return room;
}

struct chat_room *chat_room_open(struct chat_hall *hall, struct chat_slice name,
				 struct failure *why)
{
	char checked[CHAT_NICK_MAX];
	struct chat_nick_keys keys;
	const struct chat_nick_names *there;

	if (!chat_nick_check(name.bytes, name.length, checked, why) ||
	    !chat_nick_keys(checked, &keys, why)) {
		fail_at(why, "the room's name");
		return NULL;
	}
	if (strcmp(checked, "-") == 0) {
		fail(why, FAILURE_USAGE, "a room's name is more than a dash");
		return NULL;
	}
	there = chat_names_find(&hall->called, &keys, NULL);
	if (!there)
		return room_new(hall, checked, &keys);
	if (strcasecmp(there->name, checked) == 0)
		return there->owner;
	fail(why, FAILURE_USAGE, "%s looks like the room %s; /join %s goes there", checked,
	     there->name, there->name);
	return NULL;
}

/* Where everybody starts: what was said there waits for the next one. */
static bool room_stays(const struct chat_hall *hall, const struct chat_room *room)
{
	return !hall->closed && strcasecmp(room->names->name, hall->options.room) == 0;
}

void chat_room_close(struct chat_hall *hall, struct chat_room *room)
{
	if (room->members)
		return;
	if (room_stays(hall, room)) {
		chat_news_free(hall, room);
		return;
	}
	if (room->next)
		room->next->link = room->link;
	*room->link = room->next;
	hall->room_count--;
	chat_names_unlist(&hall->called, room->names);
	chat_names_drop(room->names);
	chat_history_free(hall, room);
	chat_news_free(hall, room);
	free(room->topic);
	free(room->topic_by);
	free(room);
}

void chat_room_put(struct chat_room *room, struct chat_member *member)
{
	member->room = room;
	member->next = NULL;
	member->link = room->last;
	*room->last = member;
	room->last = &member->next;
	room->count++;
}

void chat_room_take(struct chat_hall *hall, struct chat_member *member)
{
	struct chat_room *room = member->room;

	if (member->next)
		member->next->link = member->link;
	else
		room->last = member->link;
	*member->link = member->next;
	member->next = NULL;
	member->link = NULL;
	member->room = NULL;
	room->count--;
	chat_room_close(hall, room);
}

void chat_room_cast(struct chat_hall *hall, struct chat_room *room, struct chat_line *line,
		    const struct chat_nick_names *from, const struct chat_member *except)
{
	for (struct chat_member *m = room->members; m; m = m->next)
		if (m != except && !(m->ignored && from && chat_ignore_has(m, from)))
			chat_hall_deliver(hall, m, line);
}

void chat_room_tell_members(struct chat_hall *hall, struct chat_room *room, struct chat_member *to)
{
	struct chat_list list = { .hall = hall,
				  .to = to,
				  .event = { .kind = CHAT_MEMBERS,
					     .number = room->count,
					     .room = chat_slice_of(room->names->name) },
				  .lead = "",
				  .separator = " " };

	for (const struct chat_member *m = room->members; m; m = m->next)
		chat_list_add(&list, m->nick);
	chat_list_end(&list, "nobody is here");
}

/* ------ the topic ------ */

static struct chat_event topic_event(const struct chat_hall *hall, const struct chat_room *room)
{
	return (struct chat_event){
		.kind = CHAT_TOPIC,
		.time_ms = room->topic ? room->topic_ms : hall->time_ms,
		.room = chat_slice_of(room->names->name),
		.nick = chat_slice_of(room->topic_by),
		.text = chat_slice_of(room->topic),
	};
}

void chat_room_tell_topic(struct chat_hall *hall, struct chat_room *room, struct chat_member *to)
{
	const struct chat_event event = topic_event(hall, room);

	chat_hall_tell(hall, to, &event);
}

void chat_room_set_topic(struct chat_hall *hall, struct chat_room *room, struct chat_member *by,
			 struct chat_slice text)
{
	const size_t length = utf8_cut(text.bytes, text.length, CHAT_TOPIC_MAX);
	struct chat_event event;
	struct chat_line *line;

	if (length < text.length)
		chat_hall_say(hall, by, CHAT_NOTICE,
			      "a topic has at most %d bytes; the rest was dropped", CHAT_TOPIC_MAX);
	free(room->topic);
	free(room->topic_by);
	room->topic = memory_zeroed(1, length + 1);
	memcpy(room->topic, text.bytes, length);
	room->topic_by = memory_string(by->nick);
	room->topic_ms = hall->time_ms;
	event = topic_event(hall, room);
	chat_hall_record(hall, &event);
	line = chat_hall_line(hall, by, &event, NULL);
	if (line)
		chat_room_cast(hall, room, line, by->names, NULL);
	chat_line_drop(line);
}
