/* SPDX-License-Identifier: MIT */
/* offers.c - files between members, as the host sees them. */
#include <stdio.h>
#include <stdlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/chat/offers_parts.h>

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

void chat_offer_link(struct chat_offers *offers, struct chat_offer *offer)
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

void chat_offer_unlink(struct chat_offers *offers, struct chat_offer *offer)
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

void chat_offer_moved(struct chat_offers *offers, struct chat_offer *offer)
{
	offer->moved_ms = offers->now_ms;
	all_remove(offers, offer);
	all_append(offers, offer);
}

void chat_offers_free(struct chat_offers *offers)
{
	while (offers && offers->first) {
		struct chat_offer *offer = offers->first;

		chat_offer_unlink(offers, offer);
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

bool chat_offers_has(const struct chat_member *member, uint64_t number)
{
	return find(member, number);
}

bool chat_offer_going(const struct chat_offer *offer)
{
	return offer->state == CHAT_OFFER_GOING || offer->state == CHAT_OFFER_DONE;
}

/* ------ what is told ------ */

void chat_offer_tell(struct chat_hall *hall, struct chat_member *to, enum chat_kind kind,
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

/* ------ whose turn it is ------ */

static bool may_go(const struct chat_offer *offer)
{
	size_t sending = 0, taking = 0;

	for (const struct chat_offer *o = offer->sender->given; o; o = o->given_next)
		sending += chat_offer_going(o);
	for (const struct chat_offer *o = offer->receiver->got; o; o = o->got_next)
		taking += chat_offer_going(o);
	return sending < CHAT_OFFERS_TAKEN && taking < CHAT_OFFERS_TAKEN;
}

void chat_offer_go(struct chat_hall *hall, struct chat_offer *offer)
{
	if (offer->state != CHAT_OFFER_WAITING || !may_go(offer))
		return;
	offer->state = CHAT_OFFER_GOING;
	chat_offer_moved(chat_hall_offers(hall), offer);
	chat_offer_tell(hall, offer->sender, CHAT_TAKE, offer, (struct chat_slice){ 0 });
}

/* One of theirs is over. */
static void next_ones(struct chat_hall *hall, const struct chat_member *sender,
		      const struct chat_member *receiver)
{
	for (struct chat_offer *o = sender->given; o; o = o->given_next)
		chat_offer_go(hall, o);
	for (struct chat_offer *o = receiver->got; o; o = o->got_next)
		chat_offer_go(hall, o);
}

/* gone: who need not be told; NULL: both are. */
static void tell_dropped(struct chat_hall *hall, const struct chat_offer *offer, const char *reason,
			 const struct chat_member *gone)
{
	if (offer->sender != gone)
		chat_offer_tell(hall, offer->sender, CHAT_DROPPED, offer, chat_slice_of(reason));
	if (offer->receiver != gone)
		chat_offer_tell(hall, offer->receiver, CHAT_DROPPED, offer, chat_slice_of(reason));
}

/* It is in no list any more, and was told: others may have its place. */
void chat_offer_over(struct chat_hall *hall, struct chat_offer *offer)
{
	next_ones(hall, offer->sender, offer->receiver);
	free(offer);
}

void chat_offer_drop(struct chat_hall *hall, struct chat_offer *offer, const char *reason)
{
	chat_offer_unlink(chat_hall_offers(hall), offer);
	tell_dropped(hall, offer, reason, NULL);
	chat_offer_over(hall, offer);
}

/* ------ what is heard ------ */

void chat_offers_hear(struct chat_hall *hall, struct chat_member *member,
		      const struct chat_said *said, int64_t now_ms)
{
	struct chat_offer *offer;
	char reason[CHAT_OFFER_REASON_MAX];

	chat_hall_offers(hall)->now_ms = now_ms;
	if (!member->rich)
		return;
	if (said->command == CHAT_COMMAND_OFFER) {
		chat_offer_make(hall, member, said);
		return;
	}
	offer = find(member, said->number);
	if (!offer || chat_offer_turn(hall, offer, member, said))
		return;
	snprintf(reason, sizeof(reason), "a line of %s was out of turn", member->nick);
	chat_offer_drop(hall, offer, reason);
}

void chat_offers_leave(struct chat_hall *hall, struct chat_member *member)
{
	struct chat_offer *all = NULL, *offer;
	char reason[CHAT_OFFER_REASON_MAX];

	/* All of them first: none may get its turn because another one is over. */
	while ((offer = member->given ? member->given : member->got)) {
		chat_offer_unlink(chat_hall_offers(hall), offer);
		offer->after = all;
		all = offer;
	}
	snprintf(reason, sizeof(reason), "%s is gone", member->nick ? member->nick : "the other");
	for (offer = all; offer; offer = offer->after)
		tell_dropped(hall, offer, reason, member);
	while ((offer = all)) {
		all = offer->after;
		chat_offer_over(hall, offer);
	}
}

/* What holds up one that waits for its turn ends by itself. */
static void expire(struct chat_hall *hall, struct chat_offer *offer)
{
	if (offer->state == CHAT_OFFER_WAITING)
		chat_offer_moved(chat_hall_offers(hall), offer);
	else
		chat_offer_drop(hall, offer,
				offer->state == CHAT_OFFER_OFFERED
					? "nobody took it in ten minutes"
					: "it has not moved for ten minutes");
}

int64_t chat_offers_tick(struct chat_hall *hall, int64_t now_ms)
{
	struct chat_offers *offers = chat_hall_offers(hall);

	offers->now_ms = now_ms;
	/* Each is another one, which the analyser does not see: expire() takes it out of the list,
	 * or puts it behind. */
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	while (offers->first && now_ms - offers->first->moved_ms >= CHAT_OFFER_WAITS_MS)
		expire(hall, offers->first);
	return offers->first ? offers->first->moved_ms + CHAT_OFFER_WAITS_MS - now_ms : -1;
}
