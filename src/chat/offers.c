/* SPDX-License-Identifier: MIT */
/* offers.c - files between members, as the host sees them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/base64.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/base/utf8.h>
#include <sockutil/chat/clean.h>
#include <sockutil/chat/offers.h>

enum { REASON_MAX = CHAT_OFFER_REASON * 8 + 1 };

enum offer_state {
	OFFERED, /* nobody has taken it */
	WAITING, /* taken, while others of its members are being taken */
	GOING,   /* the sender may send */
	DONE,    /* all of it is sent, and its digest */
};

/*
 * Invariants: in its sender's list `given`, its receiver's list `got` (both oldest first), and
 * in the list of all, those that moved last at its end; taken <= sent <= size; nothing is sent
 * before GOING.
 */
struct chat_offer {
	uint64_t number, size, sent, taken;
	int64_t moved_ms;
	struct chat_member *sender, *receiver;
	struct chat_offer *given_next, *got_next;
	struct chat_offer *before, *after; /* of all */
	enum offer_state state;
};

struct chat_offers {
	struct chat_offer *first, *last; /* of all, by moved_ms */
	uint64_t number;                 /* of the newest */
	size_t count;
	int64_t now_ms; /* as it was last heard of */
};

struct chat_offers *chat_offers_new(void)
{
	return memory_zeroed(1, sizeof(struct chat_offers));
}

size_t chat_offers_count(const struct chat_offers *offers)
{
	return offers->count;
}

/* ------ the lists ------ */

static void all_append(struct chat_offers *offers, struct chat_offer *offer)
{
	offer->before = offers->last;
	offer->after = NULL;
	*(offers->last ? &offers->last->after : &offers->first) = offer;
	offers->last = offer;
}

static void all_remove(struct chat_offers *offers, struct chat_offer *offer)
{
	*(offer->before ? &offer->before->after : &offers->first) = offer->after;
	*(offer->after ? &offer->after->before : &offers->last) = offer->before;
}

static void link_offer(struct chat_offers *offers, struct chat_offer *offer)
{
	struct chat_offer **given = &offer->sender->given, **got = &offer->receiver->got;

	while (*given)
		given = &(*given)->given_next;
	while (*got)
		got = &(*got)->got_next;
	*given = *got = offer;
	all_append(offers, offer);
	offers->count++;
}

static void unlink_offer(struct chat_offers *offers, struct chat_offer *offer)
{
	struct chat_offer **given = &offer->sender->given, **got = &offer->receiver->got;

	while (*given != offer)
		given = &(*given)->given_next;
	while (*got != offer)
		got = &(*got)->got_next;
	*given = offer->given_next;
	*got = offer->got_next;
	all_remove(offers, offer);
	offers->count--;
}

static void moved(struct chat_offers *offers, struct chat_offer *offer)
{
	offer->moved_ms = offers->now_ms;
	all_remove(offers, offer);
	all_append(offers, offer);
}

void chat_offers_free(struct chat_offers *offers)
{
	while (offers && offers->first) {
		struct chat_offer *offer = offers->first;

		unlink_offer(offers, offer);
		free(offer);
	}
	free(offers);
}

static struct chat_offer *find(const struct chat_member *member, uint64_t number)
{
	for (struct chat_offer *o = member->given; o; o = o->given_next)
		if (o->number == number)
			return o;
	for (struct chat_offer *o = member->got; o; o = o->got_next)
		if (o->number == number)
			return o;
	return NULL;
}

static bool being_taken(const struct chat_offer *offer)
{
	return offer->state == GOING || offer->state == DONE;
}

/* ------ what is told ------ */

static void tell(struct chat_hall *hall, struct chat_member *to, enum chat_kind kind,
		 const struct chat_offer *offer, struct chat_slice text)
{
	const struct chat_event event = {
		.kind = kind,
		.number = offer->number,
		.size = offer->taken,
		.text = text,
	};

	chat_hall_tell(hall, to, &event);
}

