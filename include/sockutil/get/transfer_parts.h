/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_TRANSFER_PARTS_H
#define SOCKUTIL_GET_TRANSFER_PARTS_H
/*
 * The inside of a transfer: transfer.c (life, tries), transfer_request.c (what is asked),
 * transfer_answer.c (what an answer's head means), transfer_body.c (its body to the output),
 * transfer_segments.c (in ranges), transfer_shown.c (heads for -i and -D).
 *
 *   transfer_ask ─► on_connection ─► transfer_answered ─┬─► transfer_ask (redirect, 401, 417)
 *        ▲                                               ├─► transfer_body_begin ─► … ─► finished
 *        └──────────── transfer_try_failed ◄─────────────┴─► finished
 */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <sockutil/base/backoff.h>
#include <sockutil/base/buffer.h>
#include <sockutil/base/digest.h>
#include <sockutil/get/meter.h>
#include <sockutil/get/transfer.h>
#include <sockutil/http/exchange.h>
#include <sockutil/http/pool.h>
#include <sockutil/proto/http_auth.h>
#include <sockutil/proto/netrc.h>
#include <sockutil/relay/pump.h>
#include <sockutil/stream/watch.h>

enum {
	TRANSFER_OWN_HEADERS = 16,
	TRANSFER_TICK_MS = 250,
	TRANSFER_RATE_SECONDS = 5, /* --min-rate is held over that long */
	TRANSFER_RATE_SAMPLES = TRANSFER_RATE_SECONDS * 1000 / TRANSFER_TICK_MS,
};

/* Heads on their way to stdout (-i, -I) or a file (-D). */
struct transfer_shown {
	struct stream *to;   /* NULL: not opened yet */
	struct output *file; /* -D; NULL: stdout */
	struct buffer text;
};

/* A body fetched in ranges beside one another; the first piece is the rest of the first answer. */
struct transfer_segments {
	struct segment **pieces; /* from the second on; NULL: not segmented */
	struct segment *rest;    /* of the first piece, once its answer failed */
	unsigned count;          /* of pieces */
	unsigned running;
	uint64_t first_length;
	bool first_done;
};

/* Invariants: at most one of lease, exchange and an active retry_timer; pump, coding and sink
 * belong to the exchange and are gone with it. */
struct transfer {
	struct ev_loop *loop;
	struct http_pool *pool;
	const struct get_options *options;
	struct output_options output_options;
	struct transfer_events events;
	struct ev_timer next_turn;
	struct transfer_report report;
	struct transfer_hop *hops;
	size_t hop_room;
	char *given;
	char *content_type;
	int64_t started_us;

	/* where it is */
	struct url first, url;
	struct http_origin origin;
	char authority[URL_AUTHORITY_MAX];
	char *absolute; /* the target as a proxy gets it; NULL: it goes to the origin */
	int64_t redirects;
	const char *method;
	bool drop_body; /* a redirect turned it into GET */

	/* who asks */
	char *user, *password; /* NULL: nobody */
	struct http_challenge challenge;
	uint32_t nonce_count;
	unsigned answered_challenges; /* at this origin and target */

	/* the request */
	struct http_request request;
	struct http_header *headers;
	size_t header_count;
	char *owned[TRANSFER_OWN_HEADERS]; /* values made here */
	size_t owned_count;
	struct stream *body;
	bool no_continue; /* 417 came: without Expect */
	bool conditional; /* If-None-Match or If-Modified-Since was sent */

	/* the exchange */
	struct http_lease *lease;
	struct http_exchange *exchange;
	bool reused, fresh, free_try_used;
	bool answered;  /* a byte of the answer came */
	bool head_came; /* the exchange has a body that can be read */

	/* the answer's body */
	struct output *output;
	bool output_open;
	bool continuing; /* the request asks for what is missing from offset on */
	uint64_t offset;
	uint64_t end;              /* where a part's body has to end; UINT64_MAX: not known */
	struct validator *held;    /* of what is there */
	struct validator *current; /* of what comes */
	bool may_continue;         /* what came can be kept and continued */
	bool accepts_ranges;
	struct http_body_stream stream;
	struct stream *coding;
	struct meter meter;
	struct digest digest;
	struct pump pump;
	struct stream *sink;
	struct stream_watch sink_watch;
	bool cut; /* this body is fetched in pieces */
	bool pumping;
	struct disk_force *forcing;   /* the file is whole and on its way to the disk */
	struct ev_timer pump_turn;    /* the pump can go on at once */
	struct ev_timer reader_timer; /* a FIFO has no reader yet */
	int64_t modified;             /* Last-Modified, seconds since 1970; -1 */
	char *new_etag;
	int body_status; /* 400 and above: its body is shown, and the transfer fails by it */

