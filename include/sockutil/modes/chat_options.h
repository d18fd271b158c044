/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_CHAT_OPTIONS_H
#define SOCKUTIL_MODES_CHAT_OPTIONS_H
/* What `sockutil chat` can be told, beside what modes share. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/modes/common_options.h>

struct chat_args {
	struct common_options common;
	bool listen, simple, headless;
	const char *nick, *room; /* NULL: not given */
	int64_t history, max_members;
	bool history_given, max_members_given, slow_given;
	int slow; /* enum chat_slow */
	const char *log, *directory;
	uint64_t max_size;
	bool bell, no_edit, reconnect;
	int64_t retries, retry_delay_ms;
};

extern const struct option_row chat_option_rows[];
/* struct mode: examples, hints. */
extern const char *const chat_examples[];
extern const char chat_hints[];

/* What no row can say of one option and another: who listens, and who does not. */
bool chat_options_check(const struct chat_args *args, struct failure *why);
#endif
