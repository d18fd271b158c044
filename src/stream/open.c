/* SPDX-License-Identifier: MIT */
/* src/stream/open.c - dial, then every layer, then the handshakes, all within one time limit. */
#include <stdlib.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/net/idn.h>
#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/layer_starttls.h>
#include <sockutil/stream/open.h>
#include <sockutil/stream/open_layers.h>
#include <sockutil/stream/open_proxy.h>
#include <sockutil/stream/watch.h>

enum opening_stage {
	OPENING_CONNECT,
	OPENING_PROXY,
	OPENING_TLS,
	OPENING_WEBSOCKET,
	OPENING_LAYERS
};

struct stream_opening {
	struct stream_open_request request;
	enum opening_stage stage;
	int64_t started_us;
	struct ev_timer deadline;
	struct ev_timer next_turn; /* for a failure that is known before the start has returned */
	struct dial *dial;         /* NULL when it is over */
	struct open_proxy proxy;
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
	open_proxy_stop(&o->proxy);
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

/* Each layer that opens is the top of another stack. */
static void opening_watch(struct stream_opening *o)
{
	if (o->watch.stream != o->stream) {
		if (o->watch.loop)
			stream_watch_stop(&o->watch);
		stream_watch_init(&o->watch, o->request.loop, o->stream, opening_ready, o);
	}
	stream_watch_for(&o->watch, STREAM_READ);
}

/* --- layer upon layer ---------------------------------------------------------- */

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

static struct stream *opening_layers_over(struct stream_opening *o)
{
	const struct stream_report *report = &o->report;

	return open_layers_over(o->stream, o->request.options, true, &report->dial.local,
				&report->dial.peer);
}

/* All proxies are behind: what the endpoint itself is told. The PROXY header needs no stage of its
 * own: it goes out while the next layer opens. */
static struct stream *opening_reached(struct stream_opening *o, struct failure *why)
{
	const bool proxied = o->proxy.count > 0;

	if (proxied)
		o->report.proxy_us = clock_us() - o->started_us;
	if (o->request.options->send_proxy)
		o->stream = open_layers_header(o->stream, &o->request,
					       proxied ? NULL : &o->report.dial);
	if (o->tls && o->request.options->starttls != STARTTLS_NONE)
		o->stream = layer_starttls_new(o->stream, o->request.options->starttls,
					       o->request.endpoint->host);
	o->stage = OPENING_TLS;
	return o->tls ? opening_tls_over(o, why) : o->stream;
}

/* The layers above come only now, so that the report can tell when the handshake was done. */
static struct stream *opening_encrypted(struct stream_opening *o, struct failure *why)
{
	if (o->tls) {
		o->report.tls_us = clock_us() - o->started_us;
		o->tls->info(o->stream, &o->report.tls);
	}
	o->stage = OPENING_WEBSOCKET;
	return open_layers_websocket(o->stream, o->request.endpoint, o->request.options, why);
}

/* What is there is open: puts the next layer over it. IO_AGAIN: it is to shake hands; IO_END: that
 * comes from the loop; IO_DONE: nothing is left. */
static enum io opening_next(struct stream_opening *o, struct failure *why)
{
	struct stream *top = NULL;
	enum io r;

