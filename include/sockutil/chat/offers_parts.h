/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_OFFERS_PARTS_H
#define SOCKUTIL_CHAT_OFFERS_PARTS_H
/* What the files of chat/offers.h share: offers.c has the lists and the clock, offers_make.c
 * `/offer`, offers_turn.c everything said about one that is under way. */
#include <sockutil/chat/offers.h>

enum { CHAT_OFFER_REASON_MAX = CHAT_OFFER_REASON * 8 + 1 };

enum chat_offer_state {
	CHAT_OFFER_OFFERED, /* nobody has taken it */
	CHAT_OFFER_WAITING, /* taken, while others of its members are being taken */
	CHAT_OFFER_GOING,   /* the sender may send */
	CHAT_OFFER_DONE,    /* all of it is sent, and its digest */
};

/*
 * Invariants: in its sender's list `given`, its receiver's list `got` (both oldest first), and
 * in the list of all, those that moved last at its end; taken <= sent <= size; nothing is sent
 * before CHAT_OFFER_GOING.
 */
struct chat_offer {
	uint64_t number, size, sent, taken;
	int64_t moved_ms;
	struct chat_member *sender, *receiver;
	struct chat_offer *given_next, *got_next;
	struct chat_offer *before, *after; /* of all */
	enum chat_offer_state state;
};

struct chat_offers {
	struct chat_offer *first, *last; /* of all, by moved_ms */
	uint64_t number;                 /* of the newest */
	size_t count;
	int64_t now_ms; /* as it was last heard of */
};

/* ------ offers.c ------ */

/* Into all lists; out of them. */
void chat_offer_link(struct chat_offers *offers, struct chat_offer *offer);
void chat_offer_unlink(struct chat_offers *offers, struct chat_offer *offer);
/* Its ten minutes begin anew. */
void chat_offer_moved(struct chat_offers *offers, struct chat_offer *offer);
/* It is being taken. */
bool chat_offer_going(const struct chat_offer *offer);
/* One that waits for its turn has it when there is a place. */
void chat_offer_go(struct chat_hall *hall, struct chat_offer *offer);
/* One event about it, with what is taken as its size. */
void chat_offer_tell(struct chat_hall *hall, struct chat_member *to, enum chat_kind kind,
		     const struct chat_offer *offer, struct chat_slice text);
/* Ends it, and tells both. */
void chat_offer_drop(struct chat_hall *hall, struct chat_offer *offer, const char *reason);
/* It is in no list any more, and was told: freed, and others may have its place. */
void chat_offer_over(struct chat_hall *hall, struct chat_offer *offer);

/* ------ offers_make.c ------ */

/* `/offer`. */
void chat_offer_make(struct chat_hall *hall, struct chat_member *member,
		     const struct chat_said *said);

/* ------ offers_turn.c ------ */

/* False: it is not that member's turn, or the line makes no sense now. */
bool chat_offer_turn(struct chat_hall *hall, struct chat_offer *offer,
		     const struct chat_member *member, const struct chat_said *said);
#endif
