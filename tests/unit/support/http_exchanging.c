/* SPDX-License-Identifier: MIT */
/* http_exchanging.c - an HTTP/1 connection whose peer is the test. */
#include "http_exchanging.h"

#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/stream/layer_socket.h>

enum { PATIENCE_MS = 10000 };

static void note(struct exchanging *e, const char *call, int status)
{
	size_t length = strlen(e->calls);

	if (status)
		snprintf(e->calls + length, sizeof(e->calls) - length, "%s %d\n", call, status);
	else
		snprintf(e->calls + length, sizeof(e->calls) - length, "%s\n", call);
}

/* True: it is gone. */
static bool freed_in(struct exchanging *e, enum exchanging_call call)
{
	if (e->free_in != call)
		return false;
	exchanging_free(e);
	return true;
}

static void read_on(struct exchanging *e)
{
	char block[4096];
	enum io r = IO_DONE;
	size_t n;

	while (r == IO_DONE) {
		r = http_exchange_read(e->exchange, block, e->block ? e->block : sizeof(block), &n,
				       &e->why);
		cr_assert_eq(n > 0, r == IO_DONE);
		if (r == IO_DONE)
			buffer_add(&e->came, block, n);
	}
	if (r == IO_AGAIN)
		http_exchange_wait(e->exchange);
	e->ended = r == IO_END;
	e->failed = r == IO_FAILED;
}

static void on_interim(void *data, const struct http_head *head)
{
	struct exchanging *e = data;

	note(e, "interim", head->status);
	freed_in(e, CALL_INTERIM);
}

static void on_head(void *data, const struct http_head *head, const struct http_framing *framing)
{
	struct exchanging *e = data;

	note(e, "head", head->status);
	e->framing = *framing;
	if (!freed_in(e, CALL_HEAD) && !e->no_reading)
		read_on(e);
}

static void on_readable(void *data)
{
	struct exchanging *e = data;

	if (!freed_in(e, CALL_READABLE))
		read_on(e);
}

static void on_failed(void *data, const struct failure *why)
{
	struct exchanging *e = data;

	cr_assert_not_null(e->exchange, "failed before the start returned");
	note(e, "failed", 0);
	e->failed = true;
	e->why = *why;
	freed_in(e, CALL_FAILED);
}

static void on_trace(void *data, bool sent, const char *bytes, size_t length)
{
	struct exchanging *e = data;

	buffer_add(&e->traced, sent ? ">" : "<", 1);
	if (bytes)
		buffer_add(&e->traced, bytes, length);
	else
		buffer_format(&e->traced, "%zu\n", length);
}

static void on_changed(void *data, struct http_connection *c)
{
	struct exchanging *e = data;

	e->changed++;
	if (!e->free_connection || !c->ops->finished(c))
		return;
	http_connection_free(c);
	e->connection = NULL;
}

static void on_awake(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
}

void exchanging_prepare(struct exchanging *e)
{
	static const struct stream_report report;
	int pair[2];

	*e = (struct exchanging){
		.loop = ev_loop_new(EVFLAG_AUTO),
		.request = {
			.method = "GET",
			.scheme = "http",
			.authority = "a.test",
			.target = "/",
		},
	};
	sockets_tcp_pair(pair);
	e->peer = pair[1];
	e->connection = http1_connection_new(e->loop, layer_socket_new(pair[0], true), &report);
	e->connection->changed = on_changed;
	e->connection->data = e;
	played_init(&e->body);
	ev_timer_init(&e->awake, on_awake, 0, 0.005);
	ev_timer_again(e->loop, &e->awake);
}

void exchanging_start(struct exchanging *e)
{
	const struct http_exchange_events events = {
		.interim = on_interim,
		.head = on_head,
		.readable = on_readable,
		.failed = on_failed,
		.trace = on_trace,
		.data = e,
	};

	e->ended = e->failed = false;
	e->why = (struct failure){ 0 };
	buffer_free(&e->came);
	cr_assert_eq(e->connection->ops->room(e->connection), 1U);
	e->exchange = e->connection->ops->start(e->connection, &e->request, &events);
	cr_assert_not_null(e->exchange);
}

void exchanging_until(struct exchanging *e, bool (*so)(struct exchanging *e))
{
	int64_t start = clock_ms();

	while (!so(e)) {
		cr_assert(clock_ms() - start < PATIENCE_MS, "it never came; calls: %s", e->calls);
		ev_run(e->loop, EVRUN_ONCE);
	}
}

bool exchanging_over(struct exchanging *e)
{
	return e->ended || e->failed || !e->exchange;
}

bool exchanging_finished(struct exchanging *e)
{
	return !e->connection || e->connection->ops->finished(e->connection);
}

void exchanging_turns(struct exchanging *e)
{
	for (int i = 0; i < 5; i++)
		ev_run(e->loop, EVRUN_ONCE);
}

void exchanging_say(struct exchanging *e, const char *text)
{
	sockets_give(e->peer, text, strlen(text));
}

void exchanging_sent(struct exchanging *e, const char *text)
{
	size_t length = strlen(text), got = 0;
	int64_t start = clock_ms();
	char sent[8192];

	cr_assert(length < sizeof(sent));
	while (got < length) {
		ssize_t n = recv(e->peer, sent + got, length - got, MSG_DONTWAIT);

		cr_assert(n != 0, "our end came early");
		if (n > 0)
			got += (size_t)n;
		else
			ev_run(e->loop, EVRUN_ONCE);
		sent[got] = '\0';
		cr_assert(clock_ms() - start < PATIENCE_MS, "sent alone: %s", sent);
	}
	cr_assert_str_eq(sent, text);
}

void exchanging_answered(struct exchanging *e, const char *answer)
{
	exchanging_start(e);
	exchanging_sent(e, EXCHANGING_GET);
	exchanging_say(e, answer);
	exchanging_until(e, exchanging_over);
}

void exchanging_close(struct exchanging *e)
{
	close(e->peer);
	e->peer = -1;
}

void exchanging_free(struct exchanging *e)
{
	struct http_exchange *x = e->exchange;

	e->exchange = NULL;
	http_exchange_free(x);
}

void exchanging_end(struct exchanging *e)
{
	exchanging_free(e);
	http_connection_free(e->connection);
	played_free(&e->body);
	buffer_free(&e->came);
	buffer_free(&e->traced);
	ev_timer_stop(e->loop, &e->awake);
	ev_loop_destroy(e->loop);
	if (e->peer >= 0)
		close(e->peer);
}
