/* SPDX-License-Identifier: MIT */
#ifndef HTTP_SERVING_H
#define HTTP_SERVING_H
/* The server's side of HTTP over a stream that a test plays, or a socket, with a callee that does
 * as it is told and writes down what it hears. */
#include "relay_played.h"

#include <sockutil/http/service.h>

enum serving_answer {
	SERVING_AT_HEAD, /* in events.request */
	SERVING_AT_END,  /* in events.received */
	SERVING_AT_BODY, /* at the first bytes of the body */
	SERVING_LATER,   /* by serving_answer() */
	SERVING_TAKE,    /* takes the stream */
};

struct serving {
	struct http_service_block block;
	struct http_service_options options; /* to be changed before the start */
	struct played client;
	struct http_service *service;

	enum serving_answer when;
	struct http_answer answer; /* 200, "hello" unless changed */
	struct http_service_piece pieces[4];
	size_t takes; /* bytes of a body taken at once */

	struct http_service_request *open; /* not over */
	struct buffer calls;               /* a line each: serving_heard() */
	struct buffer body;                /* taken */
	enum io result;                    /* of the last call */
	struct failure why;
};

/* SERVING_AT_END, no limits of time. */
void serving_prepare(struct serving *s);
/* stream NULL: the played one. early may be NULL. Runs once. */
void serving_start(struct serving *s, struct stream *stream, const char *early);
/* The client says that: runs. */
void serving_say(struct serving *s, const char *text);
/* The client ends, or is reset: runs. */
void serving_end(struct serving *s);
void serving_reset(struct serving *s);
void serving_run(struct serving *s, unsigned sides);
/* Of the open request, then runs. */
void serving_answer(struct serving *s);
/* What the callee heard since the last call. */
const char *serving_heard(struct serving *s);
/* What was sent since the last call, without Date lines. */
const char *serving_sent(struct serving *s);
void serving_free(struct serving *s);
#endif
