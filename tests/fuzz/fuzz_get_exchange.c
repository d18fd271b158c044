/* SPDX-License-Identifier: MIT */
/* fuzz_get_exchange.c - whole HTTP/1 exchanges, one behind the other on a connection whose peer
 * says anything, in any pieces: they come to an end, fail in few ways, tell each thing once and in
 * order, give the very body that the bytes mean, and send the request as it was to be. */
#include "http_expected.h"
#include "scripted.h"

#include <ev.h>

#include <sockutil/http/connection.h>
#include <sockutil/relay/pump.h>

/* The first byte of an input. */
enum {
	METHOD = 3, /* GET, HEAD, POST with a length, POST in chunks */
	EXPECTS_CONTINUE = 4,
	VERSION_1_0 = 8,
	CLOSES = 16,
	PEER_FAILS = 32,
	PUMPED = 64, /* the body goes through a pump to a sink that stalls and fails */
	PIECEWISE = 128,
};

enum { EXCHANGES_MOST = 4, TURNS_MOST = 100000, BODY_STEP = 200 };

struct player {
	struct ev_loop *loop;
	struct http_connection *connection; /* NULL: it was finished, and freed as a pool does */
	struct http_request request;
	uint8_t kind;
	unsigned stops_at; /* the event in which the exchange is freed; 0: none */
	struct scripted peer, source, sink;
	bool talkative;       /* the peer */
	size_t asked_from;    /* what it had got when the last exchange ended */
	struct ev_timer turn; /* the pump goes on */

	/* of the current exchange */
	struct http_exchange *exchange;
	struct http_body_stream body;
	struct pump pump;
	bool pumping;
	bool waiting, headed, over, whole, stopped;
	bool complete; /* as its report said in the end */
	int status;
	unsigned events, interims;
	uint64_t traced; /* bytes of response body */
	struct buffer got;
	struct failure why;
};

/* --- the peer --- */

/* It speaks only when it is asked, unless it is one that speaks at any time. */
static enum io peer_read(struct stream *s, void *buf, size_t len, size_t *nread,
			 struct failure *why)
{
	const struct player *p = (const void *)((const char *)s - offsetof(struct player, peer));

	*nread = 0;
	if (!p->talkative && !p->peer.lost && p->peer.took.length == p->asked_from)
		return IO_AGAIN;
	return scripted_read(s, buf, len, nread, why);
}

static const struct stream_ops peer_ops = {
	.name = "peer",
	.read = peer_read,
	.writev = scripted_writev,
	.flush = scripted_flush,
	.end = scripted_end,
	.fd = scripted_fd,
	.raw_fd = scripted_fd,
};

/* --- an exchange's end ------------------------------------------------------------------ */

static void drop(struct player *p)
{
	if (p->pumping)
		pump_free(&p->pump);
	p->pumping = false;
	ev_timer_stop(p->loop, &p->turn);
	if (p->exchange)
		p->complete = p->exchange->report.complete;
	http_exchange_free(p->exchange);
	p->exchange = NULL;
}

/* True: this event is the one in which the exchange is freed. */
static bool stops_here(struct player *p)
{
	fuzz_check(p->exchange && !p->over);
	if (++p->events != p->stops_at)
		return false;
	p->stopped = p->over = true;
	drop(p);
	return true;
}

static void failed_with(struct player *p, const struct failure *why)
{
	fuzz_check(*why->text && strlen(why->text) < sizeof(why->text));
	fuzz_check(why->class == FAILURE_PROTOCOL || why->class == FAILURE_TRUNCATED ||
		   why->class == FAILURE_RECEIVE || why->class == FAILURE_SEND);
	p->why = *why;
	p->over = true;
}

static void ended(struct player *p)
{
	const struct http_exchange_report *r = &p->exchange->report;

	fuzz_check(r->complete && r->any_response);
	fuzz_check(r->started_us >= 0 && r->first_byte_us >= r->started_us &&
		   r->ended_us >= r->first_byte_us);
	p->whole = p->over = true;
}

/* --- the body ----------------------------------------------------------------------------- */

