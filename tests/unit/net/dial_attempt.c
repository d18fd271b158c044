/* SPDX-License-Identifier: MIT */
/* One connection to one address.
 * Holds: what connect(2) says at once and what it says later, in words and class; no descriptor
 * is left after a failure; a link-local address without a zone is told its remedy; an unknown
 * errno value has its text in lower case. More is held by dial.c's tests. */
#include "net_dialled.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/net/dial_attempt.h>

static const struct net_options none;
static const struct dial_source no_source;

static enum io attempt(const struct address *target, int *fd, struct failure *why)
{
	struct address local;
	struct pollfd writable;
	enum io result = dial_attempt_start(fd, target, &none, &no_source, why);

	if (result == IO_FAILED) {
		cr_assert_eq(*fd, -1);
		return result;
	}
	writable = (struct pollfd){ .fd = *fd, .events = POLLOUT };
	if (result == IO_AGAIN)
		cr_assert_eq(poll(&writable, 1, 20000), 1);
	return dial_attempt_finish(*fd, target, &none, &local, why);
}

static struct address loopback(unsigned port)
{
	struct address address;

	cr_assert(address_parse_ip("127.0.0.1", port, &address));
	return address;
}

Test(dial_attempt, connects)
{
	const int server = loopback_listening("127.0.0.1", 0, 1);
	const struct address target = loopback(loopback_port(server));
	struct failure why = { 0 };
	int fd;

	cr_assert_eq(attempt(&target, &fd, &why), IO_DONE);
	close(fd);
	close(server);
}

Test(dial_attempt, refused)
{
	const int reserved = loopback_bound("127.0.0.1", 0);
	const struct address target = loopback(loopback_port(reserved));
	struct failure why = { 0 };
	int fd;

	cr_assert_eq(attempt(&target, &fd, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_CONNECT);
	cr_assert_eq(why.error, ECONNREFUSED);
	cr_assert_str_eq(why.text, "connection refused");
	if (fd >= 0)
		close(fd);
	close(reserved);
}

Test(dial_attempt, link_local_address_without_a_zone)
{
	struct address target;
	struct failure why = { 0 };
	int fd;

	cr_assert(address_parse_ip("fe80::1", 9, &target));
	cr_assert_eq(attempt(&target, &fd, &why), IO_FAILED);
	if (why.error != EINVAL)
		cr_skip_test("this system takes it or has no IPv6: %s", why.text);
	cr_assert_str_eq(why.text, "a link-local address needs a zone (%INTERFACE)");
	cr_assert_eq(why.class, FAILURE_CONNECT);
}

/* A path through a file that is no folder. */
Test(dial_attempt, other_reasons_are_the_systems)
{
	struct address target;
	struct failure why = { 0 };
	int fd;

	cr_assert(address_unix(&target, "/dev/null/socket"));
	cr_assert_eq(attempt(&target, &fd, &why), IO_FAILED);
	cr_assert_eq(why.error, ENOTDIR);
	cr_assert_eq(why.class, FAILURE_CONNECT);
	cr_assert_str_eq(why.text, "not a directory");
}
