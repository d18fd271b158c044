/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_HALL_PARTS_H
#define SOCKUTIL_CHAT_HALL_PARTS_H
/* What the files of the hall share; nobody else includes it. */
#include <sockutil/base/buffer.h>
#include <sockutil/chat/hall.h>

/* ------ hall_names.c: names, found by what they look like ------ */

enum { CHAT_NAMES_WRITTEN, CHAT_NAMES_FOLDED, CHAT_NAMES_KEYS };

/*
 * Who somebody is: stays while anybody remembers it (the member, those who ignore it, what it
 * said), and follows its member from nick to nick. Of a room: its name.
 */
struct chat_nick_names {
	/* of the table; link is NULL when it is in none */
	struct chat_nick_names *next[CHAT_NAMES_KEYS], **link[CHAT_NAMES_KEYS];
	void *owner; /* the member or the room; NULL: gone */
	uint64_t hash[CHAT_NAMES_KEYS];
	const char *key[CHAT_NAMES_KEYS];
	char *name; /* the keys are behind it, in the same memory */
	uint32_t holders;
};

/* Invariant: no two names in it look alike. Zeroed is valid: empty. */
struct chat_names {
	struct chat_nick_names **slots[CHAT_NAMES_KEYS];
	size_t size; /* slots of each kind; a power of two, or 0 */
	size_t count;
	uint64_t seed;
};

/* With one holder, in no table. */
struct chat_nick_names *chat_names_new(const char *name, const struct chat_nick_keys *keys);
struct chat_nick_names *chat_names_hold(struct chat_nick_names *names);
void chat_names_drop(struct chat_nick_names *names); /* NULL is fine */
/* Another name for the same one, in the same table. */
void chat_names_change(struct chat_names *table, struct chat_nick_names *names, const char *name,
		       const struct chat_nick_keys *keys);
void chat_names_list(struct chat_names *table, struct chat_nick_names *names, void *owner);
void chat_names_unlist(struct chat_names *table, struct chat_nick_names *names);
/* One in the table, other than `except`, that looks like these keys; NULL: none. */
struct chat_nick_names *chat_names_find(const struct chat_names *table,
					const struct chat_nick_keys *keys,
					const struct chat_nick_names *except);
bool chat_names_alike(const struct chat_nick_names *a, const struct chat_nick_names *b);
bool chat_names_have(const struct chat_nick_names *names, const struct chat_nick_keys *keys);
void chat_names_free(struct chat_names *table); /* the slots */

/* ------ the hall itself ------ */

enum {
	CHAT_HISTORY_ROOM = 4 << 20,  /* bytes that a room keeps at most */
	CHAT_HISTORY_HALL = 64 << 20, /* all rooms together */
	CHAT_NEWS_TOLD = 5,           /* comings and goings told one by one in CHAT_NEWS_MS */
	CHAT_NEWS_MS = 1000,
	CHAT_LIST_LINE = 3800,     /* bytes of a list in one line */
	CHAT_LIST_MAX = 64 * 1024, /* bytes of a list; what is behind is counted */
};

struct chat_kept {
	struct chat_line *line;
	struct chat_nick_names *from;
};

/* What was said in a room. A ring; Invariants: count <= size <= options.history; bytes is what its
 * lines cost. */
struct chat_history {
	struct chat_kept *ring; /* NULL: nothing yet */
	size_t size, first, count;
	size_t bytes;
	uint64_t forgotten; /* newest id that was said here and is not kept; 0: none */
};

/* Comings and goings of a room. left, came: not told yet, to be told together at due_ms; those who
 * came are members with `untold`. */
struct chat_news {
	int64_t since_ms; /* told one by one since then */
	unsigned told;
	size_t came, left;
	struct chat_kept gone[CHAT_NEWS_TOLD]; /* those who left, as far as they fit */
};

