/* SPDX-License-Identifier: MIT */
/* Addresses that nobody has tried yet.
 * Holds: families take turns, IPv6 first; within one the order of adding stays; what is added
 * between takes keeps its place; an empty family does not stop the other; empty gives nothing
 * and can be filled again. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/net/dial_queue.h>

static void add(struct dial_queue *queue, const char *ip)
{
	struct address address;

	cr_assert(address_parse_ip(ip, 1, &address));
	dial_queue_add(queue, &address, 1);
}

static void assert_taken(struct dial_queue *queue, const char *expected)
{
	struct address address;
	char text[ADDRESS_TEXT_MAX];

	for (int i = 0; i < DIAL_QUEUE_FAMILIES; i++)
		cr_assert(queue->families[i].first <= queue->families[i].count);
	cr_assert_eq(dial_queue_take(queue, &address), expected != NULL);
	if (expected)
		cr_assert_str_eq(address_host(text, &address), expected);
	else
		cr_assert(dial_queue_is_empty(queue));
}

Test(dial_queue, families_take_turns)
{
	struct dial_queue queue = { 0 };

	add(&queue, "192.0.2.1");
	add(&queue, "192.0.2.2");
	add(&queue, "192.0.2.3");
	add(&queue, "2001:db8::1");
	add(&queue, "2001:db8::2");
	assert_taken(&queue, "2001:db8::1");
	assert_taken(&queue, "192.0.2.1");
	assert_taken(&queue, "2001:db8::2");
	assert_taken(&queue, "192.0.2.2");
	assert_taken(&queue, "192.0.2.3");
	assert_taken(&queue, NULL);
	dial_queue_free(&queue);
}

Test(dial_queue, added_between_takes)
{
	struct dial_queue queue = { 0 };

	assert_taken(&queue, NULL);
	add(&queue, "192.0.2.1");
	add(&queue, "192.0.2.2");
	assert_taken(&queue, "192.0.2.1");
	add(&queue, "2001:db8::1");
	add(&queue, "192.0.2.3");
	assert_taken(&queue, "2001:db8::1");
	assert_taken(&queue, "192.0.2.2");
	assert_taken(&queue, "192.0.2.3");
	assert_taken(&queue, NULL);
	add(&queue, "2001:db8::2");
	cr_assert(!dial_queue_is_empty(&queue));
	assert_taken(&queue, "2001:db8::2");
	dial_queue_free(&queue);
	cr_assert(dial_queue_is_empty(&queue));
}
