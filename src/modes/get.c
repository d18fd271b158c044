/* SPDX-License-Identifier: MIT */
/* src/modes/get.c - `sockutil get`: URLs fetched over HTTP. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/number.h>
#include <sockutil/get/report.h>
#include <sockutil/http/pool.h>
#include <sockutil/modes/get.h>
#include <sockutil/modes/modes.h>
#include <sockutil/net/dial_source.h>
#include <sockutil/net/process.h>

enum { SIGNALS = 3 };

static const struct option_row *const get_tables[] = { get_output_rows,
						       get_request_rows,
						       get_control_rows,
						       common_option_rows,
						       common_client_rows,
						       common_proxy_rows,
						       NULL };

struct get_run {
	const struct get_args *args;
	struct stream_options stream;
	struct get_setup setup;
	struct get_urls urls;
	struct get_display display;
	struct trace *trace;
	struct report_totals totals;

	struct ev_loop *loop;
	struct batch *batch;
	struct ev_io input; /* --input-file has more to say */
	struct ev_signal signals[SIGNALS];

	int signal;            /* that ended it, 0: none */
	bool over;             /* done was called */
	struct failure result; /* what broke it off, or went wrong at the end */
	struct failure told;   /* shown already: of the first URL in order that failed */
	size_t told_index;
};

/* Ends the run after the call that found it. */
static void break_off(struct get_run *run, const struct failure *why)
{
	if (run->result.class == FAILURE_NONE)
		run->result = *why;
	ev_break(run->loop, EVBREAK_ALL);
}

/* --- what is told on the way --------------------------------------------------------- */

static struct get_run *run_of(const struct get_item *item)
{
	return item->data;
}

static void on_attempt_failed(void *data, const char *address, const char *reason)
{
	(void)data;
	log_info("%s: %s", address, reason);
}

static void on_retrying(void *data, const struct failure *why, int64_t wait_ms)
{
	char text[32];

	(void)data;
	log_notice("%s; next try in %s", why->text, duration_text(text, sizeof(text), wait_ms));
}

static void on_redirected(void *data, int status, const char *url)
{
	const struct get_item *item = data;

	log_info("%s: %d, on to %s", item->shown, status, url);
}

static void on_noticed(void *data, const char *text)
{
	const struct get_item *item = data;

	log_info("%s: %s", item->shown, text);
}

static void on_trace(void *data, bool sent, const char *bytes, size_t length)
{
	struct get_item *item = data;
	struct get_run *run = run_of(item);
	struct failure why = { 0 };

	if (!trace_add(run->trace, &item->trace, sent, bytes, length, &why))
		break_off(run, &why);
}

/* --- the batch ------------------------------------------------------------------------ */

/* Each failure is told where it happens; the exit status is that of the first in order. */
static void remember_told(struct get_run *run, size_t index, const struct failure *why)
{
	if (why->class == FAILURE_NONE ||
	    (run->told.class != FAILURE_NONE && run->told_index < index))
		return;
	run->told = *why;
	run->told_index = index;
}

/* Lines that can be no URL are told, and passed over. */
static enum io next_good(struct get_run *run, struct get_item **item, struct failure *why)
{
	enum io r;

	do {
		*why = (struct failure){ 0 };
		r = get_urls_next(&run->urls, item, why);
		if (why->class == FAILURE_NONE)
			continue;
		log_failure(why);
		remember_told(run, run->urls.given - (r == IO_DONE), why);
	} while (r == IO_DONE && !*item);
	return r;
}

static bool next_item(void *data, struct batch_item *out, struct failure *why)
{
	struct get_run *run = data;
	struct get_item *item;
	enum io r = next_good(run, &item, why);

	if (r == IO_AGAIN) {
		ev_io_set(&run->input, run->urls.fd, EV_READ);
		ev_io_start(run->loop, &run->input);
	}
	if (r != IO_DONE)
		return r == IO_AGAIN;
	item->data = run;
	*out = (struct batch_item){ .url = item->url, .output = item->output, .data = item };
	return true;
}

