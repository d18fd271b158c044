/* SPDX-License-Identifier: MIT */
/* src/chat/host_clock.c - what the host does with a member by time. */
#include <stddef.h>

#include <sockutil/chat/host.h>
#include <sockutil/chat/host_clock.h>

struct date {
	enum chat_host_due due;
	int64_t at_ms;
};

/* What time brings one of that standing, apart from reading on. */
static struct date own_date(const struct chat_host_clock *clock, enum chat_host_standing standing)
{
	switch (standing) {
	case CHAT_HOST_LEAVING:
		return (struct date){ CHAT_HOST_DUE_END, clock->end_ms };
	case CHAT_HOST_NAMELESS:
		return (struct date){ CHAT_HOST_DUE_NICK, clock->came_ms + CHAT_HOST_NICK_MS };
	case CHAT_HOST_ANSWERS:
		if (clock->asked_ms > 0)
			return (struct date){ CHAT_HOST_DUE_SILENT,
					      clock->asked_ms + CHAT_HOST_PING_MS / 2 };
		return (struct date){ CHAT_HOST_DUE_PING, clock->heard_ms + CHAT_HOST_PING_MS };
	default:
		return (struct date){ CHAT_HOST_DUE_NOTHING, 0 };
	}
}

enum chat_host_due chat_host_clock_due(const struct chat_host_clock *clock,
				       enum chat_host_standing standing, int64_t now_ms,
				       int64_t *wait_ms)
{
	const bool held = clock->resume_ms > 0 && standing != CHAT_HOST_LEAVING;
	const struct date dates[] = {
		own_date(clock, standing),
		{ held ? CHAT_HOST_DUE_RESUME : CHAT_HOST_DUE_NOTHING, clock->resume_ms },
	};

	*wait_ms = 0;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		const int64_t left_ms = dates[i].at_ms - now_ms;

		if (dates[i].due == CHAT_HOST_DUE_NOTHING)
			continue;
		if (left_ms <= 0)
			return dates[i].due;
		if (*wait_ms == 0 || left_ms < *wait_ms)
			*wait_ms = left_ms;
	}
	return CHAT_HOST_DUE_NOTHING;
}
