/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_CLIENT_PARTS_H
#define SOCKUTIL_CHAT_CLIENT_PARTS_H
/*
 * What the files of a client share. client.c begins and ends it; client_open.c opens the
 * connection, again where that is wanted; client_carry.c reads and writes it; client_events.c does
 * what the host says, client_typed.c what is typed; client_sent.c remembers what was said and has
 * not come back; client_show.c makes lines for people; client_names.c completes.
 */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/backoff.h>
#include <sockutil/base/buffer.h>
#include <sockutil/chat/client.h>
#include <sockutil/chat/client_names.h>
#include <sockutil/chat/client_sent.h>
#include <sockutil/chat/command.h>
#include <sockutil/chat/event.h>
#include <sockutil/chat/files.h>
#include <sockutil/chat/nick.h>
#include <sockutil/chat/record.h>
#include <sockutil/chat/screen.h>
#include <sockutil/stream/watch.h>

enum {
	CLIENT_LINE_MAX = 64 * 1024, /* bytes of a host's line: a text of 4096 may grow eightfold
				      * when it is cleaned */
	CLIENT_OUT_MAX = 256 * 1024, /* waits to be sent: nothing is read that might add to it */
	CLIENT_TYPED_MAX = 64,       /* lines that wait: no more are taken from the screen */
	CLIENT_WORD_MAX = 65,        /* of an epoch or a token, with the NUL */
	CLIENT_GREETING_MS = 30000,  /* for `welcome`, unless the options have a time limit */
};

enum client_state {
	CLIENT_AWAY,     /* no connection: being opened, or waiting for the next try */
	CLIENT_GREETING, /* `welcome` has not come */
	CLIENT_IN,
	CLIENT_BYE, /* the host has said goodbye; the connection's end is waited for */
};

enum client_leaving {
	CLIENT_STAYS,
	CLIENT_LEAVES, /* once all that was typed is sent */
	CLIENT_LEFT,   /* /quit is among what is sent */
};

/*
 * Invariants: stream is NULL exactly while AWAY; after finished is set nothing is read, sent or
 * taken from the screen; over is called from end_timer alone.
 */
struct chat_client {
	const struct chat_client_options *options;
	struct chat_screen *screen;
	struct chat_files *files;
	struct chat_record *record; /* NULL: none is wanted */
	bool colors;

	enum client_state state;
	struct stream_opening *opening; /* NULL: none under way */
	struct tls_context *tls, *proxy_tls;
	struct stream *stream;
	struct stream_watch watch;
	struct buffer in, out;
	bool choked;         /* the screen is behind: nothing is read */
	bool stepping;       /* inside chat_client_step() */
	bool deaf;           /* nothing more can be sent, because of loss */
	bool pinged;         /* the host asks after us: it is missed when it does not */
	bool ended;          /* the host's bytes have ended */
	bool broken;         /* the connection is to be given up, because of: */
	struct failure loss; /* the last one's, too, while AWAY */
	bool nameless;       /* its text does not say who failed */

	/* who we are there */
	char nick[CHAT_NICK_MAX], room[CHAT_NICK_MAX]; /* "": not known yet */
	char epoch[CLIENT_WORD_MAX], token[CLIENT_WORD_MAX];
	uint64_t last_id; /* the newest message seen; 0: none */
	int suffix;       /* of the nick being tried: 0, 2 to 9 */
	bool was_in;      /* at least once */
	int64_t in_ms;    /* since when, by clock_ms() */
	struct client_names names;

	/* coming back */
	struct backoff backoff;
	int64_t failed_tries; /* in a row */
	/* What was sent before the loss may have been heard: until the message of that id, or until
	 * doubt_timer, what we missed may show it. */
	bool doubting;
	uint64_t doubt_id;

	/* what is typed */
	struct client_lines typed; /* waits to be sent */
	struct client_sent sent;
	int64_t paced_ms;         /* when as much may be said at once again as ever */
	int64_t talked_ms;        /* when something was said last */
	bool held;                /* the screen is held */
	bool too_long;            /* what comes is the rest of a line that was refused */
	bool undelivered;         /* something was, and was told */
	struct failure input_why; /* reading the input failed */

