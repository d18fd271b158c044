/* SPDX-License-Identifier: MIT */
/* get_transferring.c - transfers from a server that answers by a list. */
#include "get_transferring.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/base/clock.h>

enum { PATIENCE_MS = 20000 };

/* --- the server ------------------------------------------------------------------ */

/* Keeps the first bytes of it. */
static void take_body(struct transferring *t, const struct answering_request *r)
{
	char text[32], block[4096];
	size_t left, at = strlen(t->sent);

	if (!answering_field(r->head, "Content-Length", text, sizeof(text)))
		return;
	left = strtoul(text, NULL, 10);
	while (left > 0) {
		ssize_t n = recv(r->fd, block, left < sizeof(block) ? left : sizeof(block), 0);
		size_t room = sizeof(t->sent) - 1 - at;

		if (n <= 0)
			return;
		left -= (size_t)n;
		memcpy(t->sent + at, block, (size_t)n < room ? (size_t)n : room);
		at += (size_t)n < room ? (size_t)n : room;
	}
}

static bool answer_next(const struct answering_request *r)
{
	struct transferring *t = r->server->data;
	unsigned number = 0;

	while (number < r->number && t->replies[number + 1].text)
		number++;
	if (t->answer)
		return t->answer(r);
	if (!strstr(r->head, "Expect:"))
		take_body(t, r);
	answering_send(r->fd, t->replies[number].text, strlen(t->replies[number].text));
	if (t->replies[number].then == REPLY_RESET) {
		/* What was sent before is read first. */
		usleep(100000);
		answering_reset(r->fd);
	}
	if (t->replies[number].then == REPLY_HOLD)
		answering_hold(r->fd);
	return t->replies[number].then == REPLY_KEEP;
}

/* --- the client --------------------------------------------------------------------- */

static __attribute__((format(printf, 2, 3))) void note(struct transferring *t, const char *format,
						       ...)
{
	size_t length = strlen(t->log);
	va_list list;

	va_start(list, format);
	vsnprintf(t->log + length, sizeof(t->log) - length, format, list);
	va_end(list);
}

static void on_retrying(void *data, const struct failure *why, int64_t wait_ms)
{
	note(data, "retrying %s after %d\n", why->text, (int)wait_ms);
}

static void on_redirected(void *data, int status, const char *url)
{
	note(data, "redirected %d %s\n", status, url);
}

static void on_noticed(void *data, const char *text)
{
	note(data, "noticed %s\n", text);
}

static void on_done(void *data, struct transfer *transfer)
{
	struct transferring *t = data;

	cr_assert_not_null(t->transfer, "done before the start returned");
	cr_assert_eq(transfer, t->transfer);
	t->done++;
	t->why = transfer_report(transfer)->failure;
	if (!t->free_inside)
		return;
	transfer_free(transfer);
	t->transfer = NULL;
}

void transferring_prepare(struct transferring *t, const struct reply *replies)
{
	*t = (struct transferring){ .folder = "/tmp/transferring.XXXXXX" };
	cr_assert_not_null(mkdtemp(t->folder));
	for (unsigned i = 0; replies && replies[i].text; i++)
		t->replies[i] = replies[i];
	answering_start(&t->server, answer_next, t);
	t->loop = ev_loop_new(EVFLAG_AUTO);
	t->streams.timeout_ms = 10000;
	t->pool = http_pool_new(t->loop, &t->streams, HTTP_VERSION_1_1);
	t->options = (struct get_options){
		.user_agent = "test",
		.follow = true,
		.max_redirects = 20,
		.retries = 3,
		.retry_delay_ms = 1,
		.version = HTTP_VERSION_1_1,
	};
	snprintf(t->out, sizeof(t->out), "%s/out", t->folder);
	t->output = (struct output_options){ .naming = OUTPUT_FILE, .file = t->out };
	snprintf(t->url, sizeof(t->url), "http://127.0.0.1:%u/f", t->server.port);
}

void transferring_start(struct transferring *t)
{
	const struct transfer_events events = {
		.retrying = on_retrying,
		.redirected = on_redirected,
		.noticed = on_noticed,
		.done = on_done,
		.data = t,
	};

	transfer_free(t->transfer);
	t->transfer = NULL;
	t->done = 0;
	t->log[0] = '\0';
	t->output.continuing = t->options.continuing;
	t->transfer = transfer_start(t->loop, t->pool, &t->options, &t->output, t->url, &events);
}

static void on_awake(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
}

static void run(struct transferring *t, unsigned turns)
{
	int64_t start = clock_ms();
	struct ev_timer awake;

	ev_timer_init(&awake, on_awake, 0, 0.005);
	ev_timer_again(t->loop, &awake);
	for (unsigned i = 0; turns ? i < turns : !t->done; i++) {
		cr_assert(clock_ms() - start < PATIENCE_MS, "it is never done; log: %s", t->log);
		ev_run(t->loop, EVRUN_ONCE);
	}
	ev_timer_stop(t->loop, &awake);
}

void transferring_turns(struct transferring *t)
{
	run(t, 10);
}

void transferring_wait(struct transferring *t)
{
	run(t, 0);
	cr_assert_eq(t->done, 1U);
}

const struct transfer_report *transferring_run(struct transferring *t)
{
	transferring_start(t);
	transferring_wait(t);
	return t->transfer ? transfer_report(t->transfer) : NULL;
}

void transferring_end(struct transferring *t)
{
	char command[80];

	transfer_free(t->transfer);
	http_pool_free(t->pool);
	answering_stop(&t->server);
	ev_loop_destroy(t->loop);
	snprintf(command, sizeof(command), "rm -rf %s", t->folder);
	cr_assert_eq(system(command), 0);
}

/* --- what came of it -------------------------------------------------------------------- */

void transferring_assert_done(struct transferring *t)
{
	cr_assert_eq(t->why.class, FAILURE_NONE, "%s", t->why.text);
}

void transferring_assert_failed(struct transferring *t, enum failure_class class, const char *text)
{
	char expected[700];

	snprintf(expected, sizeof(expected), "%s: %s", t->url, text);
	cr_assert_str_eq(t->why.text, expected);
	cr_assert_eq(t->why.class, class);
}

const char *transferring_field(struct transferring *t, unsigned request, const char *name)
{
	static char value[1000];

	cr_assert_not_null(answering_head(&t->server, request), "no request %u", request);
	value[0] = '\0';
	answering_field(answering_head(&t->server, request), name, value, sizeof(value));
	return value;
}

void transferring_assert_file(struct transferring *t, const char *name, const char *content)
{
	char path[300], text[10000] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", t->folder, name);
	file = fopen(path, "re");
	if (!content) {
		cr_assert_null(file, "%s is there", path);
		return;
	}
	cr_assert_not_null(file, "%s is not there", path);
	(void)!fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	cr_assert_str_eq(text, content);
}

void transferring_make_file(struct transferring *t, const char *name, const char *content)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", t->folder, name);
	file = fopen(path, "we");
	cr_assert_not_null(file);
	cr_assert(fputs(content, file) >= 0);
	cr_assert_eq(fclose(file), 0);
}
