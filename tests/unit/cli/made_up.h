/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_CLI_MADE_UP_H
#define TESTS_UNIT_CLI_MADE_UP_H
/* A mode with an option of every type, and a command line to read with it. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/cli/option.h>

struct made_up {
	bool flag, other, ttl_given;
	int count, family, color, responder;
	const char *text, *file, *wait, *password;
	struct option_list list, files, rest, tokens;
	int64_t ttl, offset, jobs, timeout_ms;
	uint64_t size, rate;
};

extern const struct mode made_up_mode;

/* One reading: run, look, end. */
struct made_up_line {
	struct made_up args;
	struct failure why;
	char **operands;
	size_t count;
	int help;
	bool good;
	char *argv[32]; /* copies, so that they can be wiped */
	int argc;
};

/* words ends with NULL; argv[0] and argv[1] ("sockutil made") are put in front. */
void made_up_read(struct made_up_line *line, const char *const *words);
void made_up_end(struct made_up_line *line);
#define MADE_UP_READ(line, ...) made_up_read((line), (const char *const[]){ __VA_ARGS__, NULL })
#endif
