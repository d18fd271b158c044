/* SPDX-License-Identifier: MIT */
/* The race of RFC 8305 with played names and played sockets, so that every order can be had:
 * dial.c itself, its neighbours replaced.
 * Holds: IPv6 waits for nobody; IPv4 that is known first waits for IPv6, 50 ms and no longer,
 * and not at all once there is none; families take turns, 250 ms apart; a failure is followed by
 * the next attempt at once; an answer after attempts of the other family joins the queue; one
 * family without addresses is no failure; without any address the name's failure is told, with
 * attempts theirs; everyone but the winner is closed. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define dial_start          raced_dial_start
#define dial_cancel         raced_dial_cancel
#define resolve_start       played_resolve_start
#define resolve_cancel      played_resolve_cancel
#define dial_attempt_start  played_attempt_start
#define dial_attempt_finish played_attempt_finish
#include "../../../src/net/dial.c"
#include "net_dialled.h"

enum play { HANG, REFUSE, UNREACHABLE, CONNECT };

/* What happened, for the one test that runs in this process. */
static struct {
	resolve_done *resolved;
	void *resolved_data;
	bool cancelled;
	enum play plays[64];  /* by attempt */
	enum play finish[64]; /* how those that hang end, once they become writable */
	int fds[64];
	char order[1000]; /* "ADDRESS " each */
	int64_t at_us[64];
	int far_ends[64]; /* of the pipes that stand for sockets; -1: closed */
	unsigned attempts;
} played;

struct resolve *played_resolve_start(struct ev_loop *loop, const char *host, const char *service,
				     int port, int family, int type, resolve_done *done, void *data)
{
	(void)loop;
	(void)host;
	(void)service;
	(void)port;
	(void)family;
	(void)type;
	played.resolved = done;
	played.resolved_data = data;
	return (struct resolve *)&played;
}

void played_resolve_cancel(struct resolve *r)
{
	played.cancelled = r != NULL;
}

static enum io fail_as(enum play play, struct failure *why)
{
	fail(why, FAILURE_CONNECT, play == REFUSE ? "refused" : "unreachable");
	why->error = play == REFUSE ? ECONNREFUSED : ENETUNREACH;
	return IO_FAILED;
}

/* The reading end of a pipe never becomes writable; it does when the other end is closed. */
enum io played_attempt_start(int *fd, const struct address *target,
			     const struct net_options *options, const struct dial_source *source,
			     struct failure *why)
{
	const unsigned n = played.attempts++;
	char text[ADDRESS_TEXT_MAX];
	int ends[2];

	(void)options;
	(void)source;
	strcat(strcat(played.order, address_host(text, target)), " ");
	played.at_us[n] = clock_us();
	*fd = -1;
	if (played.plays[n] == REFUSE || played.plays[n] == UNREACHABLE)
		return fail_as(played.plays[n], why);
	cr_assert_eq(pipe(ends), 0);
	*fd = played.fds[n] = ends[0];
	played.far_ends[n] = ends[1];
	return played.plays[n] == CONNECT ? IO_DONE : IO_AGAIN;
}

enum io played_attempt_finish(int fd, const struct address *target,
			      const struct net_options *options, struct address *local,
			      struct failure *why)
{
	unsigned n = played.attempts - 1;

	(void)options;
	while (n > 0 && played.fds[n] != fd)
		n--;
	*local = *target;
	if (played.plays[n] == CONNECT || played.finish[n] == CONNECT)
		return IO_DONE;
	return fail_as(played.finish[n], why);
}

static void start(struct dialled *d)
{
	struct dial_request request;

	dialled_prepare(d, "example.org:80");
	request = dialled_request(d);
	d->dial = raced_dial_start(&request);
}

static void resolved(int family, const char *const *list, bool more)
{
	struct address addresses[8];
	struct failure why = { 0 };
	size_t count = 0;

	for (; list && list[count]; count++)
		cr_assert(address_parse_ip(list[count], 80, &addresses[count]));
	if (count == 0)
		fail(&why, FAILURE_NAME, "example.org: name not known");
	played.resolved(played.resolved_data, family, addresses, count, count ? NULL : &why, more);
}

/* Runs the loop until so many attempts have started. */
static void run_until(struct dialled *d, unsigned attempts)
{
	while (played.attempts < attempts)
		ev_run(d->loop, EVRUN_ONCE);
}

