/* SPDX-License-Identifier: MIT */
/* Who gets which connection.
 * Holds: nothing is told before the ask returned; a free connection of the same origin is used
 * again and said to be, a fresh one is opened when one is asked for; as many are opened as are
 * asked for, but where one may be shared the others wait for the first; a failure goes to who waits
 * longest, the others get tries of their own; an ask can be cancelled at any time, and what it had
 * begun serves the next, as a connection that may have died; connections that ended are gone, at
 * rest no more than 32 are kept; HTTP/2 without ALPN is refused by name. Of origins behind a proxy
 * that gets the requests itself all share its connections, those behind a tunnel or directly
 * reached share none with them; its failures are a proxy's. */
#include "http_answering.h"
#include "net_dialled.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/clock.h>

struct pooled {
	struct answering server;
	struct ev_loop *loop;
	struct ev_timer awake;
	struct stream_options options;
	struct http_pool *pool;
	unsigned over; /* of all askers */
};

struct asker {
	struct pooled *pooled;
	struct http_lease *lease;
	struct http_exchange *exchange;
	struct http_connection *connection;
	bool keep; /* the exchange is not freed at its end */
	bool over, reused;
	unsigned order; /* in which it was told its end */
	struct failure why;
	char attempts[400];
};

static bool answer_ok(const struct answering_request *r)
{
	return answering_say(r->fd, "HTTP/1.1 204 No Content\r\n\r\n");
}

static void on_awake(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
}

static void pooled_prepare(struct pooled *p, answering_function *answer, enum http_version version)
{
	*p = (struct pooled){ .loop = ev_loop_new(EVFLAG_AUTO) };
	p->options.timeout_ms = 10000;
	answering_start(&p->server, answer, NULL);
	p->pool = http_pool_new(p->loop, &p->options, version);
	ev_timer_init(&p->awake, on_awake, 0, 0.005);
	ev_timer_again(p->loop, &p->awake);
}

static void pooled_end(struct pooled *p)
{
	http_pool_free(p->pool);
	answering_stop(&p->server);
	ev_timer_stop(p->loop, &p->awake);
	ev_loop_destroy(p->loop);
}

static void over(struct asker *a)
{
	a->over = true;
	a->order = a->pooled->over++;
	if (a->exchange && !a->keep) {
		http_exchange_free(a->exchange);
		a->exchange = NULL;
	}
}

static void on_head(void *data, const struct http_head *head, const struct http_framing *framing)
{
	(void)head;
	(void)framing;
	over(data);
}

static void on_failed(void *data, const struct failure *why)
{
	struct asker *a = data;

	a->why = *why;
	over(a);
}

static void on_ready(void *data, struct http_connection *connection, bool reused,
		     const struct failure *why)
{
	static const struct http_request request = {
		.method = "GET",
		.scheme = "http",
		.authority = "a.test",
		.target = "/",
	};
	struct asker *a = data;
	const struct http_exchange_events events = {
		.head = on_head,
		.failed = on_failed,
		.data = a,
	};

	cr_assert_not_null(a->lease, "told before the ask returned");
	a->lease = NULL;
	a->connection = connection;
	a->reused = reused;
	if (connection) {
		cr_assert_eq(why->class, FAILURE_NONE);
		a->exchange = connection->ops->start(connection, &request, &events);
	} else {
		a->why = *why;
		over(a);
	}
}

static void on_attempt_failed(void *data, const char *address, const char *reason)
{
	struct asker *a = data;
	size_t length = strlen(a->attempts);

	snprintf(a->attempts + length, sizeof(a->attempts) - length, "%s %s\n", address, reason);
}

static void ask(struct asker *a, struct pooled *p, bool fresh)
{
	*a = (struct asker){ .pooled = p };
	a->lease = http_pool_ask(p->pool, &p->server.origin, fresh, on_ready, on_attempt_failed, a);
	cr_assert_not_null(a->lease);
}