static void wait_for_more(struct player *p)
{
	p->waiting = true;
	http_exchange_wait(p->exchange);
}

static void pump_body(struct player *p)
{
	pump_run(&p->pump);
	if (p->pump.state == PUMP_ENDED) {
		ended(p);
	} else if (p->pump.state == PUMP_FAILED && p->pump.failed_at_to) {
		fuzz_check(p->sink.lost);
		p->stopped = p->over = true;
	} else if (p->pump.state == PUMP_FAILED) {
		failed_with(p, p->pump.failure);
	} else if (p->pump.waits & STREAM_READ) {
		wait_for_more(p);
	} else {
		ev_timer_start(p->loop, &p->turn);
	}
}

static void read_body(struct player *p)
{
	char block[700];
	size_t most = p->kind & PIECEWISE ? 3 : sizeof(block), n;
	struct failure why = { 0 };
	enum io r = IO_DONE;

	/* Whoever reads piecewise waits although there is more. */
	for (unsigned i = 0; r == IO_DONE && !(i == 2 && (p->kind & PIECEWISE)); i++) {
		r = http_exchange_read(p->exchange, block, most, &n, &why);
		fuzz_check(r == IO_DONE ? n > 0 && n <= most : n == 0);
		fuzz_check(buffer_add(&p->got, block, n));
	}
	if (r == IO_END)
		ended(p);
	else if (r == IO_FAILED)
		failed_with(p, &why);
	else
		wait_for_more(p);
}

static void move_body(struct player *p)
{
	if (p->pumping)
		pump_body(p);
	else
		read_body(p);
}

static void on_turn(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	pump_body(timer->data);
}

/* --- events --------------------------------------------------------------------------------- */

static void on_interim(void *data, const struct http_head *head)
{
	struct player *p = data;

	fuzz_check(!p->headed && head->status >= 100 && head->status < 200 && head->status != 101);
	fuzz_check(++p->interims <= 16);
	stops_here(p);
}

static void on_head(void *data, const struct http_head *head, const struct http_framing *framing)
{
	struct player *p = data;

	fuzz_check(!p->headed && head->status >= 200 && head->status < 600);
	fuzz_check(framing->body != HTTP_BODY_LENGTH || framing->length_known);
	p->headed = true;
	p->status = head->status;
	if (stops_here(p))
		return;
	if (p->kind & PUMPED) {
		http_body_stream_init(&p->body, p->exchange);
		pump_init(&p->pump, &p->body.stream, &p->sink.stream);
		p->pumping = true;
	}
	move_body(p);
}

static void on_readable(void *data)
{
	struct player *p = data;

	fuzz_check(p->headed && p->waiting);
	p->waiting = false;
	if (!stops_here(p))
		move_body(p);
}

static void on_failed(void *data, const struct failure *why)
{
	struct player *p = data;

	fuzz_check(!p->headed);
	if (stops_here(p))
		return;
	failed_with(p, why);
}

static void on_trace(void *data, bool sent, const char *bytes, size_t length)
{
	struct player *p = data;

	fuzz_check(length > 0);
	if (!sent && !bytes)
		p->traced += length;
}

/* As the pool does. */
static void on_changed(void *data, struct http_connection *connection)
{
	struct player *p = data;

	fuzz_check(connection == p->connection);
	if (!connection->ops->finished(connection))
		return;
	p->connection = NULL;
	http_connection_free(connection);
}

/* --- what must have come of it ---------------------------------------------------------------- */

/* What was delivered so far: the sink's, where a pump is in between. */
static struct buffer *delivered(struct player *p)
{
	return p->kind & PUMPED ? &p->sink.took : &p->got;
}

static void check_body(struct player *p, const struct expected *e, bool all)
{
	const struct buffer *got = delivered(p);

	fuzz_check(got->length <= e->body_length);
	fuzz_check(!got->length || !memcmp(buffer_bytes(got), e->body, got->length));
	if (all)
		fuzz_check(got->length == e->body_length);
}