/* Invariant: members is not empty between two calls of the hall. */
struct chat_room {
	struct chat_room *next, **link;
	struct chat_member *members, **last;
	size_t count;
	struct chat_nick_names *names;
	uint64_t born;          /* newest id in the hall when it was made */
	char *topic, *topic_by; /* NULL: none */
	int64_t topic_ms;
	struct chat_history history;
	struct chat_news news;
};

struct chat_ban {
	struct chat_origin origin;
	struct chat_nick_names *names; /* where there is no origin; else NULL */
};

struct chat_hall {
	struct chat_hall_options options;
	struct chat_member *members; /* all that arrived */
	struct chat_room *rooms;
	struct chat_names nicks, called;
	struct chat_offers *offers;
	struct chat_ban *bans; /* a ring, once it is full */
	size_t ban_count, ban_next;
	size_t entered;
	size_t room_count;
	size_t kept;             /* bytes of all histories */
	size_t news;             /* rooms with comings and goings that are not told yet */
	uint64_t last_id;        /* of a message */
	int64_t time_ms, now_ms; /* of the call that goes on */
	bool closed;
};

/* ------ hall.c ------ */

/* It is told `bye` with the text, and out, as if it had left with it; reason: for dismiss. */
void chat_hall_put_out(struct chat_hall *hall, struct chat_member *who, const char *text,
		       const char *reason);
/* It wants to leave: told `bye`, and gone. text: clean. */
void chat_hall_quit(struct chat_hall *hall, struct chat_member *member, struct chat_slice text);
/* The hall knows nothing of it any more; its room is told nothing. */
void chat_hall_forget(struct chat_hall *hall, struct chat_member *member);

/* ------ hall_tell.c ------ */

void chat_hall_deliver(struct chat_hall *hall, struct chat_member *to, struct chat_line *line);
/* NULL: who made it is told that the host has no memory for it. */
struct chat_line *chat_hall_line(struct chat_hall *hall, struct chat_member *by,
				 const struct chat_event *event, const char *to);
void chat_hall_record(struct chat_hall *hall, const struct chat_event *event);
/* An event of now, of the member and its room. */
struct chat_event chat_hall_event(const struct chat_hall *hall, enum chat_kind kind,
				  const struct chat_member *by);

/* ------ hall_enter.c ------ */

struct chat_nick_judged {
	char name[CHAT_NICK_MAX];
	struct chat_nick_keys keys;
};

/* Whether the member (entered or not) may have the nick. False: why says so in a sentence. */
bool chat_hall_judge(struct chat_hall *hall, const struct chat_member *member,
		     struct chat_slice nick, struct chat_nick_judged *out, struct failure *why);
enum chat_hearing chat_hall_enter(struct chat_hall *hall, struct chat_member *member,
				  const struct chat_said *said);
/* What it said was no way in: it is told why, and may try again, but not for ever. */
enum chat_hearing chat_hall_turn_away(struct chat_hall *hall, struct chat_member *member,
				      const struct failure *why);
/* It does not come in. */
enum chat_hearing chat_hall_shut_out(struct chat_hall *hall, struct chat_member *member,
				     const char *text);
bool chat_hall_full(const struct chat_hall *hall, const struct chat_member *member);
enum chat_hearing chat_hall_refuse_full(struct chat_hall *hall, struct chat_member *member);

/* Where a richer client was before. */
struct chat_resume {
	bool given;
	bool ours; /* the epoch is */
	uint64_t id;
};

/* Into the hall and the room under that nick; told all that newcomers are told. */
void chat_hall_settle(struct chat_hall *hall, struct chat_member *member,
		      const struct chat_nick_judged *nick, struct chat_room *room,
		      const struct chat_resume *resume);
/* The two things that newcomers are told: who they are, and of the room they are in. */
void chat_hall_welcome(struct chat_hall *hall, struct chat_member *member);
void chat_hall_show_room(struct chat_hall *hall, struct chat_member *member,
			 const struct chat_resume *resume);

/* ------ hall_hello.c ------ */

/* text: what stands behind /hello. */
enum chat_hearing chat_hall_hello(struct chat_hall *hall, struct chat_member *member,
				  struct chat_slice text);

