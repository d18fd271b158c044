/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_OPTION_VALUE_H
#define SOCKUTIL_CLI_OPTION_VALUE_H
/* One argument of one option: from text to the field its row names, and back to what help says of
 * its range. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>
#include <sockutil/cli/option.h>

/*
 * Puts text into the row's field of args; lists grow by one. spelled is the option as the user
 * wrote it ("-w", "--timeout"), for messages:
 * `--timeout: "5x" is not a duration (examples: 250ms, 0.5, 5s, 2m, 1h)`, `--ttl: 300 is outside
 * 1-255`. text is not looked at for FLAG, COUNT and VALUE rows. A secret row keeps a copy of text.
 * FAILURE_USAGE.
 */
bool option_value_store(const struct option_row *row, const char *spelled, const char *text,
			void *args, struct failure *why);

/* Frees what the row's field owns (lists, copies of secrets, wiped) and zeroes it. */
void option_value_free(const struct option_row *row, void *args);

/* Whether there is an upper bound worth a word. */
bool option_value_bounded(const struct option_row *row);

/* "1-255 hops", "1ms or more", or "" when the row has no range. Returns out. */
enum { OPTION_RANGE_MAX = 80 };
const char *option_value_range(char out[static OPTION_RANGE_MAX], const struct option_row *row);

/* text for a message: at most 60 bytes, "..." behind what was cut at a character. Returns out. */
enum { OPTION_SHOWN_MAX = 64 };
const char *option_value_shown(char out[static OPTION_SHOWN_MAX], const char *text);
#endif