static void check_response(struct player *p, const struct expected *e)
{
	bool cut = e->end == EXPECTED_CUT ||
		   (e->end == EXPECTED_TO_CLOSE && p->peer.then == IO_FAILED);
	/* Where sending failed, what is not there to be read at once never comes. */
	bool deaf = p->peer.lost && !p->whole;

	if (p->whole)
		fuzz_check(p->traced == delivered(p)->length);
	if (e->end == EXPECTED_UNKNOWN)
		return;
	if (p->talkative && !p->headed && p->peer.took.length == p->asked_from) {
		fuzz_check(p->stopped || p->peer.lost || p->why.class == FAILURE_RECEIVE);
		return;
	}
	fuzz_check(!p->headed || p->status == e->status);
	check_body(p, e, !p->stopped && !deaf);
	if (p->stopped || deaf)
		return;
	fuzz_check(p->headed && p->whole == !cut && p->complete == p->whole);
	if (cut)
		fuzz_check(p->why.class ==
			   (p->peer.then == IO_FAILED ? FAILURE_RECEIVE : FAILURE_TRUNCATED));
}

/* Where the next response starts is known only when nothing behind this one was read. */
static void check_connection(const struct player *p, const struct expected *e, size_t start)
{
	bool usable = p->connection && p->connection->ops->room(p->connection) > 0;

	if (!usable)
		return;
	fuzz_check(p->complete && !p->peer.lost && !(p->kind & CLOSES));
	if (e->end == EXPECTED_UNKNOWN)
		return;
	fuzz_check(e->end == EXPECTED_WHOLE && !e->close && (e->minor == 1 || e->keep));
	fuzz_check(p->peer.given == start + e->at);
}

/* The body in chunks, as far as it was sent, without them. */
static size_t unchunked(uint8_t *out, const uint8_t *bytes, size_t size, bool *whole)
{
	struct expected e = { .bytes = bytes, .size = size, .body = out };

	*whole = expected_chunks(&e) == EXPECTED_WHOLE && e.at == size;
	return e.body_length;
}

static void check_request_body(const struct player *p, const uint8_t *bytes, size_t size, bool all)
{
	const struct scripted *source = &p->source;
	uint8_t *body = malloc(size + 1);
	bool whole = false;

	fuzz_check(body != NULL);
	if (size > 0)
		memcpy(body, bytes, size);
	if (p->request.body && p->request.body_length < 0)
		size = unchunked(body, bytes, size, &whole);
	else
		whole = size == source->length;
	fuzz_check(size <= source->length && (!size || !memcmp(body, source->gives, size)));
	if (all)
		fuzz_check(whole && size == source->length);
	free(body);
}

/* What the peer got from a place on is the request, as far as it was sent. */
static void check_request(const struct player *p, size_t start, bool all)
{
	static const uint8_t none[1];
	size_t size = p->peer.took.length - start;
	const uint8_t *bytes = size ? (const uint8_t *)buffer_bytes(&p->peer.took) + start : none;
	const uint8_t *end = size ? memmem(bytes, size, "\r\n\r\n", 4) : NULL;
	char line[80];
	int length =
		snprintf(line, sizeof(line), "%s /path?query HTTP/1.%d\r\nHost: example.org\r\n",
			 p->request.method, p->request.version_1_0 ? 0 : 1);

	fuzz_check(!memcmp(bytes, line, size < (size_t)length ? size : (size_t)length));
	fuzz_check(end || !all);
	if (!end)
		return;
	end += 4;
	if (p->request.body)
		check_request_body(p, end, size - (size_t)(end - bytes), all);
	else
		fuzz_check(size == (size_t)(end - bytes));
}

/* --- playing --- */

static void exchange_begin(struct player *p)
{
	static const struct http_header headers[] = { { "User-Agent", "player" },
						      { "Accept", "*/*" } };
	const struct http_exchange_events events = {
		.interim = on_interim,
		.head = on_head,
		.readable = on_readable,
		.failed = on_failed,
		.trace = on_trace,
		.data = p,
	};

	p->request.headers = headers;
	p->request.header_count = 2;
	p->waiting = p->headed = p->over = p->whole = p->stopped = false;
	p->complete = false;
	p->events = p->interims = 0;
	p->traced = 0;
	p->why = (struct failure){ 0 };
	buffer_free(&p->got);
	buffer_free(&p->sink.took);
	p->exchange = p->connection->ops->start(p->connection, &p->request, &events);
	fuzz_check(p->exchange && !p->over && !p->headed);
}

