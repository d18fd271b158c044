/* SPDX-License-Identifier: MIT */
/* fuzz_http2.c - an HTTP/2 connection whose server says anything: every exchange is told how it
 * ended, once, and nothing that did not come. */
#include "scripted.h"

#include <sockutil/http/connection.h>
#include <sockutil/http/http2.h>

enum {
	ASKERS = 3,
	TURNS = 20000,
	/* bits of the first byte */
	FAILS = 4,   /* the connection ends with a reset */
	BARE = 8,    /* the input is all that the server says: not even settings before */
	POSTS = 16,  /* the requests have bodies */
	LEAVES = 32, /* one asker frees in the middle, and asks again */
	IDLES = 64,  /* one asker reads late */
	TRACES = 128,
};

struct asker {
	struct http_connection *connection;
	struct http_exchange *exchange;
	struct http_request request;
	struct scripted body;
	size_t room;
	unsigned interims, heads, ends, again;
	bool waiting, late;
	uint64_t bytes;
};

static bool leaves;

static void ended(struct asker *a)
{
	fuzz_check(++a->ends == 1);
	if (a->exchange->report.complete)
		fuzz_check(a->heads == 1 && a->exchange->report.any_response);
	http_exchange_free(a->exchange);
	a->exchange = NULL;
}

/* One read each time: what is left comes in later turns. */
static void read_once(struct asker *a)
{
	struct failure why = { 0 };
	char *buf = malloc(a->room);
	size_t count;
	enum io r;

	fuzz_check(buf != NULL);
	r = http_exchange_read(a->exchange, buf, a->room, &count, &why);
	free(buf);
	fuzz_check(count <= a->room && (count > 0) == (r == IO_DONE));
	a->bytes += count;
	if (r == IO_DONE || r == IO_AGAIN) {
		a->waiting = true;
		http_exchange_wait(a->exchange);
		return;
	}
	fuzz_check((r == IO_FAILED) == (why.class != FAILURE_NONE) && (r == IO_END || *why.text));
	fuzz_check((r == IO_END) == a->exchange->report.complete);
	ended(a);
}

static void on_interim(void *data, const struct http_head *head)
{
	struct asker *a = data;

	fuzz_check(a->heads == 0 && a->exchange && head->status / 100 == 1);
	fuzz_check(++a->interims <= 16);
}

static void on_head(void *data, const struct http_head *head, const struct http_framing *framing)
{
	struct asker *a = data;

	fuzz_check(++a->heads == 1 && a->exchange);
	fuzz_check(head->status >= 200 && head->status <= 999 && head->major == 2);
	fuzz_check(head->field_count <= HTTP_FIELDS_MAX && framing->body != HTTP_BODY_TO_CLOSE);
	if (!a->late)
		read_once(a);
}

static void on_readable(void *data)
{
	struct asker *a = data;

	fuzz_check(a->waiting && a->heads == 1 && a->exchange);
	a->waiting = false;
	read_once(a);
}

static void on_failed(void *data, const struct failure *why)
{
	struct asker *a = data;

	fuzz_check(a->heads == 0 && a->exchange && why->class != FAILURE_NONE && *why->text);
	ended(a);
}

static void on_trace(void *data, bool sent, const char *bytes, size_t length)
{
	struct asker *a = data;

	fuzz_check(a->exchange && length > 0);
	if (bytes)
		fuzz_check(length >= 4 && !memcmp(bytes + length - 4, "\r\n\r\n", 4));
	(void)sent;
}

static void start(struct asker *a, uint8_t kind)
{
	static const struct http_header headers[] = { { "User-Agent", "fuzz" } };
	const struct http_exchange_events events = {
		.interim = on_interim,
		.head = on_head,
		.readable = on_readable,
		.failed = on_failed,
		.trace = kind & TRACES ? on_trace : NULL,
		.data = a,
	};

	a->interims = a->heads = a->ends = 0;
	a->waiting = false;
	a->request = (struct http_request){
		.method = kind & POSTS ? "POST" : "GET",
		.scheme = "https",
		.authority = "example.org",
		.target = "/",
		.headers = headers,
		.header_count = 1,
		.body = kind & POSTS ? &a->body.stream : NULL,
		.body_length = -1,
	};
	a->exchange = a->connection->ops->start(a->connection, &a->request, &events);
	fuzz_check(a->exchange && !a->interims && !a->heads && !a->ends);
}

/* What the askers do between turns. */
static void between(struct asker *askers, uint8_t kind, size_t turn)
{
	struct asker *first = &askers[0], *last = &askers[ASKERS - 1];

	if (leaves && turn == 5 && first->exchange) {
		http_exchange_free(first->exchange);
		first->exchange = NULL;
		first->again++;
		start(first, kind);
	}
	if (last->late && turn >= 40 && last->exchange && last->heads && !last->waiting)
		read_once(last);
}

static bool any_left(const struct asker *askers)
{
	for (size_t i = 0; i < ASKERS; i++)
		if (askers[i].exchange)
			return true;
	return false;
}

static struct http_connection *connected(struct ev_loop *loop, struct scripted *server)
{
	const struct stream_report report = { 0 };
	struct failure why = { 0 };
	struct http_connection *c = http2_connection_new(loop, &server->stream, &report, &why);

	fuzz_check(c != NULL);
	return c;
}

static void serve(struct scripted *server, uint8_t kind, const uint8_t *data, size_t size)
{
	static const uint8_t settings[] = { 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0 };
	const size_t before = kind & BARE ? 0 : sizeof(settings);
	uint8_t *says = malloc(before + size + 1);

	fuzz_check(says != NULL);
	if (before)
		memcpy(says, settings, before);
	if (size)
		memcpy(says + before, data, size);
	server->gives = says;
	server->length = before + size;
	server->then = kind & FAILS ? IO_FAILED : IO_END;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ev_loop *loop;
	const uint8_t kind = fuzz_byte(&data, &size);
	const size_t room = (size_t)fuzz_byte(&data, &size) * 16 + 1;
	struct asker askers[ASKERS] = { 0 };
	struct scripted server;
	struct http_connection *c;
	size_t turn = 0;

	if (!loop)
		loop = ev_loop_new(EVFLAG_AUTO);
	leaves = kind & LEAVES;
	scripted_init(&server, &data, &size);
	for (size_t i = 0; i < ASKERS; i++) {
		scripted_init(&askers[i].body, &data, &size);
		askers[i].body.gives = data;
		askers[i].body.length = size < 100 ? size : 100;
		askers[i].room = room;
		askers[i].late = i == ASKERS - 1 && (kind & IDLES);
	}
	serve(&server, kind, data, size);
	c = connected(loop, &server);
	for (size_t i = 0; i <= kind % ASKERS; i++) {
		askers[i].connection = c;
		start(&askers[i], kind);
	}
	askers[0].connection = c;
	for (; any_left(askers) && turn < TURNS; turn++) {
		between(askers, kind, turn);
		ev_run(loop, EVRUN_NOWAIT);
		fuzz_check(http2_of(c)->out.length < 128 * 1024);
	}
	fuzz_check(!any_left(askers));
	for (turn = 0; turn < 10; turn++)
		ev_run(loop, EVRUN_NOWAIT);
	for (size_t i = 0; i < ASKERS; i++) {
		fuzz_check(askers[i].bytes <= server.given * (1 + askers[i].again));
		scripted_free(&askers[i].body);
	}
	http_connection_free(c);
	free((void *)(uintptr_t)server.gives);
	scripted_free(&server);
	return 0;
}
