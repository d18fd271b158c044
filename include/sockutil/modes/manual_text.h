/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_MANUAL_TEXT_H
#define SOCKUTIL_MODES_MANUAL_TEXT_H
/* The prose of the man page, beside what the modes' rows and descriptions say. */
#include <sockutil/cli/manual.h>

extern const struct manual_page manual_text;
#endif
