/* SPDX-License-Identifier: MIT */
/* src/http/http2_exchange.c - one request and its response on an HTTP/2 connection: what its user
 * calls, and what he is told. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/http/http2.h>

static struct http2_exchange *exchange_of(const struct http_exchange *x)
{
	return (struct http2_exchange *)(uintptr_t)x;
}

struct http2_exchange *http2_exchange_find(struct http2 *c, int32_t stream)
{
	struct http2_exchange *x = c->first;

	if (stream <= 0)
		return NULL;
	while (x && x->stream != stream)
		x = x->next;
	return x;
}

void http2_exchange_due(struct http2_exchange *x)
{
	x->due = true;
}

void http2_exchange_fail(struct http2_exchange *x, uint32_t code, enum failure_class class,
			 const char *format, ...)
{
	char text[sizeof(x->failure.text)];
	va_list arguments;

	http2_exchange_due(x);
	if (x->failure.class != FAILURE_NONE)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fail(&x->failure, class, "%s", text);
	if (x->stream > 0 && !x->closed)
		http2_library.submit_rst_stream(x->connection->session, NGHTTP2_FLAG_NONE,
						x->stream, code);
}

/* --- the body ------------------------------------------------------------------- */

static void keep(struct http2_exchange *x, const uint8_t *bytes, size_t length)
{
	if (!buffer_add(&x->body, bytes, length))
		http2_exchange_fail(x, NGHTTP2_INTERNAL_ERROR, FAILURE_OTHER, "out of memory");
}

static void keep_pieces(struct http2_exchange *x)
{
	for (; x->piece_first < x->piece_count; x->piece_first++)
		keep(x, x->pieces[x->piece_first].at, x->pieces[x->piece_first].length);
	x->piece_first = x->piece_count = 0;
}

void http2_exchange_keep_all(struct http2 *c)
{
	for (struct http2_exchange *x = c->first; x; x = x->next)
		keep_pieces(x);
}

/* A reader who waits takes them out of the block: no copy is made for him. */
void http2_exchange_store(struct http2_exchange *x, const uint8_t *bytes, size_t length)
{
	x->trace_received += length;
	http2_exchange_due(x);
	if (x->piece_count == HTTP2_PIECES)
		keep_pieces(x);
	if (!x->waiting || x->body.length > 0)
		keep(x, bytes, length);
	else
		x->pieces[x->piece_count++] = (struct http2_piece){ bytes, length };
}

static size_t take_kept(struct http2_exchange *x, char *buf, size_t len)
{
	size_t count = x->body.length < len ? x->body.length : len;

	if (count == 0)
		return 0;
	memcpy(buf, buffer_bytes(&x->body), count);
	buffer_take(&x->body, count);
	return count;
}

static size_t take_pieces(struct http2_exchange *x, char *buf, size_t len)
{
	size_t total = 0;

	while (total < len && x->piece_first < x->piece_count) {
		struct http2_piece *piece = &x->pieces[x->piece_first];
		size_t left = len - total;
		size_t count = piece->length < left ? piece->length : left;

		memcpy(buf + total, piece->at, count);
		total += count;
		piece->at += count;
		piece->length -= count;
		x->piece_first += piece->length == 0;
	}
	if (x->piece_first == x->piece_count)
		x->piece_first = x->piece_count = 0;
	return total;
}

static bool is_empty(const struct http2_exchange *x)
{
	return x->body.length == 0 && x->piece_count == 0;
}

static bool can_read(const struct http2_exchange *x)
{
	return x->head_told && (!is_empty(x) || x->ended || x->failure.class != FAILURE_NONE);
}

static void note_complete(struct http2_exchange *x)
{
	struct http_exchange_report *report = &x->exchange.report;

	if (!x->ended || !is_empty(x) || x->failure.class != FAILURE_NONE || report->complete)
		return;
	report->complete = true;
	report->ended_us = clock_us();
	x->connection->connection.served++;
}

/* A reader who empties what came as fast as it comes may have more under way. */
static void window_grow(struct http2_exchange *x, size_t count)
{
	x->drained += count;
	if (!is_empty(x) || x->drained < x->window || x->window >= HTTP2_STREAM_WINDOW_MOST)
		return;
	x->drained = 0;
	x->window *= 2;
	http2_library.session_set_local_window_size(x->connection->session, NGHTTP2_FLAG_NONE,
						    x->stream, (int32_t)x->window);
}

