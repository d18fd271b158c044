/* SPDX-License-Identifier: MIT */
/* fuzz_pump.c - one direction of a relay between two streams that stall, split and fail: bytes out
 * are bytes in. */
#include "scripted.h"

#include <sockutil/relay/pump.h>

enum { STOPS_READING = 1, HAS_NO_SINK = 2, SOURCE_FAILS = 4 };

/* The payload often enough to pass the pump's block. */
static uint8_t *repeated(const uint8_t *data, size_t size, size_t times)
{
	uint8_t *bytes = malloc(size * times + 1);

	fuzz_check(bytes != NULL);
	for (size_t i = 0; i < times; i++)
		memcpy(bytes + i * size, data, size);
	return bytes;
}

static void check_moved(const struct pump *p, const struct scripted *from,
			const struct scripted *to)
{
	size_t held = p->held_end - p->held_start;

	fuzz_check(p->held_start <= p->held_end);
	fuzz_check(p->block || held == 0);
	fuzz_check(p->bytes + held == from->given);
	if (!p->to)
		return;
	fuzz_check(to->took.length == p->bytes);
	fuzz_check(!p->bytes || !memcmp(buffer_bytes(&to->took), from->gives, p->bytes));
}

static void check_waiting(const struct pump *p, const struct scripted *to)
{
	fuzz_check(p->waits != 0 && !(p->waits & ~(unsigned)(STREAM_READ | STREAM_WRITE)));
	/* Nothing is left lying in the sink while only the source is waited for. */
	fuzz_check((p->waits & STREAM_WRITE) || to->held == 0);
	fuzz_check(p->block == NULL || p->held_start < p->held_end);
}

static void check_outcome(const struct pump *p, const struct scripted *from,
			  const struct scripted *to)
{
	if (p->state == PUMP_FAILED && p->failed_at_to) {
		fuzz_check(to->lost && p->failure->class == FAILURE_SEND);
		return;
	}
	fuzz_check(!to->lost && to->held == 0 && p->bytes == from->given);
	if (p->state == PUMP_FAILED)
		fuzz_check(from->told && from->then == IO_FAILED &&
			   p->failure->class == FAILURE_RECEIVE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t kind = fuzz_byte(&data, &size);
	size_t times = (size_t)fuzz_byte(&data, &size) % 64 + 1;
	size_t stop_at = fuzz_byte(&data, &size), turns = 0;
	struct scripted from, to;
	struct pump pump;
	uint8_t *bytes;

	scripted_init(&from, &data, &size);
	scripted_init(&to, &data, &size);
	bytes = repeated(data, size, times);
	from.gives = bytes;
	from.length = size * times;
	from.then = kind & SOURCE_FAILS ? IO_FAILED : IO_END;
	pump_init(&pump, &from.stream, kind & HAS_NO_SINK ? NULL : &to.stream);
	while (pump.state == PUMP_RUNNING) {
		/* Only a stream that said "not now" makes it wait. */
		fuzz_check(turns <= from.refusals + to.refusals);
		if ((kind & STOPS_READING) && turns == stop_at)
			pump_stop_reading(&pump);
		pump_run(&pump);
		check_moved(&pump, &from, &to);
		if (pump.state == PUMP_RUNNING)
			check_waiting(&pump, &to);
		turns++;
	}
	check_outcome(&pump, &from, &to);
	if (!(kind & STOPS_READING) && pump.state == PUMP_ENDED)
		fuzz_check(from.given == from.length && from.then == IO_END);
	pump_free(&pump);
	scripted_free(&from);
	scripted_free(&to);
	free(bytes);
	return 0;
}
