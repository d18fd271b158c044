/* SPDX-License-Identifier: MIT */
/* src/connect/client.c - one run of a client: open, join, end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/backoff.h>
#include <sockutil/base/clock.h>
#include <sockutil/connect/client.h>
#include <sockutil/connect/client_tries.h>
#include <sockutil/connect/kept_local.h>
#include <sockutil/net/tcp_info.h>
#include <sockutil/stream/layer_crlf.h>
#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/layer_stdio.h>
#include <sockutil/stream/layer_telnet.h>

enum {
	WAIT_FIRST_MS = 100,
	WAIT_CAP_MS = 1000,
	RETRY_CAP_MS = 60000,
	PROGRESS_MS = 100,
	LASTED_MS = 5000, /* a connection of that time was no failed try: waits begin anew */
	READER_MS = 20,   /* how often a FIFO is asked whether somebody reads it */
	SIGNALS = 3,
};

struct client {
	struct ev_loop *loop;
	const struct client_options *options;
	struct client_result *result;
	struct stream_options stream; /* ours: the time-out shrinks with --wait */

	int input; /* -1: not opened */
	struct stream *local, *remote, *digest;
	struct stream *kept;     /* with reconnect: the top of local */
	struct program *program; /* local is its stream */
	bool outlived;           /* the relay has ended in order, the program has not */
	struct stream_opening *opening;
	struct tls_context *tls;
	struct relay *relay;
	struct dialogue *dialogue;

	int64_t started_ms, opened_ms;
	uint64_t bytes[2];         /* of the connections until now, with reconnect */
	struct failure first_loss; /* of the first one that lost bytes */
	int64_t tries_left;
	struct backoff backoff;
	struct ev_timer retry_timer, reader_timer, max_timer, progress_timer;
	struct ev_signal signals[SIGNALS];
};

static void open_connection(struct client *c);

static void client_failed(struct client *c, const struct failure *why)
{
	c->result->report.failure = *why;
	ev_break(c->loop, EVBREAK_ALL);
}

/* --- the local side -------------------------------------------------------- */

static bool is_standard(const char *file)
{
	return !file || strcmp(file, "-") == 0;
}

/* Before anything is dialled: a file that cannot be read is known at once. */
static bool open_input(struct client *c, struct failure *why)
{
	const char *file = c->options->input;

	c->input = STDIN_FILENO;
	if (is_standard(file))
		return true;
	/* A FIFO must not hold up everything until somebody writes to it. */
	c->input = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (c->input < 0)
		fail_errno(why, FAILURE_INPUT, errno, "%s", file);
	return c->input >= 0;
}

static bool is_regular(const struct stat *st)
{
	return S_ISREG(st->st_mode);
}

/* Replacing the file that is to be sent would empty it first; adding to it would never end. */
static bool check_output(const struct client *c, struct failure *why)
{
	const struct client_options *o = c->options;
	struct stat input, output;

	if (is_standard(o->output) || o->relay.recv_only || fstat(c->input, &input) < 0 ||
	    stat(o->output, &output) < 0 || !is_regular(&input) || !is_regular(&output) ||
	    input.st_dev != output.st_dev || input.st_ino != output.st_ino)
		return true;
	fail(why, FAILURE_USAGE, "%s: the same file cannot be both input and output", o->output);
	return false;
}

static bool check_files(struct client *c, struct failure *why)
{
	if (c->options->program)
		return true;
	if (!open_input(c, why))
		return false;
	if (check_output(c, why))
		return true;
	if (c->input > STDERR_FILENO)
		close(c->input);
	return false;
}

/* Only once connected: a refused connection leaves an old file as it is. ENXIO: a FIFO that nobody
 * reads yet; waiting for a reader in open(2) would stop the limits. */
