/* SPDX-License-Identifier: MIT */
/* http2_peer.c - the server's end of an HTTP/2 connection, played frame by frame. */
#include "http2_peer.h"

#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/base/library.h>
#include <sockutil/stream/layer_socket.h>

enum { PREFACE = 24, FRAME_HEAD = 9, FRAME_MOST = 16384, TURNS = 12 };

static struct {
	__typeof__(&nghttp2_hd_inflate_new) create;
	__typeof__(&nghttp2_hd_inflate_hd2) step;
	__typeof__(&nghttp2_hd_inflate_end_headers) end;
	__typeof__(&nghttp2_hd_inflate_del) destroy;
} inflate;

static void load(void)
{
	static const char *const names[] = { "libnghttp2.so.14", "libnghttp2.14.dylib", NULL };
	static const struct library_symbol symbols[] = {
		{ "nghttp2_hd_inflate_new", &inflate.create },
		{ "nghttp2_hd_inflate_hd2", &inflate.step },
		{ "nghttp2_hd_inflate_end_headers", &inflate.end },
		{ "nghttp2_hd_inflate_del", &inflate.destroy },
		{ 0 },
	};
	static struct library library = { .purpose = "test", .names = names, .symbols = symbols };
	struct failure why = { 0 };

	cr_assert(library_load(&library, &why), "%s", why.text);
}

/* --- the connection ----------------------------------------------------------------- */

static void take(struct peer *p)
{
	static char block[65536];
	ssize_t n;

	while (p->fd >= 0 && (n = recv(p->fd, block, sizeof(block), MSG_DONTWAIT)) > 0)
		cr_assert(buffer_add(&p->came, block, (size_t)n));
}

void peer_run(struct peer *p)
{
	for (int i = 0; i < TURNS; i++) {
		ev_run(p->loop, EVRUN_NOWAIT);
		take(p);
	}
}

static void changed(void *data, struct http_connection *c)
{
	struct peer *p = data;

	cr_assert_eq(c, p->connection);
	p->changes++;
	if (p->on_change)
		p->on_change(p);
}

void peer_start(struct peer *p)
{
	const struct stream_report report = { 0 };
	struct failure why = { 0 };
	int pair[2];

	load();
	*p = (struct peer){ .loop = ev_loop_new(EVFLAG_AUTO) };
	sockets_unix_pair(pair);
	p->fd = pair[1];
	cr_assert_eq(inflate.create(&p->inflater), 0);
	p->connection =
		http2_connection_new(p->loop, layer_socket_new(pair[0], true), &report, &why);
	cr_assert_not_null(p->connection, "%s", why.text);
	p->connection->changed = changed;
	p->connection->data = p;
	peer_run(p);
	cr_assert(p->came.length > PREFACE);
	cr_assert(memcmp(buffer_bytes(&p->came), NGHTTP2_CLIENT_MAGIC, PREFACE) == 0);
	buffer_take(&p->came, PREFACE);
}

void peer_hear(struct peer *p)
{
	load();
	*p = (struct peer){ .fd = -1 };
	cr_assert_eq(inflate.create(&p->inflater), 0);
}

void peer_deaf(struct peer *p)
{
	inflate.destroy(p->inflater);
	buffer_free(&p->came);
	buffer_free(&p->fields);
}

void peer_open(struct peer *p)
{
	peer_start(p);
	peer_frame(p, NGHTTP2_SETTINGS, 0, 0, "", 0);
	peer_frame(p, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, "", 0);
	while (p->came.length > 0)
		peer_expect(p, NGHTTP2_SETTINGS);
	p->changes = 0;
}

void peer_stop(struct peer *p)
{
	http_connection_free(p->connection);
	peer_close(p);
	inflate.destroy(p->inflater);
	buffer_free(&p->came);
	buffer_free(&p->fields);
	ev_loop_destroy(p->loop);
}

void peer_close(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	if (p->connection)
		peer_run(p);
}

/* --- what it says --------------------------------------------------------------------- */

