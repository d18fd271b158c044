/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_OPEN_LAYERS_H
#define SOCKUTIL_STREAM_OPEN_LAYERS_H
/* The layers that the options put over a connection, the same for both roles. */
#include <sockutil/stream/open.h>

/* [throttle], [tap], [preamble] over below; returns the top. local and peer may be NULL. */
struct stream *open_layers_over(struct stream *below, const struct stream_options *options,
				bool client, const struct address *local,
				const struct address *peer);

/* The PROXY header that send_proxy wants, over below: on behalf of the request's client, else of
 * the connection's own addresses (dial; NULL: not known). */
struct stream *open_layers_header(struct stream *below, const struct stream_open_request *request,
				  const struct dial_report *dial);

bool open_layers_is_websocket(const struct endpoint *endpoint);
/* The client's WebSocket layer where the endpoint has one, else below itself; NULL as
 * layer_websocket_connect(). */
struct stream *open_layers_websocket(struct stream *below, const struct endpoint *endpoint,
				     const struct stream_options *options, struct failure *why);

/* Sets TCP_NODELAY, unless the options say something about it; other sockets than TCP
 * refuse, which is fine. */
void open_layers_no_delay(int fd, const struct stream_options *options);
#endif