static void on_input(struct ev_loop *loop, struct ev_io *watcher, int events)
{
	struct get_run *run = watcher->data;

	(void)events;
	ev_io_stop(loop, watcher);
	batch_wake(run->batch);
}

static void on_started(void *data, const struct batch_item *item, struct transfer *t)
{
	struct get_run *run = data;

	(void)t;
	get_display_started(&run->display, item->data);
}

static void on_ended(void *data, const struct batch_item *item,
		     const struct transfer_report *report)
{
	struct get_run *run = data;
	struct get_item *ended = item->data;
	struct failure why = { 0 };
	bool quiet = run->signal != 0;

	if (run->trace && !trace_end(run->trace, &ended->trace, &why))
		break_off(run, &why);
	get_display_ended(&run->display, ended, report, quiet);
	if (!quiet)
		remember_told(run, ended->index, &report->failure);
	report_totals_add(&run->totals, report);
	get_item_free(ended);
}

static void on_done(void *data, const struct failure *why)
{
	struct get_run *run = data;

	run->over = true;
	/* All but the end of the time while nothing ran has been told. */
	if (run->told.class == FAILURE_NONE)
		break_off(run, why);
	ev_break(run->loop, EVBREAK_ALL);
}

static void on_signal(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
	struct get_run *run = watcher->data;

	(void)events;
	run->signal = watcher->signum;
	ev_break(loop, EVBREAK_ALL);
}

static void watch_signals(struct get_run *run)
{
	static const int caught[SIGNALS] = { SIGINT, SIGTERM, SIGHUP };

	for (int i = 0; i < SIGNALS; i++) {
		ev_signal_init(&run->signals[i], on_signal, caught[i]);
		run->signals[i].data = run;
		ev_signal_start(run->loop, &run->signals[i]);
	}
}

static void start_batch(struct get_run *run, struct http_pool *pool)
{
	const struct get_args *a = run->args;
	const struct batch_options options = {
		.get = &run->setup.options,
		.jobs = a->parallel ? (unsigned)a->jobs : 1,
		.max_ms = a->common.max_ms,
	};
	const struct batch_events events = {
		.next = next_item,
		.started = on_started,
		.ended = on_ended,
		.transfer = {
			.attempt_failed = on_attempt_failed,
			.retrying = on_retrying,
			.redirected = on_redirected,
			.noticed = on_noticed,
			.trace = run->trace ? on_trace : NULL,
		},
		.done = on_done,
		.data = run,
	};

	run->batch = batch_start(run->loop, pool, &options, &events);
	run->display.batch = run->batch;
}

/* Something of ours broke, or a signal came: what can be continued is kept. */
static void stop_batch(struct get_run *run)
{
	struct failure why = run->result;

	if (run->over)
		return;
	if (why.class == FAILURE_NONE)
		fail(&why, FAILURE_OTHER, "ended by a signal");
	batch_stop(run->batch, &why);
}

static void fetch(struct get_run *run)
{
	struct http_pool *pool;

	run->loop = ev_loop_new(EVFLAG_NOENV);
	if (!run->loop) {
		fail(&run->result, FAILURE_OTHER, "no event loop");
		return;
	}
	pool = http_pool_new(run->loop, &run->stream, run->setup.options.version);
	ev_init(&run->input, on_input);
	run->input.data = run;
	watch_signals(run);
	get_display_start(&run->display, run->loop, run->args, get_urls_several(&run->urls),
			  get_urls_to_stdout(&run->urls));
	run->totals.started_us = clock_us();
	start_batch(run, pool);
	ev_run(run->loop, 0);
	stop_batch(run);
	run->totals.ended_us = clock_us();
	ev_io_stop(run->loop, &run->input);
	get_display_end(&run->display, run->loop);
	batch_free(run->batch);
	http_pool_free(pool);
	ev_loop_destroy(run->loop);
}

/* --- begin and end --------------------------------------------------------------------- */