static bool open_output(const struct client_options *o, int *output, struct failure *why)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | (o->append ? O_APPEND : O_TRUNC);

	*output = STDOUT_FILENO;
	if (is_standard(o->output))
		return true;
	*output = open(o->output, flags, 0666);
	if (*output < 0)
		fail_errno(why, FAILURE_OUTPUT, errno, "%s", o->output);
	return *output >= 0;
}

/* What it wrote may still be on its way, and what it started may go on writing. */
static void on_program_ended(void *data, int status)
{
	struct client *c = data;

	c->result->program_ended = true;
	c->result->program_status = status;
	if (c->outlived)
		ev_break(c->loop, EVBREAK_ALL);
	else
		relay_end_with_local(c->relay);
}

static bool open_local(struct client *c, struct failure *why)
{
	const struct client_options *o = c->options;
	int output;

	if (o->program) {
		c->program = client_program_start(o->program, &c->result->stream, on_program_ended,
						  c, why);
		c->local = c->program ? program_stream(c->program) : NULL;
		return c->program != NULL;
	}
	if (!open_output(o, &output, why))
		return false;
	c->local = layer_stdio_new(o->relay.recv_only ? -1 : c->input, output,
				   is_standard(o->input) ? "standard input" : o->input,
				   is_standard(o->output) ? "standard output" : o->output);
	c->input = -1;
	if (o->reconnect)
		c->local = c->kept = kept_local_new(c->local);
	return true;
}

/* Failures of files have their names in them; those of the connection get its endpoint. */
static void name_endpoint(const struct client *c, struct failure *why)
{
	char text[ENDPOINT_TEXT_MAX];

	if (why->class != FAILURE_INPUT && why->class != FAILURE_OUTPUT &&
	    why->class != FAILURE_READER_GONE)
		fail_at(why, endpoint_text(text, c->options->endpoint));
}

/* --- the connection is open ------------------------------------------------ */

static int64_t time_left(const struct client *c)
{
	int64_t left = c->options->relay.max_ms - (clock_ms() - c->started_ms);

	return left > 0 ? left : 0;
}

/* The connection has ended in order, its program not yet. */
static void outlive(struct client *c)
{
	c->outlived = true;
	if (c->options->relay.max_ms < 0)
		return;
	ev_timer_set(&c->max_timer, (double)time_left(c) / 1000, 0);
	ev_timer_start(c->loop, &c->max_timer);
}

static bool comes_back(const struct client *c, const struct failure *why);
static void come_back(struct client *c, const struct failure *why);

/* The last connection is over: the output that was kept open ends, and what a connection before it
 * lost stays lost. */
static void end_kept(struct client *c, struct failure *failure)
{
	struct failure output = { 0 };

	if (stream_end(c->kept->below, &output) == IO_FAILED && failure->class == FAILURE_NONE)
		*failure = output;
	if (failure->class == FAILURE_NONE)
		*failure = c->first_loss;
}

static void add_up(struct client *c, struct relay_report *report)
{
	for (int way = 0; way < 2; way++) {
		c->bytes[way] += report->bytes[way];
		report->bytes[way] = c->bytes[way];
	}
}

static void on_done(void *data, const struct relay_report *report)
{
	struct client *c = data;
	struct failure *failure = &c->result->report.failure;

	c->result->report = *report;
	name_endpoint(c, failure);
	if (c->kept) {
		add_up(c, &c->result->report);
		if (comes_back(c, failure)) {
			come_back(c, failure);
			return;
		}
		end_kept(c, failure);
	}
	/* A program that has said all may still be busy with what the peer sent. */
	if (c->program && !c->result->program_ended && report->failure.class == FAILURE_NONE)
		outlive(c);
	else
		ev_break(c->loop, EVBREAK_ALL);
}

static void on_progress(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct client *c = timer->data;
	struct relay_report now;

	(void)loop;
	(void)events;
	if (!c->relay)
		return;
	relay_snapshot(c->relay, &now);
	now.bytes[RELAY_UP] += c->bytes[RELAY_UP];
	now.bytes[RELAY_DOWN] += c->bytes[RELAY_DOWN];
	c->options->hooks.progress(c->options->hooks.data, &now);
}

