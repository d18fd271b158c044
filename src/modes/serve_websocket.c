/* SPDX-License-Identifier: MIT */
/* src/modes/serve_websocket.c - `sockutil serve --ws` in front of any handler, and --broker. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/modes/serve_run.h>
#include <sockutil/modes/serve_websocket.h>
#include <sockutil/proto/websocket_handshake.h>
#include <sockutil/proto/websocket_origin.h>
#include <sockutil/serve/broker.h>
#include <sockutil/serve/files.h>
#include <sockutil/serve/websocket.h>

#define AT(field) offsetof(struct serve_args, field)

const struct option_row serve_websocket_rows[] = {
	{
		.name = "broker",
		.type = OPTION_FLAG,
		.at = AT(websocket.broker),
		.group = "what clients get",
		.help = "what one says all others get",
		.example = "9999 --broker",
		.conflicts = SERVE_HANDLERS " one-at-a-time keep-open",
		.common = true,
	},
	{
		.name = "ws",
		.type = OPTION_FLAG,
		.at = AT(websocket.ws),
		.group = "WebSocket",
		.help = "speak WebSocket; others get 426, or --files",
		.example = "8080 --ws --responder echo",
		.common = true,
	},
	{
		.name = "ws-text",
		.type = OPTION_FLAG,
		.at = AT(websocket.text),
		.group = "WebSocket",
		.help = "send text messages, UTF-8 alone; without it binary ones",
		.example = "8080 --ws --ws-text --responder time",
		.conflicts = "broker",
		.needs = "ws",
	},
	{
		.name = "ws-subprotocol",
		.arg = "LIST",
		.type = OPTION_TEXT,
		.at = AT(websocket.subprotocol),
		.group = "WebSocket",
		.help = "subprotocols spoken here; the client's first choice among them is agreed "
			"on",
		.example = "8080 --ws --ws-subprotocol 'v2.chat, chat' --broker",
		.needs = "ws",
	},
	{
		.name = "ws-origin",
		.arg = "LIST",
		.type = OPTION_TEXT,
		.at = AT(websocket.origin),
		.fallback_text = "the server's own",
		.group = "WebSocket",
		.help = "pages of these origins may connect from a browser too; * for all",
		.example = "8080 --ws --ws-origin https://example.org --broker",
		.needs = "ws",
	},
	{
		.name = "ws-ping",
		.arg = "TIME",
		.type = OPTION_DURATION,
		.at = AT(websocket.ping_ms),
		.min = 1,
		.fallback_text = "never",
		.group = "WebSocket",
		.help = "ask clients so often whether they are there; gone when not by the next "
			"time",
		.example = "8080 --ws --ws-ping 30s --broker",
		.needs = "ws",
	},
	{
		.name = "ws-max-message",
		.arg = "SIZE",
		.type = OPTION_SIZE,
		.at = AT(websocket.max_message),
		.min = 1,
		.max = 1 << 30,
		.fallback_text = "none; 1M with --broker",
		.unit = "bytes",
		.group = "WebSocket",
		.help = "longest message, unpacked; a longer one closes the connection (1009)",
		.example = "8080 --ws --ws-max-message 64K --save 'in-%n'",
		.needs = "ws",
	},
	{
		.name = "ws-no-deflate",
		.type = OPTION_FLAG,
		.at = AT(websocket.no_deflate),
		.group = "WebSocket",
		.help = "do not agree to permessage-deflate",
		.example = "8080 --ws --ws-no-deflate --responder echo",
		.needs = "ws",
	},
	{ 0 },
};

/* --- --broker ------------------------------------------------------------------------ */

static bool broker_asked(const struct serve_args *a)
{
	return a->websocket.broker;
}

static bool use_broker(struct serve_run *run, struct failure *why)
{
	(void)why;
	run->server.handler = &broker_handler;
	return true;
}

const struct serve_choice serve_choice_broker = { "broker", broker_asked, use_broker, NULL };

/* --- --ws ---------------------------------------------------------------------------- */

