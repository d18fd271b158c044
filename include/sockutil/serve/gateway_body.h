/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_GATEWAY_BODY_H
#define SOCKUTIL_SERVE_GATEWAY_BODY_H
/*
 * One HTTP message on its way through the gateway, as a stream to be read: first a head written by
 * us, then the body as its framing says, and not a byte more. Chunks are read and written anew,
 * without extensions and trailers, so that nothing in them can be read in two ways; a body of known
 * length passes in the kernel.
 */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/proto/http_chunk.h>
#include <sockutil/proto/http_framing.h>
#include <sockutil/stream/stream.h>

struct gateway_body;

/* Looks at body->held for a head. IO_AGAIN: more is needed. IO_DONE: something was done: bytes in
 * ready, or gateway_body_frame() was called. IO_FAILED. */
typedef enum io gateway_body_head(void *data, struct gateway_body *body, struct failure *why);

enum gateway_body_stage {
	GATEWAY_BODY_HEAD,
	GATEWAY_BODY_LENGTH,
	GATEWAY_BODY_CHUNKED,
	GATEWAY_BODY_TO_CLOSE,
	GATEWAY_BODY_DONE,
};

/* Invariants: what is in ready is given before anything else; held is empty whenever a read said
 * IO_AGAIN, but in GATEWAY_BODY_HEAD. */
struct gateway_body {
	struct stream stream;
	enum gateway_body_stage stage;
	bool plain;          /* chunks are unwrapped: whoever gets it does not know them */
	const char *who;     /* "client", "server": static, for messages */
	struct buffer ready; /* to be given next */
	struct buffer held;  /* came, not looked at yet */
	uint64_t left;       /* of GATEWAY_BODY_LENGTH */
	uint64_t taken;      /* bytes that came from below */
	struct http_chunk chunk;
	gateway_body_head *head;
	void *data;
};

/* Over below, which stays the caller's; head is asked until it calls gateway_body_frame(). */
void gateway_body_init(struct gateway_body *body, struct stream *below, const char *who,
		       gateway_body_head *head, void *data);
/* What follows the head. */
void gateway_body_frame(struct gateway_body *body, const struct http_framing *framing, bool plain);
/* The body has been given to its end. */
static inline bool gateway_body_done(const struct gateway_body *body)
{
	return body->stage == GATEWAY_BODY_DONE && body->ready.length == 0;
}
/* Frees what it holds; below is left alone. */
void gateway_body_free(struct gateway_body *body);
#endif