void peer_bytes(struct peer *p, const void *bytes, size_t length)
{
	const char *at = bytes;

	for (int idle = 0; length > 0;) {
		ssize_t n = send(p->fd, at, length, MSG_DONTWAIT | MSG_NOSIGNAL);

		cr_assert(n > 0 || (n < 0 && errno == EAGAIN && idle++ < 100));
		if (n > 0) {
			at += n;
			length -= (size_t)n;
			idle = 0;
		} else {
			peer_run(p);
		}
	}
	peer_run(p);
}

void peer_frame_add(struct buffer *b, uint8_t type, uint8_t flags, int32_t stream,
		    const void *payload, size_t length)
{
	const uint8_t head[FRAME_HEAD] = {
		(uint8_t)(length >> 16),
		(uint8_t)(length >> 8),
		(uint8_t)length,
		type,
		flags,
		(uint8_t)(stream >> 24),
		(uint8_t)(stream >> 16),
		(uint8_t)(stream >> 8),
		(uint8_t)stream,
	};

	cr_assert(buffer_add(b, head, FRAME_HEAD) && buffer_add(b, payload, length));
}

void peer_frame(struct peer *p, uint8_t type, uint8_t flags, int32_t stream, const void *payload,
		size_t length)
{
	struct buffer b = { 0 };

	peer_frame_add(&b, type, flags, stream, payload, length);
	peer_bytes(p, buffer_bytes(&b), b.length);
	buffer_free(&b);
}

/* A string of HPACK, not coded (RFC 7541, 5.2). */
static void add_string(struct buffer *b, const char *text, size_t length)
{
	uint8_t size[3] = { 0x7f, 0, 0 };

	cr_assert(length < 127 + 16384);
	if (length < 127) {
		size[0] = (uint8_t)length;
		cr_assert(buffer_add(b, size, 1));
	} else {
		size[1] = (uint8_t)(((length - 127) & 0x7f) | 0x80);
		size[2] = (uint8_t)((length - 127) >> 7);
		cr_assert(buffer_add(b, size, 3));
	}
	cr_assert(buffer_add(b, text, length));
}

/* Literals without indexing (RFC 7541, 6.2.2). */
static void add_fields(struct buffer *b, const char *fields)
{
	while (*fields) {
		const char *colon = strchr(fields + 1, ':'), *end = strchr(fields, '\n');

		cr_assert(colon && end && colon < end && colon[1] == ' ');
		cr_assert(buffer_add(b, "\0", 1));
		add_string(b, fields, (size_t)(colon - fields));
		add_string(b, colon + 2, (size_t)(end - colon - 2));
		fields = end + 1;
	}
}

void peer_head_add(struct buffer *b, uint8_t flags, int32_t stream, const char *fields)
{
	struct buffer block = { 0 };
	size_t at = 0, count;
	uint8_t type = NGHTTP2_HEADERS;

	add_fields(&block, fields);
	do {
		count = block.length - at < FRAME_MOST ? block.length - at : FRAME_MOST;
		if (at + count == block.length)
			flags |= NGHTTP2_FLAG_END_HEADERS;
		peer_frame_add(b, type, flags, stream, buffer_bytes(&block) + at, count);
		flags = 0;
		type = NGHTTP2_CONTINUATION;
		at += count;
	} while (at < block.length);
	buffer_free(&block);
}

void peer_head(struct peer *p, uint8_t flags, int32_t stream, const char *fields)
{
	struct buffer b = { 0 };

	peer_head_add(&b, flags, stream, fields);
	peer_bytes(p, buffer_bytes(&b), b.length);
	buffer_free(&b);
}

void peer_data(struct peer *p, uint8_t flags, int32_t stream, size_t length)
{
	static char bytes[FRAME_MOST];
	struct buffer b = { 0 };

	memset(bytes, 'x', sizeof(bytes));
	do {
		size_t count = length < FRAME_MOST ? length : FRAME_MOST;

		length -= count;
		peer_frame_add(&b, NGHTTP2_DATA, length == 0 ? flags : 0, stream, bytes, count);
	} while (length > 0);
	peer_bytes(p, buffer_bytes(&b), b.length);
	buffer_free(&b);
}

static void put_number(uint8_t *out, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(number >> (24 - 8 * i));
}

