/* SPDX-License-Identifier: MIT */
#ifndef TESTS_HTTP2_ASKING_H
#define TESTS_HTTP2_ASKING_H
/*
 * A client of HTTP/2 played frame by frame, and a callee that notes what it is told and answers as
 * the test says. Both ends of a socket pair: what one side has written the other finds there.
 */
#include "http2_peer.h"

#include <sockutil/http/service2.h>

#define ASKING_GET ":method: GET\n:scheme: http\n:path: /a\n:authority: a.example\n"
#define ASKING_PUT ":method: PUT\n:scheme: http\n:path: /a\n:authority: a.example\n"

/* What each request carries of the callee's. */
struct asking_state {
	int number; /* of the request, from 1 */
};

struct asking {
	struct http_service *service;
	struct stream *stream;
	struct http_service_block *block;
	struct http_service_options options;
	struct peer ears; /* frames of the server */
	int fd;           /* the client's end; -1: closed */
	struct buffer log;
	struct buffer body; /* of all requests, as far as taken */
	int requests;
	struct http_service_request *last; /* told last; NULL when over */
	struct http_answer answer;         /* of every request, status 0: none */
	bool at_once;                      /* answered in events.request, else in events.received */
	bool deaf;                         /* the client does not read */
	bool unacknowledged;               /* it does not acknowledge our settings */
	size_t take;                       /* of each piece of a body at most */
	enum io end;                       /* what the service said last */
	struct failure why;
	void (*inside)(struct asking *a, const char *event); /* or NULL */
};

/* Everything is answered 200 with "hello" once it is received; limits of time are off. */
void asking_init(struct asking *a);
/* Opens the connection: the client's preface and settings are on their way. */
void asking_start(struct asking *a);
void asking_stop(struct asking *a);
/* Until nothing happens any more. */
void asking_run(struct asking *a);
/* All of these run it afterwards. */
void asking_bytes(struct asking *a, const void *bytes, size_t length);
void asking_frame(struct asking *a, uint8_t type, uint8_t flags, int32_t stream,
		  const void *payload, size_t length);
/* fields: "name: value" lines. */
void asking_head(struct asking *a, uint8_t flags, int32_t stream, const char *fields);
void asking_data(struct asking *a, uint8_t flags, int32_t stream, size_t length);
void asking_number(struct asking *a, uint8_t type, int32_t stream, uint32_t number);
void asking_close(struct asking *a);
/* The log so far, which is then empty. */
const char *asking_log(struct asking *a);
/* Head and body of the answer on that stream, which must be there next: "200 hello". */
void asking_expect_answer(struct asking *a, int32_t stream, const char *expected);
/* GOAWAY with that code must be there, and the service over. */
void asking_expect_goaway(struct asking *a, uint32_t code);
#endif
