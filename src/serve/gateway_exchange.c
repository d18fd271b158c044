/* SPDX-License-Identifier: MIT */
/* A request and its response, each pumped on its own. */
#include <stdlib.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/relay/pump.h>
#include <sockutil/serve/gateway_body.h>
#include <sockutil/serve/gateway_exchange.h>
#include <sockutil/serve/gateway_heads.h>
#include <sockutil/serve/gateway_parts.h>
#include <sockutil/serve/server.h>
#include <sockutil/stream/layer_socket.h>

enum {
	INTERIM_MAX = 16,       /* 1xx responses to one request */
	DROPPED_MAX = 64 * 1024 /* bytes behind the request that are read and dropped */
};

/* Invariants: started once the watchers run; answered once a final head was taken, after which no
 * answer of our own may be given. */
struct gateway_exchange {
	struct session *session;
	struct gateway_body request, response;
	struct pump up, down;
	struct stream_watch client, server;
	struct http_head_scan scan;
	struct http_framing framing; /* of the request */
	uint64_t seen;               /* bytes that had moved at the last look */
	size_t dropped;
	unsigned interim;
	bool to_head, plain;
	bool started, answered;
	bool client_ended; /* behind its request nothing more comes */
};

/* ------ the response's head ------ */

static enum io head_interim(struct gateway_exchange *x, const struct http_head *head,
			    struct failure *why)
{
	const struct http_framing none = { .body = HTTP_BODY_NONE };

	if (head->status == 101)
		return fail(why, FAILURE_PROTOCOL, "the server switched protocols unasked");
	if (++x->interim > INTERIM_MAX)
		return fail(why, FAILURE_PROTOCOL, "the server sent over %d interim responses",
			    INTERIM_MAX);
	if (!x->plain && !gateway_heads_response(&x->response.ready, head, &none,
						 gateway_data(x->session)->name, false))
		return fail(why, FAILURE_PROTOCOL, "the server's interim response cannot be sent");
	return IO_DONE;
}

static enum io head_final(struct gateway_exchange *x, const struct http_head *head,
			  struct failure *why)
{
	struct http_framing framing;

	if (head->status == 407)
		return fail(why, FAILURE_PROTOCOL, "the server asks for the login of a proxy");
	if (!http_framing_of_response(&framing, head, x->to_head, why))
		return IO_FAILED;
	if (!gateway_heads_response(&x->response.ready, head, &framing,
				    gateway_data(x->session)->name, x->plain))
		return fail(why, FAILURE_PROTOCOL, "the server's head cannot be sent on");
	x->answered = true;
	gateway_body_frame(&x->response, &framing, x->plain);
	return IO_DONE;
}

static enum io response_head(void *data, struct gateway_body *body, struct failure *why)
{
	struct gateway_exchange *x = data;
	struct http_head head;
	enum io r;

	if (body->held.length == 0)
		return IO_AGAIN;
	r = http_head_parse(&head, &x->scan, buffer_bytes(&body->held), body->held.length, why);
	if (r != IO_DONE)
		return r;
	r = head.status < 200 ? head_interim(x, &head, why) : head_final(x, &head, why);
	if (r == IO_DONE)
		buffer_take(&body->held, head.length);
	return r;
}

/* ------ ends ------ */

/* The watchers must not outlive what the session does next. */
static void exchange_let_go(struct session *session)
{
	struct gateway_state *state = gateway_state(session);

	gateway_exchange_count(session);
	gateway_exchange_free(state->exchange);
	state->exchange = NULL;
	stream_free(state->target);
	state->target = NULL;
}

/* The server is not to take what came for the whole. */
static void exchange_cut(struct session *session)
{
	layer_socket_abort(gateway_state(session)->target);
	exchange_let_go(session);
}

/* The pump's failure is freed with the exchange. */
static struct failure failure_of(const struct pump *pump)
{
	struct failure why = { 0 };

	if (pump->failure)
		return *pump->failure;
	fail(&why, FAILURE_OTHER, "unknown");
	return why;
}

static void response_failed(struct gateway_exchange *x)
{
	struct session *session = x->session;
	const bool answered = x->answered, to_head = x->to_head;
	struct failure why = failure_of(&x->down);

	exchange_cut(session);
	if (answered)
		gateway_reset_client(session, &why);
	else
		gateway_http_answer(session, 502, to_head, why.text);
}

static void request_failed(struct gateway_exchange *x)
{
	struct session *session = x->session;
	const bool answered = x->answered || x->down.bytes > 0, to_head = x->to_head;
	struct failure why = failure_of(&x->up);

	exchange_cut(session);
	if (!answered && (why.class == FAILURE_PROTOCOL || why.class == FAILURE_TRUNCATED))
		gateway_http_answer(session, 400, to_head, why.text);
	else
		session_fail(session, &why);
}

