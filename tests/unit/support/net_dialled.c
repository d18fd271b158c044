/* SPDX-License-Identifier: MIT */
/* One dial with its loop and what was heard from it. */
#include "net_dialled.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void done(void *data, int fd, const struct dial_report *report, const struct failure *why)
{
	struct dialled *dialled = data;

	cr_assert((fd >= 0) == (why == NULL));
	dialled->calls++;
	dialled->dial = NULL;
	dialled->fd = fd;
	dialled->report = *report;
	if (why)
		dialled->why = *why;
	ev_break(dialled->loop, EVBREAK_ALL);
}

static void attempt_failed(void *data, const char *address, const char *reason)
{
	struct dialled *dialled = data;
	const size_t length = strlen(dialled->attempts_failed);

	snprintf(dialled->attempts_failed + length, sizeof(dialled->attempts_failed) - length,
		 "%s %s\n", address, reason);
}

void dialled_prepare(struct dialled *dialled, const char *endpoint)
{
	struct failure why = { 0 };

	cr_assert(endpoint_parse(&dialled->endpoint, endpoint, false, &why), "%s", why.text);
	dialled->loop = ev_loop_new(EVFLAG_AUTO);
	dialled->fd = -1;
}

struct dial_request dialled_request(struct dialled *dialled)
{
	return (struct dial_request){
		.loop = dialled->loop,
		.endpoint = &dialled->endpoint,
		.options = &dialled->options,
		.done = done,
		.attempt_failed = attempt_failed,
		.data = dialled,
	};
}

void dialled_start(struct dialled *dialled)
{
	const struct dial_request request = dialled_request(dialled);
	struct dial *dial = dial_start(&request);

	cr_assert_not_null(dial);
	cr_assert_eq(dialled->calls, 0, "done was called before dial_start had returned");
	dialled->dial = dial;
}

void dialled_wait(struct dialled *dialled)
{
	if (dialled->calls == 0)
		ev_run(dialled->loop, 0);
	cr_assert_eq(dialled->calls, 1);
}

void dialled_run(struct dialled *dialled, const char *endpoint)
{
	dialled_prepare(dialled, endpoint);
	dialled_start(dialled);
	dialled_wait(dialled);
}

static void on_time(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)timer;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

void dialled_pass(struct dialled *dialled, double seconds)
{
	ev_timer timer;

	ev_now_update(dialled->loop);
	ev_timer_init(&timer, on_time, seconds, 0.);
	ev_timer_start(dialled->loop, &timer);
	ev_run(dialled->loop, 0);
	ev_timer_stop(dialled->loop, &timer);
}

void dialled_end(struct dialled *dialled)
{
	if (dialled->fd >= 0 && !dialled->report.inherited)
		close(dialled->fd);
	ev_loop_destroy(dialled->loop);
}

int loopback_bound(const char *ip, unsigned port)
{
	struct address address;
	int fd;

	cr_assert(address_parse_ip(ip, port, &address));
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert(fd >= 0);
	if (bind(fd, &address.any, address.length) == 0)
		return fd;
	close(fd);
	return -1;
}

int loopback_listening(const char *ip, unsigned port, int backlog)
{
	const int fd = loopback_bound(ip, port);

	if (fd >= 0)
		cr_assert_eq(listen(fd, backlog), 0);
	return fd;
}

unsigned loopback_port(int fd)
{
	struct address address;

	cr_assert(address_of_socket(fd, &address));
	return address_port(&address);
}

unsigned loopback_both(int fds[2])
{
	for (int tries = 0; tries < 100; tries++) {
		fds[0] = loopback_bound("::1", 0);
		fds[1] = loopback_bound("127.0.0.1", loopback_port(fds[0]));
		if (fds[1] >= 0)
			return loopback_port(fds[0]);
		close(fds[0]);
	}
	cr_assert_fail("no port is free on both loopback addresses");
	return 0;
}

void loopback_fill(int listener)
{
	struct address address;

	cr_assert(address_of_socket(listener, &address));
	for (int i = 0; i < 16; i++) {
		const int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		struct pollfd writable = { .fd = fd, .events = POLLOUT };

		cr_assert_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
		if (connect(fd, &address.any, address.length) == 0)
			continue;
		/* On loopback an answer comes at once; nothing within this time is the full
		 * queue. */
		if (address.any.sa_family == AF_UNIX || poll(&writable, 1, 100) == 0)
			return;
	}
	cr_assert_fail("the queue does not fill");
}