void peer_reset(struct peer *p, int32_t stream, uint32_t code)
{
	uint8_t payload[4];

	put_number(payload, code);
	peer_frame(p, NGHTTP2_RST_STREAM, 0, stream, payload, sizeof(payload));
}

void peer_goaway(struct peer *p, int32_t last_stream, uint32_t code)
{
	uint8_t payload[8];

	put_number(payload, (uint32_t)last_stream);
	put_number(payload + 4, code);
	peer_frame(p, NGHTTP2_GOAWAY, 0, 0, payload, sizeof(payload));
}

void peer_setting(struct peer *p, uint16_t id, uint32_t value)
{
	uint8_t payload[6] = { (uint8_t)(id >> 8), (uint8_t)id };

	put_number(payload + 2, value);
	peer_frame(p, NGHTTP2_SETTINGS, 0, 0, payload, sizeof(payload));
}

void peer_window(struct peer *p, int32_t stream, uint32_t bytes)
{
	uint8_t payload[4];

	put_number(payload, bytes);
	peer_frame(p, NGHTTP2_WINDOW_UPDATE, 0, stream, payload, sizeof(payload));
}

/* --- what it hears ---------------------------------------------------------------------- */

static uint32_t number_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

/* Each one, or the tables of both sides differ. */
static void inflate_fields(struct peer *p, const struct peer_frame *f)
{
	const uint8_t *in = f->payload;
	size_t left = f->length;
	int flags = 0;

	cr_assert(f->flags & NGHTTP2_FLAG_END_HEADERS);
	cr_assert((f->flags & (NGHTTP2_FLAG_PADDED | NGHTTP2_FLAG_PRIORITY)) == 0);
	buffer_free(&p->fields);
	while (!(flags & NGHTTP2_HD_INFLATE_FINAL)) {
		nghttp2_nv field;
		ssize_t n = inflate.step(p->inflater, &field, &flags, in, left, 1);

		cr_assert(n >= 0);
		in += n;
		left -= (size_t)n;
		if (flags & NGHTTP2_HD_INFLATE_EMIT)
			cr_assert(buffer_format(&p->fields, "%s%s: %s\n",
						field.flags & NGHTTP2_NV_FLAG_NO_INDEX ? "!" : "",
						(const char *)field.name,
						(const char *)field.value));
	}
	inflate.end(p->inflater);
}

const char *peer_fields(struct peer *p)
{
	return buffer_text(&p->fields);
}

bool peer_next(struct peer *p, struct peer_frame *f)
{
	static uint8_t payload[FRAME_MOST];
	const uint8_t *head = (const uint8_t *)buffer_bytes(&p->came);

	if (p->came.length < FRAME_HEAD)
		return false;
	*f = (struct peer_frame){
		.length = number_at(head) >> 8,
		.type = head[3],
		.flags = head[4],
		.stream = (int32_t)number_at(head + 5),
		.payload = payload,
	};
	cr_assert(f->length <= FRAME_MOST);
	if (p->came.length < FRAME_HEAD + f->length)
		return false;
	memcpy(payload, head + FRAME_HEAD, f->length);
	buffer_take(&p->came, FRAME_HEAD + f->length);
	if (f->type == NGHTTP2_HEADERS)
		inflate_fields(p, f);
	return true;
}

struct peer_frame peer_expect(struct peer *p, uint8_t type)
{
	struct peer_frame f = { .type = 0xff };

	while (f.type != type)
		cr_assert(peer_next(p, &f), "no frame of type %d", type);
	return f;
}

bool peer_none(struct peer *p, uint8_t type)
{
	struct peer_frame f;

	while (peer_next(p, &f))
		if (f.type == type)
			return false;
	return true;
}

uint32_t peer_number(const struct peer_frame *f, size_t at)
{
	cr_assert(at + 4 <= f->length);
	return number_at(f->payload + at);
}

/* --- askers ------------------------------------------------------------------------------- */

static void note(struct asker *a, const char *event)
{
	if (a->inside)
		a->inside(a, event);
}

