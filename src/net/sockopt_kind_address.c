/* SPDX-License-Identifier: MIT */
/* Values of socket options that are interfaces, addresses and multicast groups. */
#include <arpa/inet.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include <sockutil/base/number.h>
#include <sockutil/net/sockopt_table.h>

/* By name or by its index; 0 stands for none. */
static bool interface_index(const char *text, unsigned *index)
{
	uint64_t number;

	if (number_parse(text, INT_MAX, &number)) {
		*index = (unsigned)number;
		return true;
	}
	*index = if_nametoindex(text);
	return *index != 0;
}

static bool put_index(struct sockopt_value *out, unsigned index)
{
	memcpy(out->bytes, &index, sizeof(index));
	out->length = sizeof(index);
	return true;
}

static bool parse_interface(const struct sockopt_row *row, const char *text,
			    struct sockopt_value *out)
{
	unsigned index;

	(void)row;
	return interface_index(text, &index) && put_index(out, index);
}

static bool parse_interface_network(const struct sockopt_row *row, const char *text,
				    struct sockopt_value *out)
{
	unsigned index;

	(void)row;
	return interface_index(text, &index) && put_index(out, htonl(index));
}

static bool print_index(unsigned index, struct buffer *out)
{
	char name[IF_NAMESIZE];

	if (index == 0)
		return buffer_format(out, "(none)");
	if (if_indextoname(index, name))
		return buffer_format(out, "%s", name);
	return buffer_format(out, "%u", index);
}

static bool print_interface(const struct sockopt_row *row, const void *bytes, socklen_t length,
			    struct buffer *out)
{
	unsigned index;

	(void)row;
	if (length < sizeof(index))
		return false;
	memcpy(&index, bytes, sizeof(index));
	return print_index(index, out);
}

/* Linux takes IP_UNICAST_IF and IPV6_UNICAST_IF in network byte order and gives them back the same
 * way. */
static bool print_interface_network(const struct sockopt_row *row, const void *bytes,
				    socklen_t length, struct buffer *out)
{
	unsigned index;

	(void)row;
	if (length < sizeof(index))
		return false;
	memcpy(&index, bytes, sizeof(index));
	return print_index(ntohl(index), out);
}

/* Cuts text at a mark: head gets what is before it, the rest is returned; NULL when there is no
 * mark, "" never. */
static const char *split(const char *text, char mark, char *head, size_t size)
{
	size_t length = strcspn(text, (char[]){ mark, '\0' });

	if (length >= size)
		length = size - 1;
	memcpy(head, text, length);
	head[length] = '\0';
	return text[length] == mark ? text + length + 1 : NULL;
}

static bool parse_address4(const struct sockopt_row *row, const char *text,
			   struct sockopt_value *out)
{
	struct ip_mreqn request = { 0 };
	unsigned index;

	(void)row;
	if (inet_pton(AF_INET, text, &request.imr_address) != 1) {
		if (!interface_index(text, &index))
			return false;
		request.imr_ifindex = (int)index;
	}
	memcpy(out->bytes, &request, sizeof(request));
	out->length = sizeof(request);
	return true;
}

static bool print_address4(const struct sockopt_row *row, const void *bytes, socklen_t length,
			   struct buffer *out)
{
	char text[INET_ADDRSTRLEN];

	(void)row;
	return length >= sizeof(struct in_addr) && inet_ntop(AF_INET, bytes, text, sizeof(text)) &&
	       buffer_format(out, "%s", text);
}

static bool parse_group4(const struct sockopt_row *row, const char *text, struct sockopt_value *out)
{
	struct ip_mreqn request = { 0 };
	char group[INET_ADDRSTRLEN + 1];
	const char *interface = split(text, '%', group, sizeof(group));
	unsigned index = 0;

	(void)row;
	if (inet_pton(AF_INET, group, &request.imr_multiaddr) != 1 ||
	    (interface && !interface_index(interface, &index)))
		return false;
	request.imr_ifindex = (int)index;
	memcpy(out->bytes, &request, sizeof(request));
	out->length = sizeof(request);
	return true;
}

static bool parse_source4(const struct sockopt_row *row, const char *text,
			  struct sockopt_value *out)
{
	struct ip_mreq_source request = { 0 };
	char group[INET_ADDRSTRLEN + 1];
	const char *source = split(text, ',', group, sizeof(group));

	(void)row;
	if (!source || inet_pton(AF_INET, group, &request.imr_multiaddr) != 1 ||
	    inet_pton(AF_INET, source, &request.imr_sourceaddr) != 1)
		return false;
	memcpy(out->bytes, &request, sizeof(request));
	out->length = sizeof(request);
	return true;
}

static bool parse_group6(const struct sockopt_row *row, const char *text, struct sockopt_value *out)
{
	struct ipv6_mreq request = { 0 };
	char group[INET6_ADDRSTRLEN + 1];
	const char *interface = split(text, '%', group, sizeof(group));
	unsigned index = 0;

	(void)row;
	if (inet_pton(AF_INET6, group, &request.ipv6mr_multiaddr) != 1 ||
	    (interface && !interface_index(interface, &index)))
		return false;
	request.ipv6mr_interface = index;
	memcpy(out->bytes, &request, sizeof(request));
	out->length = sizeof(request);
	return true;
}

const struct sockopt_kind sockopt_kind_interface = {
	.expected = "the name or index of a network interface",
	.parse = parse_interface,
	.print = print_interface,
};

const struct sockopt_kind sockopt_kind_interface_network = {
	.expected = "the name or index of a network interface",
	.parse = parse_interface_network,
	.print = print_interface_network,
};

const struct sockopt_kind sockopt_kind_address4 = {
	.expected = "an IPv4 address or a network interface",
	.parse = parse_address4,
	.print = print_address4,
};

const struct sockopt_kind sockopt_kind_group4 = {
	.expected = "an IPv4 group, such as 239.1.2.3 or 239.1.2.3%eth0",
	.parse = parse_group4,
	.print = print_address4,
};

const struct sockopt_kind sockopt_kind_source4 = {
	.expected = "an IPv4 group and a source, such as 232.1.2.3,192.0.2.1",
	.parse = parse_source4,
	.print = print_address4,
};

const struct sockopt_kind sockopt_kind_group6 = {
	.expected = "an IPv6 group, such as ff02::1 or ff02::1%eth0",
	.parse = parse_group6,
	.print = print_interface,
};
