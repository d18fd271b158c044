/* SPDX-License-Identifier: MIT */
/* fuzz_http_service.c - a client of HTTP/1 that says anything: requests are told one after another,
 * each with the body it announced, and are over once; what is answered are whole responses in their
 * order, as many as there were requests; a connection holds a bounded amount of both. */
#include "scripted.h"

#include <sockutil/http/service1.h>
#include <sockutil/proto/http_framing.h>

enum {
	TURNS = 20000,
	REQUESTS = 4096,
	/* bits of the first byte */
	EARLY = 1,   /* answered before the body has come */
	LATE = 2,    /* answered outside of events */
	HOLDS = 4,   /* a callee that lets the client wait */
	LARGE = 8,   /* answers that do not fit into the block */
	LAST = 16,   /* the fourth answer is the last */
	FAILS = 32,  /* the connection ends with a reset */
	LEAVES = 64, /* drained in the middle */
	BEFORE = 128 /* some bytes were read before */
};

struct callee {
	uint8_t kind;
	unsigned told, over, refused;
	struct http_service_request *open, *later;
	uint64_t bytes;
	bool received;
	bool heads[REQUESTS]; /* of those that were answered: HEAD */
	unsigned answered;
};

static struct http_service_block block;
static char large[100000];

static void answer(struct callee *c, struct http_service_request *request)
{
	static const char fields[] = "Content-Type: text/plain\r\nX: y\r\n";
	static const struct http_service_piece pieces[] = {
		{ .bytes = "ab", .length = 2 },
		{ .bytes = large, .length = sizeof large },
	};

	fuzz_check(request == c->open && request->status == 0);
	c->later = NULL;
	c->heads[c->answered++ % REQUESTS] = request->head;
	http_service_answer(request, &(struct http_answer){
					     .status = 200 + (int)(c->told % 2) * 104,
					     .fields = fields,
					     .fields_length = sizeof fields - 1,
					     .pieces = pieces,
					     .piece_count = c->kind & LARGE ? 2 : 1,
					     .last = c->kind & LAST && c->told == 4,
				     });
}

static void on_request(void *data, struct http_service_request *request,
		       const struct http_request_head *head)
{
	struct callee *c = data;

	fuzz_check(!c->open && head->target_length > 0 && head->method_length > 0);
	fuzz_check(head->head.major == 1 && head->head.field_count <= HTTP_REQUEST_FIELDS_MAX);
	fuzz_check(head->head.length <= HTTP_REQUEST_HEAD_MAX);
	fuzz_check(request->has_body || request->body_length == 0);
	c->open = request;
	c->told++;
	c->bytes = 0;
	c->received = false;
	if (c->kind & EARLY)
		answer(c, request);
}

static size_t on_body(void *data, struct http_service_request *request, const char *bytes,
		      size_t length)
{
	struct callee *c = data;
	size_t taken = length;
	char sum = 0;

	fuzz_check(length > 0 && request == c->open && request->has_body && !c->received);
	fuzz_check(!request->status);
	for (size_t i = 0; i < length; i++)
		sum ^= bytes[i];
	if (c->kind & HOLDS)
		taken = (size_t)(sum & 3) + 1 < length ? (size_t)(sum & 3) + 1 : length;
	c->bytes += taken;
	fuzz_check(c->bytes <= request->body_length);
	if (taken < length)
		http_service_resume(request);
	return taken;
}

static void on_received(void *data, struct http_service_request *request)
{
	struct callee *c = data;

	fuzz_check(request == c->open && !c->received && !request->status);
	fuzz_check(request->body_length == HTTP_SERVICE_UNKNOWN ||
		   request->body_length == c->bytes);
	c->received = true;
	if (c->kind & LATE)
		c->later = request;
	else
		answer(c, request);
}

