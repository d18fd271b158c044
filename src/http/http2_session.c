/* SPDX-License-Identifier: MIT */
/* src/http/http2_session.c - what libnghttp2 calls: it notes what came, a turn tells it. */
#include <inttypes.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/http/http2.h>
#include <sockutil/proto/http_framing.h>
#include <sockutil/proto/http_head.h>

/* --- how a stream ended --------------------------------------------------------- */

static bool length_short(const struct http2_exchange *x)
{
	return x->end_begun && x->head_complete && x->framing.body == HTTP_BODY_LENGTH &&
	       x->received < x->framing.length;
}

/* The library has reset the stream because of what the server sent. */
static void refused_by_us(struct http2_exchange *x, uint32_t code)
{
	struct failure *why = &x->failure;

	if (length_short(x))
		fail(why, FAILURE_TRUNCATED, "cut short: %" PRIu64 " of %" PRIu64 " bytes came",
		     x->received, x->framing.length);
	else if (x->invalid)
		fail(why, FAILURE_PROTOCOL, "the server broke HTTP/2: %s",
		     http2_library.strerror(x->invalid));
	else if (code == NGHTTP2_PROTOCOL_ERROR && x->head_complete &&
		 x->framing.body == HTTP_BODY_NONE)
		fail(why, FAILURE_PROTOCOL, "the server sent a body where none belongs");
	else if (code == NGHTTP2_PROTOCOL_ERROR && x->head_complete && x->framing.length_known)
		fail(why, FAILURE_PROTOCOL,
		     "the server sent more than the %" PRIu64 " bytes announced",
		     x->framing.length);
	else
		fail(why, FAILURE_PROTOCOL, "the server broke HTTP/2 (%s)",
		     http2_library.http2_strerror(code));
}

static void reset_by_peer(struct http2_exchange *x, uint32_t code)
{
	const char *name = http2_library.http2_strerror(code);
	struct failure *why = &x->failure;

	if (x->head_complete)
		fail(why, FAILURE_TRUNCATED, "the server cut its answer short (%s)", name);
	else if (code == NGHTTP2_REFUSED_STREAM)
		fail(why, FAILURE_RECEIVE,
		     "the server refused the request without acting on it (%s)", name);
	else if (code == NGHTTP2_HTTP_1_1_REQUIRED)
		fail(why, FAILURE_RECEIVE, "the server answers this by HTTP/1.1 alone (%s)", name);
	else
		fail(why, FAILURE_RECEIVE, "the server reset the request (%s)", name);
}

static void stream_over(struct http2_exchange *x, uint32_t code)
{
	x->closed = true;
	x->connection->notice = true;
	if (x->exchange.request->body)
		stream_watch_stop(&x->body_watch);
	http2_exchange_due(x);
	if (x->ended || x->failure.class != FAILURE_NONE)
		return;
	if (x->reset_told)
		reset_by_peer(x, x->reset_code);
	else if (code == NGHTTP2_REFUSED_STREAM)
		fail(&x->failure, FAILURE_RECEIVE,
		     "the server closed the connection without acting on the request (%s)",
		     http2_library.http2_strerror(x->connection->goaway_code));
	else
		refused_by_us(x, code);
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t code,
			   void *connection)
{
	struct http2_exchange *x = http2_exchange_find(connection, stream);

	(void)session;
	if (x)
		stream_over(x, code);
	return 0;
}

/* --- heads ---------------------------------------------------------------------- */

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *frame, void *connection)
{
	bool of_response = frame->type == NGHTTP2_HEADERS || frame->type == NGHTTP2_DATA;
	struct http2_exchange *x =
		of_response ? http2_exchange_find(connection, frame->stream_id) : NULL;

	(void)session;
	if (!x)
		return 0;
	if (frame->flags & NGHTTP2_FLAG_END_STREAM)
		x->end_begun = true;
	if (!x->exchange.report.any_response) {
		x->exchange.report.any_response = true;
		x->exchange.report.first_byte_us = clock_us();
	}
	return 0;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *connection)
{
	struct http2_exchange *x = http2_exchange_find(connection, frame->hd.stream_id);

	(void)session;
	if (x && !x->head_complete) {
		x->head_start = x->heads.length;
		x->fields = 0;
	}
	return 0;
}