static bool add_layers(struct client *c, struct failure *why)
{
	const struct client_options *o = c->options;

	if (o->digest) {
		c->digest = layer_digest_new(c->remote, o->digest, why);
		if (!c->digest)
			return false;
		c->remote = c->digest;
	}
	if (o->telnet)
		c->remote = layer_telnet_new(c->remote);
	if (o->crlf)
		c->remote = layer_crlf_new(c->remote);
	return true;
}

static void join(struct client *c)
{
	const struct client_options *o = c->options;
	int64_t left = -1;

	if (o->relay.max_ms >= 0) {
		left = time_left(c);
		ev_timer_stop(c->loop, &c->max_timer);
	}
	if (o->dialogue) {
		struct dialogue_options talk = *o->dialogue;

		talk.max_ms = left;
		c->dialogue = dialogue_new(c->loop, c->local, c->remote, &talk, on_done, c);
	} else {
		struct relay_options relay = o->relay;

		relay.max_ms = left;
		if (c->program) {
			relay.local_is_program = true;
			relay.silence_ms = -1;
		}
		c->relay = relay_new(c->loop, c->local, c->remote, &relay, on_done, c);
	}
	if (o->hooks.progress)
		ev_timer_again(c->loop, &c->progress_timer);
}

/* The local side is opened and joined, as soon as somebody is there to read a FIFO. */
static void begin(struct client *c)
{
	struct failure why = { 0 };

	if (c->kept) {
		kept_local_resume(c->kept);
		join(c);
	} else if (open_local(c, &why)) {
		join(c);
	} else if (why.error == ENXIO) {
		ev_now_update(c->loop);
		ev_timer_start(c->loop, &c->reader_timer);
	} else {
		client_failed(c, &why);
	}
}

static void on_reader(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	begin(timer->data);
}

static bool may_try_again(const struct client *c, const struct failure *why)
{
	const struct client_options *o = c->options;
	const bool endless = o->reconnect && o->retries == 0;

	return client_tries_may_pass(why) && (endless || o->wait || c->tries_left > 0);
}

/* --wait has run out: that is what is told, with the last reason. */
static bool wait_is_over(const struct client *c, int64_t *next_ms)
{
	int64_t left = c->options->wait_ms - (clock_ms() - c->started_ms);

	if (!c->options->wait || c->options->wait_ms <= 0)
		return false;
	/* The last try is made at the limit itself. */
	if (*next_ms > left)
		*next_ms = left;
	return left <= 0;
}

/* A connection is over: whether there is to be another one. */
static bool comes_back(const struct client *c, const struct failure *why)
{
	/* --idle-timeout is a connection's, --max-time the run's. */
	if (c->options->relay.max_ms >= 0 && time_left(c) == 0)
		return false;
	return client_tries_come_back(why) && !kept_local_ended(c->kept);
}

static void wait_for(struct client *c, int64_t wait_ms)
{
	ev_now_update(c->loop);
	ev_timer_set(&c->retry_timer, (double)wait_ms / 1000, 0);
	ev_timer_start(c->loop, &c->retry_timer);
}

static void come_back(struct client *c, const struct failure *why)
{
	const struct client_options *o = c->options;
	int64_t wait_ms;

	if (c->first_loss.class == FAILURE_NONE)
		c->first_loss = *why;
	relay_free(c->relay);
	stream_free(c->remote);
	c->relay = NULL;
	c->remote = NULL;
	if (clock_ms() - c->opened_ms >= LASTED_MS)
		c->backoff.delay_ms = o->retry_delay_ms;
	wait_ms = backoff_next(&c->backoff, (uint32_t)clock_us());
	if (o->hooks.lost)
		o->hooks.lost(o->hooks.data, why, wait_ms);
	wait_for(c, wait_ms);
	if (o->relay.max_ms < 0)
		return;
	ev_timer_set(&c->max_timer, (double)time_left(c) / 1000, 0);
	ev_timer_start(c->loop, &c->max_timer);
}

