/* SPDX-License-Identifier: MIT */
/* src/modes/connect_websocket.c - what `sockutil connect` is told about ws:// and wss:// endpoints.
 */
#include <stddef.h>

#include <sockutil/modes/connect_websocket.h>
#include <sockutil/proto/websocket_handshake.h>

#define AT(field) offsetof(struct connect_args, field)

static const char *const framings[] = { "chunk", "line", NULL };

const struct option_row connect_websocket_rows[] = {
	{
		.name = "ws-text",
		.type = OPTION_FLAG,
		.at = AT(ws_text),
		.group = "WebSocket",
		.help = "send text messages, not binary ones",
		.example = "--ws-text ws://127.0.0.1:8080/chat",
	},
	{
		.name = "ws-framing",
		.arg = "WAY",
		.type = OPTION_CHOICE,
		.at = AT(ws_framing),
		.given_at = AT(ws_framing_given),
		.choices = framings,
		.fallback_text = "chunk",
		.group = "WebSocket",
		.help = "what a message is: what one read brings, or a line",
		.example = "--ws-framing line --ws-text ws://127.0.0.1:8080/",
		.conflicts = "send prompt",
	},
	{
		.name = "ws-header",
		.arg = "LINE",
		.type = OPTION_LIST,
		.at = AT(ws_header),
		.group = "WebSocket",
		.help = "send this header with the handshake",
		.example = "--ws-header 'Origin: http://127.0.0.1' ws://127.0.0.1:8080/",
		.secret = true,
	},
	{
		.name = "ws-subprotocol",
		.arg = "LIST",
		.type = OPTION_TEXT,
		.at = AT(ws_subprotocol),
		.group = "WebSocket",
		.help = "subprotocols to offer, the best first",
		.example = "--ws-subprotocol mqtt ws://127.0.0.1:8080/",
	},
	{
		.name = "ws-ping",
		.arg = "TIME",
		.type = OPTION_DURATION,
		.at = AT(ws_ping_ms),
		.min = 100,
		.group = "WebSocket",
		.help = "send a ping so often; without an answer in that time it is a time-out",
		.example = "--ws-ping 30s ws://127.0.0.1:8080/",
	},
	{ 0 },
};

static const char *first_given(const struct connect_args *a)
{
	return a->ws_text            ? "ws-text"
	       : a->ws_framing_given ? "ws-framing"
	       : a->ws_header.count  ? "ws-header"
	       : a->ws_subprotocol   ? "ws-subprotocol"
	       : a->ws_ping_ms > 0   ? "ws-ping"
				     : NULL;
}

/* What cannot be asked for is known before anybody is dialled. */
static bool handshake_good(const struct websocket_options *options, struct failure *why)
{
	const struct websocket_request request = {
		.authority = "localhost",
		.target = "/",
		.key = "",
		.headers = options->headers,
		.offer = { options->subprotocol, options->deflate },
	};
	struct buffer text = { 0 };
	bool good = websocket_request_add(&text, &request, why);

	buffer_free(&text);
	return good;
}

bool connect_websocket_use(struct websocket_options *out, const struct connect_args *args,
			   const struct endpoint *endpoint, struct stream_options *stream,
			   struct failure *why)
{
	struct failure ignored;

	if (endpoint->scheme != ENDPOINT_WS && endpoint->scheme != ENDPOINT_WSS) {
		const char *name = first_given(args);

		if (name)
			fail(why, FAILURE_USAGE, "--%s needs a ws:// or wss:// endpoint", name);
		return !name;
	}
	*out = (struct websocket_options){
		.text = args->ws_text,
		.deflate = layer_websocket_available(true, &ignored),
		.headers = args->ws_header.count > 0 ? args->ws_header.items : NULL,
		.subprotocol = args->ws_subprotocol,
		.ping_ms = args->ws_ping_ms,
	};
	stream->websocket = out;
	stream->websocket_lines = args->ws_framing == CONNECT_WS_LINE;
	return handshake_good(out, why);
}
