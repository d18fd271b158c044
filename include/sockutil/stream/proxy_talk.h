/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_PROXY_TALK_H
#define SOCKUTIL_STREAM_PROXY_TALK_H
/* What the layers of proxies say while they open: one message at a time, wiped once it is out. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/stream/stream.h>

/* {0} has nothing to say. */
struct proxy_talk {
	char *bytes; /* NULL: all is said */
	size_t length, sent;
	bool speaking; /* the last wait was for the write side below */
};

/* Copies; nothing may be left of the message before. */
void proxy_talk_say(struct proxy_talk *talk, const void *bytes, size_t length);
/* IO_DONE once all is flushed; IO_FAILED: FAILURE_PROXY. */
enum io proxy_talk_send(struct proxy_talk *talk, struct stream *below, struct failure *why);
/* stream_read() of below, whose end is no good before the answer is whole: IO_FAILED with
 * FAILURE_PROXY for that too. begun: part of it is here. */
enum io proxy_talk_hear(struct stream *below, void *buf, size_t len, size_t *nread, bool begun,
			struct failure *why);
/* A layer's want and wake_ms while it talks: opening counts as the read side, but may wait for
 * writing. */
unsigned proxy_talk_want(const struct proxy_talk *talk, const struct stream *below,
			 enum stream_side side);
int64_t proxy_talk_wake_ms(const struct proxy_talk *talk, const struct stream *below,
			   enum stream_side side);
void proxy_talk_free(struct proxy_talk *talk);
#endif
