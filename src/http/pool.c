/* SPDX-License-Identifier: MIT */
/* src/http/pool.c - who gets which connection. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/http/pool.h>

enum { POOL_IDLE_MAX = 32 }; /* connections at rest; beyond that the oldest is closed */

/* A connection, or one being opened (then opening is set and connection is not). Newest first. */
struct pool_entry {
	struct http_pool *pool;
	struct pool_entry *next;
	struct http_origin origin;
	char port[6];
	struct stream_options options; /* of the opening */
	struct stream_opening *opening;
	struct http_connection *connection;
	bool rested; /* nobody had use for it at once: it may have died since */
};

/* Oldest first. */
struct http_lease {
	struct http_pool *pool;
	struct http_lease *next;
	struct http_origin origin;
	bool fresh;
	http_pool_ready *done;
	dial_attempt_failed *attempt_failed;
	void *data;
};

struct http_pool {
	struct ev_loop *loop;
	struct stream_options plain, encrypted;
	enum http_version version;
	bool alpn_chosen; /* encrypted has its list */
	struct tls_context *tls, *proxy_tls;
	struct pool_entry *entries;
	struct http_lease *leases;
	struct ev_timer turn;
};

static bool same_origin(const struct http_origin *a, const struct http_origin *b)
{
	if (a->way != b->way || a->absolute != b->absolute)
		return false;
	return a->absolute ||
	       (a->https == b->https && a->port == b->port && strcmp(a->host, b->host) == 0);
}

static void look_again(struct http_pool *pool)
{
	ev_timer_start(pool->loop, &pool->turn);
}

static void entry_close(struct pool_entry *e)
{
	if (e->opening)
		stream_open_cancel(e->opening);
	http_connection_free(e->connection);
	free(e);
}

static void entry_free(struct pool_entry *e)
{
	struct pool_entry **at = &e->pool->entries;

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	entry_close(e);
}

static void entries_free(struct pool_entry *e)
{
	while (e) {
		struct pool_entry *next = e->next;

		entry_close(e);
		e = next;
	}
}

static void leases_free(struct http_lease *l)
{
	while (l) {
		struct http_lease *next = l->next;

		free(l);
		l = next;
	}
}

static bool was_used(const struct pool_entry *e)
{
	return e->connection->served > 0 || e->rested;
}

static void lease_unlink(struct http_pool *pool, struct http_lease *lease)
{
	struct http_lease **at = &pool->leases;

	while (*at != lease)
		at = &(*at)->next;
	*at = lease->next;
}

/* The lease is gone, and whatever the user does inside may change the lists. */
static void lease_done(struct http_pool *pool, struct http_lease *lease, const struct pool_entry *e,
		       const struct failure *why)
{
	struct http_lease copy = *lease;

	lease_unlink(pool, lease);
	free(lease);
	copy.done(copy.data, e ? e->connection : NULL, e && was_used(e), why);
}

/* --- opening ---------------------------------------------------------------- */

static void on_changed(void *data, struct http_connection *connection)
{
	struct pool_entry *e = data;
	struct http_pool *pool = e->pool;

	if (connection->ops->finished(connection))
		entry_free(e);
	look_again(pool);
}

static struct http_lease *first_waiting(const struct http_pool *pool,
					const struct http_origin *origin)
{
	struct http_lease *l = pool->leases;

	while (l && !same_origin(&l->origin, origin))
		l = l->next;
	return l;
}

/* The asker waiting longest hears of it; the others get tries of their own. */
static void entry_failed(struct pool_entry *e, const struct failure *why)
{
	struct http_pool *pool = e->pool;
	struct http_lease *lease = first_waiting(pool, &e->origin);

	entry_free(e);
	look_again(pool);
	if (lease)
		lease_done(pool, lease, NULL, why);
}

static bool speaks_http2(const struct pool_entry *e, const struct stream_report *report)
{
	if (!e->origin.https)
		return e->pool->version == HTTP_VERSION_2;
	return report->tls.alpn && strcmp(report->tls.alpn, "h2") == 0;
}

static struct http_connection *connection_over(const struct pool_entry *e, struct stream *stream,
					       const struct stream_report *report,
					       struct failure *why)
{
	if (speaks_http2(e, report))
		return http2_connection_new(e->pool->loop, stream, report, why);
	if (e->pool->version != HTTP_VERSION_2)
		return http1_connection_new(e->pool->loop, stream, report);
	fail(why, FAILURE_PROTOCOL, "the server does not offer HTTP/2; --http1.1 goes without");
	return NULL;
}

static const struct proxy_hop *last_hop(const struct http_way *way)
{
	return &way->hops[way->count - 1];
}

/* The proxy that gets the requests is what was dialled: its failures are a proxy's. Those of the
 * hops before it are named already. */
