/* SPDX-License-Identifier: MIT */
/* http_range.c - byte ranges: what servers say they send, and what users may ask for. */
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>
#include <sockutil/proto/http_range.h>

/* So that last + 1 is a number too, and no total looks like HTTP_RANGE_UNKNOWN. */
#define POSITION_MOST (UINT64_MAX - 1)

static bool number(const char *text, size_t length, uint64_t *out)
{
	return number_parse_bytes(text, length, POSITION_MOST, out);
}

/* "FIRST-LAST", in that order. */
static bool pair(const char *text, size_t length, uint64_t *first, uint64_t *last)
{
	const char *dash = memchr(text, '-', length);
	const size_t before = dash ? (size_t)(dash - text) : 0;

	return dash && number(text, before, first) && number(dash + 1, length - before - 1, last) &&
	       *first <= *last;
}

static bool is_asterisk(const char *text, size_t length)
{
	return length == 1 && *text == '*';
}

bool http_content_range_parse(struct http_content_range *out, const char *text, size_t length)
{
	static const char unit[] = "bytes ";
	const size_t skip = sizeof(unit) - 1;
	struct http_content_range range = { .total = HTTP_RANGE_UNKNOWN };
	const char *slash = memchr(text, '/', length);
	const char *total = slash ? slash + 1 : NULL;
	size_t total_length;

	if (!slash || (size_t)(slash - text) < skip || strncasecmp(text, unit, skip) != 0)
		return false;
	total_length = length - (size_t)(total - text);
	if (!is_asterisk(total, total_length) && !number(total, total_length, &range.total))
		return false;
	text += skip;
	length = (size_t)(slash - text);
	if (is_asterisk(text, length)) {
		if (range.total == HTTP_RANGE_UNKNOWN)
			return false;
	} else {
		range.satisfied = true;
		if (!pair(text, length, &range.first, &range.last) || range.last >= range.total)
			return false;
	}
	*out = range;
	return true;
}

/* "FIRST-LAST", "FIRST-" or "-COUNT". */
static bool is_range(const char *text, size_t length)
{
	uint64_t first, last;

	if (length > 1 && text[length - 1] == '-')
		return number(text, length - 1, &first);
	if (length > 1 && *text == '-')
		return number(text + 1, length - 1, &last) && last > 0;
	return pair(text, length, &first, &last);
}

bool http_range_valid(const char *text)
{
	for (size_t length;; text += length + 1) {
		length = strcspn(text, ",");
		if (!is_range(text, length))
			return false;
		if (!text[length])
			return true;
	}
}

static bool suffix_answers(uint64_t length, const struct http_content_range *range)
{
	if (range->total == HTTP_RANGE_UNKNOWN)
		return true;
	return range->last + 1 == range->total &&
	       range->first == (length < range->total ? range->total - length : 0);
}

bool http_range_answers(const char *spec, const struct http_content_range *range)
{
	const char *dash = strchr(spec, '-');
	uint64_t first, last = UINT64_MAX;

	if (strchr(spec, ',') || !dash)
		return true;
	if (!range->satisfied)
		return false;
	if (dash[1] && !number_parse(dash + 1, UINT64_MAX, &last))
		return true;
	if (dash == spec)
		return suffix_answers(last, range);
	return !number_parse_bytes(spec, (size_t)(dash - spec), UINT64_MAX, &first) ||
	       (range->first == first && range->last <= last);
}
