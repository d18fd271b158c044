/* SPDX-License-Identifier: MIT */
#ifndef HTTP_EXCHANGING_H
#define HTTP_EXCHANGING_H
/* An HTTP/1 connection over a pair of sockets, whose other end is the test's, with one exchange at
 * a time and what was heard from it. */
#include "relay_played.h"

#include <ev.h>
#include <stdbool.h>

#include <sockutil/base/buffer.h>
#include <sockutil/http/connection.h>

enum exchanging_call { CALL_NONE, CALL_INTERIM, CALL_HEAD, CALL_READABLE, CALL_FAILED };

struct exchanging {
	struct ev_loop *loop;
	struct ev_timer awake;              /* so that conditions are looked at */
	int peer;                           /* blocking; -1: closed */
	struct http_connection *connection; /* NULL: freed */
	bool free_connection;               /* by "changed", as soon as it is finished */
	unsigned changed;

	struct http_request request;    /* GET / to be changed before the start */
	struct played body;             /* what request.body may point to */
	struct http_exchange *exchange; /* NULL: freed */
	enum exchanging_call free_in;   /* frees the exchange inside this one */
	bool no_reading;                /* the body stays where it is */
	size_t block;                   /* bytes of a read; 0: many */

	char calls[2000]; /* "interim 103\n", "head 200\n", "failed\n" */
	struct http_framing framing;
	struct buffer came; /* of the body */
	bool ended, failed; /* the response, told by a call or by reading */
	struct failure why;
	struct buffer traced; /* ">HEAD", "<HEAD", ">5\n", "<7\n" */
};

void exchanging_prepare(struct exchanging *e);
void exchanging_start(struct exchanging *e);
/* Runs the loop until that is so; ten seconds are a failure of the test. */
void exchanging_until(struct exchanging *e, bool (*so)(struct exchanging *e));
bool exchanging_over(struct exchanging *e);     /* ended, failed, or freed inside a call */
bool exchanging_finished(struct exchanging *e); /* the connection, by now freed or not */
/* A few turns of the loop: for what must not happen. */
void exchanging_turns(struct exchanging *e);
/* What the peer says. */
void exchanging_say(struct exchanging *e, const char *text);
/* The next bytes we send are exactly these. */
void exchanging_sent(struct exchanging *e, const char *text);
/* All at once: start, the request's head is read, the answer given, what comes is waited for. */
void exchanging_answered(struct exchanging *e, const char *answer);
void exchanging_close(struct exchanging *e); /* the peer's end */
void exchanging_free(struct exchanging *e);  /* the exchange */
void exchanging_end(struct exchanging *e);

/* The head that a GET of / is sent with. */
#define EXCHANGING_GET "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
#endif
