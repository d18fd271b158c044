/* SPDX-License-Identifier: MIT */
/* Structures that Linux gives for a socket, in words.
 * Holds: credentials, groups and memory as key and value; a socket without a peer has none; what is
 * cut short is not shown; TCP_INFO is shown for a TCP socket; the options of Linux are made and
 * shown: congestion control, user timeout, path MTU discovery, peek offset. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/sockopt.h>
#include <sockutil/net/sockopt_table.h>

/* As the kind of an option shows it; skips the test on systems that do not know the option. */
static const char *shown(const char *name, const void *bytes, size_t length)
{
	static char text[300];
	const struct sockopt_row *found[2];
	struct failure why = { 0 };
	struct buffer out = { 0 };
	bool printed;

	if (!sockopt_find(name, found, &why))
		cr_skip("%s", why.text);
	printed = found[0]->kind->print(found[0], bytes, (socklen_t)length, &out);
	snprintf(text, sizeof(text), "%s", printed ? buffer_text(&out) : "(not shown)");
	buffer_free(&out);
	return text;
}

Test(sockopt_kind_linux, credentials)
{
	/* struct ucred: pid, uid, gid */
	const int32_t peer[] = { 7, 1000, 100 };
	const int32_t none[] = { 0, -1, -1 };

	cr_assert_str_eq(shown("SO_PEERCRED", peer, sizeof(peer)), "pid=7 uid=1000 gid=100");
	cr_assert_str_eq(shown("SO_PEERCRED", peer, 4), "(not shown)");
	cr_assert_str_eq(shown("SO_PEERCRED", none, sizeof(none)), "(none)");
}

Test(sockopt_kind_linux, groups)
{
	static const uint32_t groups[] = { 0, 4, 27 };

	cr_assert_str_eq(shown("SO_PEERGROUPS", groups, sizeof(groups)), "0 4 27");
	cr_assert_str_eq(shown("SO_PEERGROUPS", groups, 0), "(none)");
}

Test(sockopt_kind_linux, memory)
{
	static const uint32_t memory[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

	cr_assert_str_eq(shown("SO_MEMINFO", memory, sizeof(memory)),
			 "received=1 rcvbuf=2 sending=3 sndbuf=4 forward=5 queued=6 optmem=7 "
			 "backlog=8 drops=9");
	cr_assert_str_eq(shown("SO_MEMINFO", memory, 8), "received=1 rcvbuf=2");
	cr_assert_str_eq(shown("SO_MEMINFO", memory, 3), "(not shown)");
}

static const char *set_and_shown(int family, const char *setting, const char *name)
{
	static char value[300];
	char line[64];
	struct sockopt_list list = { 0 };
	struct buffer out = { 0 };
	struct failure why = { 0 };
	int fd = socket(family, SOCK_STREAM, 0);
	const char *at;

	cr_assert(!setting || sockopt_add(&list, setting, &why), "%s", why.text);
	for (int moment = SOCKOPT_BEFORE_BIND; moment <= SOCKOPT_CONNECTED; moment++)
		cr_assert(sockopt_apply(&list, fd, (enum sockopt_moment)moment, &why), "%s",
			  why.text);
	cr_assert(sockopt_show(fd, &out));
	snprintf(line, sizeof(line), "\n%s = ", name);
	at = strstr(buffer_text(&out), line);
	cr_assert(at, "%s", name);
	at += strlen(line);
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\n"), at);
	buffer_free(&out);
	sockopt_list_free(&list);
	close(fd);
	return value;
}

Test(sockopt_kind_linux, options_are_made_and_shown)
{
	const struct sockopt_row *found[2];
	struct failure why = { 0 };

	if (!sockopt_find("TCP_USER_TIMEOUT", found, &why))
		cr_skip("%s", why.text);
	cr_assert_str_eq(set_and_shown(AF_INET, "congestion=reno", "TCP_CONGESTION"), "reno");
	cr_assert_str_eq(set_and_shown(AF_INET, "user-timeout=5s", "TCP_USER_TIMEOUT"), "5000");
	cr_assert_str_eq(set_and_shown(AF_INET, "user-timeout=30", "TCP_USER_TIMEOUT"), "30");
	cr_assert_str_eq(set_and_shown(AF_INET, "keepidle=2m", "TCP_KEEPIDLE"), "120");
	cr_assert_str_eq(set_and_shown(AF_INET, "ip_mtu_discover=do", "IP_MTU_DISCOVER"), "do");
	cr_assert_str_eq(set_and_shown(AF_INET6, "ipv6_mtu_discover=probe", "IPV6_MTU_DISCOVER"),
			 "probe");
	cr_assert_str_eq(set_and_shown(AF_INET, "so_max_pacing_rate=1M", "SO_MAX_PACING_RATE"),
			 "1048576");
	cr_assert_str_eq(set_and_shown(AF_INET, NULL, "SO_MAX_PACING_RATE"), "unlimited");
	cr_assert_str_eq(set_and_shown(AF_INET, NULL, "SO_BINDTODEVICE"), "(none)");
	cr_assert_str_eq(set_and_shown(AF_UNIX, "so_peek_off=0", "SO_PEEK_OFF"), "0");
	cr_assert_str_eq(set_and_shown(AF_UNIX, NULL, "SO_DOMAIN"), "AF_UNIX");
	cr_assert_str_eq(set_and_shown(AF_INET, "fastopen_connect=on", "TCP_FASTOPEN_CONNECT"),
			 "1");
	cr_assert(strncmp(set_and_shown(AF_INET, NULL, "TCP_INFO"), "closed, ", 8) == 0);
}