/* A trailer: dropped, but not without measure. */
static bool trailer_fits(struct http2_exchange *x, size_t length)
{
	x->trailer_bytes += length;
	if (x->trailer_bytes <= HTTP_HEAD_MAX)
		return true;
	http2_exchange_fail(x, NGHTTP2_ENHANCE_YOUR_CALM, FAILURE_PROTOCOL,
			    "the trailer of the answer is over %d KiB", HTTP_HEAD_MAX / 1024);
	return false;
}

static bool field_fits(struct http2_exchange *x, size_t length)
{
	if (x->heads.length + length + 2 > HTTP_HEAD_MAX)
		http2_exchange_fail(x, NGHTTP2_ENHANCE_YOUR_CALM, FAILURE_PROTOCOL,
				    "the head of the answer is over %d KiB", HTTP_HEAD_MAX / 1024);
	else if (x->fields > HTTP_FIELDS_MAX)
		http2_exchange_fail(x, NGHTTP2_ENHANCE_YOUR_CALM, FAILURE_PROTOCOL,
				    "the head of the answer has over %d fields", HTTP_FIELDS_MAX);
	return x->failure.class == FAILURE_NONE;
}

static void field_add(struct http2_exchange *x, const void *name, size_t name_length,
		      const void *value, size_t value_length)
{
	const bool status = name_length == 7 && memcmp(name, ":status", 7) == 0;
	struct buffer *b = &x->heads;

	x->fields += !status;
	if (!field_fits(x, name_length + value_length + 4))
		return;
	if ((status ? buffer_add(b, "HTTP/2 ", 7)
		    : buffer_add(b, name, name_length) && buffer_add(b, ": ", 2)) &&
	    buffer_add(b, value, value_length) && buffer_add(b, "\r\n", 2))
		return;
	http2_exchange_fail(x, NGHTTP2_INTERNAL_ERROR, FAILURE_OTHER, "out of memory");
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
		     size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags,
		     void *connection)
{
	struct http2_exchange *x = http2_exchange_find(connection, frame->hd.stream_id);

	(void)session;
	(void)flags;
	if (!x || x->failure.class != FAILURE_NONE)
		return 0;
	if (!x->head_complete)
		field_add(x, name, name_length, value, value_length);
	else
		trailer_fits(x, name_length + value_length + 4);
	return x->failure.class == FAILURE_NONE ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Blanks around a value are forbidden (RFC 9113, 8.2.1) but harmless, and some servers send them.
 * Anything else the library does not like makes the response malformed. */
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame,
			     const uint8_t *name, size_t name_length, const uint8_t *value,
			     size_t value_length, uint8_t flags, void *connection)
{
	struct http2_exchange *x = http2_exchange_find(connection, frame->hd.stream_id);

	while (value_length > 0 && is_blank(value[value_length - 1]))
		value_length--;
	while (value_length > 0 && is_blank(*value)) {
		value++;
		value_length--;
	}
	if (http_name_valid((const char *)name, name_length) &&
	    http_value_valid((const char *)value, value_length))
		return on_header(session, frame, name, name_length, value, value_length, flags,
				 connection);
	if (x)
		http2_exchange_fail(x, NGHTTP2_PROTOCOL_ERROR, FAILURE_PROTOCOL,
				    "the server sent a malformed field: %.*s",
				    (int)(name_length < 100 ? name_length : 100),
				    (const char *)name);
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static bool to_head(const struct http2_exchange *x)
{
	return strcmp(x->exchange.request->method, "HEAD") == 0;
}

static void interim_came(struct http2_exchange *x)
{
	if (++x->interims > HTTP2_INTERIM_MOST)
		http2_exchange_fail(x, NGHTTP2_ENHANCE_YOUR_CALM, FAILURE_PROTOCOL,
				    "more than %d interim answers (1xx)", HTTP2_INTERIM_MOST);
}

/* The end of the body is always told, as by chunks. */
static void final_came(struct http2_exchange *x, bool ended)
{
	x->head_complete = true;
	x->framing.persistent = true;
	if (x->framing.body == HTTP_BODY_TO_CLOSE)
		x->framing.body = ended ? HTTP_BODY_LENGTH : HTTP_BODY_CHUNKED;
}

static void head_came(struct http2_exchange *x, bool ended)
{
	struct http_head head;
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };

	if (!buffer_add(&x->heads, "\r\n", 2)) {
		http2_exchange_fail(x, NGHTTP2_INTERNAL_ERROR, FAILURE_OTHER, "out of memory");
		return;
	}
	switch (http_head_parse(&head, &scan, buffer_bytes(&x->heads) + x->head_start,
				x->heads.length - x->head_start, &why)) {
	case IO_DONE:
		x->heads_ready = x->heads.length;
		if (head.status / 100 == 1)
			interim_came(x);
		else if (http_framing_of_response(&x->framing, &head, to_head(x), &why))
			final_came(x, ended);
		break;
	default:
		if (why.class == FAILURE_NONE)
			fail(&why, FAILURE_PROTOCOL, "the server sent a malformed head");
	}
	if (why.class != FAILURE_NONE)
		http2_exchange_fail(x, NGHTTP2_PROTOCOL_ERROR, why.class, "%s", why.text);
}

