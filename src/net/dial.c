/* SPDX-License-Identifier: MIT */
/* A connected socket to an endpoint: the race of RFC 8305. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/net/dial.h>
#include <sockutil/net/dial_attempt.h>
#include <sockutil/net/dial_failures.h>
#include <sockutil/net/dial_queue.h>
#include <sockutil/net/dial_source.h>
#include <sockutil/net/endpoint_host.h>
#include <sockutil/net/resolve.h>

/* RFC 8305, 8, in seconds. */
static const ev_tstamp resolution_delay = 0.050;
static const ev_tstamp attempt_delay = 0.250;
/* Between tries of a Unix listener whose queue is full: nothing tells when there is room. */
static const ev_tstamp queue_delay = 0.020;

struct attempt {
	ev_io io;
	struct dial *dial;
	struct attempt *next;
	struct address target;
};

struct dial {
	struct dial_request request;
	struct dial_source source;
	struct resolve *resolve;
	ev_timer timer; /* one of the delays; fed, without a start, to begin from the loop */
	bool resolving; /* another family may bring addresses */
	bool literal;   /* one address, which is the endpoint's text */
	bool full;      /* a Unix listener's queue was full at the last try */
	struct dial_queue queue;
	struct attempt *attempts;
	struct dial_failures failures;
	struct failure why; /* what is wrong with the request, or with the name */
	struct dial_report report;
	int64_t started_us;
};

/* "example.org:80", without scheme and path. */
static const char *place(char out[static ENDPOINT_TEXT_MAX], const struct dial *d)
{
	struct endpoint plain = *d->request.endpoint;

	plain.scheme = ENDPOINT_PLAIN;
	plain.target[0] = '\0';
	return endpoint_text(out, &plain);
}

static const char *shown(char out[static ADDRESS_TEXT_MAX], const struct address *address)
{
	if (address->any.sa_family == AF_INET || address->any.sa_family == AF_INET6)
		return address_host(out, address);
	return address_text(out, address);
}

static int64_t elapsed_us(const struct dial *d)
{
	return clock_us() - d->started_us;
}

static void attempt_remove(struct attempt *a)
{
	struct attempt **at = &a->dial->attempts;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	ev_io_stop(a->dial->request.loop, &a->io);
	free(a);
}

static void dial_free(struct dial *d)
{
	for (struct attempt *a = d->attempts, *next; a; a = next) {
		next = a->next;
		ev_io_stop(d->request.loop, &a->io);
		close(a->io.fd);
		free(a);
	}
	ev_timer_stop(d->request.loop, &d->timer); /* takes a fed event away too */
	resolve_cancel(d->resolve);
	dial_queue_free(&d->queue);
	free(d);
}

/* Everything else is closed before the caller hears of it. */
static void end(struct dial *d, int fd, const struct failure *why)
{
	const struct dial_request request = d->request;
	const struct dial_report report = d->report;
	struct failure copy = *why;

	dial_free(d);
	request.done(request.data, fd, &report, fd >= 0 ? NULL : &copy);
}

static void end_failed(struct dial *d)
{
	char where[ENDPOINT_TEXT_MAX];
	struct failure why = d->why;

	if (d->failures.rank > 0)
		dial_failures_tell(&d->failures, place(where, d), &why);
	end(d, -1, &why);
}

static void end_connected(struct dial *d, int fd, const struct address *target)
{
	d->report.peer = *target;
	d->report.connected_us = elapsed_us(d);
	end(d, fd, &(const struct failure){ .class = FAILURE_NONE });
}

static void set_timer(struct dial *d, ev_tstamp after)
{
	ev_timer_stop(d->request.loop, &d->timer);
	/* What was fed before the loop ran comes with the time of its last turn. */
	ev_now_update(d->request.loop);
	ev_timer_set(&d->timer, after, 0.);
	ev_timer_start(d->request.loop, &d->timer);
}

static void note_failure(struct dial *d, const struct address *target, const struct failure *why)
{
	char text[ADDRESS_TEXT_MAX];
	const bool others = !dial_queue_is_empty(&d->queue) || d->attempts || d->resolving;

	shown(text, target);
	dial_failures_add(&d->failures, d->literal ? "" : text, why);
	if (others && d->request.attempt_failed)
		d->request.attempt_failed(d->request.data, text, why->text);
}

static void advance(struct dial *d);

