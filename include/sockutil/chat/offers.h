/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_OFFERS_H
#define SOCKUTIL_CHAT_OFFERS_H
/*
 * The host's side of files between members: offers by number, whose turn it is, how much may be
 * under way. Bytes are passed on line by line and never kept. Anything out of turn ends the offer
 * (`dropped`), never a connection.
 */
#include <stdint.h>

#include <sockutil/chat/hall.h>

enum {
	CHAT_OFFERS_EACH = 8,             /* of one member under way, given and got */
	CHAT_OFFERS_TAKEN = 4,            /* of those being taken */
	CHAT_OFFER_DATA = 3000,           /* bytes of a data line, before base64 */
	CHAT_OFFER_WINDOW = 64 * 1024,    /* bytes sent that the receiver has not written yet */
	CHAT_OFFER_WAITS_MS = 10 * 60000, /* until somebody takes it, and without progress */
};

struct chat_offers *chat_offers_new(void);
void chat_offers_free(struct chat_offers *offers);

/* OFFER, TAKE, DROP, DATA, TAKEN, DONE, KEPT of an entered member. */
void chat_offers_hear(struct chat_hall *hall, struct chat_member *member,
		      const struct chat_said *said, int64_t now_ms);
/* It is gone: its offers are dropped, the other sides told. */
void chat_offers_leave(struct chat_hall *hall, struct chat_member *member);
/* Drops what is too old; milliseconds until the next, -1: none. */
int64_t chat_offers_tick(struct chat_hall *hall, int64_t now_ms);
#endif
