/* SPDX-License-Identifier: MIT */
/* tests/unit/relay/pump.c
 * Holds: everything that was read is written, also when the sink takes a byte at a time or nothing
 * for a while; a sink that gathers is flushed before the pump waits; the end counts only once all
 * is written; a failure of the source is told after the bytes before it; a failure of the sink is
 * told as such; without a sink bytes are dropped and counted; what was taken before reading stopped
 * is written. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include <sockutil/relay/pump.h>

static struct played from, to;
static struct pump pump;

static void assert_sane_pump(void)
{
	cr_assert(pump.held_start <= pump.held_end);
	cr_assert(pump.block || pump.held_start == pump.held_end);
	cr_assert(pump.state != PUMP_ENDED || pump.held_start == pump.held_end);
}

static void run(void)
{
	pump_run(&pump);
	assert_sane_pump();
}

static void set_up(void)
{
	played_init(&from);
	played_init(&to);
	pump_init(&pump, &from.stream, &to.stream);
}

static void tear_down(void)
{
	pump_free(&pump);
	played_free(&from);
	played_free(&to);
}

TestSuite(pump, .init = set_up, .fini = tear_down);

Test(pump, writes_all_it_read_and_waits_for_more)
{
	buffer_add(&from.gives, "abc", 3);
	run();
	cr_assert_eq(pump.state, PUMP_RUNNING);
	cr_assert_eq(pump.waits, STREAM_READ);
	cr_assert_str_eq(buffer_text(&to.took), "abc");
	cr_assert_eq(pump.bytes, 3);
	cr_assert_eq(to.holds, 0, "gathered bytes are flushed before waiting");
	cr_assert_null(pump.block);
}

Test(pump, serves_a_sink_that_takes_a_byte_at_a_time)
{
	buffer_add(&from.gives, "abcdef", 6);
	from.then = IO_END;
	from.at_most = 4;
	to.takes_at_once = 1;
	run();
	cr_assert_eq(pump.state, PUMP_ENDED);
	cr_assert_str_eq(buffer_text(&to.took), "abcdef");
}

Test(pump, keeps_what_a_full_sink_does_not_take)
{
	buffer_add(&from.gives, "abcdef", 6);
	from.then = IO_END;
	to.takes = 2;
	run();
	cr_assert_eq(pump.state, PUMP_RUNNING);
	cr_assert_eq(pump.waits, STREAM_WRITE);
	cr_assert_eq(pump.bytes, 2);
	to.takes = SIZE_MAX;
	run();
	cr_assert_eq(pump.state, PUMP_ENDED);
	cr_assert_str_eq(buffer_text(&to.took), "abcdef");
}

Test(pump, tells_a_failure_of_the_source_after_its_bytes)
{
	buffer_add(&from.gives, "abcdef", 6);
	from.then = IO_FAILED;
	to.takes = 2;
	run();
	cr_assert_eq(pump.state, PUMP_RUNNING);
	to.takes = SIZE_MAX;
	run();
	cr_assert_eq(pump.state, PUMP_FAILED);
	cr_assert_not(pump.failed_at_to);
	cr_assert_eq(pump.failure->class, FAILURE_RECEIVE);
	cr_assert_str_eq(pump.failure->text, "played reset");
	cr_assert_str_eq(buffer_text(&to.took), "abcdef");
}

Test(pump, tells_a_failure_of_the_sink)
{
	buffer_add(&from.gives, "abc", 3);
	to.write_fails = true;
	run();
	cr_assert_eq(pump.state, PUMP_FAILED);
	cr_assert(pump.failed_at_to);
	cr_assert_str_eq(pump.failure->text, "played loss");
}

Test(pump, drops_and_counts_without_a_sink)
{
	pump_init(&pump, &from.stream, NULL);
	buffer_add(&from.gives, "abc", 3);
	from.then = IO_END;
	run();
	cr_assert_eq(pump.state, PUMP_ENDED);
	cr_assert_eq(pump.bytes, 3);
}

Test(pump, writes_what_it_took_before_reading_stopped)
{
	buffer_add(&from.gives, "abcdef", 6);
	from.at_most = 4;
	to.takes = 1;
	run();
	pump_stop_reading(&pump);
	to.takes = SIZE_MAX;
	run();
	cr_assert_eq(pump.state, PUMP_ENDED);
	cr_assert_str_eq(buffer_text(&to.took), "abcd");
	cr_assert_eq(from.gives.length, 2);
}
