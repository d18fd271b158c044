/* SPDX-License-Identifier: MIT */
/* fuzz_number.c - numbers, sizes and durations: all or nothing, in range, and they agree with each
 * other. */
#include "fuzz.h"

#include <ctype.h>
#include <inttypes.h>

#include <sockutil/base/number.h>

#define UNTOUCHED UINT64_C(0x5555555555555555)
#define DAYS_24   (INT64_C(24) * 24 * 60 * 60 * 1000)

static void check_number(const char *text, size_t length)
{
	uint64_t value = UNTOUCHED, again = UNTOUCHED, seconds = UNTOUCHED;
	int64_t milliseconds = -1;
	char written[32];

	if (!number_parse(text, UINT64_MAX, &value)) {
		fuzz_check(value == UNTOUCHED);
		return;
	}
	snprintf(written, sizeof written, "%" PRIu64, value);
	fuzz_check(!strcmp(written, text + strspn(text, "0")) ||
		   (value == 0 && !text[strspn(text, "0")]));
	fuzz_check(number_parse_bytes(text, length, value, &again) && again == value);
	fuzz_check(value == 0 || !number_parse(text, value - 1, &again));
	fuzz_check(size_parse(text, &again) && again == value);
	fuzz_check(number_parse(text, (uint64_t)DAYS_24 / 1000, &seconds) ==
		   duration_parse(text, &milliseconds));
	fuzz_check(milliseconds == -1 || (uint64_t)milliseconds == seconds * 1000);
}

static void check_units(const char *text)
{
	uint64_t bytes = UNTOUCHED;
	int64_t milliseconds = (int64_t)UNTOUCHED;

	if (!size_parse(text, &bytes))
		fuzz_check(bytes == UNTOUCHED);
	else
		fuzz_check(isdigit((unsigned char)*text));
	if (!duration_parse(text, &milliseconds)) {
		fuzz_check(milliseconds == (int64_t)UNTOUCHED);
	} else {
		fuzz_check(milliseconds >= 0 && milliseconds <= DAYS_24);
		fuzz_check(milliseconds > 0 || !strpbrk(text, "123456789"));
	}
}

/* What is written can be read, up to the three digits that are written. */
static void check_written(uint64_t bytes)
{
	char text[32], *blank;
	uint64_t again;

	size_text(text, sizeof text, bytes);
	blank = strchr(text, ' ');
	fuzz_check(blank != NULL && strlen(text) < 12);
	memmove(blank, blank + 1, strlen(blank));
	if (bytes >> 49)
		return; /* PiB and EiB are only written */
	fuzz_check(size_parse(text, &again));
	fuzz_check(again + 1 >= bytes - bytes / 150 && again <= bytes + bytes / 150 + 1);
	duration_text(text, sizeof text, (int64_t)bytes);
	fuzz_check(strlen(text) < 24);
	fuzz_check(bytes >= 1000 || duration_parse(text, &(int64_t){ 0 }));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	uint64_t value = 0;

	if (strlen(text) == size)
		check_number(text, size);
	check_units(text);
	if (size >= sizeof value)
		memcpy(&value, data, sizeof value);
	check_written(value >> (size % 64));
	free(text);
	return 0;
}
