/* SPDX-License-Identifier: MIT */
/* http_serving.c - one connection of a server, driven by hand. */
#include "http_serving.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void answer(struct serving *s, struct http_service_request *request)
{
	http_service_answer(request, &s->answer);
}

static void request(void *data, struct http_service_request *r,
		    const struct http_request_head *head)
{
	struct serving *s = data;

	cr_assert_not(s->open && s->service->ops->name[5] == '1', "two requests at once");
	s->open = r;
	buffer_format(&s->calls, "request %.*s %.*s%s\n", (int)head->method_length, head->method,
		      (int)head->target_length, head->target, r->has_body ? " with a body" : "");
	if (s->when == SERVING_AT_HEAD)
		answer(s, r);
	else if (s->when == SERVING_TAKE && !http_service_take_stream(r))
		answer(s, r);
}

static size_t body(void *data, struct http_service_request *r, const char *bytes, size_t length)
{
	struct serving *s = data;
	const size_t taken = length < s->takes ? length : s->takes;

	cr_assert(length > 0);
	cr_assert_eq(r->status, 0, "a body after the answer");
	buffer_add(&s->body, bytes, taken);
	buffer_format(&s->calls, "body %zu of %zu\n", taken, length);
	if (s->when == SERVING_AT_BODY)
		answer(s, r);
	return taken;
}

static void received(void *data, struct http_service_request *r)
{
	struct serving *s = data;

	cr_assert_eq(r->status, 0, "received after the answer");
	buffer_format(&s->calls, "received\n");
	if (s->when == SERVING_AT_END)
		answer(s, r);
}

static void over(void *data, struct http_service_request *r, const struct failure *why)
{
	struct serving *s = data;

	cr_assert_eq(s->open, r);
	s->open = NULL;
	buffer_format(&s->calls, "over %d, %llu bytes%s%s\n", r->status,
		      (unsigned long long)r->sent, why ? ": " : "", why ? why->text : "");
}

static void refused(void *data, int status, const struct failure *why)
{
	struct serving *s = data;

	buffer_format(&s->calls, "refused %d: %s\n", status, why->text);
}

static const struct http_service_events events = { request, body, received, over, refused };

void serving_prepare(struct serving *s)
{
	memset(s, 0, sizeof *s);
	played_init(&s->client);
	s->options.block = &s->block;
	s->options.request_size = 16;
	s->when = SERVING_AT_END;
	s->takes = SIZE_MAX;
	s->pieces[0] = (struct http_service_piece){ .bytes = "hello", .length = 5 };
	s->answer = (struct http_answer){
		.status = 200,
		.fields = "X-A: b\r\n",
		.fields_length = 8,
		.pieces = s->pieces,
		.piece_count = 1,
	};
}

void serving_run(struct serving *s, unsigned sides)
{
	s->why = (struct failure){ 0 };
	s->result = http_service_run(s->service, sides, &s->why);
	cr_assert_eq(s->block.out_length, 0);
	cr_assert_eq(s->result == IO_FAILED, s->why.class != FAILURE_NONE);
	cr_assert(s->result == IO_AGAIN || !s->open);
}

void serving_start(struct serving *s, struct stream *stream, const char *early)
{
	s->service = http_service_new(stream ? stream : &s->client.stream, &s->options, &events, s,
				      early, early ? strlen(early) : 0, &s->why);
	cr_assert(s->service, "%s", s->why.text);
	serving_run(s, STREAM_READ);
}

void serving_say(struct serving *s, const char *text)
{
	buffer_add(&s->client.gives, text, strlen(text));
	serving_run(s, STREAM_READ);
}

void serving_end(struct serving *s)
{
	s->client.then = IO_END;
	serving_run(s, STREAM_READ);
}

void serving_reset(struct serving *s)
{
	s->client.then = IO_FAILED;
	serving_run(s, STREAM_READ);
}

void serving_answer(struct serving *s)
{
	cr_assert(s->open);
	answer(s, s->open);
	serving_run(s, 0);
}

/* A copy, and the buffer is empty again. */
static const char *taken(struct buffer *b)
{
	static char texts[2][400000];
	static unsigned next;
	char *text = texts[next++ % 2];
	const size_t length = b->length < sizeof texts[0] - 1 ? b->length : sizeof texts[0] - 1;

	if (length > 0)
		memcpy(text, buffer_bytes(b), length);
	text[length] = '\0';
	buffer_free(b);
	return text;
}

const char *serving_heard(struct serving *s)
{
	return taken(&s->calls);
}

const char *serving_sent(struct serving *s)
{
	char *text = (char *)(uintptr_t)taken(&s->client.took);
	char *date;

	while ((date = strstr(text, "Date: "))) {
		char *end = strstr(date, " GMT\r\n");

		cr_assert(end && end - date == 31, "no date: %.40s", date);
		memmove(date, end + 6, strlen(end + 6) + 1);
	}
	return text;
}

void serving_free(struct serving *s)
{
	http_service_free(s->service);
	cr_assert_null(s->open);
	played_free(&s->client);
	buffer_free(&s->calls);
	buffer_free(&s->body);
}
