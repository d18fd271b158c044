/* SPDX-License-Identifier: MIT */
/* option_text.c - the words of a row that help and the man page share. */
#include <stdio.h>
#include <string.h>

#include <sockutil/cli/option_text.h>
#include <sockutil/cli/option_value.h>

/* Longer choices than this make a poor column. */
enum { CHOICES_SHORT = 24 };

static void join(char *out, size_t size, const char *const *words, const char *between)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; words[i] && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i ? between : "",
					 words[i]);
}

const char *option_text_argument(char out[static OPTION_TEXT_MAX], const struct option_row *row)
{
	if (row->type == OPTION_CHOICE) {
		join(out, OPTION_TEXT_MAX, row->choices, "|");
		if (strlen(out) <= CHOICES_SHORT)
			return out;
	}
	snprintf(out, OPTION_TEXT_MAX, "%s", row->arg ? row->arg : "");
	return out;
}

static bool choices_are_long(const struct option_row *row)
{
	char list[OPTION_TEXT_MAX];

	if (row->type != OPTION_CHOICE)
		return false;
	join(list, sizeof list, row->choices, "|");
	return strlen(list) > CHOICES_SHORT;
}

static bool is_number(const struct option_row *row)
{
	return row->type == OPTION_INTEGER || row->type == OPTION_SIZE ||
	       row->type == OPTION_RATE || row->type == OPTION_DURATION;
}

static const char *default_of(const struct option_row *row)
{
	if (row->fallback)
		return row->fallback;
	if (row->fallback_text)
		return row->fallback_text;
	return is_number(row) ? "none" : NULL;
}

/* Parts with commas between. */
static void add_note(char out[static OPTION_TEXT_MAX], const char *label, const char *note)
{
	size_t used = strlen(out);

	if (note && *note)
		snprintf(out + used, OPTION_TEXT_MAX - used, "%s%s%s", used ? ", " : "", label,
			 note);
}

const char *option_text_notes(char out[static OPTION_TEXT_MAX], const struct option_row *row,
			      bool all)
{
	char range[OPTION_RANGE_MAX], choices[OPTION_TEXT_MAX / 2];

	out[0] = '\0';
	if (choices_are_long(row)) {
		join(choices, sizeof choices, row->choices, " ");
		add_note(out, "one of: ", choices);
	}
	if (all && (option_value_bounded(row) ||
		    row->min > 1)) /* that a number is not zero goes without saying */
		add_note(out, "", option_value_range(range, row));
	add_note(out, "default: ", default_of(row));
	if (all && (row->type == OPTION_LIST || row->type == OPTION_FILE_LIST))
		add_note(out, "", "repeat for more");
	return out;
}

const char *option_text_group(const struct option_row *row)
{
	return row->group ? row->group : "options";
}

static bool group_seen(const struct mode *mode, const char *group, size_t before)
{
	struct option_cursor cursor = { 0 };

	while (cursor.count < before)
		if (!strcmp(option_text_group(option_next(mode, &cursor)), group))
			return true;
	return false;
}

const char *option_text_next_group(const struct mode *mode, struct option_cursor *cursor)
{
	const struct option_row *row;

	while ((row = option_next(mode, cursor)))
		if (!group_seen(mode, option_text_group(row), cursor->count - 1))
			return option_text_group(row);
	return NULL;
}

/* Puts value in the place of what, once. */
static bool fill_in(char out[static OPTION_EXAMPLE_MAX], const char *example, const char *what,
		    const char *value)
{
	const char *place = strstr(example, what);

	if (!place || !value)
		return false;
	snprintf(out, OPTION_EXAMPLE_MAX, "%.*s%s%s", (int)(place - example), example, value,
		 place + strlen(what));
	return true;
}

const char *option_text_example(char out[static OPTION_EXAMPLE_MAX], const struct mode *mode,
				const struct option_row *row)
{
	const char *example = row->example ? row->example : "";

	const struct {
		const char *place, *operands;
	} places[] = {
		{ "{address}", mode->address },
		{ "{tls address}", mode->tls_address },
		{ "{listener}", mode->listener },
		{ "{tls listener}", mode->tls_listener },
		{ "{file listener}", mode->file_listener },
	};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (fill_in(out, example, places[i].place, places[i].operands))
			return out;
	snprintf(out, OPTION_EXAMPLE_MAX, "%s", example);
	return out;
}
