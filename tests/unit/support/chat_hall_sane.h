/* SPDX-License-Identifier: MIT */
#ifndef CHAT_HALL_SANE_H
#define CHAT_HALL_SANE_H
/* The invariants of the hall, for unit tests and the fuzz entry alike: the first one that does not
 * hold, as the source has it; NULL: all do. */
#include <string.h>
#include <strings.h>

#include <sockutil/chat/hall_parts.h>

#define SANE(holds)                                                                                \
	do {                                                                                       \
		if (!(holds))                                                                      \
			return #holds;                                                             \
	} while (0)

/* It is in its table by both keys, and nobody else there looks like it. */
static inline const char *sane_names(const struct chat_names *table,
				     const struct chat_nick_names *names, const void *owner)
{
	struct chat_nick_keys keys = { 0 };

	SANE(names && names->holders > 0 && names->owner == owner);
	for (unsigned i = 0; i < CHAT_NAMES_KEYS; i++)
		SANE(names->link[i] && *names->link[i] == names);
	memcpy(keys.written, names->key[CHAT_NAMES_WRITTEN],
	       strlen(names->key[CHAT_NAMES_WRITTEN]) + 1);
	memcpy(keys.folded, names->key[CHAT_NAMES_FOLDED],
	       strlen(names->key[CHAT_NAMES_FOLDED]) + 1);
	SANE(chat_names_find(table, &keys, NULL) == names);
	SANE(chat_names_find(table, &keys, names) == NULL);
	return NULL;
}

static inline const char *sane_history(const struct chat_hall *hall, const struct chat_room *room)
{
	const struct chat_history *history = &room->history;
	uint64_t last = history->forgotten;
	size_t bytes = 0;

	SANE(history->count <= history->size && history->size <= hall->options.history);
	SANE((history->ring == NULL) == (history->size == 0));
	for (size_t i = 0; i < history->count; i++) {
		const struct chat_kept *kept = &history->ring[(history->first + i) % history->size];

		SANE(kept->line->id > last && kept->line->holders > 0 && kept->from->holders > 0);
		last = kept->line->id;
		bytes += sizeof(*kept->line) + sizeof(*kept) + kept->line->length[CHAT_PLAIN] +
			 kept->line->length[CHAT_RICH];
	}
	SANE(last <= hall->last_id && room->born <= hall->last_id);
	SANE(bytes == history->bytes && bytes <= CHAT_HISTORY_ROOM);
	return NULL;
}

static inline const char *sane_room(const struct chat_hall *hall, const struct chat_room *room)
{
	struct chat_member *const *link = &room->members;
	size_t count = 0, untold = 0;

	SANE(room->members || strcasecmp(room->names->name, hall->options.room) == 0);
	SANE(*room->link == room && (!room->topic == !room->topic_by));
	for (; *link; link = &(*link)->next, count++) {
		SANE((*link)->room == room && (*link)->link == link);
		untold += (*link)->untold;
	}
	SANE(room->last == link && room->count == count && room->news.came == untold);
	for (size_t i = room->news.left; i < CHAT_NEWS_TOLD; i++)
		SANE(!room->news.gone[i].line && !room->news.gone[i].from);
	if (sane_names(&hall->called, room->names, room))
		return sane_names(&hall->called, room->names, room);
	return sane_history(hall, room);
}

static inline const char *sane_member(const struct chat_hall *hall,
				      const struct chat_member *member)
{
	SANE(member->arrived && *member->all_link == member);
	SANE(!member->room == !member->nick && !member->room == !member->names);
	SANE(member->refusals < CHAT_REFUSALS_MAX);
	if (!member->room) {
		SANE(!member->ignored && !member->untold && !member->given && !member->got);
		return NULL;
	}
	SANE(member->nick == member->names->name);
	SANE(strlen(member->token) == (member->rich ? CHAT_TOKEN_MAX - 1 : 0));
	return sane_names(&hall->nicks, member->names, member);
}

static inline const char *chat_hall_insane(const struct chat_hall *hall)
{
	size_t entered = 0, rooms = 0, inside = 0, kept = 0, news = 0;

	for (const struct chat_member *m = hall->members; m; m = m->all_next) {
		const char *broken = sane_member(hall, m);

		if (broken)
			return broken;
		entered += m->room != NULL;
	}
	for (const struct chat_room *room = hall->rooms; room; room = room->next) {
		const char *broken = sane_room(hall, room);

		if (broken)
			return broken;
		rooms++;
		inside += room->count;
		kept += room->history.bytes;
		news += room->news.came || room->news.left;
	}
	SANE(entered == hall->entered && inside == entered && hall->nicks.count == entered);
	SANE(rooms == hall->room_count && hall->called.count == rooms);
	SANE(kept == hall->kept && kept <= CHAT_HISTORY_HALL && news == hall->news);
	SANE(hall->ban_count <= CHAT_BANS_MAX);
	return NULL;
}
#endif
