/* SPDX-License-Identifier: MIT */
/* src/stream/open_websocket.c - the WebSocket of ws:// and wss:// endpoints. */
#include <stdio.h>
#include <string.h>

#include <sockutil/net/idn.h>
#include <sockutil/stream/layer_websocket_lines.h>
#include <sockutil/stream/open_layers.h>
#include <sockutil/stream/websocket.h>

enum { PORT_WS = 80, PORT_WSS = 443, AUTHORITY_MAX = IDN_MAX + 40 };

/* The Host field (RFC 6455, 4.1): without the default port, and no zone, which is of this
 * machine. */
static bool write_authority(char out[static AUTHORITY_MAX], const struct endpoint *endpoint,
			    struct failure *why)
{
	const int usual = endpoint->scheme == ENDPOINT_WSS ? PORT_WSS : PORT_WS;
	char host[IDN_MAX];
	bool v6;
	int length;

	if (!idn_to_ascii(host, endpoint->host, why))
		return false;
	host[strcspn(host, "%")] = '\0';
	v6 = strchr(host, ':') != NULL;
	length = snprintf(out, AUTHORITY_MAX, v6 ? "[%s]" : "%s", host);
	if (endpoint->port != usual)
		snprintf(out + length, AUTHORITY_MAX - (size_t)length, ":%s", endpoint->service);
	return true;
}

/* Compression needs a library that may not be there. */
static const struct websocket_options *usual_options(void)
{
	static const struct websocket_options compressed = { .deflate = true };
	static const struct websocket_options plain = { .deflate = false };
	struct failure ignored;

	return layer_websocket_available(true, &ignored) ? &compressed : &plain;
}

struct stream *open_layers_websocket(struct stream *below, const struct endpoint *endpoint,
				     const struct stream_options *options, struct failure *why)
{
	const struct websocket_options *websocket = options->websocket;
	char authority[AUTHORITY_MAX];
	struct stream *top;

	if (!open_layers_is_websocket(endpoint))
		return below;
	if (!websocket)
		websocket = usual_options();
	if (!write_authority(authority, endpoint, why))
		return NULL;
	top = layer_websocket_connect(below, websocket, authority, endpoint->target, why);
	if (!top || !options->websocket_lines)
		return top;
	return layer_websocket_lines_new(top, websocket->text ? WEBSOCKET_TEXT : WEBSOCKET_BINARY);
}
