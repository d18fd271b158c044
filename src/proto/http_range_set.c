/* SPDX-License-Identifier: MIT */
/* http_range_set.c - which parts a Range field asks for. */
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>
#include <sockutil/proto/http_range_set.h>

/* A position as it was written: it may be longer than any number here. */
struct position {
	const char *digits; /* without zeros in front */
	size_t count;       /* 0: it is zero */
};

enum spec { SPEC_MALFORMED, SPEC_BEHIND_THE_END, SPEC_ALL, SPEC_PART };

static bool position_take(struct position *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	if (!length)
		return false;
	for (; length && *text == '0'; length--)
		text++;
	*out = (struct position){ text, length };
	return true;
}

/* Whether a is behind b. */
static bool behind(const struct position *a, const struct position *b)
{
	if (a->count != b->count)
		return a->count > b->count;
	return a->count && memcmp(a->digits, b->digits, a->count) > 0;
}

/* The number, or most when it is larger. */
static uint64_t number_at_most(const struct position *p, uint64_t most)
{
	uint64_t number = 0;

	if (p->count && !number_parse_bytes(p->digits, p->count, most, &number))
		return most;
	return number;
}

/* The last bytes of it. */
static enum spec suffix_take(struct http_range_part *out, const char *text, size_t length,
			     uint64_t size)
{
	struct position count;

	if (!position_take(&count, text, length))
		return SPEC_MALFORMED;
	if (!count.count)
		return SPEC_BEHIND_THE_END;
	if (!size)
		return SPEC_ALL;
	*out = (struct http_range_part){ size - number_at_most(&count, size), size - 1 };
	return SPEC_PART;
}

static enum spec spec_take(struct http_range_part *out, const char *text, size_t length,
			   uint64_t size)
{
	const char *dash = memchr(text, '-', length);
	const size_t before = dash ? (size_t)(dash - text) : 0;
	struct position first, last = { 0 };
	bool open;

	if (!dash)
		return SPEC_MALFORMED;
	if (!before)
		return suffix_take(out, dash + 1, length - 1, size);
	open = before + 1 == length;
	if (!position_take(&first, text, before) ||
	    (!open && !position_take(&last, dash + 1, length - before - 1)))
		return SPEC_MALFORMED;
	if (!open && behind(&first, &last))
		return SPEC_MALFORMED;
	out->first = number_at_most(&first, size);
	if (out->first == size)
		return SPEC_BEHIND_THE_END;
	out->last = open ? size - 1 : number_at_most(&last, size - 1);
	return SPEC_PART;
}

static bool meets(const struct http_range_part *a, const struct http_range_part *b)
{
	return a->first <= b->last + 1 && b->first <= a->last + 1;
}

/* Joins parts that meet: each join may let another two meet. */
static void join(struct http_range_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		for (size_t j = i + 1; j < set->count; j++) {
			struct http_range_part *a = &set->parts[i], *b = &set->parts[j];

			if (!meets(a, b))
				continue;
			a->first = a->first < b->first ? a->first : b->first;
			a->last = a->last > b->last ? a->last : b->last;
			memmove(b, b + 1, (set->count - j - 1) * sizeof *b);
			set->count--;
			j = i;
		}
	}
}

enum http_range_outcome http_range_set_parse(struct http_range_set *out, const char *value,
					     size_t length, uint64_t size)
{
	const size_t unit = strlen("bytes=");
	const char *spec;
	size_t cursor = unit, count = 0, specs = 0, spec_length;

	out->count = 0;
	if (length < unit || strncasecmp(value, "bytes=", unit))
		return HTTP_RANGE_WHOLE;
	while (http_list_next(value, length, &cursor, &spec, &spec_length)) {
		struct http_range_part part;
		const enum spec kind = spec_take(&part, spec, spec_length, size);

		if (++specs > HTTP_RANGE_SET_MAX || kind == SPEC_MALFORMED || kind == SPEC_ALL)
			return HTTP_RANGE_WHOLE;
		if (kind == SPEC_PART)
			out->parts[count++] = part;
	}
	if (!specs)
		return HTTP_RANGE_WHOLE;
	out->count = count;
	join(out);
	return count ? HTTP_RANGE_PARTS : HTTP_RANGE_UNSATISFIABLE;
}

enum http_range_outcome http_range_set_of(struct http_range_set *out, const struct http_head *head,
					  uint64_t size)
{
	const struct http_field *range = http_head_find(head, "Range", NULL);

	out->count = 0;
	if (!range || http_head_find(head, "Range", range))
		return HTTP_RANGE_WHOLE;
	return http_range_set_parse(out, range->value, range->value_length, size);
}
