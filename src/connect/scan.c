/* SPDX-License-Identifier: MIT */
/* src/connect/scan.c - which ports of a host are open. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/connect/scan.h>
#include <sockutil/net/dial_attempt.h>
#include <sockutil/net/resolve.h>

const char *const scan_state_names[SCAN_STATES] = {
	[SCAN_OPEN] = "open",
	[SCAN_REFUSED] = "refused",
	[SCAN_SILENT] = "no answer",
};

enum { ADDRESSES_MAX = 32 };

/* One port, tried at one address after the other. */
struct probe {
	struct scan *scan;
	struct scan_result *result; /* NULL: idle */
	size_t address;             /* which one is tried */
	bool refused;               /* by one before */
	bool idle;                  /* for good: no descriptor was left for it */
	int fd;
	int64_t started_us;
	struct ev_io io;
	struct ev_timer timer;
};

struct scan {
	const struct scan_options *options;
	struct ev_loop *loop;
	struct resolve *resolve;
	struct ev_timer limit; /* of the name */
	struct address addresses[ADDRESSES_MAX];
	size_t address_count;
	struct dial_source source;
	struct probe *probes;
	struct scan_result *results; /* in order of the ports */
	size_t begun, told;
	struct scan_summary *summary;
	bool over;
	struct failure name_failure, failure;
};

static void scan_end(struct scan *scan, const struct failure *why)
{
	if (why && scan->failure.class == FAILURE_NONE)
		scan->failure = *why;
	scan->over = true;
	ev_break(scan->loop, EVBREAK_ALL);
}

/* ------ one port ------ */

static void probe_rest(struct probe *p)
{
	ev_io_stop(p->scan->loop, &p->io);
	ev_timer_stop(p->scan->loop, &p->timer);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

/* Results wait for those of lower ports. */
static void scan_tell(struct scan *scan)
{
	const struct scan_options *o = scan->options;

	while (!scan->over && scan->told < scan->begun && scan->results[scan->told].us >= 0) {
		const struct scan_result *result = &scan->results[scan->told++];

		scan->summary->counts[result->state]++;
		if (!o->found(o->data, result))
			scan_end(scan, NULL);
	}
	if (scan->told == o->ports->count)
		scan_end(scan, NULL);
}

static void probe_decide(struct probe *p, enum scan_state state, int error)
{
	struct scan_result *result = p->result;

	result->state = state;
	result->error = error;
	result->address = p->scan->addresses[p->address];
	result->us = clock_us() - p->started_us;
	p->result = NULL;
	probe_rest(p);
	scan_tell(p->scan);
}

/* What only the user can mend, and what every further port would meet as well. */
static bool is_ours(const struct failure *why)
{
	return why->class == FAILURE_USAGE || why->class == FAILURE_OTHER ||
	       (why->class == FAILURE_LOCAL_ADDRESS && why->error != EAFNOSUPPORT);
}

/* Somebody waits for an answer and will go on with what is left. */
static bool scan_goes_on(const struct scan *scan)
{
	for (unsigned i = 0; i < scan->options->jobs; ++i)
		if (scan->probes[i].scan && scan->probes[i].fd >= 0)
			return true;
	return false;
}

/* Without a descriptor its port, the last one begun, is left to the others. */
static bool probe_gives_up(struct probe *p, const struct failure *why)
{
	if ((why->error != EMFILE && why->error != ENFILE) || p->address > 0 ||
	    !scan_goes_on(p->scan))
		return false;
	p->scan->begun--;
	p->result = NULL;
	p->idle = true;
	return true;
}

static void probe_try(struct probe *p);

/* This address did not accept: the next one, or that is the answer. */
static void probe_failed(struct probe *p, const struct failure *why)
{
	if (probe_gives_up(p, why))
		return;
	if (is_ours(why)) {
		scan_end(p->scan, why);
		return;
	}
	p->refused = p->refused || why->error == ECONNREFUSED;
	probe_rest(p);
	if (p->address + 1 < p->scan->address_count) {
		p->address++;
		probe_try(p);
	} else {
		probe_decide(p, p->refused ? SCAN_REFUSED : SCAN_SILENT,
			     why->error == ETIMEDOUT ? 0 : why->error);
	}
}

static void probe_finish(struct probe *p, const struct address *target)
{
	struct address local;
	struct failure why = { 0 };

	if (dial_attempt_finish(p->fd, target, p->scan->options->net, &local, &why) == IO_DONE)
		probe_decide(p, SCAN_OPEN, 0);
	else
		probe_failed(p, &why);
}

static void probe_target(const struct probe *p, struct address *target)
{
	*target = p->scan->addresses[p->address];
	address_set_port(target, p->result->port);
}

static void probe_go_on(struct probe *p);

static void probe_writable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct probe *p = io->data;
	struct address target;

	(void)loop;
	(void)events;
	probe_target(p, &target);
	probe_finish(p, &target);
	probe_go_on(p);
}

static void probe_expired(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	probe_failed(timer->data, &(const struct failure){ .class = FAILURE_TIMEOUT });
	probe_go_on(timer->data);
}