#define ADDRESSES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* The reading end of an attempt's pipe is closed exactly when writing to it is refused. */
static bool is_closed(unsigned attempt)
{
	return write(played.far_ends[attempt], "x", 1) == -1 && errno == EPIPE;
}

static void quiet(void)
{
	signal(SIGPIPE, SIG_IGN);
}

TestSuite(dial_race, .init = quiet);

Test(dial_race, ipv6_starts_at_once_and_ipv4_joins_the_queue)
{
	struct dialled d = { .fd = -1 };

	start(&d);
	resolved(AF_INET6, ADDRESSES("2001:db8::1"), true);
	cr_assert_str_eq(played.order, "2001:db8::1 ");
	resolved(AF_INET, ADDRESSES("192.0.2.1"), false);
	cr_assert_str_eq(played.order, "2001:db8::1 ", "the attempt delay was not waited for");
	run_until(&d, 2);
	cr_assert_str_eq(played.order, "2001:db8::1 192.0.2.1 ");
	cr_assert(played.at_us[1] - played.at_us[0] >= 240000);
	raced_dial_cancel(d.dial, NULL);
	cr_assert(played.cancelled);
	cr_assert(is_closed(0) && is_closed(1));
	dialled_end(&d);
}

Test(dial_race, ipv4_waits_for_ipv6)
{
	struct dialled d = { .fd = -1 };

	start(&d);
	resolved(AF_INET, ADDRESSES("192.0.2.1"), true);
	cr_assert_eq(played.attempts, 0U);
	resolved(AF_INET6, ADDRESSES("2001:db8::1"), false);
	cr_assert_str_eq(played.order, "2001:db8::1 ");
	raced_dial_cancel(d.dial, NULL);
	dialled_end(&d);
}

Test(dial_race, ipv4_waits_for_the_resolution_delay_and_no_longer)
{
	struct dialled d = { .fd = -1 };
	const int64_t before = clock_us();

	start(&d);
	resolved(AF_INET, ADDRESSES("192.0.2.1", "192.0.2.2"), true);
	run_until(&d, 1);
	cr_assert_str_eq(played.order, "192.0.2.1 ");
	cr_assert(played.at_us[0] - before >= 49000);
	resolved(AF_INET6, ADDRESSES("2001:db8::1"), false);
	cr_assert_eq(played.attempts, 1U);
	run_until(&d, 2);
	cr_assert_str_eq(played.order, "192.0.2.1 2001:db8::1 ", "the families take turns");
	raced_dial_cancel(d.dial, NULL);
	dialled_end(&d);
}

Test(dial_race, ipv4_waits_not_at_all_when_there_is_no_ipv6)
{
	struct dialled d = { .fd = -1 }, e = { .fd = -1 };

	start(&d);
	resolved(AF_INET6, NULL, true);
	cr_assert_eq(played.attempts, 0U);
	resolved(AF_INET, ADDRESSES("192.0.2.1"), false);
	cr_assert_str_eq(played.order, "192.0.2.1 ");
	raced_dial_cancel(d.dial, NULL);
	dialled_end(&d);
	start(&e);
	resolved(AF_INET, ADDRESSES("192.0.2.2"), true);
	cr_assert_str_eq(played.order, "192.0.2.1 ");
	resolved(AF_INET6, NULL, false);
	cr_assert_str_eq(played.order, "192.0.2.1 192.0.2.2 ");
	raced_dial_cancel(e.dial, NULL);
	dialled_end(&e);
}

Test(dial_race, families_take_turns)
{
	struct dialled d = { .fd = -1 };

	start(&d);
	resolved(AF_INET6, ADDRESSES("2001:db8::1", "2001:db8::2", "2001:db8::3"), true);
	resolved(AF_INET, ADDRESSES("192.0.2.1", "192.0.2.2"), false);
	run_until(&d, 5);
	cr_assert_str_eq(played.order, "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 2001:db8::3 ");
	for (int i = 1; i < 5; i++)
		cr_assert(played.at_us[i] - played.at_us[i - 1] >= 240000);
	raced_dial_cancel(d.dial, NULL);
	dialled_end(&d);
}

