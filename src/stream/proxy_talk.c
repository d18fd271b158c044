/* SPDX-License-Identifier: MIT */
/* src/stream/proxy_talk.c - messages to a proxy, and its answers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/proxy_talk.h>

void proxy_talk_say(struct proxy_talk *talk, const void *bytes, size_t length)
{
	talk->bytes = memory_zeroed(1, length);
	memcpy(talk->bytes, bytes, length);
	talk->length = length;
	talk->sent = 0;
}

/* What failed below, in the words of a sentence that begins with the proxy's name. */
static enum io failed(struct failure *why)
{
	const struct failure below = *why;

	fail(why, FAILURE_PROXY, "failed: %s", below.text);
	why->error = below.error;
	return IO_FAILED;
}

static enum io send_rest(struct proxy_talk *talk, struct stream *below, struct failure *why)
{
	while (talk->sent < talk->length) {
		size_t n;
		enum io r = stream_write(below, talk->bytes + talk->sent, talk->length - talk->sent,
					 &n, why);

		if (r != IO_DONE)
			return r;
		talk->sent += n;
	}
	return stream_flush(below, why);
}

enum io proxy_talk_send(struct proxy_talk *talk, struct stream *below, struct failure *why)
{
	enum io r;

	if (!talk->bytes)
		return IO_DONE;
	r = send_rest(talk, below, why);
	talk->speaking = r == IO_AGAIN;
	if (r == IO_FAILED)
		return failed(why);
	if (r == IO_DONE)
		proxy_talk_free(talk);
	return r;
}

enum io proxy_talk_hear(struct stream *below, void *buf, size_t len, size_t *nread, bool begun,
			struct failure *why)
{
	const enum io r = stream_read(below, buf, len, nread, why);

	if (r == IO_FAILED)
		return failed(why);
	if (r != IO_END)
		return r;
	fail(why, FAILURE_PROXY, "%s",
	     begun ? "closed the connection in the middle of its answer"
		   : "closed the connection instead of answering");
	why->error = ECONNRESET;
	return IO_FAILED;
}

static enum stream_side waiting_side(const struct proxy_talk *talk, enum stream_side side)
{
	return talk->speaking ? STREAM_WRITE : side;
}

unsigned proxy_talk_want(const struct proxy_talk *talk, const struct stream *below,
			 enum stream_side side)
{
	return stream_want(below, waiting_side(talk, side));
}

int64_t proxy_talk_wake_ms(const struct proxy_talk *talk, const struct stream *below,
			   enum stream_side side)
{
	return stream_wake_ms(below, waiting_side(talk, side));
}

void proxy_talk_free(struct proxy_talk *talk)
{
	if (talk->bytes)
		memory_wipe(talk->bytes, talk->length);
	free(talk->bytes);
	*talk = (struct proxy_talk){ .bytes = NULL };
}