/* IO_DONE: connected, and the dial has ended. */
static enum io finish(struct dial *d, int fd, const struct address *target, struct failure *why)
{
	if (dial_attempt_finish(fd, target, d->request.options, &d->report.local, why) != IO_DONE) {
		close(fd);
		return IO_FAILED;
	}
	end_connected(d, fd, target);
	return IO_DONE;
}

static void on_writable(struct ev_loop *loop, ev_io *io, int events)
{
	struct attempt *a = io->data;
	struct dial *d = a->dial;
	const struct address target = a->target;
	const int fd = io->fd;
	struct failure why = { 0 };

	(void)loop;
	(void)events;
	attempt_remove(a);
	if (finish(d, fd, &target, &why) == IO_DONE)
		return;
	note_failure(d, &target, &why);
	/* The next one need not wait for the delay: there is one less under way. */
	advance(d);
}

static void watch(struct dial *d, int fd, const struct address *target)
{
	struct attempt *a = memory_zeroed(1, sizeof(*a));

	a->dial = d;
	a->target = *target;
	a->next = d->attempts;
	d->attempts = a;
	ev_io_init(&a->io, on_writable, fd, EV_WRITE);
	a->io.data = a;
	ev_io_start(d->request.loop, &a->io);
}

static bool permitted(const struct dial *d, const struct address *target, struct failure *why)
{
	if (!d->request.permits || d->request.permits(d->request.data, target))
		return true;
	fail(why, FAILURE_CONNECT, "not permitted");
	why->error = EACCES;
	return false;
}

/* One address. IO_DONE: the dial has ended; IO_AGAIN: it is under way. */
static enum io try(struct dial *d, const struct address *target)
{
	struct failure why = { 0 };
	enum io result;
	int fd;

	d->full = false;
	if (!permitted(d, target, &why)) {
		note_failure(d, target, &why);
		return IO_FAILED;
	}
	result = dial_attempt_start(&fd, target, d->request.options, &d->source, &why);
	d->report.attempts++;
	if (result == IO_AGAIN) {
		watch(d, fd, target);
		return IO_AGAIN;
	}
	if (result == IO_DONE && finish(d, fd, target, &why) == IO_DONE)
		return IO_DONE;
	d->full = target->any.sa_family == AF_UNIX && why.error == EAGAIN;
	if (!d->full)
		note_failure(d, target, &why);
	return IO_FAILED;
}

/* Starts the next attempt and the delay behind it, or ends the dial when nothing is left to hope
 * for. */
static void advance(struct dial *d)
{
	struct address target;
	enum io result;

	ev_timer_stop(d->request.loop, &d->timer);
	while (dial_queue_take(&d->queue, &target)) {
		result = try(d, &target);
		if (result == IO_DONE)
			return;
		if (d->full) {
			dial_queue_add(&d->queue, &target, 1);
			set_timer(d, queue_delay);
			return;
		}
		if (result == IO_AGAIN) {
			if (!dial_queue_is_empty(&d->queue) || d->resolving)
				set_timer(d, attempt_delay);
			return;
		}
	}
	if (!d->attempts && !d->resolving)
		end_failed(d);
}

static void on_resolved(void *data, int family, const struct address *addresses, size_t count,
			const struct failure *why, bool more)
{
	struct dial *d = data;
	const bool delayed = ev_is_active(&d->timer);

	d->resolving = more;
	if (why)
		d->why = *why;
	dial_queue_add(&d->queue, addresses, count);
	if (count > 0 && d->report.resolved_us < 0)
		d->report.resolved_us = d->literal ? 0 : elapsed_us(d);
	if (dial_queue_is_empty(&d->queue) && more)
		return;
	if (family == AF_INET && more && d->report.attempts == 0)
		set_timer(d, resolution_delay); /* RFC 8305, 3 */
	else if (!delayed || d->report.attempts == 0)
		advance(d);
}

static void inherit(struct dial *d)
{
	const int fd = d->request.endpoint->descriptor;
	struct address peer;

	d->report.inherited = true;
	if (!dial_attempt_inherit(fd, d->request.options, &d->report.local, &peer, &d->why)) {
		dial_failures_add(&d->failures, "", &d->why);
		end_failed(d);
		return;
	}
	end_connected(d, fd, &peer);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct dial *d = timer->data;

	(void)loop;
	(void)events;
	if (d->request.endpoint->kind == ENDPOINT_DESCRIPTOR && d->why.class == FAILURE_NONE)
		inherit(d);
	else
		advance(d);
}

