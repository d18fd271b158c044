/* SPDX-License-Identifier: MIT */
#ifndef CHAT_HALL_VISITED_H
#define CHAT_HALL_VISITED_H
/* A hall, those who visit it, and what each of them was told. The clock is the test's; the hall's
 * invariants are asserted after every step. */
#include <sockutil/base/buffer.h>
#include <sockutil/chat/hall_parts.h>

enum { VISIT_TIME_MS = 1000000 }; /* time of day and clock at the start */

struct visited;

struct visitor {
	struct chat_member member; /* first */
	struct visited *visited;
	struct visitor *next;
	struct buffer told;
	char dismissed[128]; /* why; "" while it was not */
	enum chat_hearing hearing;
};

struct visited {
	struct chat_hall *hall;
	struct visitor *visitors; /* all, also those who left */
	int64_t now_ms;           /* the clock; the time of day is the same */
	struct buffer records;
	size_t deliveries;
	const struct chat_line *line; /* the last that was delivered */
};

/* history and max_members as of the options; the room is lobby, the epoch 77. */
struct visited *visited_open(size_t history, size_t max_members);
void visited_close(struct visited *visited);
/* Time passes, and the hall does what is due; what chat_hall_tick() said. */
int64_t visited_pass(struct visited *visited, int64_t ms);
void visited_assert_sane(const struct visited *visited);

/* One comes from an IP address; NULL: from a Unix socket. */
struct visitor *visitor_arrive(struct visited *visited, const char *ip, bool hosting);
/* The same, and enters as a plain member or a richer one; what it was told is forgotten. */
struct visitor *visitor_plain(struct visited *visited, const char *nick);
struct visitor *visitor_rich(struct visited *visited, const char *nick);
struct visitor *visitor_host(struct visited *visited, const char *nick);
/* Says one line. */
void visitor_say(struct visitor *visitor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void visitor_say_bytes(struct visitor *visitor, const char *bytes, size_t length, bool cut);
void visitor_leave(struct visitor *visitor, enum chat_leaving how, const char *text);
/* What it was told since it was asked last. Valid until asked again. */
const char *visitor_told(struct visitor *visitor);
/* A word of a line that it was told: field 0 is the first. */
const char *told_word(const char *line, unsigned field);
/* How often a text is in another. */
size_t told_times(const char *text, const char *part);
#endif