static void tell_made(struct chat_hall *hall, const struct chat_offer *offer, const char *name)
{
	struct chat_event event = {
		.number = offer->number,
		.size = offer->size,
		.text = chat_slice_of(name),
	};

	event.kind = CHAT_OFFERING;
	event.nick = chat_slice_of(offer->receiver->nick);
	chat_hall_tell(hall, offer->sender, &event);
	event.kind = CHAT_OFFERED;
	event.nick = chat_slice_of(offer->sender->nick);
	chat_hall_tell(hall, offer->receiver, &event);
}

/* ------ whose turn it is ------ */

static bool may_go(const struct chat_offer *offer)
{
	size_t sending = 0, taking = 0;

	for (const struct chat_offer *o = offer->sender->given; o; o = o->given_next)
		sending += being_taken(o);
	for (const struct chat_offer *o = offer->receiver->got; o; o = o->got_next)
		taking += being_taken(o);
	return sending < CHAT_OFFERS_TAKEN && taking < CHAT_OFFERS_TAKEN;
}

static void go_when_free(struct chat_hall *hall, struct chat_offer *offer)
{
	if (offer->state != WAITING || !may_go(offer))
		return;
	offer->state = GOING;
	moved(chat_hall_offers(hall), offer);
	tell(hall, offer->sender, CHAT_TAKE, offer, (struct chat_slice){ 0 });
}

/* One of theirs is over. */
static void next_ones(struct chat_hall *hall, const struct chat_member *sender,
		      const struct chat_member *receiver)
{
	for (struct chat_offer *o = sender->given; o; o = o->given_next)
		go_when_free(hall, o);
	for (struct chat_offer *o = receiver->got; o; o = o->got_next)
		go_when_free(hall, o);
}

/* gone: who need not be told; NULL: both are. */
static void tell_dropped(struct chat_hall *hall, const struct chat_offer *offer, const char *reason,
			 const struct chat_member *gone)
{
	if (offer->sender != gone)
		tell(hall, offer->sender, CHAT_DROPPED, offer, chat_slice_of(reason));
	if (offer->receiver != gone)
		tell(hall, offer->receiver, CHAT_DROPPED, offer, chat_slice_of(reason));
}

/* It is in no list any more, and was told: others may have its place. */
static void over(struct chat_hall *hall, struct chat_offer *offer)
{
	next_ones(hall, offer->sender, offer->receiver);
	free(offer);
}

static void drop(struct chat_hall *hall, struct chat_offer *offer, const char *reason)
{
	unlink_offer(chat_hall_offers(hall), offer);
	tell_dropped(hall, offer, reason, NULL);
	over(hall, offer);
}

/* ------ /offer ------ */

static size_t between(const struct chat_member *sender, const struct chat_member *receiver)
{
	size_t count = 0;

	for (const struct chat_offer *o = sender->given; o; o = o->given_next)
		count += o->receiver == receiver;
	return count;
}

static size_t given(const struct chat_member *sender)
{
	size_t count = 0;

	for (const struct chat_offer *o = sender->given; o; o = o->given_next)
		count++;
	return count;
}

static size_t got(const struct chat_member *receiver)
{
	size_t count = 0;

	for (const struct chat_offer *o = receiver->got; o; o = o->got_next)
		count++;
	return count;
}

