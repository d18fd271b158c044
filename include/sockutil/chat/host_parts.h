/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_HOST_PARTS_H
#define SOCKUTIL_CHAT_HOST_PARTS_H
/* What the files of the host share; nobody else includes it. */
#include <ev.h>
#include <stdbool.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <sockutil/chat/flood.h>
#include <sockutil/chat/hall.h>
#include <sockutil/chat/host.h>
#include <sockutil/chat/host_clock.h>
#include <sockutil/chat/host_queue.h>
#include <sockutil/chat/host_telnet.h>
#include <sockutil/chat/lines.h>

struct chat_record;
struct server;
struct session;

enum {
	CHAT_HOST_READ = 16 * 1024, /* bytes of one read, and kept of one that talks too fast */
	CHAT_HOST_ROOM = 64 * 1024, /* bytes of one write that carries several lines */
	CHAT_HOST_LATE = 100,       /* lines about files that may still come behind the last */
};

/* A session's state. Invariants: dirty_link is NULL exactly when it is not in the host's list; held
 * is empty unless reading waits. */
struct chat_host_member {
	struct chat_member member; /* first: the hall gives it back */
	struct session *session;
	struct chat_host_member *dirty_next, **dirty_link;
	struct chat_host_queue queue;
	struct chat_lines lines;
	struct chat_flood flood;
	struct chat_host_clock clock;
	struct buffer held; /* read, but not heard yet */
	struct chat_host_telnet telnet;
	uint8_t armed; /* enum chat_host_standing for which the session's limit is set */
	uint8_t late;  /* lines about files that may still come uncounted */
	bool token;    /* may say one line more */
	bool warned;   /* that it talks too fast */
	bool blocked;  /* the stream takes nothing: it says when */
	bool starved;  /* a line found no memory */
	bool ending;   /* out of the hall; gets what waits */
};

/* The handler's data. */
struct chat_host {
	const struct chat_host_options *options;
	struct server *server;
	struct chat_hall *hall;
	struct chat_record *record; /* NULL: none */
	struct chat_host_member *dirty;
	struct chat_host_member *hearing; /* who is being heard; NULL: nobody */
	struct ev_prepare turn;
	struct ev_timer beat; /* while it runs nothing is sent */
	struct ev_timer tick; /* of the hall */
	bool touched;         /* the hall may have something to do by time */
	bool closed;          /* all were told goodbye */
	bool seat_over;
	char room[CHAT_HOST_ROOM];
};

/* The hall's own member is the first part of ours. */
static inline struct chat_host_member *chat_host_member_of(struct chat_member *member)
{
	return (struct chat_host_member *)(void *)member;
}

/* ------ host_member.c: one member, from its first line to its last ------ */

void chat_host_arrive(struct chat_host_member *m);
/* There is something to read. */
void chat_host_take(struct chat_host_member *m);
/* Hears what was held back, as far as it may be now. */
void chat_host_go_on(struct chat_host_member *m);
/* The session's limit is over. */
void chat_host_expire(struct chat_host_member *m);
/* Out of the hall already: gets what waits, then the connection ends. reason is static. */
void chat_host_end(struct chat_host_member *m, const char *reason);
/* Milliseconds in which one that is out has to take something of what it still gets. */
int64_t chat_host_patience(const struct chat_host_member *m);
/* Why somebody is put out. */
struct chat_host_why {
	enum chat_leaving how;
	const char *room;   /* what the others are told */
	const char *text;   /* what it is told itself */
	const char *reason; /* of the end of the session */
};
extern const struct chat_host_why chat_host_starved; /* memory is short */

/* Told why, and out; nothing else that waits goes out any more. */
void chat_host_put_out(struct chat_host_member *m, const struct chat_host_why *why);
/* The connection failed. */
void chat_host_lost(struct chat_host_member *m, const struct failure *why);
/* How it left the hall, if it was still there. */
void chat_host_leave(struct chat_host_member *m, enum chat_leaving how, const char *text);
/* Asks for what the session is to wait for. */
void chat_host_wait(struct chat_host_member *m);

/* ------ host_send.c ------ */

/* Something waits for it, or it ends. */
void chat_host_mark(struct chat_host_member *m);
void chat_host_unmark(struct chat_host_member *m);
/* Sends what waits for one, as far as its stream takes it, and does what follows from that. */
void chat_host_send(struct chat_host_member *m);
/* The same for all that are marked, also those who are only marked by it. */
void chat_host_flush(struct chat_host *host);

/* ------ host_seat.c ------ */

/* The seat takes its place. False: why. */
bool chat_host_seat_begin(struct chat_host *host, struct failure *why);

/* ------ host_log.c ------ */

/* What happened in a room, as a message of the server; nothing of what is said. */
void chat_host_log(const struct chat_host *host, const struct chat_event *event);
#endif
