/* SPDX-License-Identifier: MIT */
/* Socket options by name.
 * Holds: NAME=VALUE is taken apart and checked at once, each mistake with its exact text; a
 * read-only option and a structure are refused; settings are made at their moment and at no other,
 * in order; "ttl" and "dscp" reach each family, both on a dual-stack socket; a row that does not
 * fit the socket is usage; what the kernel refuses has its class; a Unix connection gets at the end
 * what its listener could not pass on; a client's setting does not fit a listener; an empty list
 * does nothing; an interface that does not exist, and one for a Unix socket, are refused. */
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/sockopt.h>
#include <sockutil/net/sockopt_table.h>

static struct failure why;

static const char *refusal(const char *text)
{
	struct sockopt_list list = { 0 };

	why = (struct failure){ 0 };
	cr_assert_not(sockopt_add(&list, text, &why), "%s", text);
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_eq(list.count, 0);
	sockopt_list_free(&list);
	return why.text;
}

static struct sockopt_list list_of(const char *first, const char *second)
{
	struct sockopt_list list = { 0 };

	why = (struct failure){ 0 };
	cr_assert(sockopt_add(&list, first, &why), "%s", why.text);
	cr_assert(!second || sockopt_add(&list, second, &why), "%s", why.text);
	return list;
}

static int read_int(int fd, int level, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	cr_assert_eq(getsockopt(fd, level, name, &value, &length), 0, "%m");
	return value;
}

/* A new socket with the setting made; -1 when it was refused (why says it). */
static int made(int family, const char *setting)
{
	struct sockopt_list list = list_of(setting, NULL);
	int fd = socket(family, SOCK_STREAM, 0);

	cr_assert(fd >= 0);
	if (!sockopt_apply(&list, fd, SOCKOPT_BEFORE_BIND, &why)) {
		close(fd);
		fd = -1;
	}
	sockopt_list_free(&list);
	return fd;
}

Test(sockopt, each_mistake_has_its_text)
{
	cr_assert_str_eq(refusal("TCP_NODELAY"), "socket option TCP_NODELAY: expected NAME=VALUE");
	cr_assert_str_eq(refusal("=1"), "socket option =1: expected NAME=VALUE");
	cr_assert_str_eq(refusal("nodelay=maybe"),
			 "socket option TCP_NODELAY=maybe: expected on or off");
	cr_assert_str_eq(refusal("nodelay="), "socket option TCP_NODELAY=: expected on or off");
	cr_assert_str_eq(refusal("nodlay=1"),
			 "unknown socket option nodlay; did you mean TCP_NODELAY?");
	cr_assert_str_eq(refusal("ttl=0"), "socket option ttl=0: expected 1 to 255");
	cr_assert_str_eq(refusal("so_linger=soon"),
			 "socket option SO_LINGER=soon: expected whole seconds, or off");
	cr_assert_str_eq(refusal("SO_TYPE=1"), "socket option SO_TYPE can only be read");
	cr_assert_str_eq(refusal("SO_ERROR=1"), "socket option SO_ERROR can only be read");
	cr_assert_str_eq(refusal("IP_OPTIONS=1"), "socket option IP_OPTIONS takes a structure "
						  "that cannot be written as NAME=VALUE");
}

Test(sockopt, words_are_listed_when_one_is_wrong)
{
	struct sockopt_list list = { 0 };

	if (!sockopt_add(&list, "IP_MTU_DISCOVER=do", &why))
		cr_skip("%s", why.text);
	sockopt_list_free(&list);
	cr_assert_str_eq(refusal("IP_MTU_DISCOVER=never"),
			 "socket option IP_MTU_DISCOVER=never: expected "
			 "dont, want, do, probe, interface, omit");
}

