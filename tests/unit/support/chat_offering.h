/* SPDX-License-Identifier: MIT */
#ifndef CHAT_OFFERING_H
#define CHAT_OFFERING_H
/* Three members of a hall (chat_hall_visited.h), and a file between alice and bob. */
#include "chat_hall_visited.h"

#include <sockutil/chat/offers.h>

extern struct visited *chat;
extern struct visitor *alice, *bob, *carol;
extern const char digest[];

void offering_begin(void);
void offering_end(void);

/* How many offers there are; the hall's invariants hold. */
size_t under_way(void);
/* Base64 of so many bytes; valid until the next call. */
const char *zeros(size_t count);

/* What that member was told since it was asked last. */
#define told(who, ...)                                                                             \
	do {                                                                                       \
		char expected_[8192];                                                              \
		const char *was_ = visitor_told(who);                                              \
		snprintf(expected_, sizeof expected_, __VA_ARGS__);                                \
		cr_assert_str_eq(was_, expected_, "was: %s", was_);                                \
	} while (0)

/* One offers the other a file; what they are told is forgotten. */
void offer(struct visitor *from, struct visitor *to, uint64_t size);

enum turn { OFFERED, TAKEN, BEGUN, DONE };

/* alice offers bob 6000 bytes as number 1; 3000 of them are sent when it has begun. What they are
 * told is forgotten. */
void is_at(enum turn turn);
/* The same of any size, taken. */
void going(uint64_t size);
/* alice sends so many bytes of number 1. */
void data(size_t count);
/* Number 1 is over, both know why, and carol nothing. */
void dropped(const char *reason);
#endif