static void wait_for(struct pooled *p, unsigned count)
{
	int64_t start = clock_ms();

	while (p->over < count) {
		cr_assert(clock_ms() - start < 10000, "%u of %u are over", p->over, count);
		ev_run(p->loop, EVRUN_ONCE);
	}
}

static void turns(struct pooled *p)
{
	for (int i = 0; i < 5; i++)
		ev_run(p->loop, EVRUN_ONCE);
}

static void ask_and_wait(struct asker *a, struct pooled *p, bool fresh)
{
	ask(a, p, fresh);
	wait_for(p, p->over + 1);
	cr_assert_eq(a->why.class, FAILURE_NONE, "%s", a->why.text);
}

/* --- using again ------------------------------------------------------------------ */

Test(pool, uses_connections_again)
{
	struct pooled p;
	struct asker a, b;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_ANY);
	ask_and_wait(&a, &p, false);
	cr_assert(!a.reused);
	ask_and_wait(&b, &p, false);
	cr_assert(b.reused);
	cr_assert_eq(a.connection, b.connection);
	cr_assert_eq(answering_connected(&p.server), 1U);
	pooled_end(&p);
}

Test(pool, opens_a_fresh_one_when_asked_to)
{
	struct pooled p;
	struct asker a, b;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_ANY);
	ask_and_wait(&a, &p, false);
	ask_and_wait(&b, &p, true);
	cr_assert(!b.reused);
	cr_assert_eq(answering_connected(&p.server), 2U);
	pooled_end(&p);
}

Test(pool, an_origin_is_scheme_host_and_port)
{
	struct pooled p;
	struct asker a, b;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_ANY);
	ask_and_wait(&a, &p, false);
	snprintf(p.server.origin.host, sizeof(p.server.origin.host), "other.test");
	ask_and_wait(&b, &p, false);
	cr_assert(!b.reused);
	p.server.origin.port++;
	ask_and_wait(&b, &p, false);
	cr_assert(!b.reused);
	cr_assert_eq(answering_connected(&p.server), 3U);
	pooled_end(&p);
}

static bool answer_and_close(const struct answering_request *r)
{
	answer_ok(r);
	return false;
}

Test(pool, forgets_what_has_ended)
{
	struct pooled p;
	struct asker a, b;

	pooled_prepare(&p, answer_and_close, HTTP_VERSION_ANY);
	ask_and_wait(&a, &p, false);
	/* The end is seen at rest, or by the next start; nothing is answered by it. */
	for (unsigned i = 0; i < 40; i++) {
		ask(&b, &p, false);
		wait_for(&p, p.over + 1);
		if (b.why.class == FAILURE_NONE)
			cr_assert(!b.reused);
		else
			cr_assert(b.reused);
		turns(&p);
	}
	pooled_end(&p);
}

/* --- several --------------------------------------------------------------------------- */

Test(pool, nobody_waits_behind_another)
{
	struct asker askers[5];
	struct pooled p;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_1_1);
	for (int i = 0; i < 5; i++) {
		ask(&askers[i], &p, false);
		askers[i].keep = true;
	}
	wait_for(&p, 5);
	cr_assert_eq(answering_connected(&p.server), 5U);
	for (int i = 0; i < 5; i++) {
		cr_assert_eq(askers[i].why.class, FAILURE_NONE);
		cr_assert(!askers[i].reused);
		http_exchange_free(askers[i].exchange);
	}
	pooled_end(&p);
}

static bool is_opened(struct pooled *p)
{
	return answering_connected(&p->server) > 0;
}

/* Where one connection may carry all, the first tells. Here it turns out to be a server that knows
 * no HTTP/2, which each asker is told on a connection that was opened for it. */
