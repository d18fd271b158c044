/* SPDX-License-Identifier: MIT */
/* src/stream/open.c - dial, then every layer, then the handshakes, all within one time limit. */
#include <stdlib.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/net/idn.h>
#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/open.h>
#include <sockutil/stream/open_layers.h>
#include <sockutil/stream/watch.h>

enum opening_stage { OPENING_CONNECT, OPENING_TLS, OPENING_LAYERS };

struct stream_opening {
	struct stream_open_request request;
	enum opening_stage stage;
	int64_t started_us;
	struct ev_timer deadline;
	struct ev_timer next_turn; /* for a failure that is known before the start has returned */
	struct dial *dial;         /* NULL when it is over */
	struct stream *stream;     /* as far as it is built */
	const struct tls_api *tls; /* NULL: plain */
	struct stream_watch watch;
	struct stream_report report;
	struct failure failure; /* known at the start */
};

/* Stops all that is under way and frees; stream, the caller's now, is left alone. */
static void opening_dismantle(struct stream_opening *o)
{
	struct ev_loop *loop = o->request.loop;

	ev_timer_stop(loop, &o->deadline);
	ev_timer_stop(loop, &o->next_turn);
	if (o->dial)
		dial_cancel(o->dial, NULL);
	if (o->watch.loop)
		stream_watch_stop(&o->watch);
	free(o);
}

static void opening_failed(struct stream_opening *o, const struct failure *why)
{
	struct stream_open_request request = o->request;
	struct stream_report report = o->report;
	struct failure failure = *why;
	struct stream *stream = o->stream;

	opening_dismantle(o);
	stream_free(stream);
	request.done(request.data, NULL, &report, &failure);
}

static void opening_done(struct stream_opening *o)
{
	struct stream_open_request request = o->request;
	struct stream_report report = o->report;
	struct stream *stream = o->stream;
	const struct failure none = { .class = FAILURE_NONE };

	report.open_us = clock_us() - o->started_us;
	opening_dismantle(o);
	request.done(request.data, stream, &report, &none);
}

static void opening_ready(void *data, unsigned sides);

static void opening_watch(struct stream_opening *o)
{
	if (o->watch.loop)
		stream_watch_stop(&o->watch);
	stream_watch_init(&o->watch, o->request.loop, o->stream, opening_ready, o);
}

/* The layers above come only now, so that the report can tell when the handshake was done. */
static void opening_tls_done(struct stream_opening *o)
{
	struct stream_report *report = &o->report;

	report->tls_us = clock_us() - o->started_us;
	o->tls->info(o->stream, &report->tls);
	o->stream = open_layers_over(o->stream, o->request.options, true, &report->dial.local,
				     &report->dial.peer);
	o->stage = OPENING_LAYERS;
	opening_watch(o);
}

static void opening_step(struct stream_opening *o)
{
	struct failure why = { .class = FAILURE_NONE };
	enum io r = stream_open(o->stream, &why);

	if (r == IO_DONE && o->stage == OPENING_TLS) {
		opening_tls_done(o);
		r = stream_open(o->stream, &why);
	}
	if (r == IO_AGAIN)
		stream_watch_for(&o->watch, STREAM_READ);
	else if (r == IO_DONE)
		opening_done(o);
	else
		opening_failed(o, &why);
}

static void opening_ready(void *data, unsigned sides)
{
	(void)sides;
	opening_step(data);
}

/* Certificates and SNI have names as the DNS has them. */
static struct stream *opening_tls_over(struct stream_opening *o, struct failure *why)
{
	const struct endpoint *endpoint = o->request.endpoint;
	char host[IDN_MAX];

	if (!idn_to_ascii(host, o->request.tls_host ? o->request.tls_host : endpoint->host, why))
		return NULL;
	return o->tls->connect(*o->request.tls, o->stream, host,
			       o->request.tls_port ? o->request.tls_port : endpoint->service, why);
}

/* o->stream is the socket. */
static void opening_connected(struct stream_opening *o)
{
	struct failure why = { .class = FAILURE_NONE };
	struct stream *top;

	o->stage = o->tls ? OPENING_TLS : OPENING_LAYERS;
	if (o->tls)
		top = opening_tls_over(o, &why);
	else
		top = open_layers_over(o->stream, o->request.options, true, &o->report.dial.local,
				       &o->report.dial.peer);
	if (!top) {
		opening_failed(o, &why);
		return;
	}
	o->stream = top;
	opening_watch(o);
	opening_step(o);
}

