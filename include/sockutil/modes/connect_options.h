/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_CONNECT_OPTIONS_H
#define SOCKUTIL_MODES_CONNECT_OPTIONS_H
/* What `sockutil connect` can be told, beside what every mode shares. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/modes/common_options.h>
#include <sockutil/modes/connect_exec.h>
#include <sockutil/modes/connect_scan.h>
#include <sockutil/modes/connect_words.h>

struct connect_args {
	struct common_options common;
	struct option_list send;
	const char *prompt, *reply_label;
	int framing; /* enum framing */
	uint64_t max_message;
	bool no_half_close, recv_only, send_only, keep_sending;
	int64_t quit_after_ms;
	bool quit_after_given;
	const char *wait; /* "" or a duration; NULL: not given */
	int64_t retries, retry_delay_ms;
	bool reconnect;
	bool edit, crlf, append, progress, show_cert, ignore_int;
	bool ws_text;
	struct option_list ws_header;
	const char *ws_subprotocol;
	int64_t ws_ping_ms;
	int ws_framing; /* enum connect_ws_framing */
	bool ws_framing_given;
	const char *preamble, *input, *output;
	int digest; /* index into connect_digests */
	int info;   /* enum connect_info */
	struct connect_exec_args exec;
	struct connect_scan_args scan;
	struct connect_words_args words;
};

enum connect_ws_framing { CONNECT_WS_CHUNK, CONNECT_WS_LINE };

enum connect_info { CONNECT_INFO_NONE, CONNECT_INFO_TEXT, CONNECT_INFO_JSON };

extern const struct option_row connect_option_rows[];
extern const char *const connect_digests[];
/* struct mode: examples, hints. */
extern const char *const connect_examples[];
extern const char connect_hints[];
#endif
