/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_MODES_H
#define SOCKUTIL_MODES_MODES_H
/* Every mode: a file in src/modes/, a row in main.c's table. */
#include <sockutil/cli/option.h>

extern const struct mode mode_connect;
extern const struct mode mode_serve;
extern const struct mode mode_chat;
extern const struct mode mode_get;
#endif
