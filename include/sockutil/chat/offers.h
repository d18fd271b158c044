/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_OFFERS_H
#define SOCKUTIL_CHAT_OFFERS_H
/*
 * The host's side of files between members: offers by number, whose turn it is, how much may be
 * under way. Bytes are passed on line by line and never kept. Anything out of turn ends the offer
 * (`dropped`), never a connection; what is about no offer of the member's means nothing.
 *
 * A line costs at most a look at the offers of its two members (CHAT_OFFERS_EACH of either kind).
 */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/chat/hall.h>
#include <sockutil/proto/file_name.h>

enum {
	CHAT_OFFERS_EACH = 8,    /* that one member gives at a time, and that it gets */
	CHAT_OFFERS_BETWEEN = 4, /* of one member to one other */
	CHAT_OFFERS_TAKEN = 4,   /* of those given, and of those got, being taken at a time */
	CHAT_OFFER_DATA = 3000,  /* bytes of a data line, before base64 */
	CHAT_OFFER_STEP = 1024,  /* the least of a data line that is not the last, and of what a
				  * `taken` says more than the one before */
	CHAT_OFFER_WINDOW = 64 * 1024,    /* bytes sent that the receiver has not written yet */
	CHAT_OFFER_WAITS_MS = 10 * 60000, /* until somebody takes it, and without progress */
	CHAT_OFFER_SHA256 = 64,           /* characters of a digest */
	CHAT_OFFER_REASON = 200,          /* bytes of a member's reason that are passed on */
};

struct chat_offers *chat_offers_new(void);
void chat_offers_free(struct chat_offers *offers); /* all that are left; NULL is fine */

/* OFFER, TAKE, DROP, DATA, TAKEN, DONE, KEPT of an entered member. */
void chat_offers_hear(struct chat_hall *hall, struct chat_member *member,
		      const struct chat_said *said, int64_t now_ms);
/* It is gone: its offers are dropped, the other sides told. Its nick must still be there. */
void chat_offers_leave(struct chat_hall *hall, struct chat_member *member);
/* Drops what is too old; milliseconds until the next, -1: none. */
int64_t chat_offers_tick(struct chat_hall *hall, int64_t now_ms);
/* One that it gives or gets is under way under that number. */
bool chat_offers_has(const struct chat_member *member, uint64_t number);
/* How many are under way. */
size_t chat_offers_count(const struct chat_offers *offers);

/* ------ for both sides, pure ------ */

/* A file's name as it is offered and shown: its last part, with what cannot be seen written out.
 * False: nothing that could be a file's name is left. */
bool chat_offer_name(struct chat_slice name, char out[static FILE_NAME_MAX]);
/* CHAT_OFFER_SHA256 digits of lower-case hex. */
bool chat_offer_digest(struct chat_slice text);
#endif
