/* SPDX-License-Identifier: MIT */
/* /kick and /ban, and who may not come back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/chat/hall_parts.h>

/* ------ addresses ------ */

static struct chat_origin origin_v4(const void *bytes)
{
	struct chat_origin origin = { .kind = CHAT_ORIGIN_V4 };

	memcpy(origin.bytes, bytes, 4);
	return origin;
}

static struct chat_origin origin_v6(const struct in6_addr *address)
{
	struct chat_origin origin = { .kind = CHAT_ORIGIN_V6 };
	const uint8_t *bytes = address->s6_addr;

	if (IN6_IS_ADDR_V4MAPPED(address))
		return origin_v4(bytes + 12);
	/* All link-local addresses have the same first half. */
	memcpy(origin.bytes, bytes + (IN6_IS_ADDR_LINKLOCAL(address) ? 8 : 0), 8);
	return origin;
}

struct chat_origin chat_origin_of(const struct address *peer)
{
	struct chat_origin origin = { 0 };
	unsigned cid = 0, port = 0;

	if (!peer->length)
		return origin;
	if (peer->any.sa_family == AF_INET)
		return origin_v4(&peer->v4.sin_addr);
	if (peer->any.sa_family == AF_INET6)
		return origin_v6(&peer->v6.sin6_addr);
	if (address_is_vsock(peer, &cid, &port)) {
		origin.kind = CHAT_ORIGIN_VSOCK;
		memcpy(origin.bytes, &cid, sizeof(cid));
	}
	return origin;
}

/* ------ who is banned ------ */

bool chat_banned_origin(const struct chat_hall *hall, const struct chat_origin *origin)
{
	if (origin->kind == CHAT_ORIGIN_NONE)
		return false;
	for (size_t i = 0; i < hall->ban_count; i++) {
		const struct chat_ban *ban = &hall->bans[i];

		if (ban->origin.kind == origin->kind &&
		    memcmp(ban->origin.bytes, origin->bytes, sizeof(origin->bytes)) == 0)
			return true;
	}
	return false;
}

bool chat_banned_keys(const struct chat_hall *hall, const struct chat_nick_keys *keys)
{
	for (size_t i = 0; i < hall->ban_count; i++)
		if (hall->bans[i].names && chat_names_have(hall->bans[i].names, keys))
			return true;
	return false;
}

/* The oldest ban ends when there are too many. */
static void ban_add(struct chat_hall *hall, const struct chat_member *who)
{
	struct chat_ban *ban;

	if (chat_banned_origin(hall, &who->origin))
		return;
	if (!hall->bans)
		hall->bans = memory_zeroed(CHAT_BANS_MAX, sizeof(*hall->bans));
	ban = &hall->bans[hall->ban_next];
	hall->ban_next = (hall->ban_next + 1) % CHAT_BANS_MAX;
	if (hall->ban_count < CHAT_BANS_MAX)
		hall->ban_count++;
	chat_names_drop(ban->names);
	*ban = (struct chat_ban){ .origin = who->origin };
	if (who->origin.kind == CHAT_ORIGIN_NONE)
		ban->names = chat_names_hold(who->names);
}

void chat_bans_free(struct chat_hall *hall)
{
	for (size_t i = 0; i < hall->ban_count; i++)
		chat_names_drop(hall->bans[i].names);
	free(hall->bans);
	hall->bans = NULL;
	hall->ban_count = 0;
}

/* ------ the commands ------ */

void chat_ban(struct chat_hall *hall, struct chat_member *by, const struct chat_said *said)
{
	struct chat_member *who = chat_hall_find(hall, said->name);
	const char *what = said->command == CHAT_COMMAND_BAN ? "banned" : "kicked";
	char text[CHAT_REASON_MAX + 2 * CHAT_NICK_MAX], clause[CHAT_NICK_MAX + 32];

	if (!who) {
		chat_hall_say(hall, by, CHAT_REFUSED, "nobody here is called %.*s",
			      (int)said->name.length, said->name.bytes);
		return;
	}
	if (who->hosting) {
		chat_hall_say(hall, by, CHAT_REFUSED, "%s hosts the chat and stays", who->nick);
		return;
	}
	snprintf(clause, sizeof(clause), "%s by %s", what, by->nick);
	snprintf(text, sizeof(text), "%s%s%.*s", clause, said->text.length ? ": " : "",
		 (int)said->text.length, said->text.bytes);
	if (said->command == CHAT_COMMAND_BAN)
		ban_add(hall, who);
	/* Who does it may be in another room. */
	if (who->room != by->room)
		chat_hall_say(hall, by, CHAT_NOTICE, "%s is out", who->nick);
	chat_hall_put_out(hall, who, text, clause);
}
