/* SPDX-License-Identifier: MIT */
/* src/connect/client.c - one run of a client: its start and its end. */
#include <stdlib.h>
#include <unistd.h>

#include <sockutil/connect/client_parts.h>
#include <sockutil/connect/kept_local.h>
#include <sockutil/net/tcp_info.h>
#include <sockutil/stream/layer_socket.h>

enum {
	WAIT_FIRST_MS = 100,
	WAIT_CAP_MS = 1000,
	RETRY_CAP_MS = 60000,
	PROGRESS_MS = 100,
	READER_MS = 20, /* how often a FIFO is asked whether somebody reads it */
};

void client_failed(struct client *c, const struct failure *why)
{
	c->result->report.failure = *why;
	ev_break(c->loop, EVBREAK_ALL);
}

int64_t client_time_left(const struct client *c)
{
	int64_t left = c->options->relay.max_ms - (clock_ms() - c->started_ms);

	return left > 0 ? left : 0;
}

static void on_reader(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	client_begin(timer->data);
}

/* Nobody has anything more to send: there is nothing to come back for. */
static bool nothing_left(struct client *c)
{
	if (!c->kept || c->options->relay.recv_only)
		return false;
	kept_local_look(c->kept);
	return kept_local_ended(c->kept);
}

static void on_retry(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct client *c = timer->data;

	(void)events;
	if (nothing_left(c)) {
		client_end_kept(c, &c->result->report.failure);
		ev_break(loop, EVBREAK_ALL);
	} else {
		client_open(c);
	}
}

static void on_max(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct client *c = timer->data;
	struct failure why;

	(void)loop;
	(void)events;
	fail(&why, FAILURE_TIMEOUT, "%s when --max-time ran out",
	     c->outlived ? "the program had not ended"
	     : c->remote ? "nobody had opened the output for reading"
			 : "not connected");
	client_failed(c, &why);
}

static void on_signal(struct ev_loop *loop, struct ev_signal *signal, int events)
{
	struct client *c = signal->data;

	(void)events;
	c->result->signal = signal->signum;
	ev_break(loop, EVBREAK_ALL);
}

/* --ignore-int, nohup(1). */
static bool is_ignored(int number)
{
	struct sigaction now;

	return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void start(struct client *c)
{
	static const int caught[CLIENT_SIGNALS] = { SIGINT, SIGTERM, SIGHUP };
	const struct client_options *o = c->options;

	ev_timer_init(&c->retry_timer, on_retry, 0, 0);
	ev_timer_init(&c->reader_timer, on_reader, (double)READER_MS / 1000, 0);
	ev_timer_init(&c->max_timer, on_max, (double)o->relay.max_ms / 1000, 0);
	ev_timer_init(&c->progress_timer, client_on_progress, 0, (double)PROGRESS_MS / 1000);
	c->reader_timer.data = c->retry_timer.data = c->max_timer.data = c->progress_timer.data = c;
	if (o->relay.max_ms >= 0)
		ev_timer_start(c->loop, &c->max_timer);
	if (o->program)
		programs_begin(c->loop);
	for (int i = 0; o->catch_signals && i < CLIENT_SIGNALS; i++) {
		if (is_ignored(caught[i]))
			continue;
		ev_signal_init(&c->signals[i], on_signal, caught[i]);
		c->signals[i].data = c;
		ev_signal_start(c->loop, &c->signals[i]);
	}
	client_open(c);
}

static void collect(struct client *c)
{
	struct client_result *result = c->result;

	if (c->digest) {
		layer_digest_text(c->digest, STREAM_WRITE, result->sent_digest);
		layer_digest_text(c->digest, STREAM_READ, result->received_digest);
	}
	if (c->remote)
		tcp_info_text(stream_fd(c->remote, STREAM_READ), &result->tcp_info);
}

/* The connection is closed by now: the program's output has no taker. */
static void stop_program(struct client *c)
{
	ev_timer_stop(c->loop, &c->max_timer);
	ev_timer_stop(c->loop, &c->progress_timer);
	if (c->program)
		program_leave(c->program);
	programs_finish(false);
}

static void stop(struct client *c)
{
	stream_open_cancel(c->opening);
	relay_free(c->relay);
	dialogue_free(c->dialogue);
	/* Our failure must not look to the peer like the end of all we had to say. */
	if (c->remote && c->result->report.failure.class == FAILURE_INPUT)
		layer_socket_abort(c->remote);
	stream_free(c->remote);
	if (c->options->program)
		stop_program(c);
	else
		stream_free(c->local);
	if (c->input > STDERR_FILENO)
		close(c->input);
	if (c->tls) {
		struct failure ignored;

		tls_load(&ignored)->context_free(c->tls);
	}
	ev_loop_destroy(c->loop);
}

void client_run(const struct client_options *options, struct client_result *result)
{
	struct client c = {
		.options = options,
		.result = result,
		.stream = *options->stream,
		.input = -1,
		.started_ms = clock_ms(),
		.tries_left = options->retries,
		.backoff = { options->wait ? WAIT_FIRST_MS : options->retry_delay_ms,
			     options->wait ? WAIT_CAP_MS : RETRY_CAP_MS },
	};

	*result = (struct client_result){ 0 };
	if (!client_check_files(&c, &result->report.failure))
		return;
	c.loop = ev_loop_new(EVFLAG_NOENV);
	if (!c.loop) {
		fail(&result->report.failure, FAILURE_OTHER, "no event loop");
		return;
	}
	start(&c);
	ev_run(c.loop, 0);
	collect(&c);
	stop(&c);
}
