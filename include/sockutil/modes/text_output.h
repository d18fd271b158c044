/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_TEXT_OUTPUT_H
#define SOCKUTIL_MODES_TEXT_OUTPUT_H
/* Text that is the whole answer (help, the manual, the version) to standard output. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

/* Writes all of it, waiting where standard output is non-blocking. FAILURE_READER_GONE when nobody
 * reads any more, FAILURE_OUTPUT for the rest. */
bool text_output(const char *text, size_t length, struct failure *why);
#endif
