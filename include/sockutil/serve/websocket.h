/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_WEBSOCKET_H
#define SOCKUTIL_SERVE_WEBSOCKET_H
/*
 * WebSocket in front of any handler: reads the opening handshake, puts the layer on top and goes on
 * with the other handler, which sees the payload of messages. Whoever does not ask for WebSocket
 * gets files, or 426; a page from elsewhere 403; a request that is not whole within
 * --handshake-timeout 408.
 */
#include <sockutil/serve/files.h>
#include <sockutil/serve/handler.h>
#include <sockutil/stream/websocket.h>

/* All borrowed. */
struct websocket_serve_options {
	const struct handler *inner; /* what is done with the messages */
	const void *inner_options;
	const struct websocket_options *websocket;
	/* Whoever does not ask for WebSocket gets files; NULL: 426. server_options.inner has to
	 * name files_handler then. */
	const struct files_options *files;
	const char *origins; /* proto/websocket_origin.h; NULL: only pages of the same origin */
};

/* The row to serve with: it depends on what stands behind (one_process, descriptors, reload).
 * Prepare takes a struct websocket_serve_options. server_options.inner has to name inner. */
struct handler websocket_handler_for(const struct handler *inner,
				     const struct files_options *files);
#endif
