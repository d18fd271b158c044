/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_TEXT_INPUT_H
#define SOCKUTIL_MODES_TEXT_INPUT_H
/* Small files whose content is the value of an option. */
#include <stdbool.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>

enum { TEXT_INPUT_MAX = 1 << 20 };

/* Appends all of file ("-" is standard input) for the option of that name. FAILURE_INPUT,
 * FAILURE_SIZE above TEXT_INPUT_MAX; what was appended is then the caller's to free. */
bool text_input(struct buffer *out, const char *option, const char *file, struct failure *why);

/* The same for a secret: a warning when others may read the file. */
bool text_input_secret(struct buffer *out, const char *option, const char *file,
		       struct failure *why);
#endif
