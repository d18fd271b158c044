/* SPDX-License-Identifier: MIT */
#ifndef TESTS_HTTP2_PEER_H
#define TESTS_HTTP2_PEER_H
/*
 * The server's end of an HTTP/2 connection, played frame by frame, and askers on the client's end.
 * Both ends of a socket pair in one loop: what one side has written the other finds there.
 */
#include <ev.h>
#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/http/connection.h>

struct peer {
	struct ev_loop *loop;
	struct http_connection *connection; /* NULL once freed */
	int fd;                             /* -1: closed */
	struct buffer came;                 /* frames of the client, behind its preface */
	nghttp2_hd_inflater *inflater;
	struct buffer fields;              /* of the last HEADERS frame looked at */
	unsigned changes;                  /* calls of changed() */
	void (*on_change)(struct peer *p); /* inside changed(), or NULL */
};

struct peer_frame {
	uint8_t type, flags;
	int32_t stream;
	size_t length;
	const uint8_t *payload; /* valid until the next look */
};

/* Opens the connection and takes the client's preface and first frames. */
void peer_start(struct peer *p);
/* The same, and tells the client the server's settings: none, and acknowledges its. */
void peer_open(struct peer *p);
void peer_stop(struct peer *p);
/* Only what peer_next() and its like need of *p, for frames put into came from elsewhere. */
void peer_hear(struct peer *p);
void peer_deaf(struct peer *p);
/* Until nothing happens any more. */
void peer_run(struct peer *p);

/* All of these run the loop afterwards. */
void peer_bytes(struct peer *p, const void *bytes, size_t length);
void peer_frame(struct peer *p, uint8_t type, uint8_t flags, int32_t stream, const void *payload,
		size_t length);
/* A HEADERS frame; fields: "name: value" lines, each with a newline. END_HEADERS is set. */
void peer_head(struct peer *p, uint8_t flags, int32_t stream, const char *fields);
/* The same, put behind bytes that will be sent together. */
void peer_head_add(struct buffer *b, uint8_t flags, int32_t stream, const char *fields);
void peer_frame_add(struct buffer *b, uint8_t type, uint8_t flags, int32_t stream,
		    const void *payload, size_t length);
/* DATA frames of length bytes 'x', no larger than allowed; flags go to the last. */
void peer_data(struct peer *p, uint8_t flags, int32_t stream, size_t length);
void peer_reset(struct peer *p, int32_t stream, uint32_t code);
void peer_goaway(struct peer *p, int32_t last_stream, uint32_t code);
void peer_setting(struct peer *p, uint16_t id, uint32_t value);
void peer_window(struct peer *p, int32_t stream, uint32_t bytes);
/* Closes in order. */
void peer_close(struct peer *p);

/* The next frame that the client sent; false: none. */
bool peer_next(struct peer *p, struct peer_frame *f);
/* The next one of that type; others are dropped. It must be there. */
struct peer_frame peer_expect(struct peer *p, uint8_t type);
/* No frame of that type is there. What is looked at is dropped. */
bool peer_none(struct peer *p, uint8_t type);
/* The fields of the HEADERS frame looked at last, as lines; "!" in front of one that is never to be
 * indexed. */
const char *peer_fields(struct peer *p);
uint32_t peer_number(const struct peer_frame *f, size_t at);

/* Someone who asks and notes what he is told. */
struct asker {
	struct peer *peer;
	struct http_exchange *exchange; /* NULL once freed */
	struct http_request request;    /* a GET of / unless the test says otherwise */
	bool traced;
	bool idle;         /* reads only when the test does */
	struct buffer log; /* a line an event */
	struct http_framing framing;
	uint64_t body;   /* bytes read */
	bool body_wrong; /* other bytes than 'x' */
	enum io end;     /* what reading said last */
	struct failure why;
	/* Inside each event, after it was noted; it may free. */
	void (*inside)(struct asker *a, const char *event);
};

void asker_start(struct asker *a, struct peer *p);
/* Reads what is there, waits for more. */
void asker_read(struct asker *a);
void asker_free(struct asker *a);
/* The log so far, which is then empty. */
const char *asker_log(struct asker *a);
#endif
