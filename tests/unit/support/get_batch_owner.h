/* SPDX-License-Identifier: MIT */
#ifndef GET_BATCH_OWNER_H
#define GET_BATCH_OWNER_H
/* A batch over transfers that the test plays, and an owner that writes down what it hears. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/get/batch_parts.h>

/* --- transfers: those of "quick…" end by themselves, the others when the test says so --- */

struct batch_played {
	struct ev_loop *loop;
	struct transfer_events events;
	struct transfer_report report;
	char url[64];
	const char *file; /* of its output options */
	struct ev_timer end;
};

/* None starts inside the end of another. */
extern const struct batch_transfers batch_played;
struct batch_played *batch_played_of(struct transfer *t);
/* The one of that URL, which is under way. */
struct batch_played *batch_playing(const char *url);
/* How many are under way, and were at most. */
unsigned batch_played_live(void);
unsigned batch_played_most(void);

/* --- the owner --- */

enum deed { DEED_NONE, DEED_STOP, DEED_FREE, DEED_STOP_AND_FREE };

/* Its log: "+URL " started, "-URL[:CLASS] " ended, "| " there are no more items, "? " none yet,
 * "done". */
struct owner {
	struct ev_loop *loop;
	struct batch_options options;
	struct batch_events events;
	struct batch *batch;
	const char *const *urls; /* to a NULL */
	size_t given;
	bool nothing_yet;       /* next knows none */
	const char *next_fails; /* at the end of urls; NULL: no */
	char url[64];           /* the one and only place of a URL given */
	char log[2000];
	struct failure why;
	/* what is done inside which event: 'n'ext, '+' started, '-' ended, 'd'one */
	char at;
	const char *at_url; /* NULL: any */
	enum deed deed;
};

void owner_start(struct owner *o, const char *const *urls, unsigned jobs);
/* Frees the batch, and holds that no transfer is left. */
void owner_end(struct owner *o);
/* As far as the loop gets without the test: its timers have no waiting in them. */
void owner_settle(struct owner *o);
/* That transfer ends, with "URL failed" unless class is FAILURE_NONE. */
void owner_end_transfer(const char *url, enum failure_class class);
__attribute__((format(printf, 2, 3))) void owner_note(struct owner *o, const char *format, ...);
/* What was heard since the last call. */
void owner_assert_log(struct owner *o, const char *text);

/* Its events, for tests that put others in front of them. */
void owner_ended(void *data, const struct batch_item *item, const struct transfer_report *report);
void owner_done(void *data, const struct failure *why);
#endif
