/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_CONNECT_WEBSOCKET_H
#define SOCKUTIL_MODES_CONNECT_WEBSOCKET_H
/* The options of `sockutil connect` about WebSocket. */
#include <stdbool.h>

#include <sockutil/modes/connect_options.h>
#include <sockutil/stream/open.h>
#include <sockutil/stream/websocket.h>

/* All offsets are into struct connect_args. */
extern const struct option_row connect_websocket_rows[];

/* Fills *out from args and has *stream use it where the endpoint is ws:// or wss://. FAILURE_USAGE:
 * options that mean nothing to that endpoint, or a header that cannot be sent. */
bool connect_websocket_use(struct websocket_options *out, const struct connect_args *args,
			   const struct endpoint *endpoint, struct stream_options *stream,
			   struct failure *why);
#endif
