/* SPDX-License-Identifier: MIT */
/* A richer client's first line, and its way back to the nick it had. */
#include <string.h>

#include <sockutil/base/number.h>
#include <sockutil/chat/hall_parts.h>
#include <sockutil/chat/offers.h>

#define VERSION "chat/1"

/* "chat/1 NICK ROOM [EPOCH ID TOKEN]" */
struct hello {
	struct chat_slice version, nick, room, token;
	struct chat_resume resume;
};

static struct chat_slice next_word(struct chat_slice *rest)
{
	struct chat_slice word = *rest;
	const char *blank = word.length ? memchr(word.bytes, ' ', word.length) : NULL;

	if (blank)
		word.length = (size_t)(blank - word.bytes);
	rest->bytes += word.length + (blank ? 1 : 0);
	rest->length -= word.length + (blank ? 1 : 0);
	return word;
}

static bool hello_parse(const struct chat_hall *hall, struct hello *out, struct chat_slice text)
{
	struct chat_slice epoch, id;
	uint64_t run = 0;

	*out = (struct hello){ .version = next_word(&text) };
	out->nick = next_word(&text);
	out->room = next_word(&text);
	epoch = next_word(&text);
	id = next_word(&text);
	out->token = next_word(&text);
	if (!out->room.length || chat_slice_is(out->room, "-"))
		out->room = chat_slice_of(hall->options.room);
	if (!epoch.length)
		return out->nick.length > 0;
	out->resume.given = true;
	out->resume.ours = number_parse_bytes(epoch.bytes, epoch.length, UINT64_MAX, &run) &&
			   run == hall->options.epoch;
	return number_parse_bytes(id.bytes, id.length, INT64_MAX, &out->resume.id) &&
	       out->token.length > 0;
}

/* Takes as long whatever the two have in common. */
static bool token_is(const struct chat_member *member, struct chat_slice token)
{
	unsigned char differs = 0;

	if (!member->rich || token.length != CHAT_TOKEN_MAX - 1)
		return false;
	for (size_t i = 0; i < token.length; i++)
		differs |= (unsigned char)(member->token[i] ^ token.bytes[i]);
	return !differs;
}

/* Everything the ghost was is the member's now; the room that both are in learns nothing. */
static void take_over(struct chat_hall *hall, struct chat_member *member, struct chat_member *ghost,
		      struct chat_room *room)
{
	chat_names_unlist(&hall->nicks, ghost->names);
	chat_names_list(&hall->nicks, ghost->names, member);
	member->names = ghost->names;
	member->nick = ghost->nick;
	member->ignored = ghost->ignored;
	member->untold = ghost->untold;
	ghost->names = NULL;
	ghost->nick = NULL;
	ghost->ignored = NULL;
	ghost->untold = false;
	chat_room_put(room, member);
	hall->entered++;
}

static enum chat_hearing come_back(struct chat_hall *hall, struct chat_member *member,
				   struct chat_member *ghost, const struct hello *hello)
{
	struct failure why = { 0 };
	struct chat_room *room = chat_room_open(hall, hello->room, &why);
	const bool moves = ghost->room != room;

	if (!room)
		return chat_hall_turn_away(hall, member, &why);
	chat_hall_bye(hall, ghost, "out", "your nick has come back on another connection");
	chat_offers_leave(hall, ghost);
	if (moves)
		chat_news_left(hall, ghost, CHAT_LEFT, (struct chat_slice){ 0 });
	take_over(hall, member, ghost, room);
	chat_hall_forget(hall, ghost);
	hall->options.dismiss(hall->options.data, ghost, "its own new connection took its place");
	chat_hall_welcome(hall, member);
	chat_hall_show_room(hall, member, &hello->resume);
	if (moves)
		chat_news_joined(hall, member);
	return CHAT_HEARING_ON;
}

static struct chat_member *ghost_of(struct chat_hall *hall, const struct hello *hello)
{
	struct chat_member *ghost = NULL;

	if (hello->resume.given && hello->resume.ours)
		ghost = chat_hall_find(hall, hello->nick);
	return ghost && token_is(ghost, hello->token) ? ghost : NULL;
}

static enum chat_hearing come_in(struct chat_hall *hall, struct chat_member *member,
				 const struct hello *hello)
{
	struct chat_nick_judged judged;
	struct failure why = { 0 };
	struct chat_room *room = NULL;

	if (!chat_hall_judge(hall, member, hello->nick, &judged, &why))
		return chat_hall_turn_away(hall, member, &why);
	if (chat_hall_full(hall, member))
		return chat_hall_refuse_full(hall, member);
	room = chat_room_open(hall, hello->room, &why);
	if (!room)
		return chat_hall_turn_away(hall, member, &why);
	chat_hall_settle(hall, member, &judged, room, &hello->resume);
	return CHAT_HEARING_ON;
}

enum chat_hearing chat_hall_hello(struct chat_hall *hall, struct chat_member *member,
				  struct chat_slice text)
{
	struct hello hello;
	struct failure why = { 0 };
	struct chat_member *ghost;
	const bool whole = hello_parse(hall, &hello, text);

	member->rich = true;
	if (!chat_slice_is(hello.version, VERSION))
		return chat_hall_shut_out(hall, member, "this host speaks " VERSION " alone");
	if (!whole) {
		fail(&why, FAILURE_USAGE, "/hello " VERSION " NICK ROOM [EPOCH ID TOKEN]");
		return chat_hall_turn_away(hall, member, &why);
	}
	ghost = ghost_of(hall, &hello);
	return ghost ? come_back(hall, member, ghost, &hello) : come_in(hall, member, &hello);
}
