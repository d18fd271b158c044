/* SPDX-License-Identifier: MIT */
/* option_mistake.c - one line for a command line that is wrong: what, why, and the nearest valid
 * thing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/nearest.h>
#include <sockutil/base/utf8.h>
#include <sockutil/cli/option_hint.h>
#include <sockutil/cli/option_mistake.h>
#include <sockutil/cli/option_text.h>
#include <sockutil/cli/option_value.h>

/* The name in "--name=VALUE", cut when it is too long to be near anything. */
static void name_of(char out[static NEAREST_NAME_MAX + 2], const char *word)
{
	snprintf(out, NEAREST_NAME_MAX + 2, "%.*s", (int)strcspn(word, "="), word);
}

static const char *nearest_option(const struct mode *mode, const char *typed)
{
	const char **names = memory_zeroed(option_count(mode) + 2, sizeof *names);
	struct option_cursor cursor = { 0 };
	const struct option_row *row;
	const char *nearest;
	size_t count = 0;

	while ((row = option_next(mode, &cursor)))
		names[count++] = row->name;
	names[count++] = "help";
	names[count++] = "help-all";
	nearest = nearest_name(typed, names, count);
	free(names);
	return nearest;
}

bool option_mistake_name(const struct mode *mode, const struct option_line *line,
			 char *const *operands, const char *word, struct failure *why)
{
	char name[NEAREST_NAME_MAX + 2], dashed[NEAREST_NAME_MAX + 4], shown[OPTION_SHOWN_MAX];
	const char *nearest;

	name_of(name, word + 2);
	snprintf(dashed, sizeof dashed, "--%s", name);
	if (option_hint(mode, line, operands, dashed, why))
		return false;
	option_value_shown(shown, dashed);
	nearest = nearest_option(mode, name);
	if (strlen(name) == 1 && option_find_letter(mode, *name))
		fail(why, FAILURE_USAGE, "unknown option %s: did you mean -%s?", shown, name);
	else if (nearest)
		fail(why, FAILURE_USAGE, "unknown option %s: did you mean --%s?", shown, nearest);
	else
		fail(why, FAILURE_USAGE, "%s: no such option; --help-all lists them", shown);
	return false;
}

static char other_case(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char)(c - 'a' + 'A');
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return '\0';
}

/* "-z", and for one of several letters where it stands: "-z in -vz". */
static void letter_text(char *out, size_t size, const char *word, const char *letter)
{
	size_t length = utf8_decode(letter, strlen(letter), NULL);
	char shown[OPTION_SHOWN_MAX];

	if (!length)
		length = 1;
	if (letter == word + 1 && !letter[length])
		snprintf(out, size, "%s", word);
	else
		snprintf(out, size, "-%.*s in %s", (int)length, letter,
			 option_value_shown(shown, word));
}

bool option_mistake_letter(const struct mode *mode, const struct option_line *line,
			   char *const *operands, const char *word, const char *letter,
			   struct failure *why)
{
	const char dashed[] = { '-', *letter, '\0' };
	const struct option_row *other = option_find_letter(mode, other_case(*letter));
	char name[NEAREST_NAME_MAX + 2], text[OPTION_SHOWN_MAX + 16];

	name_of(name, word + 1);
	letter_text(text, sizeof text, word, letter);
	if (option_find(mode, name))
		fail(why, FAILURE_USAGE, "unknown option -%s: did you mean --%s?", name, name);
	else if (option_hint(mode, line, operands, dashed, why))
		return false;
	else if (other)
		fail(why, FAILURE_USAGE, "%s: no such option; did you mean -%c (--%s)?", text,
		     other->letter, other->name);
	else
		fail(why, FAILURE_USAGE, "%s: no such option; --help-all lists them", text);
	return false;
}

bool option_mistake_missing(const struct mode *mode, const struct option_row *row,
			    const char *spelled, struct failure *why)
{
	char example[OPTION_EXAMPLE_MAX];

	if (row->example)
		fail(why, FAILURE_USAGE, "%s needs an argument: %s, as in: sockutil %s %s", spelled,
		     row->arg, mode->name, option_text_example(example, mode, row));
	else
		fail(why, FAILURE_USAGE, "%s needs an argument: %s", spelled, row->arg);
	return false;
}

bool option_mistake_extra(const struct option_row *row, const char *spelled, const char *value,
			  struct failure *why)
{
	char shown[OPTION_SHOWN_MAX];

	fail(why, FAILURE_USAGE, "%s takes no argument, but \"%s\" was given: just --%s", spelled,
	     option_value_shown(shown, value), row->name);
	return false;
}

/* One word of a blank-separated list; *names moves behind it. NULL at the end. */
static const char *next_name(const char **names, size_t *length)
{
	const char *name = *names + strspn(*names, " ");

	*length = strcspn(name, " ");
	*names = name + *length;
	return *length ? name : NULL;
}

static bool is_named(const struct option_row *row, const char *name, size_t length)
{
	return !strncmp(row->name, name, length) && !row->name[length];
}

static bool was_given(const struct mode *mode, const bool *given, const char *name, size_t length)
{
	struct option_cursor cursor = { 0 };
	const struct option_row *row;

	while ((row = option_next(mode, &cursor)))
		if (given[cursor.count - 1] && is_named(row, name, length))
			return true;
	return false;
}

static bool conflicts_hold(const struct mode *mode, const bool *given, const struct option_row *row,
			   struct failure *why)
{
	const char *names = row->conflicts ? row->conflicts : "", *name;
	size_t length;

	while ((name = next_name(&names, &length)))
		if (!is_named(row, name, length) && was_given(mode, given, name, length)) {
			fail(why, FAILURE_USAGE, "--%s cannot be given together with --%.*s",
			     row->name, (int)length, name);
			return false;
		}
	return true;
}

/* "--a", "--a or --b", "--a, --b or --c" */
static void any_of(char *out, size_t size, const char *names)
{
	size_t used = 0, length;
	const char *name;

	out[0] = '\0';
	while ((name = next_name(&names, &length)) && used < size) {
		bool last = !names[strspn(names, " ")];

		used += (size_t)snprintf(out + used, size - used, "%s--%.*s",
					 !used  ? ""
					 : last ? " or "
						: ", ",
					 (int)length, name);
	}
}

static bool needs_hold(const struct mode *mode, const bool *given, const struct option_row *row,
		       struct failure *why)
{
	const char *names = row->needs ? row->needs : "", *name;
	char needed[200];
	size_t length;

	if (!row->needs)
		return true;
	while ((name = next_name(&names, &length)))
		if (was_given(mode, given, name, length))
			return true;
	any_of(needed, sizeof needed, row->needs);
	fail(why, FAILURE_USAGE, "--%s needs %s", row->name, needed);
	return false;
}

bool option_mistake_together(const struct mode *mode, const bool *given, struct failure *why)
{
	struct option_cursor cursor = { 0 };
	const struct option_row *row;

	while ((row = option_next(mode, &cursor)))
		if (given[cursor.count - 1] &&
		    !(conflicts_hold(mode, given, row, why) && needs_hold(mode, given, row, why)))
			return false;
	return true;
}
