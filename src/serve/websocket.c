/* SPDX-License-Identifier: MIT */
/* WebSocket in front of any handler. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/net/private_address.h>
#include <sockutil/proto/http_request_head.h>
#include <sockutil/proto/websocket_handshake.h>
#include <sockutil/proto/websocket_origin.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/serve/websocket.h>

struct front {
	const struct websocket_serve_options *options;
	void *inner;       /* of the handler behind */
	void *files;       /* of the one beside it */
	const char *early; /* for the session that comes back from there */
	size_t early_length;
};

struct front_state {
	struct buffer in; /* of the request */
	struct http_head_scan scan;
	bool shaking; /* the layer is on top, its answer is on its way */
};

/* ------ before and after all connections ------ */

static files_upgrade front_take_back;

static bool front_prepare_files(struct front *front, struct failure *why)
{
	if (!front->options->files)
		return true;
	front->files = files_handler.prepare(front->options->files, why);
	if (front->files)
		files_set_upgrade(front->files, front_take_back);
	return front->files != NULL;
}

static void *front_prepare(const void *options, struct failure *why)
{
	const struct websocket_serve_options *o = options;
	struct front *front;

	if (!layer_websocket_available(false, why))
		return NULL;
	front = memory_zeroed(1, sizeof(*front));
	front->options = o;
	if (o->inner->prepare)
		front->inner = o->inner->prepare(o->inner_options, why);
	if ((front->inner || !o->inner->prepare) && front_prepare_files(front, why))
		return front;
	if (front->inner && o->inner->release)
		o->inner->release(front->inner, &(struct failure){ 0 });
	free(front);
	return NULL;
}

static void front_begin(void *data, struct server *server)
{
	const struct front *front = data;

	if (front->options->inner->begin)
		front->options->inner->begin(front->inner, server);
	if (front->files)
		files_handler.begin(front->files, server);
}

static bool front_reload(void *data, struct failure *why)
{
	const struct front *front = data;
	const struct handler *inner = front->options->inner;

	return (!inner->reload || inner->reload(front->inner, why)) &&
	       (!front->files || files_handler.reload(front->files, why));
}

static void front_end(void *data)
{
	const struct front *front = data;

	if (front->options->inner->end)
		front->options->inner->end(front->inner);
	if (front->files)
		files_handler.end(front->files);
}

static bool front_release(void *data, struct failure *why)
{
	struct front *front = data;
	const struct handler *inner = front->options->inner;
	bool released = !inner->release || inner->release(front->inner, why);

	if (front->files)
		released = files_handler.release(front->files, why) && released;
	free(front);
	return released;
}

/* ------ refusing ------ */

struct refusal {
	int status;
	const char *phrase;
	const char *text;   /* to the client */
	const char *reason; /* in the log */
};

static const struct refusal refusals[] = {
	{ 426, "Upgrade Required", "Only WebSocket is spoken here.",
	  "no WebSocket request: answered 426" },
	{ 400, "Bad Request", "The request is malformed.", "malformed request: answered 400" },
	{ 403, "Forbidden", "Pages of this origin may not connect.",
	  "a page of another origin (--ws-origin allows it): answered 403" },
	{ 408, "Request Timeout", "The request took too long.",
	  "no request in time: answered 408" },
	{ 414, "URI Too Long", "The target is too long.", "target too long: answered 414" },
	{ 431, "Request Header Fields Too Large", "The fields are too large.",
	  "header too large: answered 431" },
	{ 500, "Internal Server Error", "Not now.", "no memory: answered 500" },
	{ 501, "Not Implemented", "A coding that is unknown here.",
	  "unknown coding: answered 501" },
	{ 505, "HTTP Version Not Supported", "HTTP/1.1 is spoken here.",
	  "another version of HTTP: answered 505" },
};

static const struct refusal *refusal_of(int status)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i].status == status)
			return &refusals[i];
	return &refusals[1];
}

/* No body to a HEAD: its reader would take it for the next answer. */
static bool refusal_write(struct buffer *out, const struct refusal *r, bool to_head)
{
	return buffer_format(
		out,
		"HTTP/1.1 %d %s\r\n%sConnection: close%s\r\n"
		"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n\r\n"
		"%s%s",
		r->status, r->phrase,
		r->status == 426 ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" : "",
		r->status == 426 ? ", Upgrade" : "", strlen(r->text) + 1, to_head ? "" : r->text,
		to_head ? "" : "\n");
}

static void front_refuse(struct session *session, int status, bool to_head)
{
	const struct refusal *refusal = refusal_of(status);
	struct buffer out = { 0 };

	if (refusal_write(&out, refusal, to_head))
		session_say_last(session, buffer_bytes(&out), out.length, refusal->reason);
	else
		session_abort(session, "out of memory");
	buffer_free(&out);
}

/* ------ a connection ------ */

static bool is_loopback(const struct session *session)
{
	struct address local;

	return session_local(session, &local) && private_address_is_loopback(&local);
}

static void front_shake(struct session *session)
{
	const struct front *front = session_data(session);
	struct failure why = { 0 };

	switch (stream_open(session->stream, &why)) {
	case IO_DONE:
		session->received = 0; /* what counts from here on are the messages */
		session_become(session, front->options->inner, front->inner);
		break;
	case IO_AGAIN:
		session_wait(session, STREAM_READ);
		break;
	default:
		session_fail(session, &why);
	}
}

