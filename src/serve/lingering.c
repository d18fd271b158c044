/* SPDX-License-Identifier: MIT */
/* Sessions that wait for their client's end, asked together on a beat. */
#include <stdlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/serve/lingering.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

static const double BEAT = 0.001;

struct list {
	struct session **items;
	size_t count, capacity;
};

/* Two generations, so that each session is given at least one whole beat. */
struct lingering {
	struct ev_loop *loop;
	struct ev_timer beat;
	struct list young, old;
};

static void list_ask(struct list *list)
{
	for (size_t i = 0; i < list->count; ++i) {
		struct session *session = list->items[i];

		if (!session)
			continue;
		session->listed = false;
		if (!session_ask(session))
			session_linger(session);
	}
	list->count = 0;
}

static void lingering_beat(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct lingering *lingering = timer->data;
	const struct list asked = lingering->old;

	(void)events;
	list_ask(&lingering->old);
	lingering->old = lingering->young;
	lingering->young = (struct list){ asked.items, 0, asked.capacity };
	if (lingering->old.count == 0)
		ev_timer_stop(loop, timer);
}

struct lingering *lingering_new(struct server *server)
{
	struct lingering *lingering = memory_zeroed(1, sizeof(*lingering));

	lingering->loop = server->loop;
	ev_timer_init(&lingering->beat, lingering_beat, BEAT, BEAT);
	lingering->beat.data = lingering;
	return lingering;
}

bool lingering_add(struct lingering *lingering, struct session *session)
{
	struct list *young = &lingering->young;

	if (young->count == young->capacity) {
		const size_t capacity = young->capacity ? 2 * young->capacity : 64;
		struct session **items = realloc(young->items, capacity * sizeof(struct session *));

		if (!items)
			return false;
		young->items = items;
		young->capacity = capacity;
	}
	young->items[young->count++] = session;
	session->listed = true;
	if (!ev_is_active(&lingering->beat))
		ev_timer_again(lingering->loop, &lingering->beat);
	return true;
}

void lingering_hurry(struct lingering *lingering)
{
	list_ask(&lingering->old);
	list_ask(&lingering->young);
	ev_timer_stop(lingering->loop, &lingering->beat);
}

void lingering_remove(struct lingering *lingering, const struct session *session)
{
	struct list *lists[] = { &lingering->young, &lingering->old };

	for (size_t l = 0; l < 2; ++l)
		for (size_t i = 0; i < lists[l]->count; ++i)
			if (lists[l]->items[i] == session)
				lists[l]->items[i] = NULL;
}

void lingering_free(struct lingering *lingering)
{
	if (!lingering)
		return;
	ev_timer_stop(lingering->loop, &lingering->beat);
	free(lingering->young.items);
	free(lingering->old.items);
	free(lingering);
}
