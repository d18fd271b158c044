/* SPDX-License-Identifier: MIT */
/* fuzz_http_range_set.c - Range fields: the parts lie inside, apart from one another, and have no
 * more bytes than there are; what is malformed asks for nothing. */
#include "fuzz.h"

#include <sockutil/proto/http_range_set.h>

static void check_parts(const struct http_range_set *set, uint64_t size)
{
	uint64_t total = 0;

	fuzz_check(set->count > 0 && set->count <= HTTP_RANGE_SET_MAX);
	for (size_t i = 0; i < set->count; i++) {
		const struct http_range_part *p = &set->parts[i];

		fuzz_check(p->first <= p->last && p->last < size);
		total += p->last - p->first + 1;
		for (size_t j = 0; j < i; j++) {
			const struct http_range_part *q = &set->parts[j];

			fuzz_check(p->first > q->last + 1 || q->first > p->last + 1);
		}
	}
	fuzz_check(total <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t sizes[] = { 0, 1, 10, 1000, UINT64_MAX };
	const uint64_t of = sizes[fuzz_byte(&data, &size) % 5];
	char *value = fuzz_text(data, size);
	struct http_range_set set, again;
	const enum http_range_outcome outcome = http_range_set_parse(&set, value, size, of);

	if (outcome == HTTP_RANGE_PARTS) {
		char text[HTTP_RANGE_SET_MAX * 48] = "bytes=";
		size_t at = strlen(text);

		check_parts(&set, of);
		for (size_t i = 0; i < set.count; i++)
			at += (size_t)snprintf(text + at, sizeof text - at, "%llu-%llu,",
					       (unsigned long long)set.parts[i].first,
					       (unsigned long long)set.parts[i].last);
		fuzz_check(http_range_set_parse(&again, text, at, of) == HTTP_RANGE_PARTS);
		fuzz_check(again.count == set.count);
		for (size_t i = 0; i < set.count; i++)
			fuzz_check(again.parts[i].first == set.parts[i].first &&
				   again.parts[i].last == set.parts[i].last);
	} else {
		fuzz_check(set.count == 0);
	}
	free(value);
	return 0;
}
