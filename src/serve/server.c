/* SPDX-License-Identifier: MIT */
/* A server from its first socket to its last session. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/net/process.h>
#include <sockutil/net/sockopt.h>
#include <sockutil/serve/acceptor.h>
#include <sockutil/serve/drain.h>
#include <sockutil/serve/lingering.h>
#include <sockutil/serve/report.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/serve/workers.h>

/* Descriptors that are not connections: stdio, listeners, the loop, files. */
enum { DESCRIPTORS_BESIDE = 64 };

/* Everything that is made before the first fork. */
struct site {
	const struct server_options *options;
	struct access_list *access;
	struct tls_context *tls;
	void *data;
	struct limits *limits;
	struct server_totals *totals;
	struct listener **listeners; /* a set for each worker */
	size_t listener_count;       /* of a set */
	int64_t started_ms;
	struct failure failure; /* that decides the exit status */
};

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

static void server_loop(struct server *server, int control)
{
	server->lingering = lingering_new(server);
	drain_watch(server, control);
	ev_prepare_init(&server->before_sleep, server_before_sleep);
	server->before_sleep.data = server;
	ev_prepare_start(server->loop, &server->before_sleep);
	acceptor_start(server);
	if (server->options->handler->begin)
		server->options->handler->begin(server->data, server);
	ev_run(server->loop, 0);
	server_cut_sessions(server);
	if (server->options->handler->end)
		server->options->handler->end(server->data);
	ev_prepare_stop(server->loop, &server->before_sleep);
	drain_unwatch(server);
}

/* Serves in this process. Its exit status; *signal: what cut it short, or 0. */
static int server_serve(struct site *site, unsigned worker, int control, int *signal)
{
	struct server *server = memory_zeroed(1, sizeof(*server));
	int status;

	server->options = site->options;
	server->data = site->data;
	server->listeners = site->listeners[worker];
	server->listener_count = site->listener_count;
	server->access = site->access;
	server->tls = site->tls;
	server->limits = site->limits;
	server->totals = &site->totals[worker];
	server->worker = worker;
	server->listeners_owned = control < 0;
	server->loop = ev_loop_new(EVFLAG_NOENV);
	if (!server->loop) {
		log_error("no event loop: %s", strerror(errno));
		free(server);
		return failure_status(FAILURE_OTHER);
	}
	server_loop(server, control);
	*signal = server->cut ? server->signal : 0;
	status = failure_status(server->failure.class);
	site->failure = server->failure;
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

	/* Its reader is to see the end when the first process closes it. */
	if (site->options->ready_fd > 2)
		close(site->options->ready_fd);
	status = server_serve(site, worker, control, &signal);
	return signal ? 128 + signal : status;
}

static void server_worker_ended(void *data, unsigned worker)
{
	struct site *site = data;

	limits_forget(site->limits, worker);
}

static bool server_announce(struct site *site, struct failure *why);

static bool server_started(void *data, struct failure *why)
{
	return server_announce(data, why);
}