Test(pool, those_who_may_share_wait_for_the_first)
{
	struct asker askers[3];
	struct pooled p;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_2);
	for (int i = 0; i < 3; i++)
		ask(&askers[i], &p, false);
	while (!is_opened(&p))
		ev_run(p.loop, EVRUN_ONCE);
	wait_for(&p, 3);
	cr_assert(answering_connected(&p.server) <= 3U);
	cr_assert_eq(askers[0].order, 0U);
	cr_assert_eq(askers[1].connection, askers[0].connection);
	cr_assert_eq(askers[2].connection, askers[0].connection);
	pooled_end(&p);
}

/* --- failures ----------------------------------------------------------------------------- */

Test(pool, a_failure_goes_to_who_waits_longest)
{
	struct asker askers[3];
	struct pooled p;
	char text[200];
	int taken;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_ANY);
	taken = loopback_bound("127.0.0.1", 0);
	snprintf(text, sizeof(text), "127.0.0.1:%u", loopback_port(taken));
	cr_assert(endpoint_parse(&p.server.origin.endpoint, text, false, &askers[0].why));
	for (int i = 0; i < 3; i++)
		ask(&askers[i], &p, false);
	wait_for(&p, 3);
	snprintf(text, sizeof(text), "127.0.0.1:%u: connection refused", loopback_port(taken));
	for (unsigned i = 0; i < 3; i++) {
		cr_assert_null(askers[i].connection);
		cr_assert_eq(askers[i].order, i);
		cr_assert_eq(askers[i].why.class, FAILURE_CONNECT);
		cr_assert_str_eq(askers[i].why.text, text);
	}
	close(taken);
	pooled_end(&p);
}

/* --- cancelling ------------------------------------------------------------------------------ */

Test(pool, an_ask_can_be_cancelled_at_once)
{
	struct pooled p;
	struct asker a;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_ANY);
	ask(&a, &p, false);
	http_pool_cancel(a.lease);
	http_pool_cancel(NULL);
	turns(&p);
	cr_assert(!a.over);
	cr_assert_eq(answering_connected(&p.server), 0U);
	pooled_end(&p);
}

Test(pool, what_a_cancelled_ask_opened_serves_the_next)
{
	struct pooled p;
	struct asker a, b;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_ANY);
	ask(&a, &p, false);
	ev_run(p.loop, EVRUN_ONCE);
	ev_run(p.loop, EVRUN_NOWAIT);
	http_pool_cancel(a.lease);
	while (!is_opened(&p))
		ev_run(p.loop, EVRUN_ONCE);
	turns(&p);
	ask_and_wait(&b, &p, false);
	cr_assert(b.reused, "it has lain open");
	cr_assert_eq(answering_connected(&p.server), 1U);
	cr_assert(!a.over);
	pooled_end(&p);
}

Test(pool, an_ask_can_be_cancelled_by_another_that_is_told)
{
	struct asker askers[2];
	struct pooled p;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_ANY);
	ask(&askers[0], &p, false);
	ask(&askers[1], &p, false);
	http_pool_cancel(askers[0].lease);
	wait_for(&p, 1);
	cr_assert(askers[1].over && !askers[0].over);
	pooled_end(&p);
}

Test(pool, can_be_freed_with_askers_and_openings)
{
	struct asker askers[3];
	struct pooled p;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_ANY);
	for (int i = 0; i < 3; i++)
		ask(&askers[i], &p, false);
	ev_run(p.loop, EVRUN_ONCE);
	pooled_end(&p);
	cr_assert(!askers[0].over);
	http_pool_free(NULL);
}

/* --- at rest ------------------------------------------------------------------------------------
 */

static unsigned still_open(struct answering *server)
{
	unsigned count = 0;

	pthread_mutex_lock(&server->lock);
	for (unsigned i = 0; i < server->connected; i++)
		count += server->connections[i].fd >= 0;
	pthread_mutex_unlock(&server->lock);
	return count;
}

