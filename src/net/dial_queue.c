/* SPDX-License-Identifier: MIT */
/* Addresses that nobody has tried yet, the families interleaved. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/net/dial_queue.h>

static bool has_none(const struct dial_queue *queue, int family)
{
	return queue->families[family].first == queue->families[family].count;
}

static void add_one(struct dial_queue *queue, const struct address *address)
{
	const int family = address->any.sa_family == AF_INET ? DIAL_QUEUE_V4 : DIAL_QUEUE_V6;
	const size_t first = queue->families[family].first;
	const size_t left = queue->families[family].count - first;
	struct address *old = queue->families[family].items;
	struct address *items = memory_zeroed(left + 1, sizeof(*items));

	if (left > 0)
		memcpy(items, old + first, left * sizeof(*items));
	items[left] = *address;
	free(old);
	queue->families[family].items = items;
	queue->families[family].first = 0;
	queue->families[family].count = left + 1;
}

void dial_queue_add(struct dial_queue *queue, const struct address *addresses, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_one(queue, &addresses[i]);
}

bool dial_queue_take(struct dial_queue *queue, struct address *out)
{
	int family = queue->turn;

	if (dial_queue_is_empty(queue))
		return false;
	if (has_none(queue, family))
		family = !family;
	*out = queue->families[family].items[queue->families[family].first++];
	queue->turn = !family;
	return true;
}

bool dial_queue_is_empty(const struct dial_queue *queue)
{
	return has_none(queue, DIAL_QUEUE_V6) && has_none(queue, DIAL_QUEUE_V4);
}

void dial_queue_free(struct dial_queue *queue)
{
	for (int i = 0; i < DIAL_QUEUE_FAMILIES; i++)
		free(queue->families[i].items);
	*queue = (struct dial_queue){ .turn = DIAL_QUEUE_V6 };
}
