/* SPDX-License-Identifier: MIT */
/* src/relay/pump.c - one direction of a relay. */
#include <stdlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/relay/pump.h>
#include <sockutil/stream/layer_socket.h>

enum { BLOCK_SIZE = 128 * 1024, TURN = 8 << 20 };

/* The block of the pump that rested last, so that a chatty one does not allocate for each message.
 */
static char *spare_block;

static bool block_take(struct pump *p)
{
	if (p->block)
		return true;
	p->block = spare_block ? spare_block : malloc(BLOCK_SIZE);
	spare_block = NULL;
	return p->block != NULL;
}

static void block_give(struct pump *p)
{
	if (!p->block || p->held_end > p->held_start)
		return;
	if (spare_block)
		free(p->block);
	else
		spare_block = p->block;
	p->block = NULL;
}

static void keep_failure(struct pump *p, const struct failure *why)
{
	if (!p->failure)
		p->failure = memory_zeroed(1, sizeof(*p->failure));
	*p->failure = *why;
}

static enum io pump_failed(struct pump *p, bool at_to, const struct failure *why)
{
	keep_failure(p, why);
	p->state = PUMP_FAILED;
	p->failed_at_to = at_to;
	p->waits = 0;
	return IO_FAILED;
}

static enum io no_memory(struct pump *p)
{
	struct failure why = { 0 };

	fail(&why, FAILURE_OTHER, "out of memory");
	return pump_failed(p, false, &why);
}

/* Writes what is held. IO_DONE: nothing is held any more. */
static enum io give_held(struct pump *p)
{
	struct failure why;

	why.class = FAILURE_NONE;
	while (p->held_start < p->held_end) {
		size_t n = p->held_end - p->held_start;
		enum io r = IO_DONE;

		if (p->to)
			r = stream_write(p->to, p->block + p->held_start, n, &n, &why);
		if (r == IO_AGAIN) {
			p->waits |= STREAM_WRITE;
			return IO_AGAIN;
		}
		if (r != IO_DONE)
			return pump_failed(p, true, &why);
		p->held_start += n;
		p->bytes += n;
	}
	p->held_start = p->held_end = 0;
	return IO_DONE;
}

/* The source said something else than bytes. */
static enum io source_stopped(struct pump *p, enum io r, const struct failure *why)
{
	if (r == IO_AGAIN) {
		p->waits |= STREAM_READ;
		return IO_AGAIN;
	}
	p->source_ended = true;
	p->source_failed = r == IO_FAILED;
	if (p->source_failed)
		keep_failure(p, why);
	return IO_END;
}

static enum io copy_once(struct pump *p, size_t *moved)
{
	struct failure why;
	enum io r;
	size_t n;

	if (!block_take(p))
		return no_memory(p);
	why.class = FAILURE_NONE;
	r = stream_read(p->from, p->block, BLOCK_SIZE, &n, &why);
	if (r != IO_DONE)
		return source_stopped(p, r, &why);
	p->held_end = n;
	*moved = n;
	return give_held(p);
}

/* The kernel would not do it for this pair: what is in its pipe comes first, then the copy goes on.
 */
static enum io rescue(struct pump *p)
{
	if (!block_take(p))
		return no_memory(p);
	while (p->held_start == p->held_end) {
		enum io r;

		p->held_start = 0;
		p->held_end = kernel_rescue(&p->kernel, p->block, BLOCK_SIZE);
		if (p->held_end == 0)
			return IO_DONE;
		r = give_held(p);
		if (r != IO_DONE)
			return r;
	}
	return IO_DONE;
}

static enum io kernel_failed(struct pump *p, const struct kernel_step *step)
{
	struct stream *at = step->at_to ? p->to : p->from;
	struct failure why = { 0 };
	enum io r = layer_socket_failed(at, step->at_to ? STREAM_WRITE : STREAM_READ, step->error,
					&why);

	/* What the socket still holds can be read past the failure; only then it counts. */
	if (!step->at_to || r == IO_AGAIN) {
		p->kernel.refused = true;
		return IO_DONE;
	}
	return pump_failed(p, true, &why);
}