/* --- frames --------------------------------------------------------------------- */

static void goaway_came(struct http2 *c, const nghttp2_goaway *frame)
{
	c->goaway_came = true;
	c->goaway_code = frame->error_code;
	c->notice = true;
}

static void response_frame_came(struct http2_exchange *x, const nghttp2_frame *frame)
{
	bool ended = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

	if (x->failure.class != FAILURE_NONE)
		return;
	if (frame->hd.type == NGHTTP2_HEADERS && !x->head_complete)
		head_came(x, ended);
	if (ended && x->failure.class == FAILURE_NONE) {
		if (x->framing.body == HTTP_BODY_LENGTH && x->received < x->framing.length)
			refused_by_us(x, NGHTTP2_PROTOCOL_ERROR);
		else
			x->ended = true;
	}
	http2_exchange_due(x);
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *connection)
{
	struct http2 *c = connection;
	struct http2_exchange *x = http2_exchange_find(c, frame->hd.stream_id);

	(void)session;
	switch (frame->hd.type) {
	case NGHTTP2_HEADERS:
	case NGHTTP2_DATA:
		if (x)
			response_frame_came(x, frame);
		break;
	case NGHTTP2_RST_STREAM:
		if (x) {
			x->reset_told = true;
			x->reset_code = frame->rst_stream.error_code;
		}
		break;
	case NGHTTP2_GOAWAY:
		goaway_came(c, &frame->goaway);
		break;
	case NGHTTP2_SETTINGS:
		c->settings_came = true;
		c->notice = true;
		break;
	default:
		break;
	}
	return 0;
}

static int on_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int error,
			    void *connection)
{
	struct http2_exchange *x = http2_exchange_find(connection, frame->hd.stream_id);

	(void)session;
	if (x && !x->invalid)
		x->invalid = error;
	return 0;
}

static int on_data_chunk(nghttp2_session *session, uint8_t flags, int32_t stream,
			 const uint8_t *bytes, size_t length, void *connection)
{
	struct http2_exchange *x = http2_exchange_find(connection, stream);

	(void)flags;
	http2_library.session_consume_connection(session, length);
	if (!x || x->failure.class != FAILURE_NONE)
		return 0;
	x->received += length;
	if (x->framing.body == HTTP_BODY_LENGTH && x->received > x->framing.length) {
		refused_by_us(x, NGHTTP2_PROTOCOL_ERROR);
		http2_library.submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream,
						NGHTTP2_PROTOCOL_ERROR);
		return 0;
	}
	http2_exchange_store(x, bytes, length);
	return 0;
}

/* --- what is sent ----------------------------------------------------------------- */

