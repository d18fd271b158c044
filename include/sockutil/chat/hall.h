/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_HALL_H
#define SOCKUTIL_CHAT_HALL_H
/*
 * The house of all rooms: who is there, who is told what. No descriptor, no clock: lines come in by
 * chat_hall_hear, what members get goes out by the deliver hook. Texts are cleaned here, before
 * anybody gets them.
 *
 * Invariants (chat_hall_assert_sane in the tests): a member that has entered is in exactly one
 * room; no two members' nicks look alike; a room without members does not exist, but for the one
 * where everybody starts; ids grow by one.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/chat/command.h>
#include <sockutil/chat/line.h>
#include <sockutil/chat/lines.h>
#include <sockutil/chat/nick.h>
#include <sockutil/net/address.h>

struct chat_hall;
struct chat_member;
struct chat_room;   /* hall_parts.h */
struct chat_offers; /* offers.h */

enum {
	CHAT_TOKEN_MAX = 33,
	CHAT_IGNORED_MAX = 32,
	CHAT_BANS_MAX = 1024,
	CHAT_SAID_MAX = 2 * CHAT_LINE_MAX, /* bytes of a text that goes out, cleaned */
	CHAT_TOPIC_MAX = 1024,             /* bytes of a topic, cleaned */
	CHAT_REASON_MAX = 512,             /* bytes of why somebody left, cleaned */
	CHAT_REFUSALS_MAX = 10,            /* nicks that cannot be had, then it is out */
};

/* The hooks must not call the hall: what they want done they mark, and do later. */
struct chat_hall_options {
	size_t max_members;
	size_t history;    /* messages each room keeps, up to 10000; 0: none */
	const char *room;  /* where everybody starts who says nothing else; checked */
	uint64_t max_size; /* of a file passed on, in bytes */
	uint64_t epoch;    /* this run, random */
	/* The line for the member; it holds it (chat_line_hold) for as long as it needs it. The
	 * member may be gone from the caller's side when this returns, never from the hall's. */
	void (*deliver)(void *data, struct chat_member *to, struct chat_line *line);
	/* Put out (kicked, banned, replaced by its own new connection); the hall has forgotten it
	 * already, and it was told `bye`. reason: a short clause for the log. */
	void (*dismiss)(void *data, struct chat_member *who, const char *reason);
	/* Everything that is said or happens in a room, for the log; NULL: nobody wants it. */
	void (*record)(void *data, const struct chat_event *event);
	void *data;
};

/* Where a member comes from, as bans see it: an IPv4 address, the first half of an IPv6 one (of a
 * link-local address the second), the context of a vsock peer; nothing for Unix sockets. */
struct chat_origin {
	enum { CHAT_ORIGIN_NONE, CHAT_ORIGIN_V4, CHAT_ORIGIN_V6, CHAT_ORIGIN_VSOCK } kind;
	uint8_t bytes[8];
};

/* One at the host's door, part of the caller's own state; zeroed, then chat_hall_arrive(). */
struct chat_member {
	struct chat_room *room;                   /* NULL: has not entered */
	struct chat_member *next, **link;         /* of the room */
	struct chat_member *all_next, **all_link; /* of the hall, from its arrival on */
	struct chat_ignored *ignored;             /* NULL: nobody */
	const char *nick;                         /* NULL until entered; NUL-terminated */
	struct chat_nick_names *names;            /* who it is; hall_parts.h */
	struct chat_origin origin;
	char token[CHAT_TOKEN_MAX];
	struct chat_offer *given, *got; /* files under way, see offers.h; NULL: none */
	uint8_t refusals;               /* nicks that could not be had */
	bool arrived;                   /* the hall knows it */
	bool rich, hosting;
	bool untold; /* that it came was not told to its room yet */
};

/* Copies what it needs of options but borrows data and room. */
struct chat_hall *chat_hall_new(const struct chat_hall_options *options);
/* Members that have not left yet must still be there; nobody is told anything. NULL is fine. */
void chat_hall_free(struct chat_hall *hall);

/* A connection came: it is told who we are. hosting: it may kick and ban. False: the peer's
 * address is banned (it was told so). */
bool chat_hall_arrive(struct chat_hall *hall, struct chat_member *member,
		      const struct address *peer, bool hosting);

/* What chat_hall_hear wants next of the one who spoke. */
enum chat_hearing {
	CHAT_HEARING_ON,     /* go on */
	CHAT_HEARING_LEAVES, /* it left (/quit) or cannot come in, and was told: end the connection
			      * once it has what waits for it */
};

/* One line of a member, whatever it says; cut: it was longer. time_ms since 1970, now_ms by
 * clock_ms(). */
enum chat_hearing chat_hall_hear(struct chat_hall *hall, struct chat_member *member,
				 const struct chat_lines_line *line, int64_t time_ms,
				 int64_t now_ms);

enum chat_leaving {
	CHAT_LEAVING_LEFT, /* in order: "left" */
	CHAT_LEAVING_LOST, /* "lost" */
};
/* The connection is over: told to its room once, and only when it had entered. Idempotent. text
 * may be empty. Must be called for every member that arrived, except those dismissed. */
void chat_hall_leave(struct chat_hall *hall, struct chat_member *member, enum chat_leaving how,
		     const char *text, int64_t time_ms, int64_t now_ms);

/* The host goes: all are told `bye`. Nothing is told to anybody from then on. */
void chat_hall_close(struct chat_hall *hall, const char *text);

/* What is to be done by time (comings and goings told together, offers too old, pings): returns
 * milliseconds until it wants to be called again, -1: no need. */
int64_t chat_hall_tick(struct chat_hall *hall, int64_t time_ms, int64_t now_ms);

/* ------ for chat/offers.c and the host ------ */

/* A member by its nick (or one that looks like it), NULL: not here. */
struct chat_member *chat_hall_find(struct chat_hall *hall, struct chat_slice nick);
/* One member gets one event. */
void chat_hall_tell(struct chat_hall *hall, struct chat_member *to, const struct chat_event *event);
/* The same for NOTICE and REFUSED; the sentence is cleaned, and cut at 1000 bytes. */
void chat_hall_say(struct chat_hall *hall, struct chat_member *to, enum chat_kind kind,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));
/* And for BYE; word is "quit", "end" or "out". It is only told, not put out. */
void chat_hall_bye(struct chat_hall *hall, struct chat_member *to, const char *word,
		   const char *text);
/* whom ignores who. */
bool chat_hall_ignores(const struct chat_member *whom, const struct chat_member *who);
struct chat_offers *chat_hall_offers(struct chat_hall *hall);
const struct chat_hall_options *chat_hall_settings(const struct chat_hall *hall);
size_t chat_hall_count(const struct chat_hall *hall);
#endif