Test(pool, keeps_no_more_than_32_at_rest)
{
	enum { COUNT = 40 };
	struct asker askers[COUNT];
	struct pooled p;
	int64_t start;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_ANY);
	for (int i = 0; i < COUNT; i++) {
		ask(&askers[i], &p, false);
		askers[i].keep = true;
	}
	wait_for(&p, COUNT);
	cr_assert_eq(still_open(&p.server), (unsigned)COUNT);
	/* All in one turn. */
	for (int i = 0; i < COUNT; i++)
		http_exchange_free(askers[i].exchange);
	start = clock_ms();
	while (still_open(&p.server) > 32) {
		cr_assert(clock_ms() - start < 10000, "%u are open", still_open(&p.server));
		ev_run(p.loop, EVRUN_ONCE);
	}
	turns(&p);
	cr_assert_eq(still_open(&p.server), 32U);
	ask_and_wait(&askers[0], &p, false);
	cr_assert(askers[0].reused);
	pooled_end(&p);
}

/* --- proxies ---------------------------------------------------------------------- */

/* The server stands for a proxy that gets requests; whoever asks is behind it. */
static void behind(struct pooled *p, struct http_way *way, struct proxy_hop *hop, const char *host)
{
	hop->endpoint = p->server.origin.endpoint;
	*way = (struct http_way){ .hops = hop, .count = 1 };
	p->server.origin.way = way;
	p->server.origin.absolute = true;
	snprintf(p->server.origin.host, sizeof(p->server.origin.host), "%s", host);
}

Test(pool, origins_behind_a_proxy_share_its_connection)
{
	struct proxy_hop hop = { .kind = PROXY_HTTP };
	struct http_way way;
	struct pooled p;
	struct asker a, b;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_ANY);
	behind(&p, &way, &hop, "one.invalid");
	ask_and_wait(&a, &p, false);
	snprintf(p.server.origin.host, sizeof(p.server.origin.host), "two.invalid");
	p.server.origin.port = 81;
	ask_and_wait(&b, &p, false);
	cr_assert(b.reused);
	cr_assert_eq(answering_connected(&p.server), 1U);
	pooled_end(&p);
}

Test(pool, nothing_is_shared_between_ways)
{
	struct proxy_hop hop = { .kind = PROXY_HTTP };
	struct http_way way, other;
	struct pooled p;
	struct asker a, b;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_ANY);
	behind(&p, &way, &hop, "one.invalid");
	ask_and_wait(&a, &p, false);
	other = way;
	p.server.origin.way = &other;
	ask_and_wait(&b, &p, false);
	cr_assert(!b.reused);
	p.server.origin.way = NULL;
	p.server.origin.absolute = false;
	ask_and_wait(&b, &p, false);
	cr_assert(!b.reused);
	cr_assert_eq(answering_connected(&p.server), 3U);
	pooled_end(&p);
}

static void assert_blames(struct pooled *p, enum failure_class class, const char *text)
{
	struct asker a;

	ask(&a, p, false);
	wait_for(p, p->over + 1);
	cr_assert_str_eq(a.why.text, text);
	cr_assert_eq(a.why.class, class);
}

Test(pool, a_proxy_that_is_not_there)
{
	struct proxy_hop hop = { .kind = PROXY_HTTP };
	struct failure why;
	struct http_way way;
	struct pooled p;
	char text[100];
	int fd;

	pooled_prepare(&p, answer_ok, HTTP_VERSION_ANY);
	behind(&p, &way, &hop, "one.invalid");
	fd = loopback_bound("127.0.0.1", 0);
	snprintf(text, sizeof(text), "127.0.0.1:%u", loopback_port(fd));
	cr_assert(endpoint_parse(&hop.endpoint, text, false, &why));
	snprintf(text, sizeof(text), "the proxy 127.0.0.1:%u: connection refused",
		 loopback_port(fd));
	assert_blames(&p, FAILURE_PROXY, text);
	cr_assert(endpoint_parse(&hop.endpoint, "proxy.invalid:1", false, &why));
	assert_blames(&p, FAILURE_PROXY_NAME, "the proxy proxy.invalid: name not known");
	close(fd);
	pooled_end(&p);
}
