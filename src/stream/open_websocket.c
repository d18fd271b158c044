/* SPDX-License-Identifier: MIT */
/* src/stream/open_websocket.c - the WebSocket of ws:// and wss:// endpoints. */
#include <sockutil/stream/open_layers.h>

struct stream *open_layers_websocket(struct stream *below, const struct endpoint *endpoint,
				     const struct stream_options *options, struct failure *why)
{
	(void)options;
	if (!open_layers_is_websocket(endpoint))
		return below;
	fail(why, FAILURE_USAGE, "%s:// is not supported by this command",
	     endpoint->scheme == ENDPOINT_WSS ? "wss" : "ws");
	return NULL;
}