static void play_one(struct player *p)
{
	size_t given = p->peer.given;
	struct expected e;
	bool sent;

	exchange_begin(p);
	for (unsigned turns = 0; !p->over; turns++) {
		fuzz_check(turns < TURNS_MOST);
		ev_run(p->loop, EVRUN_ONCE);
	}
	sent = p->exchange && p->exchange->report.sent_us >= 0;
	drop(p);
	expected_read(&e, p->peer.gives + given, p->peer.length - given,
		      strcmp(p->request.method, "HEAD") == 0);
	check_response(p, &e);
	check_connection(p, &e, given);
	check_request(p, p->asked_from, sent);
	p->asked_from = p->peer.took.length;
	free(e.body);
}

static void set_request(struct player *p)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "POST" };
	unsigned method = p->kind & METHOD;

	p->request = (struct http_request){
		.method = methods[method],
		.scheme = "http",
		.authority = "example.org",
		.target = "/path?query",
		.expect_continue = (p->kind & EXPECTS_CONTINUE) != 0,
		.version_1_0 = (p->kind & VERSION_1_0) != 0,
		.close = (p->kind & CLOSES) != 0,
	};
	if (method < 2)
		return;
	p->request.body = &p->source.stream;
	p->request.body_length =
		method == 3 && !p->request.version_1_0 ? -1 : (int64_t)p->source.length;
}

/* At rest for some turns the connection must do nothing but notice its end, or words unasked. */
static void rest(struct player *p, unsigned turns)
{
	size_t took = p->peer.took.length;

	while (turns-- > 0 && p->connection)
		ev_run(p->loop, EVRUN_NOWAIT);
	fuzz_check(p->peer.took.length == took);
}

static void play(struct player *p, unsigned rests)
{
	const struct stream_report report = { 0 };

	p->connection = http1_connection_new(p->loop, &p->peer.stream, &report);
	p->connection->changed = on_changed;
	p->connection->data = p;
	set_request(p);
	for (int i = 0;
	     i < EXCHANGES_MOST && p->connection && p->connection->ops->room(p->connection) > 0;
	     i++) {
		play_one(p);
		rest(p, rests);
		p->source.given = 0;
		p->source.told = false;
	}
	http_connection_free(p->connection);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ev_loop *loop;
	struct player p = { .kind = fuzz_byte(&data, &size) };
	size_t body_length;
	unsigned rests;
	char *body, *said;

	if (!loop)
		loop = ev_loop_new(EVFLAG_NOENV);
	p.loop = loop;
	p.stops_at = fuzz_byte(&data, &size);
	rests = fuzz_byte(&data, &size);
	p.talkative = (rests & 4) != 0;
	body_length = (size_t)fuzz_byte(&data, &size) * BODY_STEP;
	scripted_init(&p.peer, &data, &size);
	scripted_init(&p.source, &data, &size);
	scripted_init(&p.sink, &data, &size);
	body = malloc(body_length + 1);
	fuzz_check(body != NULL);
	for (size_t i = 0; i < body_length; i++)
		body[i] = (char)(i * 7);
	said = fuzz_text(data, size);
	p.source.gives = (const uint8_t *)body;
	p.source.length = body_length;
	p.peer.gives = (const uint8_t *)said;
	p.peer.length = size;
	p.peer.stream.ops = &peer_ops;
	p.peer.then = p.kind & PEER_FAILS ? IO_FAILED : IO_END;
	ev_timer_init(&p.turn, on_turn, 0, 0);
	p.turn.data = &p;
	play(&p, rests % 4);
	buffer_free(&p.got);
	scripted_free(&p.peer);
	scripted_free(&p.source);
	scripted_free(&p.sink);
	free(body);
	free(said);
	return 0;
}
