/* SPDX-License-Identifier: MIT */
/* Answers of HTTP/2: heads for the library to pack, bodies in frames of one TLS record. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/http/service2.h>

enum {
	FRAME_HEAD = 9, /* RFC 9113, 4.1 */
	/* Head and payload are 16 KiB: four fill the block, each one record of TLS. */
	FRAME_DATA = 16 * 1024 - FRAME_HEAD,
	ANSWER_FIELDS = 48,
};

struct fields {
	nghttp2_nv rows[ANSWER_FIELDS];
	size_t count;
};

static void add(struct fields *fields, const char *name, size_t name_length, const char *value,
		size_t length)
{
	if (fields->count == ANSWER_FIELDS)
		return;
	fields->rows[fields->count++] = (nghttp2_nv){
		.name = (uint8_t *)(uintptr_t)name,
		.namelen = name_length,
		.value = (uint8_t *)(uintptr_t)value,
		.valuelen = length,
	};
}

/* "Name: value\r\n" lines; the library makes names lower case. */
static void add_lines(struct fields *fields, const char *lines, size_t length)
{
	const char *at = lines, *end = length ? lines + length : lines;

	while (at < end) {
		const char *colon = memchr(at, ':', (size_t)(end - at));
		const char *stop = memchr(at, '\r', (size_t)(end - at));
		const char *value;

		if (!colon || !stop || colon > stop)
			return;
		for (value = colon + 1; value < stop && *value == ' ';)
			value++;
		add(fields, at, (size_t)(colon - at), value, (size_t)(stop - value));
		at = stop + 2;
	}
}

static ssize_t on_data_wanted(nghttp2_session *session, int32_t stream, uint8_t *out, size_t size,
			      uint32_t *flags, nghttp2_data_source *source, void *data)
{
	const struct http_service2_stream *x = source->ptr;
	const uint64_t left = x->length - x->request.sent;
	size_t count = size < FRAME_DATA ? size : FRAME_DATA;

	(void)session;
	(void)stream;
	(void)out;
	(void)data;
	if (left <= count) {
		count = (size_t)left;
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	}
	*flags |= NGHTTP2_DATA_FLAG_NO_COPY;
	return (ssize_t)count;
}

int http_service2_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head,
		       size_t length, nghttp2_data_source *source, void *data)
{
	struct http_service2 *s = data;
	struct http_service2_stream *x = source->ptr;
	struct http_service_block *block = s->service.options->block;
	char *at = block->out + block->out_length;
	size_t got = 0;

	(void)session;
	(void)frame;
	if (sizeof block->out - block->out_length < FRAME_HEAD + length) {
		s->full = true;
		return NGHTTP2_ERR_WOULDBLOCK;
	}
	if (!http_answer_read(&x->answer, x->request.sent, at + FRAME_HEAD, length, &got,
			      &x->failure))
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	memcpy(at, head, FRAME_HEAD);
	block->out_length += FRAME_HEAD + got;
	s->made += FRAME_HEAD + got;
	s->control += FRAME_HEAD;
	x->request.sent += got;
	return 0;
}

static void answer_submit(struct http_service2_stream *x, struct fields *fields)
{
	struct http_service2 *s = http_service2_of(x->request.service);
	const nghttp2_data_provider body = { .source.ptr = x, .read_callback = on_data_wanted };

	if (http2_library.submit_response(s->session, x->id, fields->rows, fields->count,
					  x->length ? &body : NULL) != 0) {
		fail(&x->failure, FAILURE_OTHER, "the answer cannot be queued");
		http2_library.submit_rst_stream(s->session, NGHTTP2_FLAG_NONE, x->id,
						NGHTTP2_INTERNAL_ERROR);
	}
}

/* Nobody takes what is held any more: it goes back to the windows. */
static void held_drop(struct http_service2_stream *x)
{
	struct http_service2 *s = http_service2_of(x->request.service);

	if (!x->held.length)
		return;
	http2_library.session_consume_connection(s->session, x->held.length);
	http2_library.session_consume_stream(s->session, x->id, x->held.length);
	x->dropped += x->held.length;
	buffer_free(&x->held);
}

void http_service2_answer(struct http_service_request *request, const struct http_answer *answer)
{
	/* The request is the stream's first member. */
	struct http_service2_stream *x = (struct http_service2_stream *)(void *)request;
	struct http_service2 *s = http_service2_of(request->service);
	const bool has_body = http_service_status_has_body(answer->status);
	const char *date = http_service_date(s->service.options->block);
	char status[16], length[24];
	struct fields fields = { .count = 0 };

	x->answer = *answer;
	x->length = has_body && !request->head ? http_answer_length(answer) : 0;
	x->answered = true;
	request->status = answer->status;
	snprintf(status, sizeof status, "%d", answer->status);
	add(&fields, ":status", 7, status, strlen(status));
	add(&fields, "date", 4, date, strlen(date));
	if (has_body) {
		snprintf(length, sizeof length, "%" PRIu64, http_answer_length(answer));
		add(&fields, "content-length", 14, length, strlen(length));
	}
	add_lines(&fields, answer->fields, answer->fields_length);
	answer_submit(x, &fields);
	held_drop(x);
	if (answer->last)
		s->service.ops->drain(&s->service);
}

void http_service2_refuse(struct http_service2_stream *x, int status, const struct failure *why)
{
	struct http_service *service = x->request.service;

	x->refusal = status;
	http_service2_charge(http_service2_of(service));
	http_service2_answer(&x->request, &(struct http_answer){ .status = status });
	if (service->events->refused)
		service->events->refused(service->data, status, why);
}

void http_service2_go_on(struct http_service2_stream *x)
{
	struct fields fields = { .count = 0 };

	add(&fields, ":status", 7, "100", 3);
	http2_library.submit_headers(http_service2_of(x->request.service)->session,
				     NGHTTP2_FLAG_NONE, x->id, NULL, fields.rows, fields.count,
				     NULL);
}

/* Frames that are no DATA: whole, however long. */
static bool take(struct http_service2 *s, const uint8_t *bytes, size_t count)
{
	struct http_service_block *block = s->service.options->block;

	s->made += count;
	s->control += count;
	if (!s->out.length && count <= sizeof block->out - block->out_length) {
		memcpy(block->out + block->out_length, bytes, count);
		block->out_length += count;
		return true;
	}
	/* Its place is behind what the block holds. */
	s->full = true;
	if (!buffer_add(&s->out, block->out, block->out_length))
		return false;
	block->out_length = 0;
	return buffer_add(&s->out, bytes, count);
}

bool http_service2_gather(struct http_service2 *s)
{
	s->full = false;
	while (!s->full) {
		const uint8_t *bytes;
		const ssize_t count = http2_library.session_mem_send(s->session, &bytes);

		if (count < 0)
			return false;
		if (count == 0)
			return true;
		if (!take(s, bytes, (size_t)count))
			return false;
	}
	return true;
}
