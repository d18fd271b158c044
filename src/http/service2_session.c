/* SPDX-License-Identifier: MIT */
/* What libnghttp2 tells of an HTTP/2 client: requests, their bodies, and what is to be borne. */
#include <stdlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/http/service2.h>

enum {
	/* RFC 9218, 2.1.1: what the first scheme of priorities did costs more than it brings. */
	SETTINGS_NO_RFC7540_PRIORITIES = 9,
};

static struct http_service2_stream *find(nghttp2_session *session, int32_t stream)
{
	return stream > 0 ? http2_library.session_get_stream_user_data(session, stream) : NULL;
}

/* --- streams ---------------------------------------------------------------------- */

static struct http_service2_stream *stream_new(struct http_service2 *s, int32_t id)
{
	struct http_service2_stream *x =
		memory_zeroed(1, sizeof *x + s->service.options->request_size);

	x->id = id;
	x->request.service = &s->service;
	x->request.state = x->state;
	x->previous = s->last;
	*(s->last ? &s->last->next : &s->first) = x;
	s->last = x;
	return x;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
	struct http_service2 *s = data;

	if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		http2_library.session_set_stream_user_data(session, frame->hd.stream_id,
							   stream_new(s, frame->hd.stream_id));
	return 0;
}

/* The request is lost, unless its last frame was made: that it was is told once it has gone. */
static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t code, void *data)
{
	struct http_service2_stream *x = find(session, stream);
	struct http_service2 *s = data;

	if (!x)
		return 0;
	x->closed = s->sweep = true;
	if (x->told && !x->ended) {
		if (x->failure.class == FAILURE_NONE)
			fail(&x->failure, FAILURE_RECEIVE, "the stream was reset (%s)",
			     http2_library.http2_strerror(code));
		http_service2_over(x, &x->failure);
	}
	/* Held bytes count against the connection's window, whatever became of their stream. */
	if (x->held.length)
		http2_library.session_consume_connection(session, x->held.length);
	buffer_free(&x->held);
	return 0;
}

/* --- heads ------------------------------------------------------------------------ */

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
		     size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags,
		     void *data)
{
	struct http_service2_stream *x = find(session, frame->hd.stream_id);

	(void)flags;
	if (!x || http_service2_head_add(x, (const char *)name, name_length, (const char *)value,
					 value_length))
		return 0;
	http_service2_charge(data);
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/* What the library would leave out: others may not. */
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame,
			     const uint8_t *name, size_t name_length, const uint8_t *value,
			     size_t value_length, uint8_t flags, void *data)
{
	struct http_service2_stream *x = find(session, frame->hd.stream_id);

	(void)name;
	(void)name_length;
	(void)value;
	(void)value_length;
	(void)flags;
	(void)data;
	if (x && !x->told && !x->refusal)
		x->refusal = 400;
	return 0;
}

/* --- frames ----------------------------------------------------------------------- */

/* What makes work and carries nothing. */
static bool is_costly(const nghttp2_frame_hd *frame)
{
	switch (frame->type) {
	case NGHTTP2_RST_STREAM:
	case NGHTTP2_SETTINGS:
	case NGHTTP2_PING:
	case NGHTTP2_PRIORITY:
	case NGHTTP2_CONTINUATION:
		return true;
	case NGHTTP2_HEADERS:
		return frame->length == 0;
	case NGHTTP2_DATA:
		return frame->length == 0 && !(frame->flags & NGHTTP2_FLAG_END_STREAM);
	case NGHTTP2_WINDOW_UPDATE:
	case NGHTTP2_GOAWAY:
		return false;
	default:
		return true;
	}
}

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *frame, void *data)
{
	struct http_service2 *s = data;

	(void)session;
	if (is_costly(frame))
		http_service2_charge(s);
	if (frame->type == NGHTTP2_HEADERS || frame->type == NGHTTP2_CONTINUATION)
		s->head_open = true;
	return 0;
}

static void body_end(struct http_service2_stream *x)
{
	struct http_service *service = x->request.service;

	if (x->received)
		return;
	x->received = true;
	if (x->told && !x->answered && !x->over && !x->held.length)
		service->events->received(service->data, &x->request);
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
	const bool end = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
	struct http_service2_stream *x;
	struct http_service2 *s = data;

	if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
		return 0;
	x = find(session, frame->hd.stream_id);
	if (frame->hd.type == NGHTTP2_HEADERS)
		s->head_open = false;
	if (!x)
		return 0;
	if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
		/* Whoever is being shown out is not served on the way. */
		if (!s->calm)
			http_service2_head_end(x, !end);
	} else if (end) {
		body_end(x);
	}
	return 0;
}

static int on_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int error,
			    void *data)
{
	struct http_service2_stream *x = find(session, frame->hd.stream_id);
	struct http_service2 *s = data;
	struct failure why;

	s->head_open = false;
	fail(&why, FAILURE_PROTOCOL, "the client broke HTTP/2: %s", http2_library.strerror(error));
	if (x && x->told) {
		x->failure = why;
		return 0;
	}
	if (s->service.events->refused)
		s->service.events->refused(s->service.data, 400, &why);
	return 0;
}

/* --- bodies ----------------------------------------------------------------------- */

static void given_back(struct http_service2 *s, struct http_service2_stream *x, size_t count)
{
	if (!count)
		return;
	http2_library.session_consume_connection(s->session, count);
	http2_library.session_consume_stream(s->session, x->id, count);
}