Test(dial_race, the_next_one_starts_when_one_fails)
{
	struct dialled d = { .fd = -1 };

	start(&d);
	played.plays[0] = REFUSE;
	played.plays[1] = UNREACHABLE;
	played.plays[4] = CONNECT;
	resolved(AF_INET6, ADDRESSES("2001:db8::1", "2001:db8::2"), true);
	cr_assert_eq(played.attempts, 2U);
	cr_assert_eq(d.calls, 0, "IPv4 may still come");
	resolved(AF_INET, ADDRESSES("192.0.2.1", "192.0.2.2", "192.0.2.3"), false);
	cr_assert_eq(played.attempts, 3U, "nothing was under way");
	cr_assert_str_eq(d.attempts_failed, "2001:db8::1 refused\n2001:db8::2 unreachable\n");
	played.finish[2] = REFUSE;
	close(played.far_ends[2]);
	ev_run(d.loop, EVRUN_NOWAIT);
	cr_assert(played.attempts >= 4, "the attempt delay was waited for");
	dialled_wait(&d);
	cr_assert(d.fd >= 0);
	cr_assert(is_closed(3), "the loser is still open");
	cr_assert_eq(d.report.attempts, 5U);
	dialled_end(&d);
}

Test(dial_race, an_earlier_attempt_may_win_late)
{
	struct dialled d = { .fd = -1 };
	char text[ADDRESS_TEXT_MAX];

	start(&d);
	resolved(AF_INET6, ADDRESSES("2001:db8::1"), true);
	resolved(AF_INET, ADDRESSES("192.0.2.1"), false);
	run_until(&d, 2);
	played.finish[0] = CONNECT;
	close(played.far_ends[0]);
	dialled_wait(&d);
	cr_assert_str_eq(address_text(text, &d.report.peer), "[2001:db8::1]:80");
	cr_assert(is_closed(1));
	dialled_end(&d);
}

Test(dial_race, all_fail_and_the_most_telling_one_is_the_class)
{
	struct dialled d = { .fd = -1 };

	start(&d);
	played.plays[0] = UNREACHABLE;
	played.plays[1] = REFUSE;
	played.plays[2] = UNREACHABLE;
	resolved(AF_INET6, ADDRESSES("2001:db8::1"), true);
	resolved(AF_INET, ADDRESSES("192.0.2.1", "192.0.2.2"), false);
	cr_assert_eq(d.calls, 1U);
	cr_assert_str_eq(d.why.text,
			 "example.org:80: 2001:db8::1: unreachable; 192.0.2.1: refused; "
			 "192.0.2.2: unreachable");
	cr_assert_eq(d.why.error, ECONNREFUSED);
	cr_assert_str_eq(d.attempts_failed, "2001:db8::1 unreachable\n192.0.2.1 refused\n");
	dialled_end(&d);
}

Test(dial_race, failed_attempts_tell_more_than_a_missing_family)
{
	struct dialled d = { .fd = -1 };

	start(&d);
	played.plays[0] = REFUSE;
	resolved(AF_INET6, ADDRESSES("2001:db8::1"), true);
	cr_assert_eq(d.calls, 0);
	resolved(AF_INET, NULL, false);
	cr_assert_eq(d.calls, 1U);
	cr_assert_str_eq(d.why.text, "example.org:80: 2001:db8::1: refused");
	dialled_end(&d);
}

Test(dial_race, no_address_at_all)
{
	struct dialled d = { .fd = -1 };

	start(&d);
	resolved(AF_INET6, NULL, true);
	cr_assert_eq(d.calls, 0);
	resolved(AF_INET, NULL, false);
	cr_assert_eq(d.calls, 1U);
	cr_assert_eq(d.why.class, FAILURE_NAME);
	cr_assert_str_eq(d.why.text, "example.org: name not known");
	dialled_end(&d);
}

Test(dial_race, a_missing_family_does_not_end_an_attempt)
{
	struct dialled d = { .fd = -1 };

	start(&d);
	resolved(AF_INET6, ADDRESSES("2001:db8::1"), true);
	resolved(AF_INET, NULL, false);
	cr_assert_eq(d.calls, 0);
	played.finish[0] = CONNECT;
	close(played.far_ends[0]);
	dialled_wait(&d);
	cr_assert(d.fd >= 0);
	dialled_end(&d);
}