static void on_over(void *data, struct http_service_request *request, const struct failure *why)
{
	struct callee *c = data;

	fuzz_check(request == c->open);
	fuzz_check(why ? why->class != FAILURE_NONE && *why->text : request->status != 0);
	c->open = c->later = NULL;
	c->over++;
}

static void on_refused(void *data, int status, const struct failure *why)
{
	struct callee *c = data;

	fuzz_check(status >= 400 && status < 600 && *why->text && !c->open);
	c->refused++;
}

static const struct http_service_events events = {
	.request = on_request,
	.body = on_body,
	.received = on_received,
	.over = on_over,
	.refused = on_refused,
};

static enum io run(struct callee *c, struct http_service *service)
{
	struct failure why = { 0 };
	enum io r = IO_AGAIN;
	int turns = 0;

	while (r == IO_AGAIN && turns++ < TURNS) {
		const struct http_service1 *s = http_service1_of(service);

		/* Not http_service_run(), which would change over to HTTP/2. */
		r = service->ops->run(service, STREAM_READ | STREAM_WRITE, &why);
		if (service->preface)
			break;
		fuzz_check(block.out_length == 0);
		fuzz_check(s->in.length <= HTTP_REQUEST_HEAD_MAX + HTTP_SERVICE_IN);
		fuzz_check(s->out.length <= 2 * HTTP_SERVICE_OUT);
		if (c->later)
			answer(c, c->later);
		if (c->kind & LEAVES && turns == 3)
			http_service_drain(service);
	}
	fuzz_check(turns < TURNS);
	fuzz_check(r != IO_FAILED || (why.class != FAILURE_NONE && *why.text));
	fuzz_check(r != IO_DONE || *service->reason);
	return r;
}

/* One response at the front; returns its bytes. */
static size_t response(const struct callee *c, const char *bytes, size_t length, unsigned *finals)
{
	static struct http_head head;
	struct http_head_scan scan = { 0 };
	struct http_framing framing;
	struct failure why = { 0 };
	const bool to_head = *finals < c->answered && c->heads[*finals % REQUESTS];

	fuzz_check(http_head_parse(&head, &scan, bytes, length, &why) == IO_DONE);
	fuzz_check(head.major == 1 && head.minor == 1);
	if (head.status == 100)
		return head.length;
	fuzz_check(http_head_find(&head, "Date", NULL) != NULL);
	fuzz_check(http_framing_of_response(&framing, &head, to_head, &why));
	fuzz_check(framing.body == HTTP_BODY_NONE || framing.body == HTTP_BODY_LENGTH);
	++*finals;
	return head.length + (framing.body == HTTP_BODY_LENGTH ? (size_t)framing.length : 0);
}

/* All was taken: whole responses, one for each request and refusal. */
static void check_output(const struct callee *c, const struct scripted *p)
{
	const char *bytes = buffer_bytes(&p->took);
	size_t left = p->took.length;
	unsigned finals = 0;

	if (c->answered > REQUESTS)
		return;
	while (left > 0) {
		const size_t used = response(c, bytes, left, &finals);

		fuzz_check(used <= left);
		bytes += used;
		left -= used;
	}
	fuzz_check(finals == c->answered + c->refused);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct http_service_options options = { .block = &block, .request_size = 8 };
	struct callee c = { .kind = fuzz_byte(&data, &size) };
	struct scripted stream;
	struct http_service *service;
	size_t before;

	scripted_init(&stream, &data, &size);
	before = c.kind & BEFORE ? size / 2 : 0;
	stream.gives = data + before;
	stream.length = size - before;
	if (c.kind & FAILS)
		stream.then = IO_FAILED;
	service = http_service1_new(&stream.stream, &options, &events, &c, (const char *)data,
				    before);
	fuzz_check(service != NULL);
	if (run(&c, service) == IO_DONE && !service->preface && !stream.lost)
		check_output(&c, &stream);
	http_service_free(service);
	fuzz_check(c.told == c.over && !c.open);
	scripted_free(&stream);
	return 0;
}
