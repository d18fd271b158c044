/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_TESTS_FUZZ_SCRIPTED_H
#define SOCKUTIL_TESTS_FUZZ_SCRIPTED_H
/*
 * A stream without a descriptor that does what bytes of the input say. Each call takes one step of
 * its script: 0 is "not now", 255 fails a write for good, others are how many bytes it moves at
 * most (from 201 on thousands). Behind the script every call does all it can, so that whoever uses
 * the stream comes to an end.
 */
#include "fuzz.h"

#include <sockutil/base/buffer.h>
#include <sockutil/stream/stream.h>

struct scripted {
	struct stream stream;
	const uint8_t *steps;
	size_t steps_left;
	const uint8_t *gives; /* what reading gives, borrowed */
	size_t length, given;
	enum io then;       /* what reading says behind it: IO_END or IO_FAILED */
	bool told;          /* it has said so */
	struct buffer took; /* what was written */
	size_t held;        /* of it, not flushed yet */
	bool lost;          /* a write or flush failed */
	bool ended;
	size_t refusals; /* how often it said "not now" */
};

enum { SCRIPTED_LOSS = 255 };

static uint8_t scripted_step(struct scripted *p)
{
	uint8_t step = p->steps_left ? *p->steps : 200;

	if (p->steps_left) {
		p->steps_left--;
		p->steps++;
	}
	p->refusals += step == 0;
	return step;
}

static size_t scripted_room(const struct scripted *p, uint8_t step)
{
	if (!p->steps_left)
		return SIZE_MAX;
	return step > 200 ? (size_t)(step - 200) * 1000 : step;
}

static enum io scripted_read(struct stream *s, void *buf, size_t len, size_t *nread,
			     struct failure *why)
{
	struct scripted *p = (struct scripted *)s;
	uint8_t step = p->told ? 1 : scripted_step(p);
	size_t room = scripted_room(p, step), left = p->length - p->given;

	fuzz_check(len > 0);
	*nread = 0;
	if (step == 0)
		return IO_AGAIN;
	if (left == 0) {
		p->told = true;
		return p->then == IO_FAILED ? fail(why, FAILURE_RECEIVE, "scripted reset") : IO_END;
	}
	room = room < left ? room : left;
	*nread = room < len ? room : len;
	memcpy(buf, p->gives + p->given, *nread);
	p->given += *nread;
	return IO_DONE;
}

static enum io scripted_lost(struct scripted *p, struct failure *why)
{
	p->lost = true;
	return fail(why, FAILURE_SEND, "scripted loss");
}

static enum io scripted_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			       struct failure *why)
{
	struct scripted *p = (struct scripted *)s;
	uint8_t step = scripted_step(p);
	size_t room = scripted_room(p, step);

	*nwritten = 0;
	fuzz_check(!p->ended);
	if (p->lost || step == SCRIPTED_LOSS)
		return scripted_lost(p, why);
	if (step == 0)
		return IO_AGAIN;
	for (int i = 0; i < n && room > 0; i++) {
		size_t count = v[i].iov_len < room ? v[i].iov_len : room;

		fuzz_check(count == 0 || buffer_add(&p->took, v[i].iov_base, count));
		*nwritten += count;
		p->held += count;
		room -= count;
	}
	fuzz_check(*nwritten > 0);
	return IO_DONE;
}

static enum io scripted_flush(struct stream *s, struct failure *why)
{
	struct scripted *p = (struct scripted *)s;
	uint8_t step = scripted_step(p);

	if (p->lost || step == SCRIPTED_LOSS)
		return scripted_lost(p, why);
	if (step == 0)
		return IO_AGAIN;
	p->held = 0;
	return IO_DONE;
}

static enum io scripted_end(struct stream *s, struct failure *why)
{
	struct scripted *p = (struct scripted *)s;
	enum io r = p->ended ? IO_DONE : scripted_flush(s, why);

	p->ended = r == IO_DONE;
	return r;
}

static int scripted_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return -1;
}

static const struct stream_ops scripted_ops = {
	.name = "scripted",
	.read = scripted_read,
	.writev = scripted_writev,
	.flush = scripted_flush,
	.end = scripted_end,
	.fd = scripted_fd,
	.raw_fd = scripted_fd,
};

/* Takes its script off the front of the input: a byte that says how long, and so many steps. */
static inline void scripted_init(struct scripted *p, const uint8_t **data, size_t *size)
{
	size_t steps = fuzz_byte(data, size);

	*p = (struct scripted){ .stream.ops = &scripted_ops, .then = IO_END };
	p->steps = *data;
	p->steps_left = steps < *size ? steps : *size;
	*data += p->steps_left;
	*size -= p->steps_left;
}

static inline void scripted_free(struct scripted *p)
{
	buffer_free(&p->took);
}
#endif
