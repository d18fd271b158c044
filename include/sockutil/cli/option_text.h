/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_OPTION_TEXT_H
#define SOCKUTIL_CLI_OPTION_TEXT_H
/* The words of a row that help and the man page share. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/cli/option.h>

enum { OPTION_TEXT_MAX = 400 };

/* What stands for the argument: "TIME", "auto|always|never" when the choices are short, else the
 * row's word; "" when it takes none. */
const char *option_text_argument(char out[static OPTION_TEXT_MAX], const struct option_row *row);

/* What holds beyond the help text: "default: 30s", and when all is true also the range, long
 * choices and whether it may be repeated: "1-255 hops, default: the kernel's". "" when there is
 * nothing to say. */
const char *option_text_notes(char out[static OPTION_TEXT_MAX], const struct option_row *row,
			      bool all);

/* The heading a row belongs under; rows without a group are the mode's own. */
const char *option_text_group(const struct option_row *row);

/* Walks the different groups of a mode in order of their first row, from a zeroed cursor; NULL
 * behind the last. */
const char *option_text_next_group(const struct mode *mode, struct option_cursor *cursor);

/* The row's example as one types it behind `sockutil MODE`, the mode's operands in their places.
 * Cut at its end. "" when the row has none. */
enum { OPTION_EXAMPLE_MAX = 300 };
const char *option_text_example(char out[static OPTION_EXAMPLE_MAX], const struct mode *mode,
				const struct option_row *row);
#endif