static void try_again(struct client *c, const struct failure *why)
{
	const struct client_hooks *hooks = &c->options->hooks;
	int64_t wait_ms = backoff_next(&c->backoff, (uint32_t)clock_us());

	if (wait_is_over(c, &wait_ms)) {
		struct failure late;

		fail(&late, FAILURE_TIMEOUT, "it did not accept within %lld ms (--wait): %s",
		     (long long)c->options->wait_ms, why->text);
		client_failed(c, &late);
		return;
	}
	c->tries_left--;
	if (hooks->retrying)
		hooks->retrying(hooks->data, why, wait_ms);
	wait_for(c, wait_ms);
}

static void on_opened(void *data, struct stream *stream, const struct stream_report *report,
		      const struct failure *why)
{
	struct client *c = data;
	struct failure local = { 0 };

	c->opening = NULL;
	if (!stream) {
		local = *why;
		/* Until it is connected the failure names what it was about itself. */
		if (report->dial.connected_us >= 0 && why->class != FAILURE_NAME)
			name_endpoint(c, &local);
		if (may_try_again(c, &local))
			try_again(c, &local);
		else
			client_failed(c, &local);
		return;
	}
	c->remote = stream;
	c->opened_ms = clock_ms();
	c->tries_left = c->options->retries;
	c->result->stream = *report;
	c->result->opened = true;
	if (c->options->hooks.opened)
		c->options->hooks.opened(c->options->hooks.data, stream, report);
	if (add_layers(c, &local))
		begin(c);
	else
		client_failed(c, &local);
}

static void open_connection(struct client *c)
{
	const struct client_options *o = c->options;
	struct stream_open_request request = {
		.loop = c->loop,
		.endpoint = o->endpoint,
		.options = &c->stream,
		.tls = &c->tls,
		.done = on_opened,
		.attempt_failed = o->hooks.attempt_failed,
		.data = c,
	};

	if (o->wait && o->wait_ms > 0) {
		int64_t left = o->wait_ms - (clock_ms() - c->started_ms);

		if (c->stream.timeout_ms <= 0 || left < c->stream.timeout_ms)
			c->stream.timeout_ms = left > 1 ? left : 1;
	}
	c->opening = stream_open_start(&request);
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
		end_kept(c, &c->result->report.failure);
		ev_break(loop, EVBREAK_ALL);
	} else {
		open_connection(c);
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

/* --- start and end --------------------------------------------------------- */

static void start(struct client *c)
{
	static const int caught[SIGNALS] = { SIGINT, SIGTERM, SIGHUP };
	const struct client_options *o = c->options;

	ev_timer_init(&c->retry_timer, on_retry, 0, 0);
	ev_timer_init(&c->reader_timer, on_reader, (double)READER_MS / 1000, 0);
	ev_timer_init(&c->max_timer, on_max, (double)o->relay.max_ms / 1000, 0);
	ev_timer_init(&c->progress_timer, on_progress, 0, (double)PROGRESS_MS / 1000);
	c->reader_timer.data = c->retry_timer.data = c->max_timer.data = c->progress_timer.data = c;
	if (o->relay.max_ms >= 0)
		ev_timer_start(c->loop, &c->max_timer);
	if (o->program)
		programs_begin(c->loop);
	for (int i = 0; o->catch_signals && i < SIGNALS; i++) {
		ev_signal_init(&c->signals[i], on_signal, caught[i]);
		c->signals[i].data = c;
		ev_signal_start(c->loop, &c->signals[i]);
	}
	open_connection(c);
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
	if (!check_files(&c, &result->report.failure))
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
