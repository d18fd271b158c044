/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_DIAL_QUEUE_H
#define SOCKUTIL_NET_DIAL_QUEUE_H
/*
 * Addresses that nobody has tried yet. The families take turns, IPv6 first (RFC 8305, 4); within
 * a family the order is that of adding, which is getaddrinfo(3)'s (RFC 6724). {0} is empty.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/net/address.h>

enum { DIAL_QUEUE_V6, DIAL_QUEUE_V4, DIAL_QUEUE_FAMILIES };

struct dial_queue {
	struct {
		struct address *items;
		size_t first, count; /* first <= count */
	} families[DIAL_QUEUE_FAMILIES];
	int turn; /* whose address is next, if that family has one */
};

/* Copies them; other families than IPv4 count as IPv6. */
void dial_queue_add(struct dial_queue *queue, const struct address *addresses, size_t count);
/* False when it is empty. */
bool dial_queue_take(struct dial_queue *queue, struct address *out);
bool dial_queue_is_empty(const struct dial_queue *queue);
void dial_queue_free(struct dial_queue *queue);
#endif
