/* SPDX-License-Identifier: MIT */
/* option_value.c - one argument of one option: from text to the field its row names. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/base/utf8.h>
#include <sockutil/cli/option_value.h>

/* One call of option_value_store. */
struct storing {
	const struct option_row *row;
	const char *spelled;
	const char *text;
	void *field;
	struct failure *why;
};

const char *option_value_shown(char out[static OPTION_SHOWN_MAX], const char *text)
{
	size_t length = strlen(text);
	size_t kept = utf8_cut(text, length, OPTION_SHOWN_MAX - 4);

	snprintf(out, OPTION_SHOWN_MAX, "%.*s%s", (int)kept, text, kept < length ? "..." : "");
	return out;
}

static bool is_not(const struct storing *s, const char *what)
{
	char shown[OPTION_SHOWN_MAX];

	fail(s->why, FAILURE_USAGE, "%s: \"%s\" is not %s", s->spelled,
	     option_value_shown(shown, s->text), what);
	return false;
}

/* A bound as the user would write it. */
static const char *bound_text(char *out, size_t size, enum option_type type, int64_t bound)
{
	if (type == OPTION_DURATION)
		return duration_text(out, size, bound);
	if (type == OPTION_SIZE || type == OPTION_RATE)
		return size_text(out, size, (uint64_t)bound);
	snprintf(out, size, "%" PRId64, bound);
	return out;
}

static bool has_range(enum option_type type)
{
	return type == OPTION_INTEGER || type == OPTION_SIZE || type == OPTION_RATE ||
	       type == OPTION_DURATION;
}

bool option_value_bounded(const struct option_row *row)
{
	return row->max && row->max != INT64_MAX;
}

const char *option_value_range(char out[static OPTION_RANGE_MAX], const struct option_row *row)
{
	bool counted = row->unit && row->type == OPTION_INTEGER; /* the others bring their own */
	const char *unit = counted ? row->unit : "";
	const char *blank = counted ? " " : "";
	char low[32], high[32];

	out[0] = '\0';
	if (!has_range(row->type))
		return out;
	bound_text(low, sizeof low, row->type, row->min);
	bound_text(high, sizeof high, row->type, row->max);
	if (option_value_bounded(row))
		snprintf(out, OPTION_RANGE_MAX, "%s-%s%s%s", low, high, blank, unit);
	else if (row->min)
		snprintf(out, OPTION_RANGE_MAX, "%s or more%s%s", low, blank, unit);
	return out;
}

static bool out_of_range(const struct storing *s)
{
	char shown[OPTION_SHOWN_MAX], range[OPTION_RANGE_MAX];

	option_value_range(range, s->row);
	if (option_value_bounded(s->row))
		fail(s->why, FAILURE_USAGE, "%s: %s is outside %s", s->spelled,
		     option_value_shown(shown, s->text), range);
	else
		fail(s->why, FAILURE_USAGE, "%s: %s is too small: %s", s->spelled,
		     option_value_shown(shown, s->text), range);
	return false;
}

static bool in_range(const struct option_row *row, int64_t value)
{
	return value >= row->min && (!row->max || value <= row->max);
}

static bool store_integer(const struct storing *s)
{
	const char *digits = s->text + (*s->text == '-');
	uint64_t magnitude;
	int64_t value;

	if (!*digits || digits[strspn(digits, "0123456789")])
		return is_not(s, "a whole number");
	if (!number_parse(digits, INT64_MAX, &magnitude))
		return out_of_range(s);
	value = *s->text == '-' ? -(int64_t)magnitude : (int64_t)magnitude;
	if (!in_range(s->row, value))
		return out_of_range(s);
	*(int64_t *)s->field = value;
	return true;
}

static bool store_bytes(const struct storing *s)
{
	uint64_t value;

	if (!size_parse(s->text, &value) || value > INT64_MAX)
		return is_not(s, s->row->type == OPTION_RATE
					 ? "a rate in bytes a second (examples: 800, 64K, 1.5M)"
					 : "a size (examples: 512, 64K, 1.5M, 2G)");
	if (!in_range(s->row, (int64_t)value))
		return out_of_range(s);
	*(uint64_t *)s->field = value;
	return true;
}

