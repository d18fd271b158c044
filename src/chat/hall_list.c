/* SPDX-License-Identifier: MIT */
/* Names told in as many lines as it takes, up to a bound. */
#include <string.h>

#include <sockutil/chat/hall_parts.h>

static void list_flush(struct chat_list *list)
{
	list->event.text = (struct chat_slice){ buffer_bytes(&list->text), list->text.length };
	chat_hall_tell(list->hall, list->to, &list->event);
	list->event.text = (struct chat_slice){ 0 };
	buffer_free(&list->text);
	list->line = 0;
}

void chat_list_add(struct chat_list *list, const char *name)
{
	const size_t length = strlen(name);
	const char *before = list->separator;

	/* Where it is a blank on the wire people read a comma and a blank. */
	list->told += length + 2;
	if (list->told > CHAT_LIST_MAX) {
		list->more++;
		return;
	}
	if (list->line + length + 2 > CHAT_LIST_LINE)
		list_flush(list);
	list->line += length + 2;
	if (!list->text.length)
		before = list->lead;
	if (!buffer_add(&list->text, before, strlen(before)) ||
	    !buffer_add(&list->text, name, length))
		list->more++;
}

void chat_list_end(struct chat_list *list, const char *nothing)
{
	if (list->text.length)
		list_flush(list);
	else if (!list->told)
		chat_hall_say(list->hall, list->to, CHAT_NOTICE, "%s", nothing);
	if (list->more)
		chat_hall_say(list->hall, list->to, CHAT_NOTICE, "and %zu more", list->more);
	buffer_free(&list->text);
}