/* ------ hall_rooms.c ------ */

/* The room of that name, made when it is not there (it must get a member then). NULL: why. */
struct chat_room *chat_room_open(struct chat_hall *hall, struct chat_slice name,
				 struct failure *why);
void chat_room_put(struct chat_room *room, struct chat_member *member);
/* Out of its room; the room goes when nobody is left in it. */
void chat_room_take(struct chat_hall *hall, struct chat_member *member);
/* Goes when nobody is in it. */
void chat_room_close(struct chat_hall *hall, struct chat_room *room);
/* To all in the room but `except` and those who ignore `from`; both may be NULL. */
void chat_room_cast(struct chat_hall *hall, struct chat_room *room, struct chat_line *line,
		    const struct chat_nick_names *from, const struct chat_member *except);
void chat_room_tell_members(struct chat_hall *hall, struct chat_room *room, struct chat_member *to);
void chat_room_tell_topic(struct chat_hall *hall, struct chat_room *room, struct chat_member *to);
void chat_room_set_topic(struct chat_hall *hall, struct chat_room *room, struct chat_member *by,
			 struct chat_slice text);

/* ------ hall_history.c ------ */

void chat_history_add(struct chat_hall *hall, struct chat_room *room, struct chat_line *line,
		      struct chat_nick_names *from);
/* What the newcomer may want to know of it. */
void chat_history_tell(struct chat_hall *hall, struct chat_room *room, struct chat_member *to,
		       const struct chat_resume *resume);
void chat_history_free(struct chat_hall *hall, struct chat_room *room);

/* ------ hall_news.c ------ */

/* To the room of a member that is in it. */
void chat_news_joined(struct chat_hall *hall, struct chat_member *who);
/* To the room that it is still in; kind: LEFT or LOST. */
void chat_news_left(struct chat_hall *hall, struct chat_member *who, enum chat_kind kind,
		    struct chat_slice text);
/* It leaves without anybody having been told that it came. */
void chat_news_cancel(struct chat_hall *hall, struct chat_member *who);
/* Tells what is due; milliseconds until the next is, -1: none. */
int64_t chat_news_tick(struct chat_hall *hall);
void chat_news_free(struct chat_hall *hall, struct chat_room *room);

/* ------ hall_ignore.c ------ */

void chat_ignore(struct chat_hall *hall, struct chat_member *member, struct chat_slice nick);
bool chat_ignore_has(const struct chat_member *whom, const struct chat_nick_names *who);
/* Before it changes its nick: those who ignored it before it left and came back still do. */
void chat_ignore_follow(struct chat_hall *hall, struct chat_nick_names *who);
void chat_ignore_free(struct chat_member *member);

/* ------ hall_bans.c ------ */

struct chat_origin chat_origin_of(const struct address *peer);
/* /kick and /ban. */
void chat_ban(struct chat_hall *hall, struct chat_member *by, const struct chat_said *said);
bool chat_banned_origin(const struct chat_hall *hall, const struct chat_origin *origin);
bool chat_banned_keys(const struct chat_hall *hall, const struct chat_nick_keys *keys);
void chat_bans_free(struct chat_hall *hall);

/* ------ hall_commands.c ------ */

/* What an entered member said. */
enum chat_hearing chat_hall_command(struct chat_hall *hall, struct chat_member *member,
				    const struct chat_said *said);

/* ------ hall_list.c: names in lines of bounded length ------ */

/* Zeroed but for the first three. The event's text is what the list fills in. */
struct chat_list {
	struct chat_hall *hall;
	struct chat_member *to;
	struct chat_event event;
	const char *lead;      /* in front of each line: "rooms: " or "" */
	const char *separator; /* between two names */
	struct buffer text;
	size_t line; /* bytes of it as people read it */
	size_t told, more;
};

void chat_list_add(struct chat_list *list, const char *name);
/* `nothing`: told as a notice when nobody was added. */
void chat_list_end(struct chat_list *list, const char *nothing);
#endif