static bool server_supervise(struct site *site, struct server_result *result, struct failure *why)
{
	const struct workers_options options = {
		.count = site->options->workers,
		.run = server_worker,
		.ended = server_worker_ended,
		.started = server_started,
		.max_ms = site->options->max_ms,
		.reloads = site->access != NULL,
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

/* ------ before anything is served ------ */

static bool site_check(const struct server_options *options, struct failure *why)
{
	for (size_t i = 0; i < options->endpoint_count; ++i) {
		const enum endpoint_scheme scheme = options->endpoints[i].scheme;
		char text[ENDPOINT_TEXT_MAX];

		if (scheme == ENDPOINT_PLAIN || scheme == ENDPOINT_TCP || scheme == ENDPOINT_TLS)
			continue;
		fail(why, FAILURE_USAGE, "%s: not a scheme to serve; use tcp:// or tls://",
		     endpoint_text(text, &options->endpoints[i]));
		return false;
	}
	if (options->workers > 1 && options->accept > 0) {
		fail(why, FAILURE_USAGE,
		     "connections are counted in one process (--accept, --once): "
		     "leave --workers out");
		return false;
	}
	if (options->workers > 1 && options->handler->one_process) {
		fail(why, FAILURE_USAGE,
		     "standard input and output belong to one process: leave --workers out, or say "
		     "what to answer (--responder, --reply, --send-file, --save)");
		return false;
	}
	if (options->workers > 1 && options->stream->tap) {
		fail(why, FAILURE_USAGE,
		     "--record and --hex write one file from one process: leave --workers out");
		return false;
	}
	return true;
}

static bool site_check_ready_fd(const struct server_options *options, struct failure *why)
{
	if (options->ready_fd < 0 || fcntl(options->ready_fd, F_GETFD) >= 0)
		return true;
	fail_errno(why, FAILURE_USAGE, errno, "--ready-fd %d: not an open descriptor",
		   options->ready_fd);
	return false;
}

static bool site_access(struct site *site, struct failure *why)
{
	const struct server_options *options = site->options;

	if (!options->allow && !options->deny)
		return true;
	site->access = access_new(options->allow, options->deny, why);
	return site->access != NULL;
}

static bool site_tls(struct site *site, struct failure *why)
{
	const struct stream_options *stream = site->options->stream;
	const struct tls_api *api;
	bool wanted = false;

	for (size_t i = 0; i < site->options->endpoint_count; ++i)
		wanted = wanted || stream_uses_tls(&site->options->endpoints[i], stream);
	if (!wanted)
		return true;
	api = tls_load(why);
	if (api)
		site->tls = api->server(&stream->tls_options, why);
	return site->tls != NULL;
}

static void site_say_pin(const struct site *site)
{
	const struct tls_options *tls = &site->options->stream->tls_options;
	struct failure why = { 0 };
	const struct tls_api *api;

	if (!site->tls || (tls->cert && tls->cert[0]) || tls->secret)
		return;
	api = tls_load(&why);
	if (api)
		log_notice("certificate made for this run; clients prove it with --pin '%s'",
			   api->context_pin(site->tls));
}

static bool site_prepare(struct site *site, struct failure *why)
{
	const struct server_options *options = site->options;

	if (!options->handler->prepare)
		return true;
	site->data = options->handler->prepare(options->handler_options, why);
	return site->data != NULL;
}

static bool site_shared(struct site *site, struct failure *why)
{
	const struct server_options *options = site->options;
	const struct limits_options limits = {
		.workers = options->workers,
		.max = options->max_connections,
		.per_address = options->max_per_address,
		.rate = options->rate,
	};

	site->limits = limits_new(&limits, why);
	if (!site->limits)
		return false;
	site->totals = mmap(NULL, options->workers * sizeof(*site->totals), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (site->totals != MAP_FAILED)
		return true;
	site->totals = NULL;
	fail_errno(why, FAILURE_OTHER, errno, "no memory for counters");
	return false;
}

/* ------ listening ------ */

static bool site_clone(struct site *site, unsigned worker, const struct listen_options *options,
		       struct failure *why)
{
	struct listener *set = memory_zeroed(site->listener_count, sizeof(*set));

	site->listeners[worker] = set;
	for (size_t i = 0; i < site->listener_count; ++i)
		set[i].fd = -1;
	for (size_t i = 0; i < site->listener_count; ++i) {
		const struct listener *original = &site->listeners[0][i];
		struct failure shared = { 0 };

		if (listen_clone(&set[i], original, options, &shared))
			continue;
		if (shared.class != FAILURE_NONE) {
			*why = shared;
			return false;
		}
		/* Of a kind that has no second socket: all workers wait at the first one. */
		set[i] = (struct listener){
			.fd = dup(original->fd),
			.address = original->address,
			.scheme = original->scheme,
			.polled = original->polled,
		};
		fcntl(set[i].fd, F_SETFD, FD_CLOEXEC);
	}
	return true;
}

static bool site_listen(struct site *site, struct failure *why)
{
	const struct server_options *options = site->options;
	const struct listen_options listen = {
		.net = &options->stream->net,
		.backlog = options->backlog,
		.type = SOCK_STREAM,
		.reuse_port = options->workers > 1,
		.socket_mode = options->socket_mode,
	};

	site->listeners = memory_zeroed(options->workers, sizeof(*site->listeners));
	for (size_t i = 0; i < options->endpoint_count; ++i)
		if (!listen_open(&site->listeners[0], &site->listener_count, &options->endpoints[i],
				 &listen, why))
			return false;
	if (site->listener_count > SERVER_LISTENERS) {
		fail(why, FAILURE_USAGE, "%zu sockets to listen on: at most %d",
		     site->listener_count, SERVER_LISTENERS);
		return false;
	}
	for (unsigned w = 1; w < options->workers; ++w)
		if (!site_clone(site, w, &listen, why))
			return false;
	return true;
}

static void site_close_listeners(struct site *site)
{
	for (unsigned w = 0; site->listeners && w < site->options->workers; ++w) {
		for (size_t i = 0; site->listeners[w] && i < site->listener_count; ++i)
			if (site->listeners[w][i].fd >= 0)
				listener_close(&site->listeners[w][i], true);
		free(site->listeners[w]);
	}
	free(site->listeners);
}

static void site_check_descriptors(const struct server_options *options)
{
	const unsigned long each = 1 + options->handler->descriptors;
	const unsigned long need = options->max_connections * each + DESCRIPTORS_BESIDE;
	const unsigned long limit = process_descriptor_limit(need);

	if (limit < need)
		log_warning(
			"the limit of %lu open files allows about %lu connections, not the %llu "
			"of --max-conns; ulimit -n raises it",
			limit, limit > DESCRIPTORS_BESIDE ? (limit - DESCRIPTORS_BESIDE) / each : 0,
			(unsigned long long)options->max_connections);
}

static void site_show_sockopts(const struct site *site)
{
	for (size_t i = 0; i < site->listener_count; ++i) {
		struct buffer text = { 0 };

		if (sockopt_show(site->listeners[0][i].fd, &text))
			log_block(buffer_bytes(&text), text.length);
		buffer_free(&text);
	}
}

/* For whoever waits for us. */
static bool server_announce(struct site *site, struct failure *why)
{
	const struct server_options *options = site->options;
	static const char ready[] = "READY\n";

	if (options->port_file && !listen_write_port_file(options->port_file, site->listeners[0],
							  site->listener_count, why))
		return false;
	if (options->ready_fd < 0)
		return true;
	if (write(options->ready_fd, ready, sizeof(ready) - 1) < 0)
		log_warning("--ready-fd %d: %s", options->ready_fd, strerror(errno));
	if (options->ready_fd > 2)
		close(options->ready_fd);
	return true;
}

static void site_say_listening(const struct site *site)
{
	for (size_t i = 0; i < site->listener_count; ++i) {
		const struct listener *listener = &site->listeners[0][i];
		const struct endpoint endpoint = { .scheme = listener->scheme };

		report_listening(listener, stream_uses_tls(&endpoint, site->options->stream));
	}
	site_say_pin(site);
	if (site->options->show_sockopts)
		site_show_sockopts(site);
}

static bool site_open(struct site *site, struct failure *why)
{
	const struct server_options *options = site->options;

	if (!site_check(options, why) || !site_check_ready_fd(options, why) ||
	    !site_access(site, why) || !site_tls(site, why) || !site_prepare(site, why) ||
	    !site_shared(site, why))
		return false;
	site_check_descriptors(options);
	if (!site_listen(site, why))
		return false;
	site_say_listening(site);
	return true;
}

static bool site_run(struct site *site, struct server_result *result, struct failure *why)
{
	if (site->options->workers > 1)
		return server_supervise(site, result, why);
	if (!server_announce(site, why))
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
	struct site site = { .options = options, .started_ms = clock_ms() };
	bool ran;

	*result = (struct server_result){ 0 };
	ran = site_open(&site, why) && site_run(&site, result, why);
	site_close_listeners(&site);
	site_release(&site, result);
	if (ran && options->stats)
		report_stats(site.totals, options->workers, clock_ms() - site.started_ms);
	if (site.totals)
		munmap(site.totals, options->workers * sizeof(*site.totals));
	limits_free(site.limits);
	access_free(site.access);
	if (site.tls)
		tls_load(&(struct failure){ 0 })->context_free(site.tls);
	log_flush();
	return ran;
}