static bool store_duration(const struct storing *s)
{
	int64_t value;

	if (!duration_parse(s->text, &value))
		return is_not(s, "a duration (examples: 250ms, 0.5, 5s, 2m, 1h)");
	if (!in_range(s->row, value))
		return out_of_range(s);
	*(int64_t *)s->field = value;
	return true;
}

static bool store_choice(const struct storing *s)
{
	const char *const *choices = s->row->choices;
	char list[300], shown[OPTION_SHOWN_MAX];
	size_t used = 0;

	for (int i = 0; choices[i]; i++)
		if (!strcmp(choices[i], s->text)) {
			*(int *)s->field = i;
			return true;
		}
	list[0] = '\0';
	for (size_t i = 0; choices[i] && used < sizeof list; i++)
		used += (size_t)snprintf(list + used, sizeof list - used, " %s", choices[i]);
	fail(s->why, FAILURE_USAGE, "%s: \"%s\" is not one of%s", s->spelled,
	     option_value_shown(shown, s->text), list);
	return false;
}

static void wipe_and_free(const char *secret)
{
	char *copy = (char *)(uintptr_t)secret; /* ours: made by memory_string */

	if (copy)
		memory_wipe(copy, strlen(copy));
	free(copy);
}

static bool store_text(const struct storing *s)
{
	const char **field = s->field;

	if (s->row->secret) {
		wipe_and_free(*field);
		*field = memory_string(s->text);
	} else {
		*field = s->text;
	}
	return true;
}

static bool store_in_list(const struct storing *s)
{
	struct option_list *list = s->field;

	/* Full at 1, 3, 7, 15 ... items: the room doubles, and the NULL behind them always fits. */
	if ((list->count & (list->count + 1)) == 0) {
		const char **items = memory_zeroed(2 * (list->count + 1), sizeof *items);

		if (list->count)
			memcpy(items, list->items, list->count * sizeof *items);
		free(list->items);
		list->items = items;
	}
	list->items[list->count++] = s->row->secret ? memory_string(s->text) : s->text;
	return true;
}

bool option_value_store(const struct option_row *row, const char *spelled, const char *text,
			void *args, struct failure *why)
{
	struct storing s = { row, spelled, text, (char *)args + row->at, why };

	switch (row->type) {
	case OPTION_FLAG:
		*(bool *)s.field = true;
		return true;
	case OPTION_COUNT:
		++*(int *)s.field;
		return true;
	case OPTION_VALUE:
		*(int *)s.field = row->value;
		return true;
	case OPTION_TEXT:
	case OPTION_FILE:
		return store_text(&s);
	case OPTION_LIST:
	case OPTION_FILE_LIST:
	case OPTION_REST:
		return store_in_list(&s);
	case OPTION_INTEGER:
		return store_integer(&s);
	case OPTION_SIZE:
	case OPTION_RATE:
		return store_bytes(&s);
	case OPTION_DURATION:
		return store_duration(&s);
	case OPTION_CHOICE:
		return store_choice(&s);
	}
	return false;
}

void option_value_free(const struct option_row *row, void *args)
{
	void *field = (char *)args + row->at;
	struct option_list *list = field;

	switch (row->type) {
	case OPTION_LIST:
	case OPTION_FILE_LIST:
	case OPTION_REST:
		for (size_t i = 0; row->secret && i < list->count; i++)
			wipe_and_free(list->items[i]);
		free(list->items);
		*list = (struct option_list){ 0 };
		break;
	case OPTION_TEXT:
	case OPTION_FILE:
		if (row->secret) {
			wipe_and_free(*(const char **)field);
			*(const char **)field = NULL;
		}
		break;
	default:
		break; /* owns nothing */
	}
}
