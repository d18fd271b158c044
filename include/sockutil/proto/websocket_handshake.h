/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_WEBSOCKET_HANDSHAKE_H
#define SOCKUTIL_PROTO_WEBSOCKET_HANDSHAKE_H
/* The opening handshake of WebSocket (RFC 6455, 4) and what it agrees on: a subprotocol, and
 * permessage-deflate (RFC 7692). Version 13 alone. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <sockutil/proto/http_head.h>
#include <sockutil/proto/http_request_head.h>

enum {
	WEBSOCKET_NONCE_BYTES = 16,
	WEBSOCKET_KEY_MAX = 25,    /* base64 of a nonce, with its NUL */
	WEBSOCKET_ACCEPT_MAX = 29, /* base64 of a SHA-1, with its NUL */
	WEBSOCKET_SUBPROTOCOL_MAX = 256,
	WEBSOCKET_BITS_MAX = 15, /* of a window (RFC 7692, 7.1.2) */
	WEBSOCKET_BITS_MIN = 8,
};

/* permessage-deflate as agreed on. */
struct websocket_deflate {
	bool agreed;
	/* That side starts each of its messages with an empty window. */
	bool client_no_takeover, server_no_takeover;
	/* Logarithm of the largest window of what that side sends, WEBSOCKET_BITS_*. */
	uint8_t client_bits, server_bits;
};

struct websocket_agreement {
	struct websocket_deflate deflate;
	char subprotocol[WEBSOCKET_SUBPROTOCOL_MAX]; /* "" when none */
};

/* What one side is ready for. */
struct websocket_offer {
	const char *subprotocols; /* "a, b"; NULL: none */
	bool deflate;
};

/* Sec-WebSocket-Key of a nonce. Returns out. */
const char *websocket_key(char out[static WEBSOCKET_KEY_MAX],
			  const uint8_t nonce[static WEBSOCKET_NONCE_BYTES]);
/* Sec-WebSocket-Accept of a key of length bytes. Returns out. */
const char *websocket_accept(char out[static WEBSOCKET_ACCEPT_MAX], const char *key, size_t length);

/* Whether text is a list of subprotocols as one can be offered: tokens, none twice, each shorter
 * than WEBSOCKET_SUBPROTOCOL_MAX. FAILURE_USAGE. */
bool websocket_subprotocols_check(const char *text, struct failure *why);

/* ------ a client ------ */

struct websocket_request {
	const char *authority; /* the Host field */
	const char *target;    /* path and query */
	const char *key;
	const char *const *headers; /* "Name: value", end with NULL; or NULL */
	struct websocket_offer offer;
};

/* The whole request appended. A Host among the headers replaces ours. FAILURE_USAGE: a header that
 * is none, or that belongs to the handshake itself; a subprotocol list that is none. */
bool websocket_request_add(struct buffer *out, const struct websocket_request *request,
			   struct failure *why);

/* What the server's answer agrees on. FAILURE_PROTOCOL: it is no such answer (the status is told),
 * or agrees on what was not offered. */
bool websocket_answer_check(struct websocket_agreement *out,
			    const struct websocket_request *request, const struct http_head *answer,
			    struct failure *why);

/* ------ a server ------ */

/* Whether the request asks for WebSocket at all ("Upgrade: websocket"). */
bool websocket_request_asks(const struct http_request_head *request);

/* What is answered to a valid opening handshake. The first of the client's subprotocols that the
 * offer names is chosen; deflate without context takeover both ways. False with FAILURE_PROTOCOL
 * and *status: 426 (no upgrade to WebSocket, or another version), 400 (malformed). */
bool websocket_request_check(struct websocket_agreement *out, const struct websocket_offer *offer,
			     const struct http_request_head *request, int *status,
			     struct failure *why);

/* The 101 appended. False when memory is short. The request has been checked. */
bool websocket_answer_add(struct buffer *out, const struct websocket_agreement *agreement,
			  const struct http_request_head *request);

/* ------ inside the module: websocket_handshake_deflate.c ------ */

/* The Sec-WebSocket-Extensions of a request: the first offer of permessage-deflate that can be
 * accepted, or none. False: the field is malformed. */
bool websocket_handshake_choose(struct websocket_deflate *out, const struct http_head *head);
/* Those of an answer to our own offer. False with FAILURE_PROTOCOL: not what was offered. */
bool websocket_handshake_agreed(struct websocket_deflate *out, const struct http_head *head,
				bool offered, struct failure *why);
/* The field of an answer, CR LF included, appended; nothing when there is no agreement. */
bool websocket_handshake_answer(struct buffer *out, const struct websocket_deflate *deflate);
#endif