/* Neither end may be passed further than its layers allow. */
static uint64_t raw_most(const struct pump *p)
{
	uint64_t from = stream_raw_most(p->from, STREAM_READ);
	uint64_t to = stream_raw_most(p->to, STREAM_WRITE);

	return from < to ? from : to;
}

static enum io kernel_once(struct pump *p, size_t *moved)
{
	struct kernel_step step;
	enum io r = kernel_step(&p->kernel, raw_most(p), &step);

	if (step.taken > 0)
		stream_moved(p->from, STREAM_READ, step.taken);
	if (step.given > 0)
		stream_moved(p->to, STREAM_WRITE, step.given);
	p->bytes += step.given;
	*moved = step.given;
	if (r == IO_FAILED)
		return kernel_failed(p, &step);
	if (r == IO_AGAIN && p->kernel.refused)
		return rescue(p);
	if (r == IO_AGAIN) {
		p->waits |= (step.wait_from ? STREAM_READ : 0) | (step.wait_to ? STREAM_WRITE : 0);
		return IO_AGAIN;
	}
	if (r == IO_END) {
		/* How it ended only the layer knows: the next read asks it. */
		p->kernel.refused = true;
		return IO_DONE;
	}
	return r;
}

/* Bytes can go past all layers now; a layer's answer may change from burst to burst. */
static bool kernel_can(struct pump *p)
{
	int from, to;

	if (p->kernel.in_pipe > 0)
		return !p->kernel.refused;
	if (!p->to)
		return false;
	from = stream_raw_fd(p->from, STREAM_READ);
	if (from < 0 || raw_most(p) == 0)
		return false;
	to = stream_raw_fd(p->to, STREAM_WRITE);
	return to >= 0 && kernel_fits(&p->kernel, from, to);
}

static enum io move_once(struct pump *p, size_t *moved)
{
	enum io r;

	*moved = 0;
	r = give_held(p);
	if (r != IO_DONE)
		return r;
	if (p->kernel.in_pipe > 0 && p->kernel.refused) {
		r = rescue(p);
		if (r != IO_DONE)
			return r;
	}
	if (p->source_ended && p->kernel.in_pipe == 0)
		return IO_END;
	return kernel_can(p) ? kernel_once(p, moved) : copy_once(p, moved);
}

static bool holds_bytes(const struct pump *p)
{
	return p->held_start < p->held_end || p->kernel.in_pipe > 0;
}

/* What layers of the sink gathered goes out before the pump waits or ends. */
static enum io flush_sink(struct pump *p)
{
	struct failure why;
	enum io r;

	why.class = FAILURE_NONE;
	r = p->to ? stream_flush(p->to, &why) : IO_DONE;
	if (r == IO_AGAIN)
		p->waits |= STREAM_WRITE;
	else if (r == IO_FAILED)
		return pump_failed(p, true, &why);
	return r;
}

void pump_init(struct pump *p, struct stream *from, struct stream *to)
{
	*p = (struct pump){ .from = from, .to = to, .kernel = KERNEL_PUMP_EMPTY };
}

void pump_run(struct pump *p)
{
	size_t turn = 0, moved;
	enum io r = IO_DONE;

	if (p->state != PUMP_RUNNING)
		return;
	p->waits = 0;
	while (r == IO_DONE && turn < TURN) {
		r = move_once(p, &moved);
		turn += moved;
	}
	if (p->state == PUMP_FAILED)
		return;
	if (r == IO_DONE) {
		p->waits = holds_bytes(p) ? STREAM_WRITE : STREAM_READ;
		return;
	}
	r = flush_sink(p);
	if (r == IO_DONE && p->source_ended && !holds_bytes(p))
		p->state = p->source_failed ? PUMP_FAILED : PUMP_ENDED;
	block_give(p);
	kernel_rest(&p->kernel);
}

void pump_stop_reading(struct pump *p)
{
	p->source_ended = true;
}

void pump_fail(struct pump *p, const struct failure *why)
{
	pump_failed(p, true, why);
}

void pump_free(struct pump *p)
{
	p->held_start = p->held_end = 0;
	block_give(p);
	kernel_close(&p->kernel);
	free(p->failure);
	p->failure = NULL;
}