static void probe_watch(struct probe *p)
{
	const struct scan_options *o = p->scan->options;

	ev_io_set(&p->io, p->fd, EV_WRITE);
	ev_io_start(p->scan->loop, &p->io);
	if (o->timeout_ms <= 0)
		return;
	ev_timer_set(&p->timer, (double)o->timeout_ms / 1000, 0);
	ev_timer_start(p->scan->loop, &p->timer);
}

static void probe_try(struct probe *p)
{
	const struct scan *scan = p->scan;
	struct address target;
	struct failure why = { 0 };

	probe_target(p, &target);
	switch (dial_attempt_start(&p->fd, &target, scan->options->net, &scan->source, &why)) {
	case IO_DONE:
		probe_finish(p, &target);
		break;
	case IO_AGAIN:
		probe_watch(p);
		break;
	default:
		probe_failed(p, &why);
	}
}

/* Ports that nobody has begun, until one has to be waited for. */
static void probe_go_on(struct probe *p)
{
	struct scan *scan = p->scan;

	while (!scan->over && !p->idle && !p->result && scan->begun < scan->options->ports->count) {
		p->result = &scan->results[scan->begun++];
		p->address = 0;
		p->refused = false;
		p->started_us = clock_us();
		probe_try(p);
	}
}

/* ------ all of them ------ */

static void scan_begin(struct scan *scan)
{
	ev_timer_stop(scan->loop, &scan->limit);
	ev_now_update(scan->loop);
	for (unsigned i = 0; i < scan->options->jobs && !scan->over; ++i) {
		struct probe *p = &scan->probes[i];

		p->scan = scan;
		p->fd = -1;
		ev_init(&p->io, probe_writable);
		ev_init(&p->timer, probe_expired);
		p->io.data = p->timer.data = p;
		probe_go_on(p);
	}
}

static void scan_resolved(void *data, int family, const struct address *addresses, size_t count,
			  const struct failure *why, bool more)
{
	struct scan *scan = data;

	(void)family;
	for (size_t i = 0; i < count && scan->address_count < ADDRESSES_MAX; ++i)
		scan->addresses[scan->address_count++] = addresses[i];
	if (why)
		scan->name_failure = *why;
	if (more)
		return;
	if (scan->address_count > 0)
		scan_begin(scan);
	else
		scan_end(scan, &scan->name_failure);
}

static void scan_unnamed(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct scan *scan = timer->data;
	struct failure why;
	char limit[32];

	(void)loop;
	(void)events;
	fail(&why, FAILURE_TIMEOUT, "%s: name not resolved after %s (--timeout)",
	     scan->options->host, duration_text(limit, sizeof(limit), scan->options->timeout_ms));
	scan_end(scan, &why);
}

static void scan_prepare(struct scan *scan)
{
	const struct scan_options *o = scan->options;
	unsigned port = 0;

	scan->probes = memory_zeroed(o->jobs, sizeof(*scan->probes));
	scan->results = memory_zeroed(o->ports->count, sizeof(*scan->results));
	for (size_t i = 0; (port = port_list_next(o->ports, port)) != 0; ++i) {
		scan->results[i].port = port;
		scan->results[i].us = -1;
	}
	ev_timer_init(&scan->limit, scan_unnamed, (double)o->timeout_ms / 1000, 0);
	scan->limit.data = scan;
	if (o->timeout_ms > 0)
		ev_timer_start(scan->loop, &scan->limit);
	scan->resolve = resolve_start(scan->loop, o->host, "", 1, o->net->family, SOCK_STREAM,
				      scan_resolved, scan);
}

static void scan_free(struct scan *scan)
{
	resolve_cancel(scan->resolve);
	ev_timer_stop(scan->loop, &scan->limit);
	for (unsigned i = 0; i < scan->options->jobs; ++i)
		if (scan->probes[i].scan)
			probe_rest(&scan->probes[i]);
	free(scan->probes);
	free(scan->results);
	ev_loop_destroy(scan->loop);
}

bool scan_run(const struct scan_options *options, struct scan_summary *summary, struct failure *why)
{
	const struct endpoint endpoint = { .kind = ENDPOINT_INTERNET };
	struct scan scan = { .options = options, .summary = summary };

	*summary = (struct scan_summary){ { 0 } };
	if (!dial_source_parse(&scan.source, options->net->source, &endpoint, why))
		return false;
	scan.loop = ev_loop_new(EVFLAG_NOENV);
	if (!scan.loop) {
		fail(why, FAILURE_OTHER, "no event loop");
		return false;
	}
	scan_prepare(&scan);
	if (!scan.over)
		ev_run(scan.loop, 0);
	scan_free(&scan);
	if (scan.failure.class != FAILURE_NONE)
		*why = scan.failure;
	return scan.failure.class == FAILURE_NONE;
}

const char *scan_service(unsigned port, char out[static 64])
{
	const struct servent *service = getservbyport(htons((uint16_t)port), "tcp");

	snprintf(out, 64, "%s", service ? service->s_name : "");
	return out;
}
