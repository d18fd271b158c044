/* SPDX-License-Identifier: MIT */
/* offers_make.c - an offer is made, or it is not, and this is why. */
#include <stdio.h>
#include <stdlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/chat/offers_parts.h>

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
		      char why[static CHAT_OFFER_REASON_MAX])
{
	const uint64_t most = chat_hall_settings(hall)->max_size;
	char text[32];

	*why = '\0';
	if (!receiver)
		snprintf(why, CHAT_OFFER_REASON_MAX, "nobody of that name is here");
	else if (receiver == sender)
		snprintf(why, CHAT_OFFER_REASON_MAX, "that is you");
	/* Who is ignored is not told so. */
	else if (!receiver->rich || chat_hall_ignores(receiver, sender))
		snprintf(why, CHAT_OFFER_REASON_MAX, "%s takes no files", receiver->nick);
	else if (size > most)
		snprintf(why, CHAT_OFFER_REASON_MAX, "the host passes on at most %s",
			 size_text(text, sizeof(text), most));
	else if (given(sender) >= CHAT_OFFERS_EACH)
		snprintf(why, CHAT_OFFER_REASON_MAX, "%d of your offers are under way already",
			 CHAT_OFFERS_EACH);
	else if (between(sender, receiver) >= CHAT_OFFERS_BETWEEN)
		snprintf(why, CHAT_OFFER_REASON_MAX,
			 "%d of your offers to %s are under way already", CHAT_OFFERS_BETWEEN,
			 receiver->nick);
	else if (got(receiver) >= CHAT_OFFERS_EACH)
		snprintf(why, CHAT_OFFER_REASON_MAX, "%s has %d offers already", receiver->nick,
			 CHAT_OFFERS_EACH);
	return !*why;
}

void chat_offer_make(struct chat_hall *hall, struct chat_member *member,
		     const struct chat_said *said)
{
	struct chat_offers *offers = chat_hall_offers(hall);
	struct chat_member *receiver = chat_hall_find(hall, said->name);
	char name[FILE_NAME_MAX], why[CHAT_OFFER_REASON_MAX];
	struct chat_offer *offer;
	bool fine = may_offer(hall, member, receiver, said->size, why);

	if (fine && !chat_offer_name(said->text, name)) {
		snprintf(why, sizeof(why), "that is no name for a file");
		fine = false;
	}
	if (!fine) {
		chat_offer_tell(hall, member, CHAT_DROPPED, &(const struct chat_offer){ 0 },
				chat_slice_of(why));
		return;
	}
	offer = memory_zeroed(1, sizeof(*offer));
	offer->number = ++offers->number;
	offer->size = said->size;
	offer->moved_ms = offers->now_ms;
	offer->sender = member;
	offer->receiver = receiver;
	chat_offer_link(offers, offer);
	tell_made(hall, offer, name);
}