static void opening_dialled(void *data, int fd, const struct dial_report *report,
			    const struct failure *why)
{
	struct stream_opening *o = data;

	o->dial = NULL;
	o->report.dial = *report;
	if (fd < 0) {
		opening_failed(o, why);
		return;
	}
	o->stream = layer_socket_new(fd, !report->inherited);
	if (o->tls || o->request.options->no_delay)
		open_layers_no_delay(fd, o->request.options);
	opening_connected(o);
}

static void opening_attempt_failed(void *data, const char *address, const char *reason)
{
	struct stream_opening *o = data;

	o->request.attempt_failed(o->request.data, address, reason);
}

static void opening_next_turn(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct stream_opening *o = timer->data;

	(void)loop;
	(void)events;
	opening_failed(o, &o->failure);
}

static void opening_expired(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	static const char *const pending[] = {
		[OPENING_TLS] = "the TLS handshake is not finished",
		[OPENING_LAYERS] = "the peer does not take the first bytes",
	};
	struct stream_opening *o = timer->data;
	struct failure inner = { .class = FAILURE_NONE };
	struct failure why;
	char limit[32];

	(void)loop;
	(void)events;
	if (o->dial)
		dial_cancel(o->dial, &inner);
	o->dial = NULL;
	duration_text(limit, sizeof(limit), o->request.options->timeout_ms);
	fail(&why, FAILURE_TIMEOUT, "%s after %s (--timeout)",
	     o->stage == OPENING_CONNECT ? inner.text : pending[o->stage], limit);
	opening_failed(o, &why);
}

/* Kept by the caller between tries: reading certificates and the trust store is the costly part. */
static bool opening_load_tls(struct stream_opening *o)
{
	o->tls = tls_load(&o->failure);
	if (o->tls && !*o->request.tls)
		*o->request.tls = o->tls->client(&o->request.options->tls_options, &o->failure);
	return o->tls && *o->request.tls;
}

static bool opening_scheme_known(const struct endpoint *endpoint, struct failure *why)
{
	static const char *const elsewhere[] = {
		[ENDPOINT_WS] = "ws",
		[ENDPOINT_WSS] = "wss",
		[ENDPOINT_UDP] = "udp",
		[ENDPOINT_DTLS] = "dtls",
	};

	if (endpoint->scheme < ENDPOINT_WS)
		return true;
	fail(why, FAILURE_USAGE, "%s:// is not supported by this command",
	     elsewhere[endpoint->scheme]);
	return false;
}

static void opening_dial(struct stream_opening *o)
{
	const struct dial_request request = {
		.loop = o->request.loop,
		.endpoint = o->request.endpoint,
		.options = &o->request.options->net,
		.done = opening_dialled,
		.attempt_failed = o->request.attempt_failed ? opening_attempt_failed : NULL,
		.data = o,
	};

	o->dial = dial_start(&request);
}

static void opening_begin(struct stream_opening *o)
{
	const struct endpoint *endpoint = o->request.endpoint;
	bool ok = opening_scheme_known(endpoint, &o->failure);

	if (ok)
		opening_dial(o);
	/* After the dial: the library is loaded while the peer's answer is on its way. */
	if (ok && stream_uses_tls(endpoint, o->request.options))
		ok = opening_load_tls(o);
	if (ok)
		return;
	if (o->dial)
		dial_cancel(o->dial, NULL);
	o->dial = NULL;
	ev_timer_start(o->request.loop, &o->next_turn);
}

struct stream_opening *stream_open_start(const struct stream_open_request *request)
{
	struct stream_opening *o = memory_zeroed(1, sizeof(*o));
	int64_t limit_ms = request->options->timeout_ms;

	o->request = *request;
	o->started_us = clock_us();
	o->report.dial.resolved_us = -1;
	o->report.dial.connected_us = -1;
	o->report.tls_us = -1;
	o->report.open_us = -1;
	/* Timers count from the loop's idea of now, which may be old. */
	ev_now_update(request->loop);
	ev_timer_init(&o->next_turn, opening_next_turn, 0, 0);
	ev_timer_init(&o->deadline, opening_expired, (double)limit_ms / 1000, 0);
	o->next_turn.data = o;
	o->deadline.data = o;
	if (limit_ms > 0)
		ev_timer_start(request->loop, &o->deadline);
	opening_begin(o);
	return o;
}

void stream_open_cancel(struct stream_opening *opening)
{
	struct stream *stream;

	if (!opening)
		return;
	stream = opening->stream;
	opening_dismantle(opening);
	stream_free(stream);
}
