/* SPDX-License-Identifier: MIT */
/* offers_turn.c - what is said about an offer under way: whose turn it is, and how much may be
 * sent. */
#include <sockutil/base/base64.h>
#include <sockutil/base/utf8.h>
#include <sockutil/chat/clean.h>
#include <sockutil/chat/offers_parts.h>

static bool take(struct chat_hall *hall, struct chat_offer *offer)
{
	if (offer->state != CHAT_OFFER_OFFERED)
		return false;
	offer->state = CHAT_OFFER_WAITING;
	chat_offer_moved(chat_hall_offers(hall), offer);
	chat_offer_go(hall, offer);
	return true;
}

static bool data(struct chat_hall *hall, struct chat_offer *offer, struct chat_slice text)
{
	unsigned char bytes[CHAT_OFFER_DATA];
	size_t count;

	if (offer->state != CHAT_OFFER_GOING ||
	    !base64_decode(bytes, sizeof(bytes), &count, text.bytes, text.length) || count == 0 ||
	    count > offer->size - offer->sent ||
	    (count < CHAT_OFFER_STEP && count < offer->size - offer->sent) ||
	    offer->sent + count > offer->taken + CHAT_OFFER_WINDOW)
		return false;
	offer->sent += count;
	chat_offer_moved(chat_hall_offers(hall), offer);
	chat_offer_tell(hall, offer->receiver, CHAT_DATA, offer, text);
	return true;
}

/* Steps so small that they would be more to read than what they are about are out of turn. */
static bool taken(struct chat_hall *hall, struct chat_offer *offer, uint64_t count)
{
	if (!chat_offer_going(offer) || count > offer->sent || count <= offer->taken ||
	    (count < offer->sent && count - offer->taken < CHAT_OFFER_STEP))
		return false;
	offer->taken = count;
	chat_offer_moved(chat_hall_offers(hall), offer);
	chat_offer_tell(hall, offer->sender, CHAT_TAKEN, offer, (struct chat_slice){ 0 });
	return true;
}

static bool done(struct chat_hall *hall, struct chat_offer *offer, struct chat_slice digest)
{
	if (offer->state != CHAT_OFFER_GOING || offer->sent != offer->size ||
	    !chat_offer_digest(digest))
		return false;
	offer->state = CHAT_OFFER_DONE;
	chat_offer_moved(chat_hall_offers(hall), offer);
	chat_offer_tell(hall, offer->receiver, CHAT_DONE, offer, digest);
	return true;
}

static bool kept(struct chat_hall *hall, struct chat_offer *offer)
{
	if (offer->state != CHAT_OFFER_DONE)
		return false;
	chat_offer_unlink(chat_hall_offers(hall), offer);
	chat_offer_tell(hall, offer->sender, CHAT_KEPT, offer, (struct chat_slice){ 0 });
	chat_offer_over(hall, offer);
	return true;
}

/* A member's own words, or ours. */
static void drop_said(struct chat_hall *hall, struct chat_offer *offer,
		      const struct chat_member *member, struct chat_slice text)
{
	const char *ours = offer->state == CHAT_OFFER_OFFERED && member == offer->receiver
				   ? "does not want it"
				   : "ended it";
	struct buffer reason = { 0 };
	char *said;

	if (text.length == 0)
		buffer_format(&reason, "%s %s", member->nick, ours);
	else
		chat_clean(&reason, text.bytes,
			   utf8_cut(text.bytes, text.length, CHAT_OFFER_REASON));
	said = buffer_text(&reason);
	chat_offer_drop(hall, offer, said && *said ? said : ours);
	buffer_free(&reason);
}

/* False: it is not that member's turn, or the line makes no sense now. */
bool chat_offer_turn(struct chat_hall *hall, struct chat_offer *offer,
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
