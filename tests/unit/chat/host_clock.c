/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/host_clock.c
 * Holds: a nick is due 30 seconds after the connection, whatever was heard; a quiet member has no
 * date; one that answers is pinged 60 seconds after its last bytes and silent 30 seconds after the
 * ping, unless bytes come; reading on comes at its own time, beside the other date; one that leaves
 * has its end alone.
 */
#include <criterion/criterion.h>

#include <sockutil/chat/host.h>
#include <sockutil/chat/host_clock.h>

static void assert_due(const struct chat_host_clock *clock, enum chat_host_standing standing,
		       int64_t now_ms, enum chat_host_due expected, int64_t expected_wait_ms)
{
	int64_t wait_ms = -1;
	const enum chat_host_due due = chat_host_clock_due(clock, standing, now_ms, &wait_ms);

	cr_assert_eq(due, expected, "%d at %lld", (int)due, (long long)now_ms);
	if (due == CHAT_HOST_DUE_NOTHING)
		cr_assert_eq(wait_ms, expected_wait_ms, "%lld", (long long)wait_ms);
}

Test(host_clock, a_nick_has_its_time)
{
	struct chat_host_clock clock = { .came_ms = 1000, .heard_ms = 1000 };

	assert_due(&clock, CHAT_HOST_NAMELESS, 1000, CHAT_HOST_DUE_NOTHING, CHAT_HOST_NICK_MS);
	chat_host_clock_heard(&clock, 30999);
	assert_due(&clock, CHAT_HOST_NAMELESS, 30999, CHAT_HOST_DUE_NOTHING, 1);
	assert_due(&clock, CHAT_HOST_NAMELESS, 31000, CHAT_HOST_DUE_NICK, 0);
}

Test(host_clock, a_quiet_member_has_no_date)
{
	const struct chat_host_clock clock = { .came_ms = 1, .heard_ms = 1 };

	assert_due(&clock, CHAT_HOST_QUIET, 1, CHAT_HOST_DUE_NOTHING, 0);
	assert_due(&clock, CHAT_HOST_QUIET, 1000000000, CHAT_HOST_DUE_NOTHING, 0);
}

Test(host_clock, a_ping_and_its_answer)
{
	struct chat_host_clock clock = { .came_ms = 1, .heard_ms = 500 };

	assert_due(&clock, CHAT_HOST_ANSWERS, 500, CHAT_HOST_DUE_NOTHING, 60000);
	chat_host_clock_heard(&clock, 1000);
	assert_due(&clock, CHAT_HOST_ANSWERS, 60999, CHAT_HOST_DUE_NOTHING, 1);
	assert_due(&clock, CHAT_HOST_ANSWERS, 61000, CHAT_HOST_DUE_PING, 0);
	clock.asked_ms = 61000;
	assert_due(&clock, CHAT_HOST_ANSWERS, 61000, CHAT_HOST_DUE_NOTHING, 30000);
	assert_due(&clock, CHAT_HOST_ANSWERS, 91000, CHAT_HOST_DUE_SILENT, 0);
	chat_host_clock_heard(&clock, 90999);
	assert_due(&clock, CHAT_HOST_ANSWERS, 91000, CHAT_HOST_DUE_NOTHING, 59999);
}

Test(host_clock, reading_on)
{
	struct chat_host_clock clock = { .came_ms = 1000, .heard_ms = 1000, .resume_ms = 1200 };

	assert_due(&clock, CHAT_HOST_QUIET, 1100, CHAT_HOST_DUE_NOTHING, 100);
	assert_due(&clock, CHAT_HOST_NAMELESS, 1100, CHAT_HOST_DUE_NOTHING, 100);
	assert_due(&clock, CHAT_HOST_QUIET, 1200, CHAT_HOST_DUE_RESUME, 0);
	clock.resume_ms = 31500;
	assert_due(&clock, CHAT_HOST_NAMELESS, 30500, CHAT_HOST_DUE_NOTHING, 500);
	assert_due(&clock, CHAT_HOST_NAMELESS, 31500, CHAT_HOST_DUE_NICK, 0);
}

Test(host_clock, the_end)
{
	const struct chat_host_clock clock = {
		.came_ms = 1,
		.heard_ms = 1,
		.asked_ms = 1,
		.resume_ms = 1,
		.end_ms = 100000,
	};

	assert_due(&clock, CHAT_HOST_LEAVING, 90000, CHAT_HOST_DUE_NOTHING, 10000);
	assert_due(&clock, CHAT_HOST_LEAVING, 100000, CHAT_HOST_DUE_END, 0);
}