/* Why it cannot be, in why; false then. */
static bool may_offer(struct chat_hall *hall, const struct chat_member *sender,
		      const struct chat_member *receiver, uint64_t size,
		      char why[static REASON_MAX])
{
	const uint64_t most = chat_hall_settings(hall)->max_size;
	char text[32];

	*why = '\0';
	if (!receiver)
		snprintf(why, REASON_MAX, "nobody of that name is here");
	else if (receiver == sender)
		snprintf(why, REASON_MAX, "that is you");
	/* Who is ignored is not told so. */
	else if (!receiver->rich || chat_hall_ignores(receiver, sender))
		snprintf(why, REASON_MAX, "%s takes no files", receiver->nick);
	else if (size > most)
		snprintf(why, REASON_MAX, "the host passes on at most %s",
			 size_text(text, sizeof(text), most));
	else if (given(sender) >= CHAT_OFFERS_EACH)
		snprintf(why, REASON_MAX, "%d of your offers are under way already",
			 CHAT_OFFERS_EACH);
	else if (between(sender, receiver) >= CHAT_OFFERS_BETWEEN)
		snprintf(why, REASON_MAX, "%d of your offers to %s are under way already",
			 CHAT_OFFERS_BETWEEN, receiver->nick);
	else if (got(receiver) >= CHAT_OFFERS_EACH)
		snprintf(why, REASON_MAX, "%s has %d offers already", receiver->nick,
			 CHAT_OFFERS_EACH);
	return !*why;
}

static void hear_offer(struct chat_hall *hall, struct chat_member *member,
		       const struct chat_said *said)
{
	struct chat_offers *offers = chat_hall_offers(hall);
	struct chat_member *receiver = chat_hall_find(hall, said->name);
	char name[FILE_NAME_MAX], why[REASON_MAX];
	struct chat_offer *offer;
	bool fine = may_offer(hall, member, receiver, said->size, why);

	if (fine && !chat_offer_name(said->text, name)) {
		snprintf(why, sizeof(why), "that is no name for a file");
		fine = false;
	}
	if (!fine) {
		tell(hall, member, CHAT_DROPPED, &(const struct chat_offer){ 0 },
		     chat_slice_of(why));
		return;
	}
	offer = memory_zeroed(1, sizeof(*offer));
	offer->number = ++offers->number;
	offer->size = said->size;
	offer->moved_ms = offers->now_ms;
	offer->sender = member;
	offer->receiver = receiver;
	link_offer(offers, offer);
	tell_made(hall, offer, name);
}

/* ------ an offer under way ------ */

static bool take(struct chat_hall *hall, struct chat_offer *offer)
{
	if (offer->state != OFFERED)
		return false;
	offer->state = WAITING;
	moved(chat_hall_offers(hall), offer);
	go_when_free(hall, offer);
	return true;
}

static bool data(struct chat_hall *hall, struct chat_offer *offer, struct chat_slice text)
{
	unsigned char bytes[CHAT_OFFER_DATA];
	size_t count;

	if (offer->state != GOING ||
	    !base64_decode(bytes, sizeof(bytes), &count, text.bytes, text.length) || count == 0 ||
	    count > offer->size - offer->sent ||
	    (count < CHAT_OFFER_STEP && count < offer->size - offer->sent) ||
	    offer->sent + count > offer->taken + CHAT_OFFER_WINDOW)
		return false;
	offer->sent += count;
	moved(chat_hall_offers(hall), offer);
	tell(hall, offer->receiver, CHAT_DATA, offer, text);
	return true;
}

/* Steps so small that they would be more to read than what they are about are out of turn. */
static bool taken(struct chat_hall *hall, struct chat_offer *offer, uint64_t count)
{
	if (!being_taken(offer) || count > offer->sent || count <= offer->taken ||
	    (count < offer->sent && count - offer->taken < CHAT_OFFER_STEP))
		return false;
	offer->taken = count;
	moved(chat_hall_offers(hall), offer);
	tell(hall, offer->sender, CHAT_TAKEN, offer, (struct chat_slice){ 0 });
	return true;
}

static bool done(struct chat_hall *hall, struct chat_offer *offer, struct chat_slice digest)
{
	if (offer->state != GOING || offer->sent != offer->size || !chat_offer_digest(digest))
		return false;
	offer->state = DONE;
	moved(chat_hall_offers(hall), offer);
	tell(hall, offer->receiver, CHAT_DONE, offer, digest);
	return true;
}

