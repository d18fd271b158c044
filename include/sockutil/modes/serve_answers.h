/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_SERVE_ANSWERS_H
#define SOCKUTIL_MODES_SERVE_ANSWERS_H
/* What `sockutil serve` does with a connection by itself: --reply, --responder, --send-file,
 * --save, stdin and stdout. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/cli/option.h>

struct failure;
struct serve_run;
struct serve_choice;

struct serve_answer_args {
	const char *reply, *banner, *quit, *send_file, *save;
	int responder; /* enum responder_id */
	bool responder_given;
	int framing; /* enum framing */
	int64_t delay_ms;
	uint64_t max_message;
	bool delay_given, framing_given, max_message_given;
};

extern const struct option_row serve_answer_rows[];
extern const struct serve_choice serve_choice_reply, serve_choice_responder, serve_choice_send_file,
	serve_choice_save;

/* Standard input and output: what is done when nothing else was asked for. */
bool serve_use_stdio(struct serve_run *run, struct failure *why);
#endif
