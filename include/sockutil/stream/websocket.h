/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_WEBSOCKET_H
#define SOCKUTIL_STREAM_WEBSOCKET_H
/*
 * WebSocket (RFC 6455) over any open stream: frames by libwslay (loaded on use), the handshake and
 * permessage-deflate (RFC 7692, zlib loaded on use) are ours.
 *
 * As a stream: reading gives the payload of data frames, never of two messages in one read; writing
 * makes messages of what it is given (one writev is one message, of at most some 64 KiB; binary, or
 * text where options->text is set: what is not UTF-8 then fails with FAILURE_INPUT). Pings are
 * answered by themselves. The peer's Close in order (1000, 1001, none) is IO_END; another code is
 * FAILURE_RECEIVE with code and reason in the text; the end of the connection without a Close is
 * FAILURE_TRUNCATED; a violation of the protocol fails with FAILURE_PROTOCOL, a message over
 * max_message with FAILURE_SIZE, after a Close with the code that RFC 6455 7.4.1 wants.
 *
 * Ends: ours sends a Close, and no data is taken after it. The peer's Close is answered by our end
 * and not before, so that whoever has still something to send can (RFC 6455, 5.5.1); what the peer
 * sends between our Close and its own is delivered. After both the layers below end too.
 *
 * Between two messages a layer holds no buffer; with takeover of contexts agreed on it keeps those.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/http_request_head.h>
#include <sockutil/stream/stream.h>

/* Borrowed by the layers made from it. */
struct websocket_options {
	bool text;                  /* messages we send are text; what is not UTF-8 then fails */
	bool deflate;               /* offer, or accept, permessage-deflate */
	const char *const *headers; /* client: "Name: value" lines, end with NULL; or NULL */
	const char *subprotocol;    /* client: "a, b" offered; server: those it speaks; or NULL;
				     * websocket_subprotocols_check() of proto/ holds */
	int64_t ping_ms; /* a ping so often, and no pong in that time: FAILURE_TIMEOUT; 0: none */
	uint64_t max_message; /* bytes of one message, both ways; 0: no limit (reading is a stream)
			       */
};

enum websocket_kind { WEBSOCKET_TEXT, WEBSOCKET_BINARY };

/* Whether the libraries are there, zlib too when deflate; FAILURE_USAGE names what is missing. */
bool layer_websocket_available(bool deflate, struct failure *why);

/* A client's layer: its open shakes hands. authority: the Host field; target: path and query.
 * FAILURE_PROTOCOL: the answer is no WebSocket handshake (its status is told); NULL: a library is
 * missing (FAILURE_USAGE), below stays the caller's. authority and target are copied. */
struct stream *layer_websocket_connect(struct stream *below,
				       const struct websocket_options *options,
				       const char *authority, const char *target,
				       struct failure *why);

/* A server's layer after a request head was read elsewhere: its open sends the 101. Deflate is
 * declined where zlib is missing. NULL: nothing was made, *status is what to answer (426, 400; 500
 * without the library or memory), FAILURE_PROTOCOL says why. early: bytes that came behind the head
 * (copied). */
struct stream *layer_websocket_accept(struct stream *below, const struct websocket_options *options,
				      const struct http_request_head *request, const char *early,
				      size_t early_length, int *status, struct failure *why);

/* For whoever cares about messages (a broker): of the message that the last stream_read() gave
 * bytes of, its kind and whether those bytes ended it. s: the layer itself. An empty message is a
 * read of 0 bytes that says IO_DONE only when asked for with layer_websocket_keep_empty(). */
void layer_websocket_message(const struct stream *s, enum websocket_kind *kind, bool *ended);
void layer_websocket_keep_empty(struct stream *s);
/* One whole message of that kind, however long; otherwise as stream_write of all. IO_AGAIN: nothing
 * of it was taken. */
enum io layer_websocket_send(struct stream *s, enum websocket_kind kind, const void *bytes,
			     size_t length, struct failure *why);
/* The subprotocol agreed on, "" when none. */
const char *layer_websocket_subprotocol(const struct stream *s);
/* The path of a server's request, without its query; of a client "". */
const char *layer_websocket_path(const struct stream *s);
#endif