static void blame_proxy(const struct pool_entry *e, bool connected, struct failure *why)
{
	const struct http_way *way = e->origin.way;
	char text[ENDPOINT_TEXT_MAX];

	if (!e->origin.absolute || !way || why->class == FAILURE_PROXY ||
	    why->class == FAILURE_PROXY_NAME)
		return;
	if (connected)
		fail_at(why, endpoint_text(text, &last_hop(way)->endpoint));
	if (connected || way->count == 1)
		stream_blame_proxy(why);
}

static void at_origin(const struct pool_entry *e, struct failure *why)
{
	char text[sizeof(e->origin.host) + sizeof(e->port) + 2];

	snprintf(text, sizeof(text), "%s:%s", e->origin.host, e->port);
	fail_at(why, text);
}

static void on_opened(void *data, struct stream *stream, const struct stream_report *report,
		      const struct failure *why)
{
	struct pool_entry *e = data;
	struct failure own;

	e->opening = NULL;
	if (!stream) {
		own = *why;
		blame_proxy(e, report->dial.connected_us >= 0, &own);
		/* Until it is connected the failure names the addresses itself; so does one of a
		 * name. */
		if (report->dial.connected_us >= 0 && own.class != FAILURE_NAME)
			at_origin(e, &own);
		entry_failed(e, &own);
		return;
	}
	e->connection = connection_over(e, stream, report, &own);
	if (!e->connection) {
		stream_free(stream);
		at_origin(e, &own);
		entry_failed(e, &own);
		return;
	}
	e->connection->changed = on_changed;
	e->connection->data = e;
	look_again(e->pool);
}

static void on_attempt_failed(void *data, const char *address, const char *reason)
{
	struct pool_entry *e = data;
	struct http_lease *lease = first_waiting(e->pool, &e->origin);

	if (lease && lease->attempt_failed)
		lease->attempt_failed(lease->data, address, reason);
}

/* What the version means for ALPN; the library for HTTP/2 is looked for only now. */
static void choose_alpn(struct http_pool *pool)
{
	struct failure why;

	if (pool->alpn_chosen)
		return;
	pool->alpn_chosen = true;
	if (pool->encrypted.tls_options.alpn)
		return;
	/* HTTP/1.1 beside HTTP/2 that is insisted on: its choice can be told in words of ours. */
	if (pool->version == HTTP_VERSION_2)
		pool->encrypted.tls_options.alpn = "h2,http/1.1";
	else if (pool->version == HTTP_VERSION_1_1)
		pool->encrypted.tls_options.alpn = "http/1.1";
	else if (pool->version == HTTP_VERSION_ANY)
		pool->encrypted.tls_options.alpn =
			http2_available(&why) ? "h2,http/1.1" : "http/1.1";
}

/* The last proxy in the origin's place: it is dialled, and where it speaks https TLS is with it. */
static void open_proxy_itself(struct pool_entry *e, const struct http_way *way,
			      struct stream_open_request *request)
{
	const struct proxy_hop *last = last_hop(way);
	static const struct tls_options plain = { .insecure = false };

	e->options.proxy_count--;
	request->endpoint = &last->endpoint;
	request->tls_host = request->tls_port = NULL;
	if (last->kind != PROXY_HTTPS)
		return;
	e->options.tls = true;
	e->options.tls_options = e->options.proxy_tls ? *e->options.proxy_tls : plain;
	request->tls = &e->pool->proxy_tls;
}

static void choose_way(struct pool_entry *e, struct stream_open_request *request)
{
	const struct http_way *way = e->origin.way;

	e->options.proxies = way ? way->hops : NULL;
	e->options.proxy_count = way ? way->count : 0;
	e->options.no_proxy = NULL; /* the origin's way says it already */
	if (e->origin.absolute && way)
		open_proxy_itself(e, way, request);
}

static void open_another(struct http_pool *pool, const struct http_origin *origin)
{
	struct pool_entry *e = memory_zeroed(1, sizeof(*e));
	struct stream_open_request request = {
		.loop = pool->loop,
		.endpoint = &e->origin.endpoint,
		.options = &e->options,
		.tls_host = e->origin.host,
		.tls_port = e->port,
		.tls = &pool->tls,
		.proxy_tls = &pool->proxy_tls,
		.done = on_opened,
		.attempt_failed = on_attempt_failed,
		.data = e,
	};

	e->pool = pool;
	e->origin = *origin;
	snprintf(e->port, sizeof(e->port), "%u", (unsigned)origin->port & 0xffff);
	e->next = pool->entries;
	pool->entries = e;
	if (origin->https)
		choose_alpn(pool);
	e->options = origin->https ? pool->encrypted : pool->plain;
	choose_way(e, &request);
	e->opening = stream_open_start(&request);
}