static void front_accept(struct session *session, const struct http_request_head *request)
{
	const struct front *front = session_data(session);
	struct front_state *state = session_state(session);
	const char *early = buffer_bytes(&state->in) + request->head.length;
	struct failure why = { 0 };
	struct stream *top;
	int status = 400;

	top = layer_websocket_accept(session->stream, front->options->websocket, request, early,
				     state->in.length - request->head.length, &status, &why);
	if (!top) {
		front_refuse(session, status, false);
		return;
	}
	session_put_layer(session, top);
	buffer_free(&state->in);
	state->shaking = true;
	front_shake(session);
}

/* What was read is looked at again, by a whole server of HTTP. */
static void front_give_files(struct session *session)
{
	const struct front *front = session_data(session);
	struct front_state *state = session_state(session);
	struct buffer in = state->in;

	state->in = (struct buffer){ 0 };
	files_enter(session, front->files, buffer_bytes(&in), in.length);
	buffer_free(&in);
}

static void front_judge(struct session *session, const struct http_request_head *request)
{
	const struct front *front = session_data(session);

	if (!websocket_request_asks(request) && front->files)
		front_give_files(session);
	else if (!websocket_request_asks(request))
		front_refuse(session, 426, http_request_is(request, "HEAD"));
	else if (!websocket_origin_allowed(&request->head, front->options->origins,
					   is_loopback(session)))
		front_refuse(session, 403, false);
	else
		front_accept(session, request);
}

/* False: more of the request is needed. */
static bool front_look(struct session *session)
{
	struct front_state *state = session_state(session);
	struct http_request_head request;
	struct failure why = { 0 };
	int status = 400;

	switch (http_request_head_parse(&request, &state->scan, buffer_bytes(&state->in),
					state->in.length, &status, &why)) {
	case IO_AGAIN:
		return false;
	case IO_DONE:
		front_judge(session, &request);
		return true;
	default:
		if (((const struct front *)session_data(session))->files)
			front_give_files(session);
		else
			front_refuse(session, status, false);
		return true;
	}
}

static void front_read(struct session *session)
{
	struct front_state *state = session_state(session);
	char *scratch = session->server->scratch;
	size_t n = 0;

	for (;;) {
		switch (session_read(session, scratch, SERVER_SCRATCH, &n)) {
		case IO_DONE:
			if (!buffer_add(&state->in, scratch, n))
				session_abort(session, "out of memory");
			else if (!front_look(session))
				continue;
			return;
		case IO_AGAIN:
			session_wait(session, STREAM_READ);
			return;
		case IO_END:
			session_finish(session, "client ended before its request");
			return;
		default:
			return;
		}
	}
}

static void front_start(struct session *session)
{
	const struct front *front = session_data(session);
	struct front_state *state = session_state(session);

	session_limit(session, session->server->options->handshake_ms);
	if (!buffer_add(&state->in, front->early, front->early_length))
		session_abort(session, "out of memory");
	else if (front->early_length == 0 || !front_look(session))
		session_wait(session, STREAM_READ);
}

/* A proxy in front has many requests on one connection: the one for WebSocket need not be the
 * first. */
static void front_take_back(struct session *session, const char *bytes, size_t length)
{
	const struct server *server = session->server;
	struct front *front = server->data;

	front->early = bytes;
	front->early_length = length;
	session_become(session, server->options->handler, front);
	front->early = NULL;
	front->early_length = 0;
}

static void front_ready(struct session *session, unsigned sides)
{
	const struct front_state *state = session_state(session);

	(void)sides;
	if (state->shaking)
		front_shake(session);
	else
		front_read(session);
}

/* The client is told, but not waited for. */
static void front_expired(struct session *session)
{
	const struct front_state *state = session_state(session);
	struct buffer out = { 0 };
	struct failure why = { 0 };
	char limit[32];

	fail(&why, FAILURE_TIMEOUT, "no WebSocket handshake within %s (--handshake-timeout)",
	     duration_text(limit, sizeof(limit), session->server->options->handshake_ms));
	if (state->shaking || !refusal_write(&out, refusal_of(408), false) ||
	    session_write(session, buffer_bytes(&out), out.length) != IO_FAILED)
		session_fail(session, &why);
	buffer_free(&out);
}

static void front_stop(struct session *session)
{
	struct front_state *state = session_state(session);

	buffer_free(&state->in);
}

struct handler websocket_handler_for(const struct handler *inner, const struct files_options *files)
{
	const unsigned beside = files ? files_handler.descriptors : 0;

	return (struct handler){
		.name = inner->name,
		.state_size = sizeof(struct front_state),
		.descriptors = inner->descriptors > beside ? inner->descriptors : beside,
		.one_process = inner->one_process,
		.prepare = front_prepare,
		.begin = front_begin,
		.start = front_start,
		.ready = front_ready,
		.expired = front_expired,
		.reload = front_reload,
		.stop = front_stop,
		.end = front_end,
		.release = front_release,
	};
}