/* Borrowed by the handler and the layers. */
struct serve_websocket {
	struct websocket_options websocket;
	struct websocket_serve_options front;
	struct handler handler;
	const struct handler *inner[]; /* that one, and those it names itself */
};

static size_t count_inner(const struct handler *const *inner)
{
	size_t count = 0;

	while (inner && inner[count])
		count++;
	return count;
}

static bool put_in_front(struct serve_run *run, struct failure *why)
{
	const struct serve_websocket_args *a = &run->args->websocket;
	const size_t count = count_inner(run->server.inner);
	struct serve_websocket *own =
		memory_zeroed(1, sizeof(*own) + (count + 3) * sizeof(own->inner[0]));

	run->websocket = own;
	own->websocket = (struct websocket_options){
		.text = a->text,
		.deflate = !a->no_deflate,
		.subprotocol = a->subprotocol,
		.ping_ms = a->ping_ms,
		.max_message = a->max_message == 0 && a->broker ? BROKER_QUEUE : a->max_message,
	};
	own->front = (struct websocket_serve_options){
		.inner = run->server.handler,
		.inner_options = run->server.handler_options,
		.websocket = &own->websocket,
		.origins = a->origin,
	};
	if (run->args->files.folder) {
		own->front.files = serve_files_options(run, why);
		own->inner[count + 1] = &files_handler;
		if (!own->front.files)
			return false;
	}
	own->handler = websocket_handler_for(run->server.handler, own->front.files);
	own->inner[0] = run->server.handler;
	if (count > 0)
		memcpy(own->inner + 1, run->server.inner, count * sizeof(own->inner[0]));
	run->server.handler = &own->handler;
	run->server.handler_options = &own->front;
	run->server.inner = own->inner;
	/* HTTP/2 has another handshake (RFC 8441), which nobody would answer here. */
	if (!run->stream.tls_options.alpn)
		run->stream.tls_options.alpn = "http/1.1";
	/* A message is whole: nothing is gained by waiting for more. */
	run->stream.no_delay = true;
	return true;
}

static bool is_websocket(const struct endpoint *endpoint)
{
	return endpoint->scheme == ENDPOINT_WS || endpoint->scheme == ENDPOINT_WSS;
}

/* ws:// and wss:// say --ws, and then listen on TCP and TLS. What is in front is in front of all.
 */
static bool take_endpoints(struct serve_run *run, size_t *found, struct failure *why)
{
	char text[ENDPOINT_TEXT_MAX];

	*found = 0;
	for (size_t i = 0; i < run->server.endpoint_count; i++) {
		struct endpoint *endpoint = &run->endpoints[i];

		if (!is_websocket(endpoint))
			continue;
		if (strcmp(endpoint->target, "/") != 0) {
			fail(why, FAILURE_USAGE, "%s: a server takes every path; leave it out",
			     endpoint_text(text, endpoint));
			return false;
		}
		endpoint->scheme = endpoint->scheme == ENDPOINT_WS ? ENDPOINT_TCP : ENDPOINT_TLS;
		endpoint->target[0] = '\0';
		*found += 1;
	}
	if (*found == 0 || *found == run->server.endpoint_count || run->args->websocket.ws)
		return true;
	fail(why, FAILURE_USAGE,
	     "ws:// beside other endpoints: WebSocket is for all (--ws), or needs a server of its "
	     "own");
	return false;
}

bool serve_websocket_apply(struct serve_run *run, struct failure *why)
{
	const struct serve_websocket_args *a = &run->args->websocket;
	size_t found;

	if (!take_endpoints(run, &found, why))
		return false;
	if (!a->ws && found == 0)
		return true;
	if (a->subprotocol && !websocket_subprotocols_check(a->subprotocol, why)) {
		fail_at(why, "--ws-subprotocol");
		return false;
	}
	if (a->origin && !websocket_origins_check(a->origin, why)) {
		fail_at(why, "--ws-origin");
		return false;
	}
	return put_in_front(run, why);
}

void serve_websocket_free(struct serve_run *run)
{
	free(run->websocket);
}
