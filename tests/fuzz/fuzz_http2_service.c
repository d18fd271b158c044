/* SPDX-License-Identifier: MIT */
/* fuzz_http2_service.c - a client of HTTP/2 that says anything: every request is told once, its
 * body is what came, it is over once, and the service comes to an end. */
#include "scripted.h"

#include <sockutil/http/service2.h>

enum {
	TURNS = 20000,
	/* bits of the first byte */
	BARE = 1,     /* the input is all that the client says: not even the preface before */
	EARLY = 2,    /* answered before the body has come */
	LATE = 4,     /* answered outside of events */
	HOLDS = 8,    /* a callee that lets the client wait */
	LARGE = 16,   /* answers of several frames */
	LAST = 32,    /* the first answer is the last */
	FAILS = 64,   /* the connection ends with a reset */
	LEAVES = 128, /* drained in the middle */
};

enum { LATER = 64 };

struct callee {
	uint8_t kind;
	unsigned told, over, open;
	struct http_service_request *later[LATER];
	size_t later_count;
	bool called;
};

struct state {
	bool told, received, over;
	uint64_t bytes;
};

static struct http_service_block block;
static char large[70000];

static struct state *state_of(const struct http_service_request *request)
{
	return request->state;
}

static void answer(struct callee *c, struct http_service_request *request)
{
	static const char fields[] = "Content-Type: text/plain\r\nX: y\r\n";
	static const struct http_service_piece pieces[] = {
		{ .bytes = "ab", .length = 2 },
		{ .bytes = large, .length = sizeof large },
	};

	http_service_answer(request, &(struct http_answer){
					     .status = 200 + (int)(c->told % 2) * 104,
					     .fields = fields,
					     .fields_length = sizeof fields - 1,
					     .pieces = pieces,
					     .piece_count = c->kind & LARGE ? 2 : 1,
					     .last = c->kind & LAST,
				     });
}

static void on_request(void *data, struct http_service_request *request,
		       const struct http_request_head *head)
{
	struct callee *c = data;
	struct state *s = state_of(request);

	fuzz_check(!s->told && head->head.major == 2 && head->target_length > 0);
	fuzz_check(head->head.field_count <= HTTP_REQUEST_FIELDS_MAX);
	fuzz_check(!http_head_find(&head->head, "Transfer-Encoding", NULL));
	fuzz_check(!http_head_find(&head->head, "Connection", NULL));
	fuzz_check(http_head_find(&head->head, "Host", NULL));
	fuzz_check(request->has_body || request->body_length == 0);
	s->told = true;
	c->told++;
	c->open++;
	fuzz_check(c->open <= HTTP_SERVICE_STREAMS_MAX);
	if (c->kind & EARLY)
		answer(c, request);
}

static size_t on_body(void *data, struct http_service_request *request, const char *bytes,
		      size_t length)
{
	struct callee *c = data;
	struct state *s = state_of(request);
	size_t taken = length;
	char sum = 0;

	fuzz_check(length > 0 && request->has_body && s->told && !s->received && !s->over);
	fuzz_check(!request->status);
	for (size_t i = 0; i < length; i++)
		sum ^= bytes[i];
	if (c->kind & HOLDS)
		taken = (size_t)(sum & 3) < length ? (size_t)(sum & 3) : length;
	s->bytes += taken;
	fuzz_check(request->body_length == HTTP_SERVICE_UNKNOWN ||
		   s->bytes <= request->body_length);
	if (taken < length)
		http_service_resume(request);
	return taken;
}

static void on_received(void *data, struct http_service_request *request)
{
	struct callee *c = data;
	struct state *s = state_of(request);

	fuzz_check(s->told && !s->received && !s->over && !request->status);
	fuzz_check(request->body_length == HTTP_SERVICE_UNKNOWN ||
		   s->bytes == request->body_length);
	s->received = true;
	if (c->kind & LATE && c->later_count < LATER)
		c->later[c->later_count++] = request;
	else
		answer(c, request);
}

static void on_over(void *data, struct http_service_request *request, const struct failure *why)
{
	struct callee *c = data;
	struct state *s = state_of(request);

	fuzz_check(s->told && !s->over);
	fuzz_check(why ? why->class != FAILURE_NONE && *why->text : request->status != 0);
	s->over = true;
	c->over++;
	c->open--;
	for (size_t i = 0; i < c->later_count; i++) {
		if (c->later[i] == request)
			c->later[i] = c->later[--c->later_count];
	}
}

static void on_refused(void *data, int status, const struct failure *why)
{
	(void)data;
	fuzz_check(status >= 400 && status < 600 && *why->text);
}

static const struct http_service_events events = {
	.request = on_request,
	.body = on_body,
	.received = on_received,
	.over = on_over,
	.refused = on_refused,
};

/* The preface and empty settings, then the input. */
static char *say(uint8_t kind, const uint8_t *data, size_t size, size_t *length)
{
	static const char start[] = HTTP_SERVICE2_PREFACE "\0\0\0\4\0\0\0\0\0";
	const size_t front = kind & BARE ? 0 : sizeof start - 1;
	char *bytes = malloc(front + size + 1);

	fuzz_check(bytes != NULL);
	memcpy(bytes, start, front);
	if (size)
		memcpy(bytes + front, data, size);
	*length = front + size;
	return bytes;
}

static void run(struct callee *c, struct scripted *p, struct http_service *service)
{
	struct failure why = { 0 };
	enum io r = IO_AGAIN;
	int turns = 0;

	while (r == IO_AGAIN && turns++ < TURNS) {
		const bool read = p->told;

		r = http_service_run(service, STREAM_READ | STREAM_WRITE, &why);
		fuzz_check(block.out_length == 0);
		fuzz_check(http_service2_of(service)->active == c->open);
		if (c->later_count)
			answer(c, c->later[--c->later_count]);
		if (c->kind & LEAVES && turns == 3)
			http_service_drain(service);
		/* Without its bytes nothing more happens. */
		if (read && !service->wait && !c->later_count && r == IO_AGAIN)
			break;
	}
	fuzz_check(turns < TURNS);
	fuzz_check(r != IO_FAILED || (why.class != FAILURE_NONE && *why.text));
	fuzz_check(r != IO_DONE || *service->reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct http_service_options options = { .block = &block,
						      .request_size = sizeof(struct state),
						      .stall_ms = 1000 };
	struct callee c = { .kind = fuzz_byte(&data, &size) };
	struct scripted stream;
	struct http_service *service;
	struct failure why = { 0 };
	char *bytes;

	scripted_init(&stream, &data, &size);
	bytes = say(c.kind, data, size, &stream.length);
	stream.gives = (const uint8_t *)bytes;
	if (c.kind & FAILS)
		stream.then = IO_FAILED;
	service = http_service2_new(&stream.stream, &options, &events, &c, "", 0, &why);
	fuzz_check(service != NULL);
	run(&c, &stream, service);
	http_service_free(service);
	fuzz_check(c.told == c.over && c.open == 0);
	scripted_free(&stream);
	free(bytes);
	return 0;
}