static bool kept(struct chat_hall *hall, struct chat_offer *offer)
{
	if (offer->state != DONE)
		return false;
	unlink_offer(chat_hall_offers(hall), offer);
	tell(hall, offer->sender, CHAT_KEPT, offer, (struct chat_slice){ 0 });
	over(hall, offer);
	return true;
}

/* A member's own words, or ours. */
static void drop_said(struct chat_hall *hall, struct chat_offer *offer,
		      const struct chat_member *member, struct chat_slice text)
{
	const char *ours = offer->state == OFFERED && member == offer->receiver ? "does not want it"
										: "ended it";
	struct buffer reason = { 0 };
	char *said;

	if (text.length == 0)
		buffer_format(&reason, "%s %s", member->nick, ours);
	else
		chat_clean(&reason, text.bytes,
			   utf8_cut(text.bytes, text.length, CHAT_OFFER_REASON));
	said = buffer_text(&reason);
	drop(hall, offer, said && *said ? said : ours);
	buffer_free(&reason);
}

/* False: it is not that member's turn, or the line makes no sense now. */
static bool hear_one(struct chat_hall *hall, struct chat_offer *offer,
		     const struct chat_member *member, const struct chat_said *said)
{
	const bool sends = member == offer->sender;

	switch (said->command) {
	case CHAT_COMMAND_TAKE:
		return !sends && take(hall, offer);
	case CHAT_COMMAND_DATA:
		return sends && data(hall, offer, said->text);
	case CHAT_COMMAND_TAKEN:
		return !sends && taken(hall, offer, said->size);
	case CHAT_COMMAND_DONE:
		return sends && done(hall, offer, said->text);
	case CHAT_COMMAND_KEPT:
		return !sends && kept(hall, offer);
	case CHAT_COMMAND_DROP:
		drop_said(hall, offer, member, said->text);
		return true;
	default:
		return true;
	}
}

void chat_offers_hear(struct chat_hall *hall, struct chat_member *member,
		      const struct chat_said *said, int64_t now_ms)
{
	struct chat_offer *offer;
	char reason[REASON_MAX];

	chat_hall_offers(hall)->now_ms = now_ms;
	if (!member->rich)
		return;
	if (said->command == CHAT_COMMAND_OFFER) {
		hear_offer(hall, member, said);
		return;
	}
	offer = find(member, said->number);
	if (!offer || hear_one(hall, offer, member, said))
		return;
	snprintf(reason, sizeof(reason), "a line of %s was out of turn", member->nick);
	drop(hall, offer, reason);
}

void chat_offers_leave(struct chat_hall *hall, struct chat_member *member)
{
	struct chat_offer *all = NULL, *offer;
	char reason[REASON_MAX];

	/* All of them first: none may get its turn because another one is over. */
	while ((offer = member->given ? member->given : member->got)) {
		unlink_offer(chat_hall_offers(hall), offer);
		offer->after = all;
		all = offer;
	}
	snprintf(reason, sizeof(reason), "%s is gone", member->nick ? member->nick : "the other");
	for (offer = all; offer; offer = offer->after)
		tell_dropped(hall, offer, reason, member);
	while ((offer = all)) {
		all = offer->after;
		over(hall, offer);
	}
}

/* What holds up one that waits for its turn ends by itself. */
static void expire(struct chat_hall *hall, struct chat_offer *offer)
{
	if (offer->state == WAITING)
		moved(chat_hall_offers(hall), offer);
	else
		drop(hall, offer,
		     offer->state == OFFERED ? "nobody took it in ten minutes"
					     : "it has not moved for ten minutes");
}

int64_t chat_offers_tick(struct chat_hall *hall, int64_t now_ms)
{
	struct chat_offers *offers = chat_hall_offers(hall);

	offers->now_ms = now_ms;
	while (offers->first && now_ms - offers->first->moved_ms >= CHAT_OFFER_WAITS_MS)
		expire(hall, offers->first);
	return offers->first ? offers->first->moved_ms + CHAT_OFFER_WAITS_MS - now_ms : -1;
}