/* An option that the kind of endpoint has no use for is a mistake, not something to pass over. */
static bool options_fit(const struct dial_request *request, struct failure *why)
{
	const struct net_options *options = request->options;
	const enum endpoint_kind kind = request->endpoint->kind;
	const struct {
		const char *name;
		bool unfit;
	} given[] = {
		{ .name = "-4", .unfit = options->family == AF_INET },
		{ .name = "-6", .unfit = options->family == AF_INET6 },
		{ .name = "--source", .unfit = options->source && kind != ENDPOINT_UNIX },
		{ .name = "--interface", .unfit = options->interface != NULL },
		{ .name = "--mptcp", .unfit = options->mptcp },
		{ .name = "--fastopen", .unfit = options->fastopen },
	};

	if (kind == ENDPOINT_SYSTEMD) {
		fail(why, FAILURE_USAGE, "only for listening");
		return false;
	}
	for (size_t i = 0; kind != ENDPOINT_INTERNET && i < sizeof(given) / sizeof(given[0]); i++) {
		if (!given[i].unfit)
			continue;
		fail(why, FAILURE_USAGE, "%s does not go with this kind of endpoint",
		     given[i].name);
		return false;
	}
	return true;
}

static void start_internet(struct dial *d)
{
	const struct endpoint *e = d->request.endpoint;

	d->literal = endpoint_host_is_v4(e->host) || endpoint_host_is_v6(e->host);
	d->resolving = true;
	d->resolve = resolve_start(d->request.loop, e->host, e->service, e->port,
				   d->request.options->family, SOCK_STREAM, on_resolved, d);
}

/* The one address of an endpoint that needs no name; begins from the loop. */
static void start_other(struct dial *d)
{
	const struct endpoint *e = d->request.endpoint;
	struct address address;
	bool known = true;

	d->literal = true;
	d->report.resolved_us = 0;
	if (e->kind == ENDPOINT_UNIX)
		known = address_unix(&address, e->path);
	else if (e->kind == ENDPOINT_VSOCK)
		known = address_vsock(&address, e->vsock_cid, e->vsock_port);
	if (!known)
		fail(&d->why, FAILURE_USAGE, "this system has no such sockets");
	else if (e->kind == ENDPOINT_UNIX || e->kind == ENDPOINT_VSOCK)
		dial_queue_add(&d->queue, &address, 1);
}

struct dial *dial_start(const struct dial_request *request)
{
	struct dial *d = memory_zeroed(1, sizeof(*d));

	d->request = *request;
	d->report.resolved_us = -1;
	d->report.connected_us = -1;
	d->started_us = clock_us();
	ev_timer_init(&d->timer, on_timer, 0., 0.);
	d->timer.data = d;
	if (options_fit(request, &d->why) &&
	    dial_source_parse(&d->source, request->options->source, request->endpoint, &d->why)) {
		if (request->endpoint->kind == ENDPOINT_INTERNET) {
			start_internet(d);
			return d;
		}
		start_other(d);
	}
	if (d->why.class != FAILURE_NONE)
		dial_failures_add(&d->failures, "", &d->why);
	ev_feed_event(request->loop, &d->timer, EV_TIMER);
	return d;
}

/* "192.0.2.1, 2001:db8::1": the oldest first. */
static void list_attempts(char *out, size_t size, const struct attempt *a)
{
	char text[ADDRESS_TEXT_MAX];
	size_t length;

	if (a->next) {
		list_attempts(out, size, a->next);
		length = strlen(out);
		snprintf(out + length, size - length, ", ");
	}
	length = strlen(out);
	snprintf(out + length, size - length, "%s", shown(text, &a->target));
}

static void tell_under_way(const struct dial *d, struct failure *why)
{
	char where[ENDPOINT_TEXT_MAX];
	char under_way[300] = "";

	place(where, d);
	if (d->full) {
		fail(why, FAILURE_TIMEOUT, "%s: the server's queue is full", where);
	} else if (d->literal) {
		fail(why, FAILURE_TIMEOUT, "%s: no answer", where);
	} else if (!d->attempts) {
		fail(why, FAILURE_TIMEOUT, "%s: name not resolved yet", d->request.endpoint->host);
	} else {
		list_attempts(under_way, sizeof(under_way), d->attempts);
		fail(why, FAILURE_TIMEOUT, "%s: no answer from %s%s%s", where, under_way,
		     d->failures.length ? "; " : "", d->failures.text);
	}
}

void dial_cancel(struct dial *dial, struct failure *why)
{
	if (why)
		tell_under_way(dial, why);
	dial_free(dial);
}
