/* SPDX-License-Identifier: MIT */
/* What was said in a room, kept for those who come later or come back. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/chat/hall_parts.h>

enum { RING_FIRST = 16 };

static size_t cost_of(const struct chat_line *line)
{
	return sizeof(*line) + sizeof(struct chat_kept) + line->length[CHAT_PLAIN] +
	       line->length[CHAT_RICH];
}

static void history_drop_oldest(struct chat_hall *hall, struct chat_history *history)
{
	const struct chat_kept oldest = history->ring[history->first];

	if (oldest.line) {
		history->forgotten = oldest.line->id;
		history->bytes -= cost_of(oldest.line);
		hall->kept -= cost_of(oldest.line);
	}
	chat_line_drop(oldest.line);
	chat_names_drop(oldest.from);
	history->ring[history->first] = (struct chat_kept){ 0 };
	history->first = (history->first + 1) % history->size;
	history->count--;
}

static bool history_grow(struct chat_history *history, size_t most)
{
	size_t size = history->size ? history->size * 2 : RING_FIRST;
	struct chat_kept *ring;

	if (size > most)
		size = most;
	ring = calloc(size, sizeof(*ring));
	if (!ring)
		return false;
	for (size_t i = 0; i < history->count; i++)
		ring[i] = history->ring[(history->first + i) % history->size];
	free(history->ring);
	history->ring = ring;
	history->size = size;
	history->first = 0;
	return true;
}

/* The room that keeps most gives: who fills a room of his own takes nothing from the others'. */
static void history_fit(struct chat_hall *hall)
{
	while (hall->rooms && hall->kept > CHAT_HISTORY_HALL) {
		struct chat_history *most = &hall->rooms->history;

		for (struct chat_room *room = hall->rooms; room; room = room->next)
			if (room->history.bytes > most->bytes)
				most = &room->history;
		history_drop_oldest(hall, most);
	}
}

void chat_history_add(struct chat_hall *hall, struct chat_room *room, struct chat_line *line,
		      struct chat_nick_names *from)
{
	struct chat_history *history = &room->history;
	const size_t cost = cost_of(line);

	if (history->count && history->count == hall->options.history)
		history_drop_oldest(hall, history);
	if (!hall->options.history ||
	    (history->count == history->size && !history_grow(history, hall->options.history))) {
		history->forgotten = line->id;
		return;
	}
	history->ring[(history->first + history->count++) % history->size] =
		(struct chat_kept){ chat_line_hold(line), chat_names_hold(from) };
	history->bytes += cost;
	hall->kept += cost;
	while (history->bytes > CHAT_HISTORY_ROOM)
		history_drop_oldest(hall, history);
	history_fit(hall);
}

static void history_tell_gap(struct chat_hall *hall, struct chat_room *room, struct chat_member *to,
			     const struct chat_resume *resume)
{
	if (!resume->given)
		return;
	if (!resume->ours)
		chat_hall_say(hall, to, CHAT_NOTICE,
			      "the host was started anew; what was said before is not kept");
	else if (room->history.forgotten > resume->id)
		chat_hall_say(hall, to, CHAT_NOTICE,
			      "part of what was said meanwhile is no longer kept");
	else if (room->born > resume->id)
		chat_hall_say(hall, to, CHAT_NOTICE,
			      "the room was made anew meanwhile; what was said before is not kept");
}

void chat_history_tell(struct chat_hall *hall, struct chat_room *room, struct chat_member *to,
		       const struct chat_resume *resume)
{
	const struct chat_history *history = &room->history;
	const bool back = resume->given && resume->ours;
	bool told = false;

	history_tell_gap(hall, room, to, resume);
	for (size_t i = 0; i < history->count; i++) {
		const struct chat_kept *kept = &history->ring[(history->first + i) % history->size];

		if ((back && kept->line->id <= resume->id) || chat_ignore_has(to, kept->from))
			continue;
		if (!told)
			chat_hall_say(hall, to, CHAT_NOTICE,
				      back ? "while you were away:" : "earlier:");
		told = true;
		chat_hall_deliver(hall, to, kept->line);
	}
}

void chat_history_free(struct chat_hall *hall, struct chat_room *room)
{
	while (room->history.count)
		history_drop_oldest(hall, &room->history);
	free(room->history.ring);
	room->history = (struct chat_history){ 0 };
}