/* We close the connection: the server broke the protocol. */
static void goaway_sent(struct http2 *c, const nghttp2_goaway *frame)
{
	if (frame->error_code == NGHTTP2_NO_ERROR || c->failure.class != FAILURE_NONE)
		return;
	if (!c->settings_came)
		fail(&c->failure, FAILURE_PROTOCOL, "the server does not speak HTTP/2");
	else
		fail(&c->failure, FAILURE_PROTOCOL, "the server broke HTTP/2 (%s)%s%.*s",
		     http2_library.http2_strerror(frame->error_code),
		     frame->opaque_data_len ? ": " : "", (int)frame->opaque_data_len,
		     frame->opaque_data_len ? (const char *)frame->opaque_data : "");
}

static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *connection)
{
	struct http2 *c = connection;
	struct http2_exchange *x;

	(void)session;
	if (frame->hd.type == NGHTTP2_GOAWAY)
		goaway_sent(c, &frame->goaway);
	if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
		return 0;
	x = http2_exchange_find(c, frame->hd.stream_id);
	if (!x)
		return 0;
	if (!x->head_sent) {
		x->head_sent = true;
		http2_exchange_due(x);
	}
	if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) {
		x->request_sent = true;
		x->exchange.report.sent_us = clock_us();
	}
	return 0;
}

/* A request that did not get out: the server has said GOAWAY, or the head is too large. */
static int on_frame_not_send(nghttp2_session *session, const nghttp2_frame *frame, int error,
			     void *connection)
{
	struct http2_exchange *x = frame->hd.type == NGHTTP2_HEADERS
					   ? http2_exchange_find(connection, frame->hd.stream_id)
					   : NULL;

	(void)session;
	if (!x)
		return 0;
	x->closed = true;
	x->connection->notice = true;
	http2_exchange_due(x);
	if (x->failure.class != FAILURE_NONE)
		return 0;
	if (error == NGHTTP2_ERR_START_STREAM_NOT_ALLOWED || error == NGHTTP2_ERR_SESSION_CLOSING)
		fail(&x->failure, FAILURE_RECEIVE,
		     "the server closed the connection without acting on the request (%s)",
		     http2_library.http2_strerror(x->connection->goaway_code));
	else
		fail(&x->failure, FAILURE_OTHER, "the request cannot be sent by HTTP/2: %s",
		     http2_library.strerror(error));
	return 0;
}

/* --- the session ------------------------------------------------------------------ */

static nghttp2_session_callbacks *callbacks_new(void)
{
	const struct http2_library *l = &http2_library;
	nghttp2_session_callbacks *callbacks;

	if (l->session_callbacks_new(&callbacks) != 0)
		return NULL;
	l->session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
	l->session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
	l->session_callbacks_set_on_header_callback(callbacks, on_header);
	l->session_callbacks_set_on_invalid_header_callback(callbacks, on_invalid_header);
	l->session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
	l->session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
	l->session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
	l->session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
	l->session_callbacks_set_on_frame_not_send_callback(callbacks, on_frame_not_send);
	l->session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
	return callbacks;
}

static nghttp2_session *session_new(struct http2 *c)
{
	nghttp2_session_callbacks *callbacks = callbacks_new();
	nghttp2_session *session = NULL;
	nghttp2_option *option = NULL;

	if (!callbacks || http2_library.option_new(&option) != 0)
		goto cleanup;
	http2_library.option_set_no_auto_window_update(option, 1);
	if (http2_library.session_client_new2(&session, callbacks, c, option) != 0)
		session = NULL;
cleanup:
	if (option)
		http2_library.option_del(option);
	if (callbacks)
		http2_library.session_callbacks_del(callbacks);
	return session;
}

nghttp2_session *http2_session_new(struct http2 *c, struct failure *why)
{
	static const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, HTTP2_STREAM_WINDOW },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HTTP_HEAD_MAX },
	};
	nghttp2_session *session = session_new(c);

	if (session &&
	    http2_library.submit_settings(session, NGHTTP2_FLAG_NONE, settings,
					  sizeof(settings) / sizeof(settings[0])) == 0 &&
	    http2_library.session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
							HTTP2_CONNECTION_WINDOW) == 0)
		return session;
	if (session)
		http2_library.session_del(session);
	fail(why, FAILURE_OTHER, "HTTP/2: out of memory");
	return NULL;
}