Test(sockopt, a_setting_is_made)
{
	int fd = made(AF_INET, "nodelay=on");

	cr_assert_neq(read_int(fd, IPPROTO_TCP, TCP_NODELAY), 0);
	close(fd);
	fd = made(AF_INET, "SO_KEEPALIVE=yes");
	cr_assert_neq(read_int(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	close(fd);
}

Test(sockopt, the_last_of_two_wins)
{
	struct sockopt_list list = list_of("tcp_keepcnt=3", "tcp_keepcnt=7");
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(list.count, 2);
	cr_assert(sockopt_apply(&list, fd, SOCKOPT_BEFORE_BIND, &why), "%s", why.text);
	cr_assert_eq(read_int(fd, IPPROTO_TCP, TCP_KEEPCNT), 7);
	sockopt_list_free(&list);
	cr_assert_eq(list.count, 0);
	close(fd);
}

Test(sockopt, a_setting_is_made_at_its_moment_alone)
{
	struct sockopt_list list = list_of("tcp_keepcnt=3", NULL);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int before = read_int(fd, IPPROTO_TCP, TCP_KEEPCNT);

	cr_assert_neq(before, 3);
	cr_assert(sockopt_apply(&list, fd, SOCKOPT_BEFORE_CONNECT, &why));
	cr_assert(sockopt_apply(&list, fd, SOCKOPT_CONNECTED, &why));
	cr_assert_eq(read_int(fd, IPPROTO_TCP, TCP_KEEPCNT), before);
	sockopt_list_free(&list);
	close(fd);
}

Test(sockopt, ttl_reaches_each_family)
{
	int fd = made(AF_INET, "ttl=7");
	int on = 1;
	struct sockopt_list list = list_of("ttl=8", NULL);

	cr_assert_eq(read_int(fd, IPPROTO_IP, IP_TTL), 7);
	close(fd);
	fd = made(AF_INET6, "ttl=9");
	cr_assert_eq(read_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 9);
	/* A dual-stack socket speaks IPv4 as well. */
	cr_assert_eq(read_int(fd, IPPROTO_IP, IP_TTL), 9);
	close(fd);
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	cr_assert(sockopt_apply(&list, fd, SOCKOPT_BEFORE_BIND, &why), "%s", why.text);
	cr_assert_eq(read_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 8);
	cr_assert_neq(read_int(fd, IPPROTO_IP, IP_TTL), 8);
	sockopt_list_free(&list);
	close(fd);
}

Test(sockopt, dscp_reaches_each_family)
{
	int fd = made(AF_INET, "dscp=af41");

	cr_assert_eq(read_int(fd, IPPROTO_IP, IP_TOS), 34 << 2);
	close(fd);
	fd = made(AF_INET6, "dscp=ef");
	cr_assert_eq(read_int(fd, IPPROTO_IPV6, IPV6_TCLASS), 46 << 2);
	close(fd);
}

Test(sockopt, a_row_that_does_not_fit_is_usage)
{
	cr_assert_eq(made(AF_UNIX, "nodelay=on"), -1);
	cr_assert_str_eq(why.text, "socket option TCP_NODELAY does not fit a Unix socket");
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_eq(made(AF_UNIX, "ttl=5"), -1);
	cr_assert_str_eq(why.text, "socket option IP_TTL does not fit a Unix socket");
	cr_assert_eq(made(AF_INET, "IPV6_TCLASS=0"), -1);
	cr_assert_str_eq(why.text, "socket option IPV6_TCLASS does not fit an IPv4 socket");
}

Test(sockopt, what_the_kernel_refuses_has_its_class)
{
	struct sockopt_list list = { 0 };

	cr_assert_eq(made(AF_INET, "tcp_keepcnt=100000"), -1);
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, "socket option TCP_KEEPCNT=100000: Invalid argument");
	if (sockopt_add(&list, "congestion=nosuchalgorithm", &why)) {
		cr_assert_eq(made(AF_INET, "congestion=nosuch"), -1);
		cr_assert_eq(why.class, FAILURE_USAGE);
		cr_assert_str_eq(
			why.text,
			"socket option TCP_CONGESTION=nosuch: this system has none of that name");
	}
	sockopt_list_free(&list);
}

Test(sockopt, a_unix_connection_gets_what_its_listener_could_not_pass_on)
{
	struct sockopt_list list = list_of("SO_KEEPALIVE=on", NULL);
	int local[2], fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, local), 0);
	cr_assert(sockopt_apply(&list, local[0], SOCKOPT_CONNECTED, &why), "%s", why.text);
	cr_assert_neq(read_int(local[0], SOL_SOCKET, SO_KEEPALIVE), 0);
	cr_assert(sockopt_apply(&list, fd, SOCKOPT_CONNECTED, &why), "%s", why.text);
	cr_assert_eq(read_int(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	sockopt_list_free(&list);
	close(local[0]);
	close(local[1]);
	close(fd);
}

Test(sockopt, an_empty_list_does_nothing)
{
	struct sockopt_list list = { 0 };

	cr_assert(sockopt_apply(&list, -1, SOCKOPT_BEFORE_BIND, &why));
	cr_assert(sockopt_fit_listener(&list, &why));
	sockopt_list_free(&list);
}

Test(sockopt, families)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(sockopt_families_of(fd), SOCKOPT_FOR_TCP | SOCKOPT_FOR_IP4);
	close(fd);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	cr_assert_eq(sockopt_families_of(fd), SOCKOPT_FOR_UDP | SOCKOPT_FOR_IP4);
	close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	cr_assert_eq(sockopt_families_of(fd), SOCKOPT_FOR_UNIX);
	close(fd);
	cr_assert_eq(sockopt_families_of(-1), 0);
}

Test(sockopt, interfaces_are_checked)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	why = (struct failure){ 0 };
	cr_assert_not(sockopt_bind_interface(fd, AF_INET, "nosuch0", &why));
	cr_assert_eq(why.class, FAILURE_LOCAL_ADDRESS);
	cr_assert_str_eq(why.text, "interface nosuch0 does not exist");
	cr_assert_not(sockopt_bind_interface(fd, AF_UNIX, "lo", &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, "interface lo: this socket is not an IP socket");
	close(fd);
}
