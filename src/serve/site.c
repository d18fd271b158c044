/* SPDX-License-Identifier: MIT */
/* Everything a server makes before it serves. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/net/privileges.h>
#include <sockutil/net/process.h>
#include <sockutil/net/sockopt.h>
#include <sockutil/serve/metrics.h>
#include <sockutil/serve/notify.h>
#include <sockutil/serve/report.h>
#include <sockutil/serve/site.h>

/* Descriptors that are not connections: stdio, listeners, the loop, files. */
enum { DESCRIPTORS_BESIDE = 64 + METRICS_READERS };

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
	if (options->workers > 1 && options->handler->one_process) {
		fail(why, FAILURE_USAGE,
		     "standard input and output, and --broker, belong to one process: leave "
		     "--workers out, or say what to answer (--responder, --reply, --send-file, "
		     "--save)");
		return false;
	}
	if (options->workers > 1 && options->accept > 0) {
		fail(why, FAILURE_USAGE,
		     "connections are counted in one process (--accept, --once): "
		     "leave --workers out");
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
		log_notice("certificate made for this run; clients prove it with --pin %s",
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

static bool site_listen_metrics(struct site *site, struct failure *why)
{
	const struct net_options net = { .family = site->options->stream->net.family };
	const struct listen_options listen = {
		.net = &net,
		.backlog = METRICS_BACKLOG,
		.type = SOCK_STREAM,
	};

	if (!site->options->metrics ||
	    listen_open(&site->metrics, &site->metrics_count, site->options->metrics, &listen, why))
		return true;
	fail_at(why, "--metrics");
	return false;
}

unsigned site_descriptors(const struct server_options *options)
{
	unsigned most = options->handler->descriptors;

	for (size_t i = 0; options->inner && options->inner[i]; ++i)
		if (options->inner[i]->descriptors > most)
			most = options->inner[i]->descriptors;
	return most;
}

static void site_check_descriptors(const struct server_options *options)
{
	const unsigned long each = 1 + site_descriptors(options);
	const unsigned long need = options->max_connections * each + DESCRIPTORS_BESIDE;
	const unsigned long limit = process_descriptor_limit(need);

	if (limit < need)
		log_warning("the limit of %lu open files allows about %lu connections at once, not "
			    "%llu; ulimit -n raises it",
			    limit,
			    limit > DESCRIPTORS_BESIDE ? (limit - DESCRIPTORS_BESIDE) / each : 0,
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

static void site_say_listening(const struct site *site)
{
	for (size_t i = 0; i < site->listener_count; ++i) {
		const struct listener *listener = &site->listeners[0][i];
		const struct endpoint endpoint = { .scheme = listener->scheme };

		report_listening(listener, stream_uses_tls(&endpoint, site->options->stream));
	}
	for (size_t i = 0; i < site->metrics_count; ++i)
		report_metrics(&site->metrics[i]);
	site_say_pin(site);
	if (site->options->show_sockopts)
		site_show_sockopts(site);
}

bool site_open(struct site *site, struct failure *why)
{
	const struct server_options *options = site->options;

	site->ready_fd = options->ready_fd;
	notify_open();
	if (!site_check(options, why) || (options->user && !privileges_check(options->user, why)) ||
	    !site_check_ready_fd(options, why) || !site_access(site, why) || !site_tls(site, why) ||
	    !site_prepare(site, why) || !site_shared(site, why))
		return false;
	site_check_descriptors(options);
	if (!pidfile_open(&site->pidfile, options->pidfile, why) || !site_listen(site, why) ||
	    !site_listen_metrics(site, why))
		return false;
	site_say_listening(site);
	return true;
}

/* Its number may soon be another file's: told and closed once. */
static void site_close_ready_fd(struct site *site)
{
	if (site->ready_fd > 2)
		close(site->ready_fd);
	site->ready_fd = -1;
}

bool site_announce(struct site *site, struct failure *why)
{
	const struct server_options *options = site->options;
	static const char ready[] = "READY\n";

	log_flush();
	if (options->port_file && !listen_write_port_file(options->port_file, site->listeners[0],
							  site->listener_count, why))
		return false;
	if (options->user && !privileges_drop(options->user, why))
		return false;
	notify_ready();
	if (site->ready_fd >= 0 && write(site->ready_fd, ready, sizeof(ready) - 1) < 0)
		log_warning("--ready-fd %d: %s", site->ready_fd, strerror(errno));
	site_close_ready_fd(site);
	return true;
}

static void site_close_set(struct site *site, unsigned worker, bool owner)
{
	struct listener *set = site->listeners ? site->listeners[worker] : NULL;

	for (size_t i = 0; set && i < site->listener_count; ++i)
		if (set[i].fd >= 0)
			listener_close(&set[i], owner);
}

void site_enter(struct site *site, unsigned worker)
{
	/* Its reader is to see the end when the first process closes it. */
	site_close_ready_fd(site);
	for (unsigned w = 0; w < site->options->workers; ++w)
		if (w != worker)
			site_close_set(site, w, false);
}

void site_stop_listening(struct site *site)
{
	for (unsigned w = 0; w < site->options->workers; ++w)
		site_close_set(site, w, true);
}

static void site_close_listeners(struct site *site)
{
	site_stop_listening(site);
	for (unsigned w = 0; site->listeners && w < site->options->workers; ++w)
		free(site->listeners[w]);
	free(site->listeners);
}

void site_close(struct site *site)
{
	site_close_listeners(site);
	for (size_t i = 0; i < site->metrics_count; ++i)
		listener_close(&site->metrics[i], true);
	free(site->metrics);
	pidfile_close(&site->pidfile);
	notify_close();
	if (site->totals)
		munmap(site->totals, site->options->workers * sizeof(*site->totals));
	limits_free(site->limits);
	access_free(site->access);
	if (site->tls)
		tls_load(&(struct failure){ 0 })->context_free(site->tls);
}
