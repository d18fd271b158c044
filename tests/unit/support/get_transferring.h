/* SPDX-License-Identifier: MIT */
#ifndef GET_TRANSFERRING_H
#define GET_TRANSFERRING_H
/* Transfers one after another from a server that answers by a list, into a folder of the test's. */
#include "http_answering.h"

#include <ev.h>
#include <stdbool.h>

#include <sockutil/get/transfer.h>

enum reply_then { REPLY_KEEP, REPLY_CLOSE, REPLY_RESET, REPLY_HOLD };

/* The answer to the request of that number; text NULL: the last one again. */
struct reply {
	const char *text;
	enum reply_then then;
};

enum { TRANSFERRING_REPLIES = 40 };

struct transferring {
	struct answering server;
	struct reply replies[TRANSFERRING_REPLIES];
	answering_function *answer; /* instead of the list; NULL */
	char sent[1000]; /* bodies of the requests by their Content-Length, the first bytes */

	struct ev_loop *loop;
	struct stream_options streams;
	struct http_pool *pool;
	struct get_options options;   /* three retries, each after the shortest wait, 50 ms */
	struct output_options output; /* to the file "out" of the folder */
	char folder[40], out[60];     /* paths */
	char url[200];                /* "http://127.0.0.1:PORT/f" */

	struct transfer *transfer;
	bool free_inside;
	unsigned done;
	struct failure why;
	char log[2000]; /* "retrying TEXT after MS\n", "redirected STATUS URL\n", "noticed TEXT\n"
			 */
};

/* replies: as many as given, ended by one without a text. */
void transferring_prepare(struct transferring *t, const struct reply *replies);
void transferring_start(struct transferring *t);
void transferring_wait(struct transferring *t);
/* Start and wait; what an earlier run left is freed. */
const struct transfer_report *transferring_run(struct transferring *t);
void transferring_turns(struct transferring *t);
void transferring_end(struct transferring *t);

void transferring_assert_done(struct transferring *t);
/* text: as it follows the URL and a colon. */
void transferring_assert_failed(struct transferring *t, enum failure_class class, const char *text);
/* The value of a field of a request; "" when it is not there. */
const char *transferring_field(struct transferring *t, unsigned request, const char *name);
/* Files of the folder; content NULL: there is none. */
void transferring_assert_file(struct transferring *t, const char *name, const char *content);
void transferring_make_file(struct transferring *t, const char *name, const char *content);
#endif