	enum client_leaving leaving;
	char *reason;        /* of /quit; NULL: none */
	int64_t patience_ms; /* for files that do not move, and for the host's goodbye */
	bool patient;        /* the goodbye may come later as long as anything comes */
	int64_t moved_ms;    /* when bytes of a file last moved */

	bool hurried; /* a signal: nobody is waited for */
	bool finished;
	bool told; /* that it is over */
	int status;
	struct ev_timer end_timer, retry_timer, greeting_timer, leave_timer, pace_timer,
		silence_timer, doubt_timer;
};

/* ------ client.c ------ */

/* It is over with that exit status: nothing more happens but the over hook. */
void chat_client_finish(struct chat_client *c, int status);
/* Logs the failure and finishes with its status. */
void chat_client_failed(struct chat_client *c, const struct failure *why);
/* Starts to leave: what was typed goes first. */
void chat_client_leave_in_order(struct chat_client *c, struct chat_slice reason,
				int64_t patience_ms);
/* Starts or moves a timer; < 0 stops it. */
void chat_client_timer(struct chat_client *c, struct ev_timer *timer, int64_t ms);

/* ------ client_open.c ------ */

void chat_client_open(struct chat_client *c);
/* The connection, if any, is closed; what comes after is decided by why. */
void chat_client_lost(struct chat_client *c, const struct failure *why);
/* Tells what was not delivered, logs c->loss and finishes. */
void chat_client_give_up(struct chat_client *c);
/* `welcome` has come. same_run: of the host, as in our last connection. newest: its message. */
void chat_client_came_in(struct chat_client *c, bool same_run, uint64_t newest);
/* What was not seen by now was not delivered. */
void chat_client_end_doubt(struct chat_client *c);
/* The retry timer's. */
void chat_client_on_retry(struct ev_loop *loop, struct ev_timer *timer, int events);
/* Adds `/hello` to what is sent. */
void chat_client_say_hello(struct chat_client *c);
/* Closes and forgets the connection. */
void chat_client_close(struct chat_client *c);

/* ------ client_carry.c ------ */

/* Everything that can be done now: sends, reads, waits for what comes next. */
void chat_client_step(struct chat_client *c);
/* /quit, whatever still waits. */
void chat_client_send_quit(struct chat_client *c);
/* One line to the host, its end added; dropped when there is no connection. */
void chat_client_send(struct chat_client *c, const char *line, size_t length);
/* The connection is to be given up once the current step is over. */
void chat_client_break(struct chat_client *c, enum failure_class class, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ------ client_events.c ------ */

/* One line of the host without its end, as it came. */
void chat_client_heard(struct chat_client *c, const char *line, size_t length);
/* Before we are in: gives up, for who is there is no chat's host. what: "it closed the connection".
 */
void chat_client_no_chat(struct chat_client *c, const char *what);
/* Hooks of chat/files.h. */
void chat_client_files_send(void *data, const char *line, size_t length);
void chat_client_files_tell(void *data, const char *text, size_t length);

/* ------ client_typed.c ------ */

/* Hooks of chat/screen.h. */
void chat_client_on_line(void *data, const char *bytes, size_t length);
void chat_client_complete(void *data, const char *word, size_t length, bool first,
			  void (*add)(void *list, const char *candidate), void *list);
/* Moves what waits into what is sent, as fast as the host lets anybody talk. */
void chat_client_send_typed(struct chat_client *c);
/* A line went out beside what was typed that counts as talk. */
void chat_client_talked(struct chat_client *c);
/* Tells what was sent and never came back. */
void chat_client_tell_unseen(struct chat_client *c);
/* Tells what was typed and never sent. */
void chat_client_tell_unsent(struct chat_client *c);
/* Both. */
void chat_client_tell_undelivered(struct chat_client *c);

/* ------ client_show.c ------ */

/* One line, clean already. */
void chat_client_put(struct chat_client *c, const char *text, size_t length);
/* Shows and records an event; nothing for what says nothing to people. */
void chat_client_show(struct chat_client *c, const struct chat_event *event);
/* "* " and a sentence of our own. */
void chat_client_tell(struct chat_client *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The nick stands in the text as a word of its own; ASCII letters in either case. */
bool chat_client_names_us(struct chat_slice text, const char *nick);
#endif
