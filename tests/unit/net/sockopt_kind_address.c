/* SPDX-License-Identifier: MIT */
/* Values of socket options that are interfaces, addresses and groups.
 * Holds: an interface by name and by index, in host and in network byte order, shown by its name, 0
 * as none; an unknown one is refused; the multicast interface by address and by interface; groups
 * with and without interface, a group with a source; wrong families, cut and overlong texts are
 * refused. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/net/sockopt_table.h>

static const struct sockopt_row row = { .name = "X" };
static struct sockopt_value value;

static bool takes(const struct sockopt_kind *kind, const char *text)
{
	memset(&value, 0xAA, sizeof(value));
	return kind->parse(&row, text, &value);
}

static const char *shown(const struct sockopt_kind *kind, const void *bytes, size_t length)
{
	static char text[100];
	struct buffer out = { 0 };
	bool printed = kind->print(&row, bytes, (socklen_t)length, &out);

	snprintf(text, sizeof(text), "%s", printed ? buffer_text(&out) : "(not shown)");
	buffer_free(&out);
	return text;
}

/* The loopback interface, whatever its name. */
static const char *loopback(void)
{
	static char name[IF_NAMESIZE];

	cr_assert(if_indextoname(if_nametoindex("lo") ? if_nametoindex("lo") : 1, name));
	return name;
}

Test(sockopt_kind_address, interfaces)
{
	unsigned index = if_nametoindex(loopback()), got;
	char number[16];

	cr_assert(takes(&sockopt_kind_interface, loopback()));
	memcpy(&got, value.bytes, sizeof(got));
	cr_assert_eq(got, index);
	cr_assert_str_eq(shown(&sockopt_kind_interface, value.bytes, value.length), loopback());
	snprintf(number, sizeof(number), "%u", index);
	cr_assert(takes(&sockopt_kind_interface_network, number));
	memcpy(&got, value.bytes, sizeof(got));
	cr_assert_eq(got, htonl(index));
	cr_assert_str_eq(shown(&sockopt_kind_interface_network, value.bytes, value.length),
			 loopback());
	cr_assert(takes(&sockopt_kind_interface, "0"));
	cr_assert_str_eq(shown(&sockopt_kind_interface, value.bytes, value.length), "(none)");
	cr_assert_not(takes(&sockopt_kind_interface, "nosuch0"));
	cr_assert_not(takes(&sockopt_kind_interface, ""));
	got = 987654;
	cr_assert_str_eq(shown(&sockopt_kind_interface, &got, sizeof(got)), "987654");
	cr_assert_str_eq(shown(&sockopt_kind_interface, &got, 2), "(not shown)");
	cr_assert_str_eq(shown(&sockopt_kind_interface_network, &got, 2), "(not shown)");
}

Test(sockopt_kind_address, the_multicast_interface)
{
	struct ip_mreqn request;
	struct in_addr address;

	cr_assert(takes(&sockopt_kind_address4, "127.0.0.1"));
	memcpy(&request, value.bytes, sizeof(request));
	cr_assert_eq(value.length, sizeof(request));
	cr_assert_eq(request.imr_address.s_addr, htonl(INADDR_LOOPBACK));
	cr_assert_eq(request.imr_ifindex, 0);
	cr_assert(takes(&sockopt_kind_address4, loopback()));
	memcpy(&request, value.bytes, sizeof(request));
	cr_assert_eq(request.imr_ifindex, (int)if_nametoindex(loopback()));
	cr_assert_not(takes(&sockopt_kind_address4, "127.0.0"));
	address.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_str_eq(shown(&sockopt_kind_address4, &address, sizeof(address)), "127.0.0.1");
	cr_assert_str_eq(shown(&sockopt_kind_address4, &address, 2), "(not shown)");
}

Test(sockopt_kind_address, groups_of_ipv4)
{
	struct ip_mreqn request;
	char text[64];

	cr_assert(takes(&sockopt_kind_group4, "239.1.2.3"));
	memcpy(&request, value.bytes, sizeof(request));
	cr_assert_eq(request.imr_multiaddr.s_addr, inet_addr("239.1.2.3"));
	cr_assert_eq(request.imr_ifindex, 0);
	snprintf(text, sizeof(text), "255.255.255.255%%%s", loopback());
	cr_assert(takes(&sockopt_kind_group4, text));
	memcpy(&request, value.bytes, sizeof(request));
	cr_assert_eq(request.imr_ifindex, (int)if_nametoindex(loopback()));
	cr_assert_not(takes(&sockopt_kind_group4, "239.1.2.3%"));
	cr_assert_not(takes(&sockopt_kind_group4, "239.1.2.3%nosuch0"));
	cr_assert_not(takes(&sockopt_kind_group4, "ff02::1"));
	cr_assert_not(takes(&sockopt_kind_group4, "255.255.255.2555"));
	cr_assert_not(takes(&sockopt_kind_group4, "239.1.2.3.4.5.6.7.8.9"));
	cr_assert_not(takes(&sockopt_kind_group4, ""));
}

Test(sockopt_kind_address, a_group_with_a_source)
{
	struct ip_mreq_source request;

	cr_assert(takes(&sockopt_kind_source4, "232.1.2.3,192.0.2.1"));
	memcpy(&request, value.bytes, sizeof(request));
	cr_assert_eq(value.length, sizeof(request));
	cr_assert_eq(request.imr_multiaddr.s_addr, inet_addr("232.1.2.3"));
	cr_assert_eq(request.imr_sourceaddr.s_addr, inet_addr("192.0.2.1"));
	cr_assert_not(takes(&sockopt_kind_source4, "232.1.2.3"));
	cr_assert_not(takes(&sockopt_kind_source4, "232.1.2.3,"));
	cr_assert_not(takes(&sockopt_kind_source4, ",192.0.2.1"));
}

Test(sockopt_kind_address, groups_of_ipv6)
{
	struct ipv6_mreq request;
	struct in6_addr group;
	char text[64];

	snprintf(text, sizeof(text), "ff02::fb%%%s", loopback());
	cr_assert(takes(&sockopt_kind_group6, text));
	memcpy(&request, value.bytes, sizeof(request));
	inet_pton(AF_INET6, "ff02::fb", &group);
	cr_assert_eq(memcmp(&request.ipv6mr_multiaddr, &group, sizeof(group)), 0);
	cr_assert_eq(request.ipv6mr_interface, if_nametoindex(loopback()));
	cr_assert(takes(&sockopt_kind_group6, "ff02::1"));
	cr_assert_not(takes(&sockopt_kind_group6, "239.1.2.3"));
	cr_assert_not(takes(&sockopt_kind_group6, "ff02::1%"));
}
