/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_GATEWAY_EXCHANGE_H
#define SOCKUTIL_SERVE_GATEWAY_EXCHANGE_H
/*
 * One HTTP request on its way to its server, and the response back, both at once: a server may
 * answer before it has read all. One of them a connection.
 */
#include <stdbool.h>

#include <sockutil/base/buffer.h>
#include <sockutil/proto/http_framing.h>

struct session;
struct gateway_exchange;

struct gateway_exchange_options {
	struct buffer head;          /* as the server gets it; taken over */
	struct http_framing framing; /* of the request's body */
	bool to_head;                /* the method is HEAD */
	bool plain;                  /* the client speaks HTTP/1.0 */
};

/* In the state of the session, whose `in` holds the first bytes of the body. */
void gateway_exchange_new(struct session *session, const struct gateway_exchange_options *options);
/* state->target is open. */
void gateway_exchange_start(struct session *session);
bool gateway_exchange_is_to_head(const struct gateway_exchange *exchange);
/* Brings the session's counts up to date. */
void gateway_exchange_count(struct session *session);
void gateway_exchange_free(struct gateway_exchange *exchange); /* NULL is fine */
#endif