static void consumed(struct http2_exchange *x, size_t count)
{
	struct http2 *c = x->connection;

	x->exchange.report.response_bytes += count;
	if (!x->ended && !x->closed && !c->over) {
		window_grow(x, count);
		http2_library.session_consume_stream(c->session, x->stream, count);
	}
	/* A window to open, or a connection that waited for this reader alone. */
	if (http2_library.session_want_write(c->session) || !(c->watch.waiting & STREAM_READ))
		http2_soon(c);
}

static enum io exchange_read(struct http_exchange *exchange, void *buf, size_t len, size_t *nread,
			     struct failure *why)
{
	struct http2_exchange *x = exchange_of(exchange);

	*nread = 0;
	if (!x->head_told)
		return IO_AGAIN;
	*nread = take_kept(x, buf, len);
	*nread += take_pieces(x, (char *)buf + *nread, len - *nread);
	if (*nread > 0) {
		consumed(x, *nread);
		note_complete(x);
		return IO_DONE;
	}
	if (x->failure.class == FAILURE_NONE)
		return x->ended ? IO_END : IO_AGAIN;
	*why = x->failure;
	return IO_FAILED;
}

static void exchange_wait(struct http_exchange *exchange)
{
	struct http2_exchange *x = exchange_of(exchange);

	x->waiting = true;
	if (!can_read(x))
		return;
	http2_exchange_due(x);
	http2_soon(x->connection);
}

/* --- life ------------------------------------------------------------------------- */

static void link_last(struct http2 *c, struct http2_exchange *x)
{
	x->previous = c->last;
	if (c->last)
		c->last->next = x;
	else
		c->first = x;
	c->last = x;
	c->count++;
}

static void unlink_exchange(struct http2 *c, struct http2_exchange *x)
{
	if (x->previous)
		x->previous->next = x->next;
	else
		c->first = x->next;
	if (x->next)
		x->next->previous = x->previous;
	else
		c->last = x->previous;
	c->count--;
}

static void exchange_free(struct http_exchange *exchange)
{
	struct http2_exchange *x = exchange_of(exchange);
	struct http2 *c = x->connection;

	unlink_exchange(c, x);
	if (c->turn && c->turn->telling == x)
		c->turn->telling = NULL;
	if (x->stream > 0 && !x->closed)
		http2_library.submit_rst_stream(c->session, NGHTTP2_FLAG_NONE, x->stream,
						NGHTTP2_CANCEL);
	if (x->body_watch.loop)
		stream_watch_stop(&x->body_watch);
	buffer_free(&x->request_text);
	buffer_free(&x->heads);
	buffer_free(&x->body);
	free(x);
	c->notice = true;
	http2_soon(c);
}

static const struct http_exchange_ops exchange_ops = {
	.read = exchange_read,
	.wait = exchange_wait,
	.free = exchange_free,
};

struct http_exchange *http2_exchange_start(struct http_connection *connection,
					   const struct http_request *request,
					   const struct http_exchange_events *events)
{
	struct http2 *c = http2_of(connection);
	struct http2_exchange *x = memory_zeroed(1, sizeof(*x));
	const bool has_room = connection->ops->room(connection) > 0;

	x->exchange.ops = &exchange_ops;
	x->exchange.request = request;
	x->exchange.events = *events;
	x->exchange.report = (struct http_exchange_report){
		.started_us = clock_us(),
		.sent_us = -1,
		.first_byte_us = -1,
		.ended_us = -1,
	};
	x->connection = c;
	x->stream = -1;
	x->window = HTTP2_STREAM_WINDOW;
	link_last(c, x);
	c->last_one = c->last_one || request->close;
	if (has_room)
		http2_request_submit(x);
	else
		fail(&x->failure, FAILURE_RECEIVE, "the connection takes no more requests");
	http2_exchange_due(x);
	http2_soon(c);
	return &x->exchange;
}

/* --- what the user is told ---------------------------------------------------------- */

/* Whoever was called may have freed the exchange, and the connection with it: turn alone may be
 * asked. */