static void on_interim(void *data, const struct http_head *head)
{
	struct asker *a = data;

	cr_assert(buffer_format(&a->log, "interim %d\n", head->status));
	note(a, "interim");
}

static const char *const bodies[] = {
	[HTTP_BODY_NONE] = "no body",
	[HTTP_BODY_LENGTH] = "length",
	[HTTP_BODY_CHUNKED] = "chunked",
	[HTTP_BODY_TO_CLOSE] = "to close",
};

static void on_head(void *data, const struct http_head *head, const struct http_framing *framing)
{
	struct asker *a = data;

	cr_assert_eq(head->major, 2);
	a->framing = *framing;
	cr_assert(buffer_format(&a->log, "head %d, %s", head->status, bodies[framing->body]));
	if (framing->length_known || framing->body == HTTP_BODY_LENGTH)
		cr_assert(buffer_format(&a->log, " %llu", (unsigned long long)framing->length));
	for (size_t i = 0; i < head->field_count; i++)
		cr_assert(buffer_format(&a->log, "; %.*s=%.*s", (int)head->fields[i].name_length,
					head->fields[i].name, (int)head->fields[i].value_length,
					head->fields[i].value));
	cr_assert(buffer_add(&a->log, "\n", 1));
	note(a, "head");
	if (a->exchange && !a->idle)
		asker_read(a);
}

static void on_readable(void *data)
{
	struct asker *a = data;

	if (a->idle)
		cr_assert(buffer_format(&a->log, "readable\n"));
	note(a, "readable");
	if (a->exchange && !a->idle)
		asker_read(a);
}

static void note_failure(struct asker *a, const char *event, const struct failure *why)
{
	a->why = *why;
	cr_assert(
		buffer_format(&a->log, "%s: %s: %s\n", event, failure_name(why->class), why->text));
	note(a, event);
}

static void on_failed(void *data, const struct failure *why)
{
	note_failure(data, "failed", why);
}

static void on_trace(void *data, bool sent, const char *bytes, size_t length)
{
	struct asker *a = data;

	if (bytes)
		cr_assert(buffer_format(&a->log, "%c%.*s", sent ? '>' : '<', (int)length, bytes));
	else
		cr_assert(buffer_format(&a->log, "%c%zu bytes\n", sent ? '>' : '<', length));
	note(a, "trace");
}

void asker_start(struct asker *a, struct peer *p)
{
	const struct http_exchange_events events = {
		.interim = on_interim,
		.head = on_head,
		.readable = on_readable,
		.failed = on_failed,
		.trace = a->traced ? on_trace : NULL,
		.data = a,
	};
	struct http_request *r = &a->request;

	a->peer = p;
	a->end = IO_DONE;
	r->method = r->method ? r->method : "GET";
	r->scheme = r->scheme ? r->scheme : "http";
	r->authority = r->authority ? r->authority : "example.org";
	r->target = r->target ? r->target : "/";
	a->exchange = p->connection->ops->start(p->connection, r, &events);
	cr_assert_not_null(a->exchange);
	cr_assert_eq(a->log.length, 0);
}

void asker_read(struct asker *a)
{
	static char block[40000];
	struct failure why = { 0 };
	size_t count;

	do {
		a->end = http_exchange_read(a->exchange, block, sizeof(block), &count, &why);
		cr_assert_eq(a->end == IO_DONE, count > 0);
		a->body += count;
		for (size_t i = 0; i < count; i++)
			a->body_wrong |= block[i] != 'x';
	} while (a->end == IO_DONE);
	if (a->end == IO_AGAIN) {
		http_exchange_wait(a->exchange);
	} else if (a->end == IO_FAILED) {
		note_failure(a, "cut", &why);
	} else {
		cr_assert(buffer_format(&a->log, "end after %llu\n", (unsigned long long)a->body));
		note(a, "end");
	}
}

void asker_free(struct asker *a)
{
	http_exchange_free(a->exchange);
	a->exchange = NULL;
	buffer_free(&a->log);
}

const char *asker_log(struct asker *a)
{
	static struct buffer said;

	buffer_free(&said);
	said = a->log;
	a->log = (struct buffer){ 0 };
	return buffer_text(&said);
}