	struct transfer_segments segments;
	struct transfer_shown shown, dumped;
	struct stream_watch shown_watch;
	void (*shown_then)(struct transfer *t);

	/* tries */
	int64_t tries_left;
	struct backoff backoff;
	int64_t first_failure_ms;
	struct ev_timer retry_timer;

	/* limits */
	struct ev_timer tick;
	uint64_t seen_bytes; /* at the last tick with progress */
	int64_t progress_ms;
	uint64_t rate_samples[TRANSFER_RATE_SAMPLES + 1]; /* a ring */
	unsigned rate_count;
};

/* Makes the request for t->url and asks the pool for a connection. May finish the transfer. */
void transfer_ask(struct transfer *t);
/* The request's parts; false and why: it cannot be made. */
bool transfer_request_make(struct transfer *t, struct failure *why);
void transfer_request_free(struct transfer *t);
/* host, port and what is dialled for t->url. */
bool transfer_origin_make(struct transfer *t, struct failure *why);
/* Whom to be at t->url: its own userinfo, -u at the first origin, .netrc. */
void transfer_credentials_find(struct transfer *t);
void transfer_credentials_forget(struct transfer *t);

/* The exchange's events. */
void transfer_answered(void *data, const struct http_head *head,
		       const struct http_framing *framing);

/* The body goes to the output. May finish. */
void transfer_body_begin(struct transfer *t, const struct http_head *head);
void transfer_body_readable(void *data);
/* Stops pumping; what the output has stays. */
void transfer_body_stop(struct transfer *t);

/* The whole body is in place. */
void transfer_body_ended(struct transfer *t);
/* It was before: there is nothing to come. */
void transfer_body_was_there(struct transfer *t);

/* Before the pump begins: whether the body is to be cut, and then the other pieces are asked for.
 */
bool transfer_segments_wanted(const struct transfer *t, const struct http_head *head);
void transfer_segments_begin(struct transfer *t);
/* The first piece is complete (NULL), or its try failed in a way that may pass. */
void transfer_segments_first(struct transfer *t, const struct failure *why);
/* Bytes in place of all pieces. */
uint64_t transfer_segments_done(const struct transfer *t);
/* Tells the output how far it is whole, and gives the pieces up. */
void transfer_segments_stop(struct transfer *t);

/* Keeps a head for -i, -I and -D; false: it cannot be shown. */
bool transfer_shown_add(struct transfer *t, const struct http_head *head, struct failure *why);
bool transfer_shown_waiting(const struct transfer *t);
/* Writes what waits to be shown, then calls then. A failure finishes the transfer. */
void transfer_shown_write(struct transfer *t, void (*then)(struct transfer *t));
/* It is not called any more; what waits goes with what is shown next. */
void transfer_shown_stop(struct transfer *t);
/* Closes the file of -D. */
bool transfer_shown_end(struct transfer *t, struct failure *why);
void transfer_shown_free(struct transfer *t);

/* What a segment or a connection tells, passed on with the user's data. data: the transfer. */
void transfer_tell_attempt(void *data, const char *address, const char *reason);
void transfer_tell_retrying(void *data, const struct failure *why, int64_t wait_ms);
void transfer_tell_trace(void *data, bool sent, const char *bytes, size_t length);
/* A failure that another try may not meet. Of a proxy and of TLS those with an error of their own
 * are: it is gone, or says that the target is. */
bool transfer_may_pass(const struct transfer *t, const struct failure *why);

/* The exchange is given up (a body not read to its end costs its connection). */
void transfer_drop_exchange(struct transfer *t);
/* This try failed: another, or the end. at: put the URL in front of the words. */
void transfer_try_failed(struct transfer *t, const struct failure *why, bool at);
/* The same for a status that may pass (503): retry_after_ms -1: not said. False: no other try. */
bool transfer_try_later(struct transfer *t, const struct failure *why, int64_t retry_after_ms);
/* The end. Nothing of t is to be touched after. */
void transfer_finish(struct transfer *t, const struct failure *why);
void transfer_fail_at(struct transfer *t, struct failure *why);
/* Once more from the next turn of the loop on. */
void transfer_ask_soon(struct transfer *t);

struct transfer_hop *transfer_hop(struct transfer *t); /* the current one */
/* A request begins; it has a connection; its exchange is over. */
void transfer_hop_begin(struct transfer *t);
void transfer_hop_connected(struct transfer *t, const struct http_connection *c);
void transfer_hop_end(struct transfer *t);
void transfer_hops_free(struct transfer *t);
int64_t transfer_now(const struct transfer *t); /* microseconds since its start */
#endif
