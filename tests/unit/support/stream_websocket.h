/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STREAM_WEBSOCKET_H
#define TESTS_STREAM_WEBSOCKET_H
/* A WebSocket layer over a played stream, and frames by hand. */
#include "relay_played.h"

#include <sockutil/stream/websocket_parts.h>

#define WEBSOCKET_TAKEOVER "permessage-deflate"

extern struct played websocket_below;
extern struct stream *websocket_top;
extern struct layer_websocket *websocket_layer;
extern struct failure websocket_why;

/* Initialises and opens a server's layer; extensions: of the request, or NULL. What the handshake
 * wrote is dropped. options are borrowed. */
void websocket_open_server(const struct websocket_options *options, const char *extensions);
/* The same for a client, whose server answers with those extensions. */
void websocket_open_client(const struct websocket_options *options, const char *extensions);
/* For .fini. */
void websocket_close_all(void);

/* The peer sends a frame; with a mask where we are the server. first: the first byte of it. */
void websocket_gives(unsigned first, const void *payload, size_t length);
void websocket_gives_text(unsigned first, const char *payload);
void websocket_gives_raw(const void *bytes, size_t length);

/* What one read gave, as a string, and its result. Valid until the next call. */
const char *websocket_reads(enum io *result);
/* Reads until something else than IO_DONE comes: that, and in *all what was read. */
enum io websocket_reads_all(struct buffer *all);

/* Takes the next frame that was sent: its first byte, -1 when there is none. Payload unmasked, a
 * NUL behind it; valid until the next call. */
int websocket_sent(const char **payload, size_t *length);
/* "8a:payload 81:x": all frames sent since, first bytes in hexadecimal. Valid until the next call.
 */
const char *websocket_all_sent(void);
#endif
