/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_WEBSOCKET_LINES_H
#define SOCKUTIL_STREAM_LAYER_WEBSOCKET_LINES_H
/*
 * Lines as WebSocket messages: each line written becomes one message, without its newline (an empty
 * line an empty message); a line without an end is sent as one at the end. A newline follows each
 * message that comes, unless it ends with one itself. A line of more than
 * LAYER_WEBSOCKET_LINE_MAX bytes fails with FAILURE_SIZE.
 */
#include <sockutil/stream/stream.h>
#include <sockutil/stream/websocket.h>

enum { LAYER_WEBSOCKET_LINE_MAX = 1 << 20 };

/* below: a WebSocket layer itself. */
struct stream *layer_websocket_lines_new(struct stream *below, enum websocket_kind kind);
#endif
