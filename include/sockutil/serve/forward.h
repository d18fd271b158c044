/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_FORWARD_H
#define SOCKUTIL_SERVE_FORWARD_H
/*
 * Each connection is joined to one of our own to another server: as it is, or with TLS, WebSocket
 * or a PROXY header added or removed. Nothing is read from the client before that server is there.
 *
 * Several servers are taken in turn; one that cannot be reached is passed over, each is tried once
 * for a connection. When none can be reached the client is reset. Ends are passed on as half-closes
 * and failures as resets, behind the bytes that came before them (relay/bridge.h).
 */
#include <stddef.h>
#include <stdint.h>

#include <sockutil/net/endpoint.h>
#include <sockutil/serve/handler.h>
#include <sockutil/stream/open.h>

/* All borrowed. */
struct forward_options {
	const struct endpoint *servers; /* never systemd: or fd:N */
	size_t count;                   /* >= 1 */
	/* Of the connections that are made: timeout_ms is for each server, tls_options are a
	 * client's; send_proxy tells them who the session's client is. */
	const struct stream_options *stream;
	int64_t idle_ms; /* of a connection once joined; 0: none */
};

/* Takes them. Certificates are read when it is prepared. */
extern const struct handler forward_handler;
#endif
