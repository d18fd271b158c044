/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_SERVE_OPTIONS_H
#define SOCKUTIL_MODES_SERVE_OPTIONS_H
/* What `sockutil serve` can be told, beside what every mode shares. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/modes/common_options.h>
#include <sockutil/modes/serve_answers.h>
#include <sockutil/modes/serve_exec.h>
#include <sockutil/modes/serve_files.h>
#include <sockutil/modes/serve_forward.h>
#include <sockutil/modes/serve_gateway.h>
#include <sockutil/modes/serve_websocket.h>

struct serve_args {
	struct common_options common;
	struct serve_forward_args forward;
	struct serve_gateway_args gateway;
	struct serve_answer_args answer;
	bool keep_open, once, one_at_a_time, recv_only, send_only;
	int64_t accept, max_conns;
	const char *workers;
	struct serve_exec_args exec;
	struct serve_websocket_args websocket;
	struct serve_files_args files;
};

/* What a connection gets; a group of which one can be given. --files may stand beside the others
 * with --ws. */
#define SERVE_HANDLERS "reply responder send-file save exec shell forward gateway broker"
/* How long, and how many. */
extern const struct option_row serve_option_rows[];
/* struct mode: examples, hints. */
extern const char *const serve_examples[];
extern const char serve_hints[];
#endif