/* Nobody wants it: it is let pass for a while, as the client may not know yet. */
static void drop(struct http_service2 *s, struct http_service2_stream *x, size_t count)
{
	const bool before = x->dropped > HTTP_SERVICE_DROP_MAX;

	given_back(s, x, count);
	x->dropped += count;
	if (!before && x->dropped > HTTP_SERVICE_DROP_MAX && x->ended)
		http2_library.submit_rst_stream(s->session, NGHTTP2_FLAG_NONE, x->id,
						NGHTTP2_NO_ERROR);
}

/* Bytes that the callee took now. */
static size_t offer(struct http_service2 *s, struct http_service2_stream *x, const char *bytes,
		    size_t length)
{
	const size_t taken = s->service.events->body(s->service.data, &x->request, bytes, length);

	given_back(s, x, taken);
	return taken;
}

static int on_data_chunk(nghttp2_session *session, uint8_t flags, int32_t stream,
			 const uint8_t *bytes, size_t length, void *data)
{
	struct http_service2_stream *x = find(session, stream);
	struct http_service2 *s = data;
	size_t taken = 0;

	(void)flags;
	if (!x || !x->told || x->answered || x->over) {
		if (x)
			drop(s, x, length);
		else
			http2_library.session_consume_connection(session, length);
		return 0;
	}
	s->bodies += length;
	if (!x->held.length)
		taken = offer(s, x, (const char *)bytes, length);
	if (taken == length)
		return 0;
	/* An answer in between takes no more. */
	if (x->answered)
		drop(s, x, length - taken);
	else if (!buffer_add(&x->held, bytes + taken, length - taken))
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	return 0;
}

static void resume(struct http_service2 *s, struct http_service2_stream *x)
{
	x->resumed = false;
	while (x->held.length && !x->answered) {
		const size_t taken = offer(s, x, buffer_bytes(&x->held), x->held.length);

		/* An answer has given the rest back. */
		if (x->answered)
			return;
		buffer_take(&x->held, taken);
		if (!taken)
			return;
	}
	if (x->received && !x->answered)
		s->service.events->received(s->service.data, &x->request);
}

void http_service2_resume_all(struct http_service2 *s)
{
	if (!s->resume)
		return;
	s->resume = false;
	for (struct http_service2_stream *x = s->first, *next; x; x = next) {
		next = x->next;
		if (x->resumed && x->held.length && !x->over)
			resume(s, x);
	}
}

/* --- what is sent ------------------------------------------------------------------ */

static void end_made(struct http_service2 *s, struct http_service2_stream *x)
{
	x->ended = s->sweep = true;
	x->end_at = s->made;
	/* What still comes of the body is more than was let pass. */
	if (!x->received && x->dropped > HTTP_SERVICE_DROP_MAX)
		http2_library.submit_rst_stream(s->session, NGHTTP2_FLAG_NONE, x->id,
						NGHTTP2_NO_ERROR);
}

static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
	struct http_service2 *s = data;
	struct http_service2_stream *x;

	switch (frame->hd.type) {
	case NGHTTP2_HEADERS:
	case NGHTTP2_DATA:
		x = find(session, frame->hd.stream_id);
		if (x && frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
			end_made(s, x);
		break;
	case NGHTTP2_RST_STREAM:
		if (frame->rst_stream.error_code != NGHTTP2_NO_ERROR)
			http_service2_charge(s);
		break;
	case NGHTTP2_GOAWAY:
		s->leaving = true;
		if (frame->goaway.error_code == NGHTTP2_ENHANCE_YOUR_CALM)
			s->service.reason = "the client cost more than it asked for";
		else if (frame->goaway.error_code != NGHTTP2_NO_ERROR)
			s->service.reason = "the client broke HTTP/2";
		break;
	default:
		break;
	}
	return 0;
}

/* --- the session ------------------------------------------------------------------- */

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
	l->session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
	l->session_callbacks_set_send_data_callback(callbacks, http_service2_data);
	return callbacks;
}

static bool settings_submit(nghttp2_session *session)
{
	static const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, HTTP_SERVICE_STREAMS_MAX },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, SERVICE2_STREAM_WINDOW },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HTTP_REQUEST_HEAD_MAX },
		{ SETTINGS_NO_RFC7540_PRIORITIES, 1 },
	};

	return http2_library.submit_settings(session, NGHTTP2_FLAG_NONE, settings,
					     sizeof settings / sizeof *settings) == 0 &&
	       http2_library.session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
							   SERVICE2_WINDOW) == 0;
}

nghttp2_session *http_service2_session_new(struct http_service2 *s)
{
	nghttp2_session_callbacks *callbacks = callbacks_new();
	nghttp2_session *session = NULL;
	nghttp2_option *option = NULL;

	if (!callbacks || http2_library.option_new(&option) != 0)
		goto cleanup;
	http2_library.option_set_no_auto_window_update(option, 1);
	http2_library.option_set_no_closed_streams(option, 1);
	if (http2_library.session_server_new2(&session, callbacks, s, option) != 0)
		session = NULL;
	if (session && !settings_submit(session)) {
		http2_library.session_del(session);
		session = NULL;
	}
cleanup:
	if (option)
		http2_library.option_del(option);
	if (callbacks)
		http2_library.session_callbacks_del(callbacks);
	return session;
}
