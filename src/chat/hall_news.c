/* SPDX-License-Identifier: MIT */
/* Who came to a room and who left it: told one by one as long as few do, else together. */
#include <stdio.h>

#include <sockutil/chat/hall_parts.h>

static bool news_waits(const struct chat_news *news)
{
	return news->came || news->left;
}

/* ------ what waits ------ */

static void news_cast_joined(struct chat_hall *hall, struct chat_member *who)
{
	const struct chat_event event = chat_hall_event(hall, CHAT_JOINED, who);
	struct chat_line *line = chat_line_new(&event, NULL);

	if (line)
		chat_room_cast(hall, who->room, line, who->names, who);
	chat_line_drop(line);
}

static void news_cast_count(struct chat_hall *hall, struct chat_room *room)
{
	const struct chat_news *news = &room->news;
	char text[64];
	struct chat_event event = { .kind = CHAT_NOTICE };
	struct chat_line *line;

	if (news->came && news->left)
		snprintf(text, sizeof(text), "%zu came, %zu left", news->came, news->left);
	else
		snprintf(text, sizeof(text), "%zu %s", news->came + news->left,
			 news->came ? "came" : "left");
	event.text = chat_slice_of(text);
	line = chat_line_new(&event, NULL);
	if (line)
		chat_room_cast(hall, room, line, NULL, NULL);
	chat_line_drop(line);
}

static void news_forget(struct chat_hall *hall, struct chat_room *room)
{
	struct chat_news *news = &room->news;

	if (news_waits(news))
		hall->news--;
	for (size_t i = 0; i < CHAT_NEWS_TOLD; i++) {
		chat_line_drop(news->gone[i].line);
		chat_names_drop(news->gone[i].from);
		news->gone[i] = (struct chat_kept){ 0 };
	}
	for (struct chat_member *m = news->came ? room->members : NULL; m; m = m->next)
		m->untold = false;
	news->came = 0;
	news->left = 0;
}

static void news_cast_each(struct chat_hall *hall, struct chat_room *room)
{
	const struct chat_news *news = &room->news;

	for (size_t i = 0; i < news->left; i++)
		if (news->gone[i].line)
			chat_room_cast(hall, room, news->gone[i].line, news->gone[i].from, NULL);
	for (struct chat_member *m = news->came ? room->members : NULL; m; m = m->next)
		if (m->untold)
			news_cast_joined(hall, m);
}

static void news_tell(struct chat_hall *hall, struct chat_room *room)
{
	const size_t count = room->news.came + room->news.left;

	room->news.since_ms = hall->now_ms;
	room->news.told = 0;
	if (count > CHAT_NEWS_TOLD) {
		news_cast_count(hall, room);
	} else if (count) {
		news_cast_each(hall, room);
		room->news.told = (unsigned)count;
	}
	news_forget(hall, room);
}

/* Whether one more is told at once. */
static bool news_at_once(struct chat_hall *hall, struct chat_room *room)
{
	struct chat_news *news = &room->news;

	if (!news->told || hall->now_ms - news->since_ms >= CHAT_NEWS_MS)
		news_tell(hall, room);
	if (news_waits(news) || news->told >= CHAT_NEWS_TOLD) {
		if (!news_waits(news))
			hall->news++;
		return false;
	}
	news->told++;
	return true;
}

/* ------ what happens ------ */

void chat_news_joined(struct chat_hall *hall, struct chat_member *who)
{
	const struct chat_event event = chat_hall_event(hall, CHAT_JOINED, who);

	chat_hall_record(hall, &event);
	if (news_at_once(hall, who->room)) {
		news_cast_joined(hall, who);
		return;
	}
	who->untold = true;
	who->room->news.came++;
}

static void news_left_later(struct chat_room *room, struct chat_line *line,
			    struct chat_nick_names *from)
{
	struct chat_news *news = &room->news;

	if (line && news->left < CHAT_NEWS_TOLD)
		news->gone[news->left] =
			(struct chat_kept){ chat_line_hold(line), chat_names_hold(from) };
	news->left++;
}

void chat_news_cancel(struct chat_hall *hall, struct chat_member *who)
{
	who->untold = false;
	who->room->news.came--;
	if (!news_waits(&who->room->news))
		hall->news--;
}

void chat_news_left(struct chat_hall *hall, struct chat_member *who, enum chat_kind kind,
		    struct chat_slice text)
{
	struct chat_event event = chat_hall_event(hall, kind, who);
	struct chat_line *line;

	event.text = text;
	chat_hall_record(hall, &event);
	if (who->untold) {
		chat_news_cancel(hall, who);
		return;
	}
	line = chat_line_new(&event, NULL);
	if (!news_at_once(hall, who->room))
		news_left_later(who->room, line, who->names);
	else if (line)
		chat_room_cast(hall, who->room, line, who->names, who);
	chat_line_drop(line);
}

int64_t chat_news_tick(struct chat_hall *hall)
{
	int64_t next = -1;

	for (struct chat_room *room = hall->news ? hall->rooms : NULL; room; room = room->next) {
		int64_t wait = room->news.since_ms + CHAT_NEWS_MS - hall->now_ms;

		if (!news_waits(&room->news))
			continue;
		if (wait <= 0)
			news_tell(hall, room);
		else if (next < 0 || wait < next)
			next = wait;
	}
	return next;
}

void chat_news_free(struct chat_hall *hall, struct chat_room *room)
{
	news_forget(hall, room);
}
