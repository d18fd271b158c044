/* SPDX-License-Identifier: MIT */
/* src/modes/login_list.c - who may come in, from the command line and from files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/modes/login_list.h>
#include <sockutil/modes/text_input.h>

enum { LOGINS_MAX = 10000 };

static void wipe(struct login_list *list)
{
	if (list->items)
		memory_wipe(list->items, list->count * sizeof(*list->items));
	free(list->items);
	*list = (struct login_list){ NULL, 0 };
}

static bool add(struct login_list *list, const char *text, size_t length, struct failure *why)
{
	if (list->count == LOGINS_MAX) {
		fail(why, FAILURE_USAGE, "more than %d logins", LOGINS_MAX);
		return false;
	}
	/* Not realloc(3): it would leave passwords behind. */
	if ((list->count & (list->count - 1)) == 0) {
		const size_t count = list->count;
		struct login *more = memory_zeroed(count ? 2 * count : 1, sizeof(*more));

		if (count > 0)
			memcpy(more, list->items, count * sizeof(*more));
		wipe(list);
		*list = (struct login_list){ more, count };
	}
	if (!login_parse(&list->items[list->count], text, length, why))
		return false;
	list->count++;
	return true;
}

static bool add_lines(struct login_list *list, const char *option, const char *file,
		      const char *text, struct failure *why)
{
	for (unsigned line = 1; *text; ++line) {
		const size_t whole = strcspn(text, "\n");
		const size_t length = whole > 0 && text[whole - 1] == '\r' ? whole - 1 : whole;
		char where[300];

		if (length > 0 && *text != '#' && !add(list, text, length, why)) {
			snprintf(where, sizeof(where), "%s: %.200s:%u", option, file, line);
			fail_at(why, where);
			return false;
		}
		text += whole + (text[whole] == '\n');
	}
	return true;
}

static bool add_file(struct login_list *list, const char *option, const char *file,
		     struct failure *why)
{
	const size_t before = list->count;
	struct buffer text = { 0 };
	const char *lines;
	bool good = text_input_secret(&text, option, file, why);

	lines = good ? buffer_text(&text) : NULL;
	if (good && (!lines || strlen(lines) != text.length)) {
		fail(why, FAILURE_USAGE, "%s: %s is no text", option, file);
		good = false;
	}
	good = good && add_lines(list, option, file, lines, why);
	if (good && list->count == before) {
		fail(why, FAILURE_USAGE, "%s: there is no login in @%s", option, file);
		good = false;
	}
	if (text.length > 0)
		memory_wipe(buffer_bytes(&text), text.length);
	buffer_free(&text);
	return good;
}

static bool add_all(struct login_list *list, const struct login_source *source, struct failure *why)
{
	for (size_t i = 0; i < source->given->count; ++i) {
		const char *text = source->given->items[i];

		if (*text == '@') {
			if (!add_file(list, source->option, text + 1, why))
				return false;
		} else if (!add(list, text, strlen(text), why)) {
			fail_at(why, source->option);
			return false;
		}
	}
	return true;
}

bool login_list_read(struct login_source *source, struct failure *why)
{
	struct login_list fresh = { NULL, 0 };

	if (!add_all(&fresh, source, why)) {
		wipe(&fresh);
		return false;
	}
	wipe(&source->list);
	source->list = fresh;
	return true;
}

bool login_list_reread(void *source, struct failure *why)
{
	return login_list_read(source, why);
}

bool login_list_has_files(const struct login_source *source)
{
	for (size_t i = 0; i < source->given->count; ++i)
		if (*source->given->items[i] == '@')
			return true;
	return false;
}

void login_list_free(struct login_source *source)
{
	wipe(&source->list);
}