	switch (o->stage) {
	case OPENING_CONNECT:
	case OPENING_PROXY:
		o->stage = OPENING_PROXY;
		r = open_proxy_next(&o->proxy, &o->stream, why);
		if (r != IO_DONE)
			return r;
		top = opening_reached(o, why);
		break;
	case OPENING_TLS:
		top = opening_encrypted(o, why);
		break;
	case OPENING_WEBSOCKET:
		o->stage = OPENING_LAYERS;
		top = opening_layers_over(o);
		break;
	case OPENING_LAYERS:
		return IO_DONE;
	}
	if (!top)
		return IO_FAILED;
	o->stream = top;
	return IO_AGAIN;
}

static void opening_step(struct stream_opening *o)
{
	struct failure why = { .class = FAILURE_NONE };
	enum io r = IO_AGAIN;

	while (r == IO_AGAIN) {
		r = stream_open(o->stream, &why);
		if (r == IO_AGAIN) {
			opening_watch(o);
			return;
		}
		if (r == IO_DONE)
			r = opening_next(o, &why);
	}
	if (r == IO_DONE) {
		opening_done(o);
	} else if (r == IO_FAILED) {
		if (o->stage <= OPENING_PROXY)
			open_proxy_blame(&o->proxy, &why);
		opening_failed(o, &why);
	}
}

static void opening_ready(void *data, unsigned sides)
{
	(void)sides;
	opening_step(data);
}

static void opening_named(void *data)
{
	opening_step(data);
}

/* Handshakes take turns, one small message each: none of them is to wait for an acknowledgement. */
static bool opening_is_talk(const struct stream_opening *o)
{
	return o->tls || o->request.options->no_delay || o->proxy.count > 0 ||
	       open_layers_is_websocket(o->request.endpoint);
}

static void opening_dialled(void *data, int fd, const struct dial_report *report,
			    const struct failure *why)
{
	struct stream_opening *o = data;
	struct failure blamed;

	o->dial = NULL;
	o->report.dial = *report;
	if (fd < 0) {
		blamed = *why;
		open_proxy_blame(&o->proxy, &blamed);
		opening_failed(o, &blamed);
		return;
	}
	o->stream = layer_socket_new(fd, !report->inherited);
	if (opening_is_talk(o))
		open_layers_no_delay(fd, o->request.options);
	opening_step(o);
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

/* What was under way when time ran out. */
static void opening_pending(struct stream_opening *o, struct failure *why)
{
	static const char *const pending[] = {
		[OPENING_TLS] = "the TLS handshake is not finished",
		[OPENING_WEBSOCKET] = "the WebSocket handshake is not finished",
		[OPENING_LAYERS] = "the peer does not take the first bytes",
	};

	if (o->dial) {
		dial_cancel(o->dial, why);
		open_proxy_blame(&o->proxy, why);
		o->dial = NULL;
	} else if (o->stage <= OPENING_PROXY) {
		open_proxy_pending(&o->proxy, why);
	} else {
		fail(why, FAILURE_TIMEOUT, "%s", pending[o->stage]);
	}
}

static void opening_expired(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct stream_opening *o = timer->data;
	struct failure inner = { .class = FAILURE_NONE };
	struct failure why;
	char limit[32];

	(void)loop;
	(void)events;
	opening_pending(o, &inner);
	duration_text(limit, sizeof(limit), o->request.options->timeout_ms);
	fail(&why, FAILURE_TIMEOUT, "%s after %s (--timeout)", inner.text, limit);
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
	const bool udp = endpoint->scheme == ENDPOINT_UDP;

	if (!udp && endpoint->scheme != ENDPOINT_DTLS)
		return true;
	fail(why, FAILURE_USAGE, "%s:// is not supported by this command", udp ? "udp" : "dtls");
	return false;
}

static bool opening_permits(void *data, const struct address *address)
{
	const struct stream_opening *o = data;

	return o->request.permits(o->request.data, address);
}

static void opening_dial(struct stream_opening *o)
{
	const bool asks = o->request.permits && o->proxy.count == 0;
	const struct dial_request request = {
		.loop = o->request.loop,
		.endpoint = open_proxy_first(&o->proxy),
		.options = &o->request.options->net,
		.permits = asks ? opening_permits : NULL,
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

	open_proxy_init(&o->proxy, &o->request, opening_named, o);
	if (ok)
		opening_dial(o);
	/* After the dial: the library is loaded while the peer's answer is on its way. */
	ok = ok && open_proxy_load(&o->proxy, &o->failure);
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
	o->report.proxy_us = -1;
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