/* True: the exchange is no more. */
static bool exchange_ended(struct gateway_exchange *x)
{
	struct session *session = x->session;
	struct failure why;

	if (x->down.state == PUMP_ENDED) {
		exchange_let_go(session);
		session_finish(session, "answered");
	} else if (x->down.state == PUMP_FAILED && x->down.failed_at_to) {
		why = failure_of(&x->down);
		exchange_cut(session);
		session_fail(session, &why);
	} else if (x->down.state == PUMP_FAILED) {
		response_failed(x);
	} else if (x->up.state == PUMP_FAILED && !x->up.failed_at_to) {
		request_failed(x);
	} else {
		/* A server that takes no more of the request may have answered it all the same. */
		return false;
	}
	return true;
}

/* ------ on and on ------ */

/* Behind the request: another one is not served here, an end is a half-close, and a reset means
 * that nobody waits for the answer. True: the exchange is no more. */
static bool drop_client(struct gateway_exchange *x)
{
	struct session *session = x->session;
	struct failure why = { 0 };
	size_t n;

	while (x->up.state != PUMP_RUNNING && !x->client_ended) {
		const enum io r = stream_read(session->stream, session->server->scratch,
					      SERVER_SCRATCH, &n, &why);

		if (r == IO_AGAIN)
			return false;
		if (r == IO_FAILED) {
			exchange_cut(session);
			session_fail(session, &why);
			return true;
		}
		x->dropped += n;
		x->client_ended = r == IO_END || x->dropped > DROPPED_MAX;
	}
	return false;
}

static void exchange_wait(struct gateway_exchange *x)
{
	unsigned client = x->down.waits & STREAM_WRITE, server = x->down.waits & STREAM_READ;

	if (x->up.state == PUMP_RUNNING) {
		client |= x->up.waits & STREAM_READ;
		server |= x->up.waits & STREAM_WRITE;
	} else if (!x->client_ended) {
		client |= STREAM_READ;
	}
	stream_watch_for(&x->client, client);
	stream_watch_for(&x->server, server);
}

/* A pump that stopped for the others' sake just before the end has nothing to wait for. */
static void run(struct pump *pump, const struct gateway_body *body)
{
	pump_run(pump);
	if (gateway_body_done(body))
		pump_run(pump);
}

static void exchange_step(struct gateway_exchange *x)
{
	run(&x->up, &x->request);
	run(&x->down, &x->response);
	if (x->up.bytes + x->down.bytes != x->seen) {
		x->seen = x->up.bytes + x->down.bytes;
		x->session->active_ms = clock_ms();
	}
	if (!exchange_ended(x) && !drop_client(x))
		exchange_wait(x);
}

static void exchange_ready(void *data, unsigned sides)
{
	(void)sides;
	exchange_step(data);
}

/* ------ the beginning ------ */

/* The request's head is there from the start. */
static enum io no_head(void *data, struct gateway_body *body, struct failure *why)
{
	(void)data;
	(void)body;
	return fail(why, FAILURE_OTHER, "no head");
}

void gateway_exchange_new(struct session *session, const struct gateway_exchange_options *options)
{
	struct gateway_state *state = gateway_state(session);
	struct gateway_exchange *x = memory_zeroed(1, sizeof(*x));

	x->session = session;
	x->framing = options->framing;
	x->to_head = options->to_head;
	x->plain = options->plain;
	x->request.ready = options->head;
	state->exchange = x;
}

bool gateway_exchange_is_to_head(const struct gateway_exchange *x)
{
	return x->to_head;
}

void gateway_exchange_start(struct session *session)
{
	struct gateway_state *state = gateway_state(session);
	struct gateway_exchange *x = state->exchange;
	const struct buffer head = x->request.ready;

	state->received_before = session->received;
	state->sent_before = session->sent;
	gateway_body_init(&x->request, session->stream, "client", no_head, x);
	gateway_body_init(&x->response, state->target, "server", response_head, x);
	x->request.ready = head;
	x->request.held = state->in;
	state->in = (struct buffer){ 0 };
	gateway_body_frame(&x->request, &x->framing, false);
	pump_init(&x->up, &x->request.stream, state->target);
	pump_init(&x->down, &x->response.stream, session->stream);
	stream_watch_init(&x->client, session->server->loop, &x->request.stream, exchange_ready, x);
	stream_watch_init(&x->server, session->server->loop, &x->response.stream, exchange_ready,
			  x);
	x->started = true;
	session_wait(session, 0);
	exchange_step(x);
}

void gateway_exchange_count(struct session *session)
{
	const struct gateway_state *state = gateway_state(session);
	const struct gateway_exchange *x = state->exchange;

	if (!x || !x->started)
		return;
	session->received = state->received_before + x->request.taken + x->dropped;
	session->sent = state->sent_before + x->down.bytes;
}

void gateway_exchange_free(struct gateway_exchange *x)
{
	if (!x)
		return;
	if (x->started) {
		stream_watch_stop(&x->client);
		stream_watch_stop(&x->server);
		pump_free(&x->up);
		pump_free(&x->down);
	}
	gateway_body_free(&x->request);
	gateway_body_free(&x->response);
	free(x);
}