/* curl's -s means silence: the word behind it is no address then. */
static bool check_source(const struct get_args *a, struct failure *why)
{
	const struct endpoint any = { .kind = ENDPOINT_INTERNET };
	struct dial_source source;

	if (!a->common.source || a->unix_socket ||
	    dial_source_parse(&source, a->common.source, &any, why))
		return true;
	fail(why, FAILURE_USAGE,
	     "--source: \"%.150s\" is not ADDR or ADDR:PORT; curl's -s is -q (--quiet) here",
	     a->common.source);
	return false;
}

static bool prepare(struct get_run *run, char **operands, size_t count, struct failure *why)
{
	const struct get_args *a = run->args;

	if (!common_options_apply(&a->common, "get", false, &run->stream, why) ||
	    !get_urls_open(&run->urls, a, operands, count, why) || !check_source(a, why) ||
	    !get_setup(&run->setup, a, get_urls_several(&run->urls), why))
		return false;
	run->stream.proxy_dns_local =
		a->common.proxy.dns_given && a->common.proxy.dns == COMMON_PROXY_DNS_LOCAL;
	if (a->trace)
		run->trace = trace_open(a->trace, why);
	return !a->trace || run->trace;
}

static void show_totals(const struct get_run *run)
{
	struct buffer text = { 0 };

	if (run->args->common.stats && report_totals_text(&text, &run->totals))
		log_block(buffer_bytes(&text), text.length);
	buffer_free(&text);
}

/* The first failure stands; what ending adds is told when there was none. */
static void end(struct get_run *run)
{
	const char *jar = run->args->cookie_jar;
	struct failure later[4] = { 0 };

	if (jar && run->setup.options.jar && !run->signal)
		cookie_jar_write(run->setup.options.jar, jar, &later[0]);
	trace_close(run->trace, &later[1]);
	output_stdout_close(&later[2]);
	common_options_free(&run->stream, &later[3]);
	for (size_t i = 0; i < sizeof later / sizeof *later; i++)
		if (run->result.class == FAILURE_NONE)
			run->result = later[i];
	get_setup_free(&run->setup);
	get_urls_free(&run->urls);
}

/* What broke the run off may have been told with the transfers that it ended. */
static int tell_result(const struct get_run *run)
{
	bool told = run->told.class != FAILURE_NONE;

	if (!told || strcmp(run->told.text, run->result.text) != 0)
		log_failure(&run->result);
	return failure_status(told ? run->told.class : run->result.class);
}

static int get_run(void *arguments, char **operands, size_t count)
{
	struct get_run run = { .args = arguments };

	if (prepare(&run, operands, count, &run.result)) {
		fetch(&run);
		if (!run.signal)
			show_totals(&run);
	}
	end(&run);
	if (run.signal)
		process_die_by(run.signal);
	return tell_result(&run);
}

const struct mode mode_get = {
	.name = "get",
	.operands = "URL...",
	.summary = "fetch over HTTP and HTTPS",
	.description =
		"Fetches each URL and writes its body to stdout, or to files. A URL without a "
		"scheme means "
		"http. Status 0 means that all of every body came and was written. A status of 400 "
		"or above is "
		"exit status 22 and leaves no file.\n\n"
		"A file is written under another name and renamed when it is whole, so that it is "
		"the old one or "
		"the new one, never a part. What came of a body that can be continued stays as "
		"FILE.part, with "
		"FILE.part.validator beside it, and --continue goes on there, provided that the "
		"server still "
		"has the same. With several URLs the exit status is that of the first one that "
		"failed.\n\n"
		"Redirects are followed, from https never to http. Passwords, -b cookies and -H "
		"Authorization go "
		"to the scheme, host and port they were given for and to no other. What fails for "
		"a moment (a "
		"time-out, a reset, a body cut short, status 408, 429, 500, 502, 503 or 504) is "
		"tried again, "
		"three times for GET and HEAD, and goes on where it was.",
	.examples = get_examples,
	.tables = get_tables,
	.own = 3,
	.without = "tls insecure show-sockopts",
	.address = "http://localhost:8080/",
	.tls_address = "https://localhost:8443/",
	.hints = get_hints,
	.args_size = sizeof(struct get_args),
	.run = get_run,
};
