/* SPDX-License-Identifier: MIT */
/*
 * Holds: each named option ends up in a real socket, in the family it has; keepalive's forms and
 * its refusals; names and numbers of code points; --sockopt has the last word; values out of the
 * table's range are refused.
 */
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/modes/common_sockopts.h>

struct made {
	struct sockopt_list list;
	struct failure why;
	int fd;
};

static bool make(struct made *m, const struct common_options *options, int family)
{
	*m = (struct made){ .fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	if (m->fd < 0)
		cr_skip_test("no socket of this family here");
	return common_sockopts_add(options, &m->list, &m->why) &&
	       sockopt_apply(&m->list, m->fd, SOCKOPT_BEFORE_BIND, &m->why);
}

static void end(struct made *m)
{
	sockopt_list_free(&m->list);
	close(m->fd);
}

static int value(int fd, int level, int name)
{
	int result = -1;
	socklen_t length = sizeof result;

	cr_assert_eq(getsockopt(fd, level, name, &result, &length), 0);
	return result;
}

Test(common_sockopts, nothing_given_nothing_set)
{
	struct common_options options = { 0 };
	struct made m;

	cr_assert(make(&m, &options, AF_INET));
	cr_assert_eq(m.list.count, 0);
	end(&m);
}

Test(common_sockopts, named_options_reach_the_socket)
{
	struct common_options options = {
		.nodelay = true,
		.keepalive = "60,10,6",
		.rcvbuf = 32768,
		.rcvbuf_given = true,
		.ttl = 7,
		.ttl_given = true,
		.linger = 5,
		.linger_given = true,
		.dscp = "ef",
	};
	struct linger linger;
	socklen_t length = sizeof linger;
	struct made m;

	cr_assert(make(&m, &options, AF_INET), "%s", m.why.text);
	cr_assert_neq(value(m.fd, IPPROTO_TCP, TCP_NODELAY), 0);
	cr_assert_neq(value(m.fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	cr_assert_eq(value(m.fd, IPPROTO_TCP, TCP_KEEPIDLE), 60);
	cr_assert_eq(value(m.fd, IPPROTO_TCP, TCP_KEEPINTVL), 10);
	cr_assert_eq(value(m.fd, IPPROTO_TCP, TCP_KEEPCNT), 6);
	cr_assert_geq(value(m.fd, SOL_SOCKET, SO_RCVBUF), 32768);
	cr_assert_eq(value(m.fd, IPPROTO_IP, IP_TTL), 7);
	cr_assert_eq(value(m.fd, IPPROTO_IP, IP_TOS), 46 << 2);
	cr_assert_eq(getsockopt(m.fd, SOL_SOCKET, SO_LINGER, &linger, &length), 0);
	cr_assert(linger.l_onoff && linger.l_linger == 5);
	end(&m);
}

Test(common_sockopts, the_other_family)
{
	struct common_options options = { .ttl = 9, .ttl_given = true, .dscp = "cs1" };
	struct made m;

	cr_assert(make(&m, &options, AF_INET6), "%s", m.why.text);
	cr_assert_eq(value(m.fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 9);
	cr_assert_eq(value(m.fd, IPPROTO_IPV6, IPV6_TCLASS), 8 << 2);
	end(&m);
}

#ifdef TCP_USER_TIMEOUT
Test(common_sockopts, user_timeout_is_in_milliseconds)
{
	struct common_options options = { .user_timeout_ms = 1500, .user_timeout_given = true };
	struct made m;

	/* A build that keeps to POSIX does not have it, and says so. */
	if (make(&m, &options, AF_INET))
		cr_assert_eq(value(m.fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 1500);
	else
		cr_assert_str_eq(m.why.text,
				 "socket option TCP_USER_TIMEOUT is not known on this system");
	end(&m);
}
#endif

Test(common_sockopts, code_points)
{
	static const struct {
		const char *text;
		int value;
	} points[] = { { "0", 0 },   { "63", 63 },   { "be", 0 },    { "BE", 0 },  { "le", 1 },
		       { "EF", 46 }, { "af11", 10 }, { "af43", 38 }, { "cs7", 56 } };

	for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
		struct common_options options = { .dscp = points[i].text };
		struct made m;

		cr_assert(make(&m, &options, AF_INET), "%s", m.why.text);
		cr_assert_eq(value(m.fd, IPPROTO_IP, IP_TOS), points[i].value << 2);
		end(&m);
	}
}

Test(common_sockopts, refused)
{
	static const struct common_options wrong[] = {
		{ .dscp = "64" },
		{ .dscp = "af44" },
		{ .dscp = "" },
		{ .keepalive = "60" },
		{ .keepalive = "60,10" },
		{ .keepalive = "60,10,6,1" },
		{ .keepalive = "0,1,1" },
		{ .keepalive = "60,x,6" },
		{ .keepalive = "60,10,6," },
		{ .keepalive = "," },
		{ .keepalive = "99999,10,6" },
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct made m;

		cr_assert_not(make(&m, &wrong[i], AF_INET), "%zu", i);
		cr_assert_eq(m.why.class, FAILURE_USAGE);
		if (wrong[i].keepalive)
			cr_assert(strstr(m.why.text, "is not IDLE,INTERVAL,COUNT"));
		end(&m);
	}
}

Test(common_sockopts, keepalive_alone_keeps_the_systems_times)
{
	struct common_options options = { .keepalive = "" };
	struct made m;

	cr_assert(make(&m, &options, AF_INET));
	cr_assert_eq(m.list.count, 1);
	cr_assert_neq(value(m.fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	end(&m);
}

Test(common_sockopts, sockopt_has_the_last_word)
{
	const char *items[] = { "IP_TTL=20", "nodelay=off", NULL };
	struct common_options options = {
		.nodelay = true,
		.ttl = 7,
		.ttl_given = true,
		.sockopt = { items, 2 },
	};
	struct made m;

	cr_assert(make(&m, &options, AF_INET), "%s", m.why.text);
	cr_assert_eq(value(m.fd, IPPROTO_IP, IP_TTL), 20);
	cr_assert_eq(value(m.fd, IPPROTO_TCP, TCP_NODELAY), 0);
	end(&m);
}
