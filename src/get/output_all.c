/* SPDX-License-Identifier: MIT */
/* src/get/output_all.c - every output with a temporary file, for the end by a signal. */
#include <sockutil/get/output_parts.h>

static struct output *first;

static bool all_has(const struct output *o)
{
	return o->previous || o == first;
}

void output_all_add(struct output *o)
{
	if (all_has(o))
		return;
	o->next = first;
	if (first)
		first->previous = o;
	first = o;
}

void output_all_remove(struct output *o)
{
	if (!all_has(o))
		return;
	if (o->previous)
		o->previous->next = o->next;
	else
		first = o->next;
	if (o->next)
		o->next->previous = o->previous;
	o->previous = o->next = NULL;
}

void output_abandon_all(void)
{
	while (first)
		output_abandon(first, true);
}