static bool still(const struct http2_turn *turn, const struct http2_exchange *x)
{
	return turn->telling == x;
}

static bool tell_trace(const struct http2_turn *turn, struct http2_exchange *x, bool sent,
		       const char *bytes, size_t length)
{
	const struct http_exchange_events *events = &x->exchange.events;

	if (length > 0 && events->trace)
		events->trace(events->data, sent, bytes, length);
	return still(turn, x);
}

static bool tell_request(const struct http2_turn *turn, struct http2_exchange *x)
{
	struct buffer text = x->request_text;
	size_t sent = x->trace_sent;
	bool stays;

	if (!x->head_sent)
		return true;
	x->request_text = (struct buffer){ 0 };
	x->trace_sent = 0;
	stays = tell_trace(turn, x, true, buffer_bytes(&text), text.length) &&
		tell_trace(turn, x, true, NULL, sent);
	buffer_free(&text);
	return stays;
}

static bool tell_head(const struct http2_turn *turn, struct http2_exchange *x, const char *bytes,
		      const struct http_head *head)
{
	const struct http_exchange_events *events = &x->exchange.events;
	const struct http_framing framing = x->framing;

	if (!tell_trace(turn, x, false, bytes, head->length))
		return false;
	if (head->status >= 200) {
		x->head_told = true;
		note_complete(x);
		events->head(events->data, head, &framing);
	} else if (events->interim) {
		events->interim(events->data, head);
	}
	return still(turn, x);
}

/* Takes the whole heads out; what is being built stays. */
static struct buffer take_heads(struct http2_exchange *x)
{
	struct buffer heads = x->heads;

	x->heads = (struct buffer){ 0 };
	if (!buffer_add(&x->heads, buffer_bytes(&heads) + x->heads_ready,
			heads.length - x->heads_ready))
		http2_exchange_fail(x, NGHTTP2_INTERNAL_ERROR, FAILURE_OTHER, "out of memory");
	heads.length = x->heads_ready;
	x->head_start = 0;
	x->heads_ready = 0;
	return heads;
}

static bool tell_heads(const struct http2_turn *turn, struct http2_exchange *x)
{
	struct buffer heads;
	struct http_head head;
	struct failure why;
	size_t at = 0;
	bool stays = true;

	if (x->heads_ready == 0)
		return true;
	heads = take_heads(x);
	while (stays && at < heads.length) {
		const char *bytes = buffer_bytes(&heads) + at;
		struct http_head_scan scan = { 0 };

		if (http_head_parse(&head, &scan, bytes, heads.length - at, &why) != IO_DONE)
			break;
		at += head.length;
		stays = tell_head(turn, x, bytes, &head);
	}
	buffer_free(&heads);
	return stays;
}

static void tell_failed(struct http2_exchange *x)
{
	const struct http_exchange_events *events = &x->exchange.events;
	const struct failure why = x->failure;

	if (x->failed_told)
		return;
	x->failed_told = true;
	x->exchange.report.ended_us = clock_us();
	events->failed(events->data, &why);
}

static void tell(const struct http2_turn *turn, struct http2_exchange *x)
{
	size_t received;

	if (!tell_request(turn, x) || !tell_heads(turn, x))
		return;
	received = x->trace_received;
	x->trace_received = 0;
	if (!tell_trace(turn, x, false, NULL, received))
		return;
	if (!x->head_told && x->failure.class != FAILURE_NONE) {
		tell_failed(x);
	} else if (x->waiting && can_read(x)) {
		x->waiting = false;
		note_complete(x);
		x->exchange.events.readable(x->exchange.events.data);
	}
}

static struct http2_exchange *first_marked(const struct http2 *c)
{
	struct http2_exchange *x = c->first;

	while (x && !x->marked)
		x = x->next;
	return x;
}

bool http2_exchange_tell_all(struct http2 *c)
{
	struct http2_turn *turn = c->turn;
	struct http2_exchange *x;

	for (x = c->first; x; x = x->next) {
		x->marked = x->due;
		x->due = false;
	}
	while ((x = first_marked(c)) != NULL) {
		x->marked = false;
		turn->telling = x;
		tell(turn, x);
		if (turn->connection_freed)
			return false;
	}
	turn->telling = NULL;
	return true;
}
