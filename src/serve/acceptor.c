/* SPDX-License-Identifier: MIT */
/* Takes connections from the listeners while there is room. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/net/accept.h>
#include <sockutil/net/process.h>
#include <sockutil/serve/acceptor.h>
#include <sockutil/serve/lingering.h>
#include <sockutil/serve/report.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/serve/site.h>

/* Taken in one go, before other connections get their turn. */
enum { BATCH = 64 };

/* So many connections can open all that their handler wants while the others wait outside. */
enum { SPARE = 4 };

/* How long the listeners rest when the system has no descriptor or memory, in seconds; also how
 * often a worker looks whether another one has given a place back. */
static const double PAUSE = 0.1;

struct entrance {
	struct ev_io io;
	struct server *server;
	uint16_t listener;
	bool tls;
};

struct acceptor {
	struct ev_timer pause;
	bool paused;
	bool full;   /* for want of a place */
	bool warned; /* about this shortage */
	bool open;
	int highest; /* a connection with a descriptor from here on is the last for now */
	struct entrance entrances[];
};

bool acceptor_full(const struct server *server)
{
	return server->acceptor->paused && server->acceptor->full;
}

bool acceptor_uses_tls(const struct server *server, size_t listener)
{
	return server->acceptor->entrances[listener].tls;
}

static void acceptor_pause(struct server *server, bool full)
{
	struct acceptor *a = server->acceptor;

	a->paused = true;
	a->full = full;
	for (size_t i = 0; i < server->listener_count; ++i)
		ev_io_stop(server->loop, &a->entrances[i].io);
	/* In one process a place becomes free only by a session that ends here, which resumes by
	 * itself. */
	if (!full || server->options->workers > 1)
		ev_timer_again(server->loop, &a->pause);
}

void acceptor_resume(struct server *server)
{
	struct acceptor *a = server->acceptor;

	if (!a || !a->paused || !a->open)
		return;
	a->paused = false;
	ev_timer_stop(server->loop, &a->pause);
	for (size_t i = 0; i < server->listener_count; ++i)
		ev_io_start(server->loop, &a->entrances[i].io);
}

static void acceptor_rested(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	acceptor_resume(timer->data);
}

const char *acceptor_objection(struct server *server, const struct address *peer, char *text,
			       size_t size)
{
	const struct server_options *options = server->options;
	const char *rule = "";

	if (server->access && !access_permits(server->access, peer, &rule)) {
		snprintf(text, size, "%s%s", *rule ? "denied by " : "not in --allow", rule);
		return text;
	}
	switch (limits_admit(server->limits, server->worker, peer, clock_us())) {
	case LIMITS_PER_ADDRESS:
		snprintf(text, size,
			 "more than %llu at once from this address (--max-conns-per-ip)",
			 (unsigned long long)options->max_per_address);
		return text;
	case LIMITS_RATE:
		snprintf(text, size, "more than %llu a second (--conn-rate)",
			 (unsigned long long)options->rate);
		return text;
	default:
		return NULL;
	}
}

static void acceptor_short(struct server *server, const struct failure *why)
{
	limits_release(server->limits, server->worker);
	if (!server->acceptor->warned)
		log_warning("%s; connections wait until there is room again", why->text);
	server->acceptor->warned = true;
	acceptor_pause(server, false);
}

/* Descriptors are numbered from below: one so high says that nearly all are taken. Those left are
 * for the connections that are in. */
static void acceptor_spare(struct server *server, int fd)
{
	struct acceptor *a = server->acceptor;

	if (fd < a->highest || !a->open || a->paused)
		return;
	if (!a->warned)
		log_warning("few descriptors are left; connections wait until there is room again "
			    "(ulimit -n raises the limit)");
	a->warned = true;
	acceptor_pause(server, true);
}

static void acceptor_enter(struct entrance *e, int fd, const struct address *peer)
{
	struct server *server = e->server;
	char text[300];
	const char *objection = NULL;

	/* Of a connection through a proxy only its header tells whose it is. */
	if (server->options->accept_proxy == ACCEPT_PROXY_NO)
		objection = acceptor_objection(server, peer, text, sizeof(text));

	if (fd < server->acceptor->highest)
		server->acceptor->warned = false;
	if (objection) {
		close(fd);
		limits_release(server->limits, server->worker);
		server->totals->refused++;
		report_refused(peer, objection);
		return;
	}
	/* Closed first: --accept is a promise to whoever comes next, too. */
	if (server->options->accept > 0 && server->number + 1 >= server->options->accept)
		acceptor_stop(server);
	acceptor_spare(server, fd);
	session_new(server, e->listener, fd, peer);
}

static bool acceptor_reserve(struct server *server)
{
	if (limits_reserve(server->limits, server->worker))
		return true;
	lingering_hurry(server->lingering);
	return limits_reserve(server->limits, server->worker);
}

/* False: no more for now. */
static bool acceptor_take(struct entrance *e)
{
	struct server *server = e->server;
	struct failure why;
	struct address peer;
	int fd = -1;

	why.class = FAILURE_NONE;
	if (!acceptor_reserve(server)) {
		acceptor_pause(server, true);
		return false;
	}
	switch (accept_one(&server->listeners[e->listener], &fd, &peer, &why)) {
	case IO_DONE:
		acceptor_enter(e, fd, &peer);
		return server->acceptor->open && !server->acceptor->paused;
	case IO_FAILED:
		acceptor_short(server, &why);
		return false;
	default:
		limits_release(server->limits, server->worker);
		return false;
	}
}

static void acceptor_ready(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct entrance *e = io->data;

	(void)loop;
	(void)events;
	for (int i = 0; i < BATCH && acceptor_take(e); ++i)
		;
}

/* Some for whatever the handler opens for those that are in. */
static int acceptor_highest(const struct server_options *options)
{
	const unsigned long limit = process_descriptor_limit(0);
	const unsigned long spare = SPARE * (unsigned long)site_descriptors(options);

	if (limit == 0 || limit > INT_MAX || spare == 0)
		return INT_MAX;
	return limit > 2 * spare ? (int)(limit - spare) : (int)limit / 2;
}

void acceptor_start(struct server *server)
{
	const size_t count = server->listener_count;
	struct acceptor *a = memory_zeroed(1, sizeof(*a) + count * sizeof(struct entrance));

	ev_timer_init(&a->pause, acceptor_rested, 0, PAUSE);
	a->pause.data = server;
	a->open = true;
	a->highest = acceptor_highest(server->options);
	server->acceptor = a;
	for (size_t i = 0; i < count; ++i) {
		struct entrance *e = &a->entrances[i];
		const struct endpoint endpoint = { .scheme = server->listeners[i].scheme };

		e->server = server;
		e->listener = (uint16_t)i;
		e->tls = stream_uses_tls(&endpoint, server->options->stream);
		ev_io_init(&e->io, acceptor_ready, server->listeners[i].fd, EV_READ);
		e->io.data = e;
		ev_io_start(server->loop, &e->io);
	}
}

void acceptor_stop(struct server *server)
{
	struct acceptor *a = server->acceptor;

	if (!a || !a->open)
		return;
	a->open = false;
	ev_timer_stop(server->loop, &a->pause);
	for (size_t i = 0; i < server->listener_count; ++i) {
		ev_io_stop(server->loop, &a->entrances[i].io);
		listener_close(&server->listeners[i], server->listeners_owned);
	}
}

bool acceptor_open(const struct server *server)
{
	return server->acceptor->open;
}

void acceptor_free(struct server *server)
{
	acceptor_stop(server);
	free(server->acceptor);
	server->acceptor = NULL;
}