/* --- handing out ------------------------------------------------------------ */

struct pool_count {
	unsigned opening, open, waiting;
};

static struct pool_count count_origin(const struct http_pool *pool,
				      const struct http_origin *origin)
{
	struct pool_count n = { 0 };

	for (const struct pool_entry *e = pool->entries; e; e = e->next) {
		if (!same_origin(&e->origin, origin))
			continue;
		n.opening += e->opening != NULL;
		n.open += e->connection != NULL;
	}
	for (const struct http_lease *l = pool->leases; l; l = l->next)
		n.waiting += same_origin(&l->origin, origin);
	return n;
}

static const struct pool_entry *find_free(const struct http_pool *pool,
					  const struct http_lease *lease)
{
	for (const struct pool_entry *e = pool->entries; e; e = e->next)
		if (e->connection && same_origin(&e->origin, &lease->origin) &&
		    e->connection->ops->room(e->connection) > 0 && (!lease->fresh || !was_used(e)))
			return e;
	return NULL;
}

/* Until the first handshake is done nobody knows whether one connection can serve all. */
static bool may_open(const struct http_pool *pool, const struct http_origin *origin)
{
	struct pool_count n = count_origin(pool, origin);
	bool may_share =
		origin->https ? pool->version == HTTP_VERSION_ANY || pool->version == HTTP_VERSION_2
			      : pool->version == HTTP_VERSION_2;

	if (may_share && n.opening > 0 && n.open == 0)
		return false;
	return n.opening < n.waiting;
}

/* The one that was opened first is last in the list. */
static struct pool_entry *oldest_idle(const struct http_pool *pool, unsigned *count)
{
	struct pool_entry *last = NULL;

	*count = 0;
	for (struct pool_entry *e = pool->entries; e; e = e->next) {
		if (!e->connection || !e->connection->ops->idle(e->connection))
			continue;
		e->rested = true;
		last = e;
		++*count;
	}
	return last;
}

static void close_surplus(struct http_pool *pool)
{
	unsigned count;
	struct pool_entry *oldest = oldest_idle(pool, &count);

	for (; count > POOL_IDLE_MAX; oldest = oldest_idle(pool, &count))
		entry_free(oldest);
}

/* True: somebody was served, and the lists are to be looked at from the start. */
static bool serve_one(struct http_pool *pool)
{
	for (struct http_lease *l = pool->leases; l; l = l->next) {
		const struct pool_entry *e = find_free(pool, l);

		if (e) {
			const struct failure none = { .class = FAILURE_NONE };

			lease_done(pool, l, e, &none);
			return true;
		}
		if (may_open(pool, &l->origin))
			open_another(pool, &l->origin);
	}
	return false;
}

static void on_turn(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct http_pool *pool = timer->data;

	(void)loop;
	(void)events;
	while (serve_one(pool))
		;
	close_surplus(pool);
}

/* --- the pool --------------------------------------------------------------- */

struct http_pool *http_pool_new(struct ev_loop *loop, const struct stream_options *options,
				enum http_version version)
{
	struct http_pool *pool = memory_zeroed(1, sizeof(*pool));

	pool->loop = loop;
	pool->version = version;
	pool->plain = *options;
	pool->plain.tls = false;
	pool->plain.no_delay = true;
	pool->encrypted = pool->plain;
	pool->encrypted.tls = true;
	ev_timer_init(&pool->turn, on_turn, 0, 0);
	pool->turn.data = pool;
	return pool;
}

void http_pool_free(struct http_pool *pool)
{
	struct failure why;

	if (!pool)
		return;
	leases_free(pool->leases);
	entries_free(pool->entries);
	ev_timer_stop(pool->loop, &pool->turn);
	if (pool->tls)
		tls_load(&why)->context_free(pool->tls);
	if (pool->proxy_tls)
		tls_load(&why)->context_free(pool->proxy_tls);
	free(pool);
}

struct http_lease *http_pool_ask(struct http_pool *pool, const struct http_origin *origin,
				 bool fresh, http_pool_ready *done,
				 dial_attempt_failed *attempt_failed, void *data)
{
	struct http_lease *lease = memory_zeroed(1, sizeof(*lease));
	struct http_lease **at = &pool->leases;

	*lease = (struct http_lease){
		.pool = pool,
		.origin = *origin,
		.fresh = fresh,
		.done = done,
		.attempt_failed = attempt_failed,
		.data = data,
	};
	while (*at)
		at = &(*at)->next;
	*at = lease;
	look_again(pool);
	return lease;
}

void http_pool_cancel(struct http_lease *lease)
{
	if (!lease)
		return;
	lease_unlink(lease->pool, lease);
	free(lease);
}
