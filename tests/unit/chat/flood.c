/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/flood.c
 * Holds: a burst goes at once, the line behind it waits exactly as long as said; the long run is
 * CHAT_FLOOD_RATE a second; a full bucket never holds more than a burst; who is held up for
 * CHAT_FLOOD_CUT_MS is over, not a moment before; a pause of half a burst makes it begin anew; who
 * talks at the rate or a bit below is never over; a clock that starts at 0 or goes back does no
 * harm.
 */
#include <criterion/criterion.h>

#include <sockutil/chat/flood.h>

static int taken_at(struct chat_flood *flood, int64_t now_ms)
{
	int taken = 0;

	while (!chat_flood_take(flood, now_ms))
		taken++;
	return taken;
}

Test(chat_flood, a_burst_goes_at_once)
{
	struct chat_flood flood = { 0 };

	cr_assert_eq(taken_at(&flood, 1000), CHAT_FLOOD_BURST);
}

Test(chat_flood, the_next_line_waits_as_long_as_said)
{
	struct chat_flood flood = { 0 };

	taken_at(&flood, 1000);
	cr_assert_eq(chat_flood_take(&flood, 1000), 200);
	cr_assert_eq(chat_flood_take(&flood, 1150), 50);
	cr_assert_eq(chat_flood_take(&flood, 1199), 1);
	cr_assert_eq(chat_flood_take(&flood, 1200), 0);
	cr_assert_eq(chat_flood_take(&flood, 1200), 200);
}

Test(chat_flood, the_long_run_is_the_rate)
{
	struct chat_flood flood = { 0 };
	int taken = 0;

	for (int64_t now = 5000; now <= 65000; now++)
		taken += taken_at(&flood, now);
	cr_assert_eq(taken, CHAT_FLOOD_BURST + 60 * CHAT_FLOOD_RATE);
}

Test(chat_flood, silence_earns_one_burst_and_no_more)
{
	struct chat_flood flood = { 0 };

	taken_at(&flood, 1000);
	cr_assert_eq(taken_at(&flood, 1000000), CHAT_FLOOD_BURST);
}

Test(chat_flood, who_never_pauses_is_over_in_time)
{
	struct chat_flood flood = { 0 };

	for (int64_t now = 1000; now < 1000 + CHAT_FLOOD_CUT_MS; now++) {
		taken_at(&flood, now);
		cr_assert(!chat_flood_over(&flood, now), "%d ms too early",
			  (int)(1000 + CHAT_FLOOD_CUT_MS - now));
	}
	cr_assert(chat_flood_over(&flood, 1000 + CHAT_FLOOD_CUT_MS));
}

Test(chat_flood, half_a_burst_of_silence_begins_anew)
{
	struct chat_flood flood = { 0 };
	int64_t now;

	for (now = 1000; now < 10900; now++)
		taken_at(&flood, now);
	now += 2000;
	cr_assert(!chat_flood_over(&flood, now), "half is free");
	for (const int64_t end = now + CHAT_FLOOD_CUT_MS; now < end; now++) {
		taken_at(&flood, now);
		cr_assert(!chat_flood_over(&flood, now));
	}
	taken_at(&flood, now);
	cr_assert(chat_flood_over(&flood, now));
}

Test(chat_flood, less_than_half_a_burst_is_no_pause)
{
	struct chat_flood flood = { 0 };

	int64_t now = 1000;

	for (; now < 1000 + CHAT_FLOOD_CUT_MS; now += 1700) {
		cr_assert(taken_at(&flood, now) > 0);
		cr_assert(!chat_flood_over(&flood, now));
	}
	taken_at(&flood, now);
	cr_assert(chat_flood_over(&flood, now));
}

Test(chat_flood, who_talks_at_the_rate_is_never_held)
{
	struct chat_flood flood = { 0 };

	for (int64_t now = 1000; now < 100000; now += 1000 / CHAT_FLOOD_RATE) {
		cr_assert_eq(chat_flood_take(&flood, now), 0);
		cr_assert(!chat_flood_over(&flood, now));
	}
}

Test(chat_flood, a_clock_from_zero_counts_as_well)
{
	struct chat_flood flood = { 0 };

	for (int64_t now = 0; now < CHAT_FLOOD_CUT_MS; now++) {
		cr_assert_eq(taken_at(&flood, now), now == 0         ? CHAT_FLOOD_BURST
						    : now % 200 == 0 ? 1
								     : 0);
		cr_assert(!chat_flood_over(&flood, now));
	}
	taken_at(&flood, CHAT_FLOOD_CUT_MS + 1);
	cr_assert(chat_flood_over(&flood, CHAT_FLOOD_CUT_MS + 1));
}
