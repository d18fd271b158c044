/* SPDX-License-Identifier: MIT */
/* A server from its first socket to its last session. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/net/privileges.h>
#include <sockutil/serve/acceptor.h>
#include <sockutil/serve/drain.h>
#include <sockutil/serve/lingering.h>
#include <sockutil/serve/metrics.h>
#include <sockutil/serve/notify.h>
#include <sockutil/serve/reload.h>
#include <sockutil/serve/report.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/serve/site.h>
#include <sockutil/serve/workers.h>

/* ------ one process ------ */

void server_settle(struct server *server)
{
	if (server->live == 0 && !acceptor_open(server))
		ev_break(server->loop, EVBREAK_ALL);
}

void server_blame(struct server *server, const struct failure *why)
{
	if (server->failure.class == FAILURE_NONE)
		server->failure = *why;
}

void server_end(struct server *server, const struct failure *why)
{
	if (server->failure.class == FAILURE_NONE)
		log_failure(why);
	server_blame(server, why);
	acceptor_stop(server);
	ev_break(server->loop, EVBREAK_ALL);
}

static void server_before_sleep(struct ev_loop *loop, struct ev_prepare *watcher, int events)
{
	(void)loop;
	(void)events;
	session_reap(watcher->data);
	log_flush();
}

static void server_cut_sessions(struct server *server)
{
	while (server->sessions)
		session_abort(server->sessions, "cut by the end of the server");
	session_reap(server);
}

static void server_loop(struct server *server, const struct site *site, int control)
{
	server->lingering = lingering_new(server);
	drain_watch(server, control);
	ev_prepare_init(&server->before_sleep, server_before_sleep);
	server->before_sleep.data = server;
	ev_prepare_start(server->loop, &server->before_sleep);
	acceptor_start(server);
	server->metrics = metrics_new(server, site->metrics, site->metrics_count);
	if (server->options->handler->begin)
		server->options->handler->begin(server->data, server);
	ev_run(server->loop, 0);
	server_cut_sessions(server);
	if (server->options->handler->end)
		server->options->handler->end(server->data);
	metrics_free(server->metrics);
	ev_prepare_stop(server->loop, &server->before_sleep);
	drain_unwatch(server);
}

static size_t server_state_size(const struct server_options *options)
{
	size_t most = options->handler->state_size;

	for (size_t i = 0; options->inner && options->inner[i]; ++i)
		if (options->inner[i]->state_size > most)
			most = options->inner[i]->state_size;
	return most;
}

/* Serves in this process. Its exit status; *signal: what cut it short, or 0. */
static int server_serve(struct site *site, unsigned worker, int control, int *signal)
{
	struct server *server = memory_zeroed(1, sizeof(*server));
	int status;

	server->options = site->options;
	server->data = site->data;
	server->state_size = server_state_size(site->options);
	server->listeners = site->listeners[worker];
	server->listener_count = site->listener_count;
	server->access = site->access;
	server->tls = &site->tls;
	server->limits = site->limits;
	server->totals = &site->totals[worker];
	server->all_totals = site->totals;
	server->started = site->started;
	server->worker = worker;
	server->listeners_owned = control < 0;
	server->loop = ev_loop_new(EVFLAG_NOENV);
	if (!server->loop) {
		log_error("no event loop: %s", strerror(errno));
		free(server);
		return failure_status(FAILURE_OTHER);
	}
	server_loop(server, site, control);
	*signal = server->cut ? server->signal : 0;
	status = failure_status(server->failure.class);
	if (status == 0)
		status = server->exit_status;
	lingering_free(server->lingering);
	acceptor_free(server);
	ev_loop_destroy(server->loop);
	free(server);
	return status;
}

/* ------ several ------ */

static int server_worker(void *data, unsigned worker, int control)
{
	struct site *site = data;
	int signal = 0, status;
	struct failure why = { 0 };

	/* The first process speaks for all. It may be somebody else's already, or still root's. */
	notify_close();
	if (site->options->user && !privileges_drop(site->options->user, &why))
		return log_failure(&why);
	site_enter(site, worker);
	status = server_serve(site, worker, control, &signal);
	return signal ? 128 + signal : status;
}

static void server_worker_ended(void *data, unsigned worker)
{
	struct site *site = data;
	struct server_totals *totals = &site->totals[worker];

	limits_forget(site->limits, worker);
	totals->served += totals->open;
	totals->failed += totals->open;
	totals->open = 0;
}

static void server_workers_ending(void *data)
{
	site_stop_listening(data);
}

static bool server_started(void *data, struct failure *why)
{
	return site_announce(data, why);
}

static bool server_supervise(struct site *site, struct server_result *result, struct failure *why)
{
	const struct workers_options options = {
		.count = site->options->workers,
		.run = server_worker,
		.ended = server_worker_ended,
		.started = server_started,
		.ending = server_workers_ending,
		.max_ms = site->options->max_ms,
		.reloads = reload_possible(site->options),
		.data = site,
	};
	struct workers_result ended;

	if (!workers_supervise(&options, &ended, why))
		return false;
	result->signal = ended.drained ? 0 : ended.signal;
	if (ended.signal == 0)
		result->status = drain_say_time_is_up(site->options);
	return true;
}

static bool site_run(struct site *site, struct server_result *result, struct failure *why)
{
	if (site->options->workers > 1)
		return server_supervise(site, result, why);
	drain_hold();
	if (!site_announce(site, why))
		return false;
	result->status = server_serve(site, 0, -1, &result->signal);
	return true;
}

static void site_release(struct site *site, struct server_result *result)
{
	const struct server_options *options = site->options;
	struct failure why = { 0 };

	if (site->data && options->handler->release &&
	    !options->handler->release(site->data, &why) && result->status == 0)
		result->status = log_failure(&why);
}

bool server_run(const struct server_options *options, struct server_result *result,
		struct failure *why)
{
	struct site site = { .options = options, .started = (double)time(NULL) };
	const int64_t started_ms = clock_ms();
	bool ran;

	*result = (struct server_result){ 0 };
	ran = site_open(&site, why) && site_run(&site, result, why);
	site_release(&site, result);
	if (ran && options->stats)
		report_stats(site.totals, options->workers, clock_ms() - started_ms);
	site_close(&site);
	log_flush();
	return ran;
}
