/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_SERVE_WEBSOCKET_H
#define SOCKUTIL_MODES_SERVE_WEBSOCKET_H
/* --ws and --broker of `sockutil serve`. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/cli/option.h>

struct failure;
struct serve_run;
struct serve_choice;

struct serve_websocket_args {
	bool ws, text, no_deflate, broker;
	const char *subprotocol, *origin;
	int64_t ping_ms;
	uint64_t max_message;
};

extern const struct option_row serve_websocket_rows[];
extern const struct serve_choice serve_choice_broker;

/* Puts WebSocket in front of the chosen handler where --ws asks for it, or ws:// and wss://
 * endpoints, which are then those of TCP and TLS. FAILURE_USAGE. */
bool serve_websocket_apply(struct serve_run *run, struct failure *why);
void serve_websocket_free(struct serve_run *run);
#endif
